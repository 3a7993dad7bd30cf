package unroll

import (
	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// decide is an expression without what the ends decide.
func (in *inside) decide(x kernel.Expr) kernel.Expr {
	switch x := x.(type) {
	case *kernel.Guard:
		var open []shape.Cond
		for _, c := range x.Conds {
			switch holds, known := in.holds(c); {
			case !known:
				open = append(open, c)
			case !holds:
				return &kernel.Lit{Elem: x.Elem, V: x.Fill}
			}
		}
		if open == nil {
			return x.X
		}
		return &kernel.Guard{Conds: open, X: x.X, Elem: x.Elem, Fill: x.Fill}
	case *kernel.Select:
		if lit, ok := x.Cond.(*kernel.Lit); ok {
			return either(lit, x.X, x.Y)
		}
	case *kernel.Apply:
		return in.operator(x)
	}
	return x
}

func either(c *kernel.Lit, x, y kernel.Expr) kernel.Expr {
	if c.V != 0 {
		return x
	}
	return y
}

// operator decides comparisons of places, and what follows from them.
func (in *inside) operator(x *kernel.Apply) kernel.Expr {
	if d, ok := compared(x); ok {
		if v, known := in.compare(x.Op.Name, d); known {
			return &kernel.Lit{Elem: graph.Bool, V: v}
		}
	}
	vals := make([]float64, len(x.Args))
	for i, a := range x.Args {
		lit, ok := a.(*kernel.Lit)
		if !ok || lit.Elem != graph.Bool {
			if x.Elem == graph.Bool && len(x.Args) == 2 {
				return logical(x)
			}
			return x
		}
		vals[i] = lit.V
	}
	if x.Elem != graph.Bool || len(vals) == 0 {
		return x
	}
	return &kernel.Lit{Elem: graph.Bool, V: x.Op.Scalar.On(x.Attr, vals...)}
}

// compared is what a comparison of two places compares with 0.
func compared(x *kernel.Apply) (shape.Dim, bool) {
	if len(x.Args) != 2 || x.Elem != graph.Bool {
		return shape.Dim{}, false
	}
	a, ok1 := place(x.Args[0])
	b, ok2 := place(x.Args[1])
	return a.Sub(b), ok1 && ok2
}

// place is an int that is made of places alone.
func place(x kernel.Expr) (shape.Dim, bool) {
	switch x := x.(type) {
	case *kernel.IndexExpr:
		return x.E, x.Div <= 1
	case *kernel.Lit:
		return shape.Const(int64(x.V)), x.Elem == graph.Int
	}
	return shape.Dim{}, false
}

// compare compares d with 0 where the ends tell its sign.
func (in *inside) compare(op string, d shape.Dim) (v float64, known bool) {
	above := in.certain(d.AddInt(-1))
	below := in.certain(d.Scale(-1).AddInt(-1))
	switch {
	case above && (op == "gt" || op == "ge" || op == "ne"), below && (op == "lt" || op == "le" || op == "ne"):
		return 1, true
	case above && (op == "lt" || op == "le" || op == "eq"), below && (op == "gt" || op == "ge" || op == "eq"):
		return 0, true
	}
	return 0, false
}

// certain reports whether d is certainly not negative.
func (in *inside) certain(d shape.Dim) bool {
	coef, rest, linear := d.Linear(in.row)
	if !linear {
		return false
	}
	ends := []shape.Dim{{}}
	switch {
	case coef.Is(1):
		ends = append(ends, in.low...)
	case coef.Is(-1):
		ends = nil
		for _, h := range in.high {
			ends = append(ends, h.AddInt(-1))
		}
	case !coef.Is(0):
		return false
	}
	for _, e := range ends {
		if (shape.Facts{}).NonNeg(coef.Mul(e).Add(rest)) == shape.Yes {
			return true
		}
	}
	return false
}

func same(x kernel.Expr) kernel.Expr { return x }

// copied is a body whose expressions f has changed, from the operands up.
func copied(body []kernel.Stmt, f func(kernel.Expr) kernel.Expr) []kernel.Stmt {
	c := &copier{f, map[kernel.Expr]kernel.Expr{}, map[string]*kernel.Lit{}}
	var out []kernel.Stmt
	for _, s := range body {
		out = append(out, c.stmt(s)...)
	}
	return out
}

// copier copies the statements of one block.
type copier struct {
	f     func(kernel.Expr) kernel.Expr
	done  map[kernel.Expr]kernel.Expr
	known map[string]*kernel.Lit // lets that have become numbers
}

func (c *copier) expr(x kernel.Expr) kernel.Expr {
	if y, ok := c.done[x]; ok {
		return y
	}
	if r, ok := x.(*kernel.Ref); ok && c.known[r.Name] != nil {
		return c.known[r.Name]
	}
	args := kernel.Operands(x)
	fresh, changed := make([]kernel.Expr, len(args)), false
	for i, a := range args {
		fresh[i] = c.expr(a)
		changed = changed || fresh[i] != a
	}
	y := x
	if changed {
		y = kernel.WithOperands(x, fresh)
	}
	y = c.f(y)
	c.done[x] = y
	return y
}

// stmt is a copy of s; a branch whose condition has become known is only one side.
func (c *copier) stmt(s kernel.Stmt) []kernel.Stmt {
	switch s := s.(type) {
	case *kernel.Let:
		x := c.expr(s.X)
		if lit, ok := x.(*kernel.Lit); ok {
			c.known[s.Name] = lit
		}
		return []kernel.Stmt{&kernel.Let{Name: s.Name, Elem: s.Elem, X: x}}
	case *kernel.Accumulator:
		return []kernel.Stmt{&kernel.Accumulator{Name: s.Name, Elem: s.Elem, Init: c.expr(s.Init)}}
	case *kernel.Set:
		return []kernel.Stmt{&kernel.Set{Name: s.Name, X: c.expr(s.X)}}
	case *kernel.Store:
		to := *s
		to.X, to.At.Dyn = c.expr(s.X), nil
		for _, d := range s.At.Dyn {
			to.At.Dyn = append(to.At.Dyn, kernel.Dyn{X: c.expr(d.X), Stride: d.Stride})
		}
		return []kernel.Stmt{&to}
	case *kernel.If:
		then, other := copied(s.Then, c.f), copied(s.Else, c.f)
		cond := c.expr(s.Cond)
		if lit, ok := cond.(*kernel.Lit); ok && lit.V == 0 {
			return other
		} else if ok {
			return then
		}
		return []kernel.Stmt{&kernel.If{Cond: cond, Then: then, Else: other}}
	case *kernel.Loop:
		l := *s
		l.Body = copied(s.Body, c.f)
		return []kernel.Stmt{&l}
	}
	return []kernel.Stmt{s}
}

// tidy drops the lets of a copied body, and of the blocks in it, that nothing uses.
func tidy(body []kernel.Stmt) []kernel.Stmt {
	for {
		used := map[string]bool{}
		kernel.Walk(body, func(s kernel.Stmt) {
			for _, x := range kernel.Exprs(s) {
				mark(*x, used)
			}
		})
		out, dropped := withoutUnused(body, used)
		if !dropped {
			return out
		}
		body = out
	}
}

func withoutUnused(body []kernel.Stmt, used map[string]bool) (out []kernel.Stmt, dropped bool) {
	for _, s := range body {
		if l, ok := s.(*kernel.Let); ok && !used[l.Name] {
			dropped = true
			continue
		}
		for _, b := range kernel.Blocks(s) {
			in, less := withoutUnused(*b, used)
			*b, dropped = in, dropped || less
		}
		out = append(out, s)
	}
	return out, dropped
}
