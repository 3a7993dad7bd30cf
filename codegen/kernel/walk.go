package kernel

import (
	"slices"

	"github.com/gradgen/gradgen/graph/shape"
)

// Blocks lists the statement lists nested in s.
func Blocks(s Stmt) []*[]Stmt {
	switch s := s.(type) {
	case *Loop:
		return []*[]Stmt{&s.Body}
	case *If:
		return []*[]Stmt{&s.Then, &s.Else}
	}
	return nil
}

// Walk visits all statements, outer before inner.
func Walk(body []Stmt, visit func(Stmt)) {
	for _, s := range body {
		visit(s)
		for _, b := range Blocks(s) {
			Walk(*b, visit)
		}
	}
}

// Exprs lists the expressions that s itself holds, those of nested statements
// left out. Replacing what the pointers point to changes s.
func Exprs(s Stmt) []*Expr {
	switch s := s.(type) {
	case *Loop:
		var out []*Expr
		for _, bs := range [][]Bound{s.From, s.To} {
			for i := range bs {
				out = append(out, &bs[i].X)
			}
		}
		return out
	case *Let:
		return []*Expr{&s.X}
	case *Accumulator:
		return []*Expr{&s.Init}
	case *Set:
		return []*Expr{&s.X}
	case *Store:
		out := []*Expr{&s.X}
		for i := range s.At.Dyn {
			out = append(out, &s.At.Dyn[i].X)
		}
		return out
	case *If:
		return []*Expr{&s.Cond}
	case *Check:
		return []*Expr{&s.X}
	}
	return nil
}

// Operands lists the direct operands of e.
func Operands(e Expr) []Expr {
	switch e := e.(type) {
	case *Load:
		out := make([]Expr, len(e.At.Dyn))
		for i, d := range e.At.Dyn {
			out[i] = d.X
		}
		return out
	case *Apply:
		return e.Args
	case *Guard:
		return []Expr{e.X}
	case *Select:
		return []Expr{e.Cond, e.X, e.Y}
	}
	return nil
}

// WithOperands is e with other operands.
func WithOperands(e Expr, args []Expr) Expr {
	switch e := e.(type) {
	case *Load:
		c := *e
		c.At.Dyn = make([]Dyn, len(args))
		for i, x := range args {
			c.At.Dyn[i] = Dyn{x, e.At.Dyn[i].Stride}
		}
		return &c
	case *Apply:
		c := *e
		c.Args = args
		return &c
	case *Guard:
		c := *e
		c.X = args[0]
		return &c
	case *Select:
		c := *e
		c.Cond, c.X, c.Y = args[0], args[1], args[2]
		return &c
	}
	return e
}

// WalkExpr visits e and its operands, outer before inner.
func WalkExpr(e Expr, visit func(Expr)) {
	visit(e)
	for _, a := range Operands(e) {
		WalkExpr(a, visit)
	}
}

// Written lists the memory that statements write, each once, in order.
func Written(body []Stmt) (out []*Buffer) {
	Walk(body, func(s Stmt) {
		_, writes := Touched(s)
		for _, b := range writes {
			if b = b.Root(); !slices.Contains(out, b) {
				out = append(out, b)
			}
		}
	})
	return out
}

// Touched lists the buffers that s itself reads other than by Load, and those
// it writes.
func Touched(s Stmt) (reads, writes []*Buffer) {
	switch s := s.(type) {
	case *Store:
		return nil, []*Buffer{s.Buf}
	case *MatMul:
		return []*Buffer{s.A.Buf, s.B.Buf}, []*Buffer{s.C.Buf}
	case *Call:
		for i, a := range s.Args {
			if i > s.Scratch {
				reads = append(reads, a.Buf)
			} else {
				writes = append(writes, a.Buf)
			}
		}
		return reads, writes
	case *Run:
		for _, a := range s.Args {
			reads = append(reads, a.Buf)
		}
		for _, a := range s.To {
			writes = append(writes, a.Buf)
		}
		return reads, writes
	case *Zero:
		return nil, []*Buffer{s.Buf}
	case *Fill:
		return nil, []*Buffer{s.Buf}
	}
	return nil, nil
}

// Strides are the row-major strides of a shape.
func Strides(ext []shape.Dim) []shape.Dim {
	out := make([]shape.Dim, len(ext))
	step := shape.Const(1)
	for k := len(ext) - 1; k >= 0; k-- {
		out[k] = step
		step = step.Mul(ext[k])
	}
	return out
}
