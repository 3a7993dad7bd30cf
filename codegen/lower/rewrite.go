package lower

import (
	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
)

// repeated finds the expressions that the statements of a block (not of blocks
// inside it) evaluate more than once and at least once unconditionally.
func (s *sharer) repeated(body []kernel.Stmt) map[kernel.Expr]bool {
	c := &counter{uses: map[kernel.Expr]int{}, sure: map[kernel.Expr]bool{}}
	acc := map[string]bool{}
	for _, st := range body {
		switch st := st.(type) {
		case *kernel.Accumulator:
			acc[st.Name] = true
		case *kernel.Set:
			acc[st.Name] = true
		}
		for _, x := range kernel.Exprs(st) {
			c.count(*x, true)
		}
	}
	out := map[kernel.Expr]bool{}
	for e, n := range c.uses {
		d := s.intern.dependences(e)
		if n > 1 && c.sure[e] && d.cost > 0 && !anyOf(d.refs, acc) {
			out[e] = true
		}
	}
	return out
}

func anyOf(a, b map[string]bool) bool {
	for k := range a {
		if b[k] {
			return true
		}
	}
	return false
}

// counter counts the places where an expression is used; sure marks those that
// are evaluated whatever the data is.
type counter struct {
	uses map[kernel.Expr]int
	sure map[kernel.Expr]bool
}

func (c *counter) count(e kernel.Expr, sure bool) {
	c.uses[e]++
	first := c.uses[e] == 1 || sure && !c.sure[e]
	c.sure[e] = c.sure[e] || sure
	if !first {
		return
	}
	again := c.uses[e] > 1 // seen before, under a condition: its operands are counted
	for i, a := range kernel.Operands(e) {
		below := sure && !conditional(e, i)
		if again {
			c.raise(a, below)
		} else {
			c.count(a, below)
		}
	}
}

// raise marks e and what it evaluates as sure without counting it again.
func (c *counter) raise(e kernel.Expr, sure bool) {
	if !sure || c.sure[e] {
		return
	}
	c.sure[e] = true
	for i, a := range kernel.Operands(e) {
		c.raise(a, !conditional(e, i))
	}
}

// conditional reports whether operand i of e is evaluated under a condition.
func conditional(e kernel.Expr, i int) bool {
	switch e.(type) {
	case *kernel.Guard:
		return true
	case *kernel.Select:
		return i > 0
	}
	return false
}

// rewriter rewrites expressions with known values; the first sure use of one
// that is used again makes a let.
type rewriter struct {
	*sharer
	env   values
	twice map[kernel.Expr]bool
	out   *[]kernel.Stmt
	memo  map[kernel.Expr]kernel.Expr
}

func (rw *rewriter) expr(e kernel.Expr, sure bool) kernel.Expr {
	if v, ok := rw.env[e]; ok {
		return v
	}
	if v, ok := rw.memo[e]; ok {
		return v
	}
	if args := kernel.Operands(e); len(args) > 0 {
		return rw.compound(e, args, sure)
	}
	if rw.twice[e] {
		return rw.remember(e, e)
	}
	return e
}

func (rw *rewriter) compound(e kernel.Expr, args []kernel.Expr, sure bool) kernel.Expr {
	fresh := make([]kernel.Expr, len(args))
	same := true
	for i, a := range args {
		fresh[i] = rw.expr(a, sure && !conditional(e, i))
		same = same && fresh[i] == a
	}
	out := e
	if !same {
		out = rw.intern.of(kernel.WithOperands(e, fresh))
		if h, ok := rw.hints[e]; ok {
			rw.hints[out] = h
		}
	}
	if v, ok := rw.env[out]; ok {
		out = v
	} else if rw.twice[e] {
		return rw.remember(e, out)
	}
	rw.memo[e] = out
	return out
}

// remember names the value x of expression e.
func (rw *rewriter) remember(e, x kernel.Expr) kernel.Expr {
	r := rw.let(x)
	rw.env[e] = r
	return r
}

func (rw *rewriter) let(x kernel.Expr) kernel.Expr {
	l := &kernel.Let{Name: rw.letName(x), Elem: elemOf(x), X: x}
	*rw.out = append(*rw.out, l)
	r := rw.ref(l)
	rw.env[x] = r
	return r
}

// letName names a value after the node it comes from, the buffer it is loaded
// from, or the operator that makes it.
func (p *pass) letName(e kernel.Expr) string {
	if h, ok := p.hints[e]; ok {
		return p.fresh(h)
	}
	switch e := e.(type) {
	case *kernel.Load:
		return p.fresh(e.Buf.Name)
	case *kernel.Apply:
		return p.fresh(e.Op.Name)
	}
	return p.fresh("t")
}

func elemOf(e kernel.Expr) graph.Elem {
	switch e := e.(type) {
	case *kernel.Load:
		return e.Buf.Elem
	case *kernel.Lit:
		return e.Elem
	case *kernel.Ref:
		return e.Elem
	case *kernel.Apply:
		return e.Elem
	case *kernel.Guard:
		return e.Elem
	case *kernel.Select:
		return e.Elem
	}
	return graph.Int
}
