package check

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// state declares the memory of a model or layer, or of an update rule.
func (c *checker) state(s *scope, f *frame, st *ast.State) {
	if c.rule != nil {
		c.ruleState(s, f, st)
		return
	}
	v := val{}
	c.atRoot(func() { v = c.stateValue(s, f, st) })
	path := ""
	if v.kind == kTensor && c.quiet == 0 {
		path = f.inst.join(st.Name.Text)
		v = c.stateOf(path)
	} else if v.kind == kTensor {
		v = c.ofIteration(f.inst, v)
	}
	c.declare(s, st.Name, "state", v).path = path
}

func (c *checker) stateValue(s *scope, f *frame, st *ast.State) val {
	if !f.layer || f.inst == nil {
		return c.bad("G0114", firstLine(st.Span()), "states are declared in models and layers")
	}
	init := val{kind: kBad}
	if st.Init != nil {
		if init = c.expr(s, f, st.Init); init.kind == kInst {
			return c.heldInstance(f, st, init)
		}
	}
	ext, ok := c.shapeOf(s, f, st.Shape)
	t := graph.Type{Elem: elemOf(st.Type), Shape: ext}
	if st.Init != nil {
		if init = c.ofElem(init, t.Elem); !init.ok() {
			return init
		}
		if st.Shape == nil {
			t.Shape = init.inner()
		}
	}
	for _, d := range t.Shape {
		if _, fixed := d.IsConst(); !fixed {
			return c.bad("G0316", st.At, "the shape of a state must be fixed, and %s is only known at run time", d).
				withHelp(c, "a carry may have shapes of the run: carry "+st.Name.Text+" "+shape.Format(t.Shape)+" = 0")
		}
	}
	if !ok {
		return init
	}
	return c.stateLeaf(f, st, t, init)
}

// ofElem makes of an untyped constant an int where one is wanted, else a real.
func (c *checker) ofElem(v val, e graph.Elem) val {
	if e == graph.Int {
		return c.asInt(v)
	}
	return c.typed(v, false)
}

// stateLeaf makes the leaf, or finds that of a shared instance.
func (c *checker) stateLeaf(f *frame, st *ast.State, t graph.Type, init val) val {
	path := f.inst.join(st.Name.Text)
	if t.Elem != graph.Real {
		c.unrollAll(f.inst, st.At, "states of ints and bools are not stacked")
	}
	own := t
	t.Shape = f.inst.stacked(t.Shape)
	c.stacks[path] = f.inst.regions
	if now, shared := c.stateNow[path]; shared {
		if !now.node.Type.Equal(t) {
			return c.bad("G0313", st.Name.At, "%s of a shared instance was %s and would become %s", path, now.node.Type, t)
		}
		return now
	}
	n := c.b.Leaf("state", path, t)
	n.Name = path
	v := tensor(n, nil, st.Name.At)
	if c.quiet > 0 {
		return v
	}
	p := &graph.Param{Path: path, Node: n, Span: st.Name.At, Init: graph.Init{Dist: "zeros"}}
	if st.Init != nil && c.params[path] == nil {
		p.Init = c.stateInit(init, own)
	}
	p.Stack, c.makers[p] = f.inst.stack(), f.inst.loops
	c.enterState(p, v)
	return v
}

// enterState adds a state to the model, the first time round.
func (c *checker) enterState(p *graph.Param, v val) {
	c.stateNow[p.Path] = v
	if c.params[p.Path] != nil {
		return
	}
	c.params[p.Path] = p
	if c.baseInDoubt() {
		return
	}
	if c.base != nil {
		c.errorf("G0114", p.Span, "a model over the parameters of %s declares no states of its own", c.m.Base.Name)
		c.helpLast("declare it in " + c.m.Base.Name)
		return
	}
	c.m.States = append(c.m.States, p)
}

func (c *checker) stateInit(v val, t graph.Type) graph.Init {
	common, ok := c.broadcastTwo(t.Shape, v.inner(), v.at)
	if !ok || !shape.EqualShapes(common, t.Shape) || v.elem() != t.Elem {
		c.errorf("G0302", v.at, "the initial value is %s, the state %s", v.describe(), t)
		return graph.Init{Dist: "zeros"}
	}
	node := c.lift(v, nil, t.Shape)
	if c.varies(node, v.at, "an initial value is made of constants, and %s is not constant") {
		return graph.Init{Dist: "zeros"}
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
	v := c.expr(s, f, st.Value)
	e := s.find(st.Name.Text)
	if e != nil && e.what == "" && !e.val.ok() {
		return
	}
	if e == nil || e.what != "state" {
		d := diag.New("G0515", st.Name.At, "%s is no state", st.Name.Text).WithHelp("declare it: state %s = 0", st.Name.Text)
		if e != nil && e.val.kind == kInst {
			d = d.WithHelp("a copy that <- moves is made by state target = %s", st.Name.Text)
		} else if e != nil {
			d = d.WithHelp("%s", arrowHelp(e, short(st.Value.Span())))
		}
		c.report(d)
		return
	}
	e.use()
	switch {
	case !v.ok() || !e.val.ok():
	case len(c.active) > 0:
		c.report(diag.New("G0515", st.At, "%s would be updated for each index", st.Name.Text).
			WithHelp("make one value of all indices first, and update after them"))
	case e.val.kind == kInst:
		c.updateInstance(e.val.inst, v, st)
	default:
		c.updateState(e, v, st)
	}
}

// arrowHelp answers name <- value where the name is none of a state.
func arrowHelp(e *entry, value string) string {
	switch e.what {
	case "param":
		return "parameters are moved by training; a train line names the rule"
	case "":
		return "a definition is written with =, as in " + e.name + " = " + value
	}
	return "<- updates states; give the new value a name of its own"
}

func (c *checker) updateState(e *entry, v val, st *ast.Update) {
	if e.path != "" {
		e.val = c.stateOf(e.path)
	}
	t := e.val.node.Type
	v = c.ofElem(v, t.Elem)
	if !v.ok() {
		return
	}
	ext, ok := c.broadcastTwo(t.Shape, v.inner(), st.At)
	if !ok || !shape.EqualShapes(ext, t.Shape) || v.elem() != t.Elem {
		old := tensor(c.b.Fill(0, t), nil, st.At)
		d := diag.New("G0313", st.Value.Span(), "%s is %s and would become %s", st.Name.Text, old.describe(), v.describe())
		if len(t.Shape) == 0 && v.elem() == t.Elem {
			d = d.WithHelp("declare it with its shape: state %s %s = 0", st.Name.Text, shape.Format(v.inner()))
		}
		c.report(d)
		return
	}
	now := tensor(c.lift(v, nil, t.Shape), nil, st.At)
	if e.path == "" { // on trial
		e.val = now
		return
	}
	c.setState(e.path, now)
}
