package check

import (
	"fmt"
	"math"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// interval is the constraint of a parameter: s > lo, or lo < s < hi. Stored is
// an unconstrained u.
type interval struct{ lo, hi float64 }

// value is s = lo + softplus(u), or lo + (hi - lo)·sigmoid(u).
func (l *interval) value(b *graph.Builder, u *graph.Node) *graph.Node {
	if math.IsInf(l.hi, 1) {
		return b.Add(b.Like(l.lo, u), b.Map("softplus", u))
	}
	return b.Add(b.Like(l.lo, u), b.Scale(l.hi-l.lo, b.Map("sigmoid", u)))
}

// stored inverts value: x + log(1 - exp(-x)) for x = s - lo, which does not
// overflow, or the logit of (s - lo)/(hi - lo).
func (l *interval) stored(b *graph.Builder, s *graph.Node) *graph.Node {
	x := b.Sub(s, b.Like(l.lo, s))
	if math.IsInf(l.hi, 1) {
		return b.Add(x, b.Map("log", b.Neg(b.Map("expm1", b.Neg(x)))))
	}
	return b.Map("log", b.Div(x, b.Sub(b.Like(l.hi, s), s)))
}

// limits reads a constraint; nil without one.
func (c *checker) limits(s *scope, f *frame, k *ast.Constraint) (*interval, bool) {
	if k == nil {
		return nil, true
	}
	l := &interval{hi: math.Inf(1)}
	for _, end := range []struct {
		e  ast.Expr
		to *float64
	}{{k.Lo, &l.lo}, {k.Hi, &l.hi}} {
		if end.e == nil {
			continue
		}
		v := c.asReal(c.expr(s, f, end.e))
		x, isNum := c.constantOf(v)
		if !v.ok() || !isNum {
			if v.ok() {
				c.errorf("G0520", end.e.Span(), "the bounds of a parameter are constants")
			}
			return nil, false
		}
		*end.to = x
	}
	if l.lo >= l.hi {
		c.report(diag.New("G0514", k.At, "nothing lies between %g and %g", l.lo, l.hi).WithHelp("the lower bound comes first"))
		return nil, false
	}
	if math.IsInf(l.lo, 0) || math.IsNaN(l.lo+l.hi) || k.Hi != nil && math.IsInf(l.hi, 0) {
		c.report(diag.New("G0514", k.At, "bounds are finite").WithHelp("leave out what does not bound: param s > a, or no constraint"))
		return nil, false
	}
	return l, true
}

// admits refutes an initial value that breaks the constraint.
func (c *checker) admits(l *interval, v val) bool {
	var all []float64
	if x, isNum := c.constantOf(v); isNum {
		all = []float64{x}
	} else if v.node != nil {
		if t, isTable := v.node.Attr.(graph.Table); isTable {
			all = t
		}
	}
	for _, x := range all {
		if x <= l.lo || x >= l.hi {
			c.report(diag.New("G0514", v.at, "the initial value %g does not satisfy the constraint", x).
				WithLabel("it must be %s", l))
			return false
		}
	}
	return true
}

// drawsWithin makes init the distribution of a constrained parameter, if all that
// it draws satisfies the constraint. A uniform one never draws its own bounds.
func (c *checker) drawsWithin(l *interval, init *graph.Init, at diag.Span) {
	a, b := math.Inf(-1), math.Inf(1)
	switch init.Dist {
	case "uniform":
		a, b = min(init.Args[0], init.Args[1]), max(init.Args[0], init.Args[1])
	case "zeros":
		a, b = 0, 0
	case "ones":
		a, b = 1, 1
	}
	if a < l.lo || b > l.hi || a == b && (a == l.lo || b == l.hi) {
		c.report(diag.New("G0514", at, "%s draws values that do not satisfy the constraint", init.Dist).
			WithLabel("they must be %s", l).
			WithHelp("draw from ~ uniform(a, b) with bounds that satisfy it"))
		return
	}
	init.Within = []float64{l.lo, l.hi}
}

func (l *interval) String() string {
	if math.IsInf(l.hi, 1) {
		return fmt.Sprintf("greater than %g", l.lo)
	}
	return fmt.Sprintf("between %g and %g", l.lo, l.hi)
}

func (c *checker) enterConstrained(path string, l *interval, v val) {
	if l != nil && !c.train {
		c.m.Constrained = append(c.m.Constrained, &graph.Value{Name: path, Node: v.node, Span: v.origin})
	}
}
