package kernel

import "github.com/gradgen/gradgen/graph/shape"

// Dims lists the polynomials that s itself holds, in its expressions too, those
// of nested statements left out.
func Dims(s Stmt) (out []shape.Dim) {
	MapDims(s, func(d shape.Dim) shape.Dim {
		out = append(out, d)
		return d
	})
	return out
}

// MapDims replaces every polynomial that s itself holds.
func MapDims(s Stmt, f func(shape.Dim) shape.Dim) {
	m := mapper{done: map[Expr]Expr{}, leaf: func(e Expr) Expr { return mapLeaf(e, f) }}
	for _, x := range Exprs(s) {
		*x = m.expr(*x)
	}
	switch s := s.(type) {
	case *Loop:
		s.Lo, s.Hi = f(s.Lo), f(s.Hi)
		for _, bs := range [][]Bound{s.From, s.To} {
			for i := range bs {
				bs[i].Plus = f(bs[i].Plus)
			}
		}
	case *Store:
		s.At.Base = f(s.At.Base)
	case *Check:
		s.Limit = f(s.Limit)
	case *MatMul:
		for _, d := range []*shape.Dim{&s.M, &s.N, &s.K} {
			*d = f(*d)
		}
		for _, o := range []*Operand{&s.C, &s.A, &s.B} {
			o.At, o.Strides = f(o.At), [2]shape.Dim{f(o.Strides[0]), f(o.Strides[1])}
		}
		for _, d := range s.Runs.Dims() {
			*d = f(*d)
		}
	case *Call:
		for i := range s.Args {
			s.Args[i].mapDims(f)
		}
		for i := range s.Ints {
			s.Ints[i] = f(s.Ints[i])
		}
	case *Run:
		for _, list := range [][]Slice{s.Args, s.To} {
			for i := range list {
				list[i].mapDims(f)
			}
		}
	case *Zero:
		s.mapDims(f)
	case *Fill:
		s.mapDims(f)
	}
}

func (s *Slice) mapDims(f func(shape.Dim) shape.Dim) { s.At, s.Len = f(s.At), f(s.Len) }

// mapper rewrites expressions from the operands up, shared ones once.
type mapper struct {
	done map[Expr]Expr
	leaf func(Expr) Expr
}

func (m mapper) expr(e Expr) Expr {
	if out, ok := m.done[e]; ok {
		return out
	}
	out := e
	if args := Operands(e); len(args) > 0 {
		fresh := make([]Expr, len(args))
		for i, a := range args {
			fresh[i] = m.expr(a)
		}
		out = WithOperands(e, fresh)
	}
	out = m.leaf(out)
	m.done[e] = out
	return out
}

// mapLeaf replaces the polynomials that e itself holds.
func mapLeaf(e Expr, f func(shape.Dim) shape.Dim) Expr {
	switch x := e.(type) {
	case *Load:
		c := *x
		c.At.Base = f(x.At.Base)
		return &c
	case *IndexExpr:
		return &IndexExpr{E: f(x.E), Div: x.Div}
	case *Guard:
		c := *x
		c.Conds = append([]shape.Cond{}, x.Conds...)
		for i := range c.Conds {
			c.Conds[i].E = f(c.Conds[i].E)
		}
		return &c
	}
	return e
}

// MapBuffers replaces every buffer that s itself mentions by the part of another
// that begins at the place given.
func MapBuffers(s Stmt, f func(*Buffer) (*Buffer, shape.Dim)) {
	m := mapper{done: map[Expr]Expr{}, leaf: func(e Expr) Expr { return mapLoad(e, f) }}
	for _, x := range Exprs(s) {
		*x = m.expr(*x)
	}
	move := func(b **Buffer, at *shape.Dim) {
		to, by := f(*b)
		*b, *at = to, at.Add(by)
	}
	switch s := s.(type) {
	case *Store:
		move(&s.Buf, &s.At.Base)
	case *MatMul:
		for _, o := range []*Operand{&s.C, &s.A, &s.B} {
			move(&o.Buf, &o.At)
		}
	case *Call:
		for i := range s.Args {
			move(&s.Args[i].Buf, &s.Args[i].At)
		}
	case *Run:
		for _, list := range [][]Slice{s.Args, s.To} {
			for i := range list {
				move(&list[i].Buf, &list[i].At)
			}
		}
	case *Zero:
		move(&s.Buf, &s.At)
	case *Fill:
		move(&s.Buf, &s.At)
	}
}

func mapLoad(e Expr, f func(*Buffer) (*Buffer, shape.Dim)) Expr {
	l, ok := e.(*Load)
	if !ok {
		return e
	}
	c := *l
	var by shape.Dim
	c.Buf, by = f(l.Buf)
	c.At.Base = l.At.Base.Add(by)
	return &c
}
