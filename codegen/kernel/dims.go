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
	for _, x := range Exprs(s) {
		*x = mapExpr(*x, f)
	}
	switch s := s.(type) {
	case *Loop:
		s.Lo, s.Hi = f(s.Lo), f(s.Hi)
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
	case *Call:
		for i := range s.Args {
			s.Args[i].mapDims(f)
		}
		for i := range s.Ints {
			s.Ints[i] = f(s.Ints[i])
		}
	case *Zero:
		s.mapDims(f)
	case *Fill:
		s.mapDims(f)
	}
}

func (s *Slice) mapDims(f func(shape.Dim) shape.Dim) { s.At, s.Len = f(s.At), f(s.Len) }

// mapExpr is e with every polynomial replaced.
func mapExpr(e Expr, f func(shape.Dim) shape.Dim) Expr {
	args := Operands(e)
	if len(args) > 0 {
		fresh := make([]Expr, len(args))
		for i, a := range args {
			fresh[i] = mapExpr(a, f)
		}
		e = WithOperands(e, fresh)
	}
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
