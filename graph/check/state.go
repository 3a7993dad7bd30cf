package check

import (
	"fmt"
	"math"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
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
		c.errorf("G0514", k.At, "nothing lies between %g and %g", l.lo, l.hi)
		return nil, false
	}
	return l, true
}

// admits refutes an initial value that breaks the constraint.
func (c *checker) admits(l *interval, v val) bool {
	x, isNum := c.constantOf(v)
	if isNum && (x <= l.lo || x >= l.hi) {
		c.report(diag.New("G0514", v.at, "the initial value %g does not satisfy the constraint", x).
			WithLabel("it must be %s", l))
		return false
	}
	return true
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

// state declares the memory of a model or layer, or of an update rule.
func (c *checker) state(s *scope, f *frame, st *ast.State) {
	if c.rule != nil {
		c.ruleState(s, f, st)
		return
	}
	c.atRoot(func() { c.declare(s, st.Name, "state", c.stateValue(s, f, st)) })
}

func (c *checker) stateValue(s *scope, f *frame, st *ast.State) val {
	if !f.layer || f.inst == nil {
		return c.bad("G0114", firstLine(st.Span()), "states are declared in models and layers")
	}
	init := val{kind: kBad}
	if st.Init != nil {
		if init = c.expr(s, f, st.Init); init.kind == kInst {
			return c.refuse(st.Init.Span(), "states that hold a layer instance")
		}
	}
	ext, ok := c.shapeOf(s, f, st.Shape)
	t := graph.Type{Elem: elemOf(st.Type), Shape: ext}
	if st.Init != nil {
		if init = c.typed(init, t.Elem == graph.Int); !init.ok() {
			return init
		}
		if st.Shape == nil {
			t.Shape = init.inner()
		}
	}
	for _, d := range t.Shape {
		if _, fixed := d.IsConst(); !fixed {
			return c.bad("G0316", st.At, "the shape of a state must be fixed, and %s is only known at run time", d)
		}
	}
	if !ok {
		return init
	}
	return c.stateLeaf(f, st, t, init)
}

// stateLeaf makes the leaf, or finds that of a shared instance.
func (c *checker) stateLeaf(f *frame, st *ast.State, t graph.Type, init val) val {
	path := f.inst.join(st.Name.Text)
	if now, shared := c.stateNow[path]; shared && f.inst.params[st.Name.Text].ok() {
		return now
	}
	n := c.b.Leaf("state", path, t)
	n.Name = path
	v := tensor(n, nil, st.Name.At)
	if c.quiet > 0 {
		return v
	}
	f.inst.params[st.Name.Text] = v
	c.stateNow[path] = v
	if c.params[path] == nil {
		p := &graph.Param{Path: path, Node: n, Span: st.Name.At, Init: graph.Init{Dist: "zeros"}}
		if st.Init != nil {
			p.Init = c.stateInit(init, t)
		}
		c.params[path] = p
		c.m.States = append(c.m.States, p)
	}
	return v
}

func (c *checker) stateInit(v val, t graph.Type) graph.Init {
	common, ok := c.broadcastTwo(t.Shape, v.inner(), v.at)
	if !ok || !shape.EqualShapes(common, t.Shape) || v.elem() != t.Elem {
		c.errorf("G0302", v.at, "the initial value is %s, the state %s", v.describe(), t)
		return graph.Init{Dist: "zeros"}
	}
	node := c.lift(v, nil, t.Shape)
	for _, n := range graph.Reachable(node) {
		switch n.Op.Name {
		case "input", "param", "state":
			c.errorf("G0520", v.at, "an initial value is made of constants, and %s is none", n.Attr)
			return graph.Init{Dist: "zeros"}
		}
	}
	return graph.Init{Value: node}
}

// update is `m <- e`: what follows sees the new value, which a training step
// stores when it ends.
func (c *checker) update(s *scope, f *frame, st *ast.Update) {
	if c.rule != nil {
		c.ruleUpdate(s, f, st)
		return
	}
	if c.reg != nil {
		c.refuse(firstLine(st.At), "updates of a state in a scan, a while or a run-time if")
		return
	}
	v := c.typed(c.expr(s, f, st.Value), false)
	e := s.find(st.Name.Text)
	if e == nil || e.what != "state" {
		d := diag.New("G0515", st.Name.At, "%s is no state", st.Name.Text).WithHelp("declare it: state %s = 0", st.Name.Text)
		if e != nil {
			d = d.WithHelp("<- updates states; a definition is written with =, and to compare with a negative number leave a space: a < -b")
		}
		c.report(d)
		return
	}
	e.used = true
	if !v.ok() || !e.val.ok() {
		return
	}
	t := e.val.node.Type
	if isInt(e.val) {
		v = c.asInt(v)
	}
	ext, ok := c.broadcastTwo(t.Shape, v.inner(), st.At)
	if !v.ok() || !ok || !shape.EqualShapes(ext, t.Shape) || v.elem() != t.Elem || len(v.idx) > 0 {
		if v.ok() {
			c.errorf("G0313", st.Value.Span(), "%s is %s and would become %s", st.Name.Text, t, v.describe())
		}
		return
	}
	n := c.lift(v, nil, t.Shape)
	e.val = tensor(n, nil, st.At)
	path := f.inst.join(st.Name.Text)
	c.stateNow[path] = e.val
	for _, u := range c.body.Updates {
		if u.Name == path {
			u.Node = n
			return
		}
	}
	c.body.Updates = append(c.body.Updates, &graph.Value{Name: path, Node: n, Span: st.At})
}
