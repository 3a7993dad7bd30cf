package lower

import (
	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// Guards of whole elements become bounds of loops: of
//
//	for y: for d: out[y] += in[y+d-1] if 0 <= y+d-1 < n else 0
//
// the loop over d runs from max(0, 1-y) to min(3, n+1-y) and tests nothing.

// lift takes the conditions of e that make it neutral where they fail: those of
// a guard with that fill value, through factors of products if it is 0.
func (p *pass) lift(e kernel.Expr, neutral float64) ([]shape.Cond, kernel.Expr) {
	switch x := e.(type) {
	case *kernel.Guard:
		if x.Fill == neutral {
			inner, e := p.lift(x.X, neutral)
			return append(append([]shape.Cond{}, x.Conds...), inner...), e
		}
	case *kernel.Apply:
		if neutral != 0 || x.Op.Name != "mul" && x.Op.Name != "neg" {
			return nil, e
		}
		var conds []shape.Cond
		args := make([]kernel.Expr, len(x.Args))
		for i, a := range x.Args {
			c, y := p.lift(a, 0)
			conds, args[i] = append(conds, c...), y
		}
		if conds != nil {
			return conds, p.intern.of(kernel.WithOperands(x, args))
		}
	}
	return nil, e
}

// bounded nests body in loops (outer first) that run only where conds hold:
// bounds where a condition is on a loop's variable as it stands, tests elsewhere.
// What comes before it stands in the innermost loop that it depends on.
func (p *pass) bounded(loops []*kernel.Loop, conds []shape.Cond, before []early, body []kernel.Stmt) []kernel.Stmt {
	tests := make([][]shape.Cond, len(loops)+1)
	fronts := make([][]kernel.Stmt, len(loops)+1)
	for _, e := range before {
		at := len(loops)
		for at > 0 && !e.vars[loops[at-1].Var] {
			at--
		}
		fronts[at] = append(fronts[at], e.body...)
	}
	for _, c := range conds {
		at := len(loops)
		for at > 0 && !c.E.Mentions(loops[at-1].Var) {
			at--
		}
		if at == 0 || at == 1 && loops[0].Hi.Equal(hi) || !tighten(loops[at-1], c) {
			tests[at] = append(tests[at], c)
		}
	}
	for at := len(loops); at >= 0; at-- {
		body = append(fronts[at], body...)
		if tests[at] != nil {
			body = []kernel.Stmt{&kernel.If{Cond: p.holds(tests[at]), Then: body}}
		}
		if at > 0 {
			loops[at-1].Body = body
			body = []kernel.Stmt{loops[at-1]}
		}
	}
	return body
}

// holds is a condition on loop variables as an expression.
func (p *pass) holds(conds []shape.Cond) kernel.Expr {
	return p.intern.of(&kernel.Guard{Conds: conds, X: p.lit(graph.Bool, 1), Elem: graph.Bool})
}

// tighten moves a bound of l.
func tighten(l *kernel.Loop, c shape.Cond) bool {
	coef, rest, ok := c.E.Linear(shape.Var(l.Var).Syms()[0])
	if !ok || c.Kind != shape.NonNegative {
		return false
	}
	switch {
	case coef.Is(1):
		l.Lo = shape.Max(l.Lo, rest.Scale(-1))
	case coef.Is(-1):
		l.Hi = shape.Min(l.Hi, rest.AddInt(1))
	default:
		return false
	}
	return true
}

// axisLoops are loops over the axes from..to of ext, outer first.
func (st *stage) axisLoops(ext []shape.Dim, from, to int) (out []*kernel.Loop) {
	for k := from; k < to; k++ {
		if ext[k].Is(1) {
			continue
		}
		l := &kernel.Loop{Var: axisVar(k), Hi: ext[k]}
		if k == 0 && !st.rows.Is(0) {
			l.Lo, l.Hi = lo, hi
		}
		out = append(out, l)
	}
	return out
}

// reduceLoops are loops over the reduced axes of ext.
func reduceLoops(ext []shape.Dim, axes []int, name func(int) string) (out []*kernel.Loop) {
	for _, k := range axes {
		if !ext[k].Is(1) {
			out = append(out, &kernel.Loop{Var: name(k), Hi: ext[k]})
		}
	}
	return out
}

// fillRow sets the part of out at the first axis' place to v.
func (st *stage) fillRow(ext, idx []shape.Dim, v float64) kernel.Stmt {
	start := make([]shape.Dim, len(ext))
	start[0] = idx[0]
	s := kernel.Slice{Buf: st.out, At: address(ext, start), Len: shape.Product(ext[1:])}
	if v == 0 {
		return &kernel.Zero{Slice: s}
	}
	return &kernel.Fill{Slice: s, Value: v}
}

// nested puts body into loops, outer first.
func nested(loops []*kernel.Loop, body []kernel.Stmt) []kernel.Stmt {
	for i := len(loops) - 1; i >= 0; i-- {
		loops[i].Body = body
		body = []kernel.Stmt{loops[i]}
	}
	return body
}
