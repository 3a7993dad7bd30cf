package lower

import (
	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/ops"
	"github.com/gradgen/gradgen/graph/shape"
)

// powers takes the powers that a loop counts through from the one before:
//
//	for j in 0..m: p[j] = powd(x, j)
//
// becomes q = 1; for j in 0..m: p[j] = q, q = q·x.
func (p *pass) powers(body []kernel.Stmt) []kernel.Stmt {
	var out []kernel.Stmt
	for _, s := range body {
		for _, b := range kernel.Blocks(s) {
			*b = p.powers(*b)
		}
		if l, ok := s.(*kernel.Loop); ok {
			out = append(out, p.running(l)...)
		}
		out = append(out, s)
	}
	return out
}

// running changes the powers in the body of an innermost loop and declares what
// they run in.
func (p *pass) running(l *kernel.Loop) (before []kernel.Stmt) {
	defined := map[string]bool{}
	found := map[kernel.Expr]kernel.Expr{}
	var order []*kernel.Apply
	var find func(x kernel.Expr)
	find = func(x kernel.Expr) {
		if a, ok := x.(*kernel.Apply); ok && a.Op.Name == "powd" && found[a] == nil && p.counts(l, a) {
			found[a] = a
			order = append(order, a)
		}
		for _, a := range kernel.Operands(x) {
			find(a)
		}
	}
	for _, s := range l.Body {
		if len(kernel.Blocks(s)) > 0 {
			return nil
		}
		for _, x := range kernel.Exprs(s) {
			find(*x)
		}
		switch s := s.(type) {
		case *kernel.Let:
			defined[s.Name] = true
		case *kernel.Set:
			defined[s.Name] = true
		}
	}
	for _, a := range order {
		d := p.intern.dependences(a.Args[0])
		if d.vars[l.Var] || anyOf(d.refs, defined) || writes(l.Body, d.bufs) {
			delete(found, a)
			continue
		}
		name := p.fresh("power")
		found[a] = p.intern.of(&kernel.Ref{Name: name, Elem: graph.Real})
		before = append(before, &kernel.Accumulator{Name: name, Elem: graph.Real, Init: p.first(l, a)})
		l.Body = append(l.Body, &kernel.Set{Name: name, X: p.op("mul", graph.Real, found[a], a.Args[0])})
	}
	for _, s := range l.Body {
		for _, x := range kernel.Exprs(s) {
			*x = p.replaced(*x, found)
		}
	}
	return before
}

// counts reports a power whose exponent is the loop's variable plus something
// that keeps it from being negative.
func (p *pass) counts(l *kernel.Loop, a *kernel.Apply) bool {
	n, ok := a.Args[1].(*kernel.IndexExpr)
	if !ok || n.Div > 1 {
		return false
	}
	coef, rest, linear := n.E.Linear(symbol(l.Var))
	least := rest.Add(l.Lo)
	return linear && coef.Is(1) && !least.Mentions(l.Var) && !l.Lo.Equal(lo) && shape.Facts{}.NonNeg(least) == shape.Yes
}

// first is the power that the loop begins with.
func (p *pass) first(l *kernel.Loop, a *kernel.Apply) kernel.Expr {
	_, rest, _ := a.Args[1].(*kernel.IndexExpr).E.Linear(symbol(l.Var))
	least := rest.Add(l.Lo)
	if least.Is(0) {
		return p.lit(graph.Real, 1)
	}
	n := p.intern.of(&kernel.IndexExpr{E: least, Div: 1})
	return p.intern.of(&kernel.Apply{Op: ops.Table()["powd"], Elem: graph.Real, Args: []kernel.Expr{a.Args[0], n}})
}

// replaced is e with other expressions for some of its parts.
func (p *pass) replaced(e kernel.Expr, by map[kernel.Expr]kernel.Expr) kernel.Expr {
	if to := by[e]; to != nil {
		return to
	}
	args := kernel.Operands(e)
	fresh, changed := make([]kernel.Expr, len(args)), false
	for i, a := range args {
		fresh[i] = p.replaced(a, by)
		changed = changed || fresh[i] != a
	}
	if !changed {
		return e
	}
	return p.intern.of(kernel.WithOperands(e, fresh))
}

// writes reports whether statements write any of the buffers.
func writes(body []kernel.Stmt, bufs map[*kernel.Buffer]bool) bool {
	found := false
	kernel.Walk(body, func(s kernel.Stmt) {
		_, w := kernel.Touched(s)
		for _, b := range w {
			found = found || bufs[b]
		}
	})
	return found
}
