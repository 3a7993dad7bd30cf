package check

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// A state may hold a layer instance: `state target = net` is a state for each
// parameter of net, with the parameter's initial value.

// heldInstance is the instance whose parameters are states.
func (c *checker) heldInstance(f *frame, st *ast.State, from val) val {
	switch {
	case st.Shape != nil || st.Type != nil:
		return c.bad("G0302", st.Init.Span(), "a state that holds a layer instance has no shape and no type")
	case !c.applied(from):
		return val{kind: kBad, at: from.at}
	case from.inst.depth() > 0:
		c.unrollAll(from.inst, st.At, "a state holds an instance that each iteration makes")
	case from.inst.computed && !c.constants(from.inst):
		return c.bad("G0520", st.Init.Span(), "a state begins with constants or with the parameters of an instance; these are computed").
			withHelp(c, "one that begins with zeros: state "+st.Name.Text+" = 0 * net")
	}
	name := st.Name.Text
	if f.inst.inner[name] != nil {
		return c.bad("G0202", st.Name.At, "the state %s has the name of a layer instance", f.inst.join(name))
	}
	inst := c.holding(from.inst, f.inst.join(name), st)
	f.inst.inner[name] = inst
	return val{kind: kInst, inst: inst, name: name}
}

// holding makes the states for the parameters of an instance.
func (c *checker) holding(from *instance, path string, st *ast.State) *instance {
	out := newInstance(path, from.layer, st.Name.At)
	out.args, out.started, out.held, out.regions = from.args, true, true, from.regions
	for _, name := range sortedKeys(from.params) {
		p := &graph.Param{Path: out.join(name), Span: st.Name.At}
		switch {
		case c.params[p.Path] != nil:
		case from.computed:
			p.Init = graph.Init{Value: c.onFirst(from, c.constant(from.params[name].node))}
		default:
			p.Init = c.initialOf(from.join(name))
		}
		p.Stack = from.stack()
		p.Node = c.b.Leaf("state", p.Path, graph.Type{Shape: from.params[name].inner()})
		p.Node.Name = p.Path
		v := tensor(p.Node, nil, st.Name.At)
		out.params[name] = v
		c.enterState(p, v)
	}
	for _, name := range sortedKeys(from.inner) {
		out.inner[name] = c.holding(from.inner[name], out.join(name), st)
	}
	return out
}

// constants reports whether the parameters of a computed instance depend on nothing.
func (c *checker) constants(i *instance) bool {
	for _, p := range c.parts(i) {
		if _, free := variable(c.constant(p.node)); free || len(p.idx) > 0 {
			return false
		}
	}
	return true
}

// constant is n without what a factor 0 takes away, as in 0 * net.
func (c *checker) constant(n *graph.Node) *graph.Node {
	made := map[*graph.Node]*graph.Node{}
	for _, n := range graph.Reachable(n) {
		if n.Op.Name == "mul" && (isZero(n.Args[0]) || isZero(n.Args[1])) {
			made[n] = c.b.Fill(0, n.Type)
			continue
		}
		args := make([]*graph.Node, len(n.Args))
		for k, a := range n.Args {
			args[k] = made[a]
		}
		made[n] = c.b.Copy(n, args...)
	}
	return made[n]
}

// isZero reports the constant 0, of any shape.
func isZero(n *graph.Node) bool {
	if v, ok := n.Attr.(graph.View); ok {
		return (len(v.Map.Guard) == 0 || v.Fill == 0) && isZero(n.Args[0])
	}
	v, ok := n.Attr.(graph.Number)
	return ok && v == 0
}

// onFirst is what a stacked value has for the first iteration.
func (c *checker) onFirst(i *instance, n *graph.Node) *graph.Node {
	at := shape.Identity(n.Type.Rank() - i.depth())
	at.In = append(make([]shape.Dim, i.depth()), at.In...)
	return c.b.View(n, at, 0, n.Type.Shape[i.depth():])
}

// initialOf is the initial value of a parameter, or of a state that holds one:
// that of what is stored, as the constraint makes it.
func (c *checker) initialOf(path string) graph.Init {
	p := c.params[path]
	if p.Init.Like != "" {
		return p.Init
	}
	for _, k := range c.m.Constrained {
		if k.Name == path {
			return graph.Init{Value: c.constrainedInit(p, k.Node)}
		}
	}
	if p.Node.Op.Name == "state" {
		return p.Init
	}
	return graph.Init{Like: path}
}

// constrainedInit is what a constraint makes of the initial value of p.
func (c *checker) constrainedInit(p *graph.Param, constrained *graph.Node) *graph.Node {
	stored := p.Init.Value
	if stored == nil {
		stored = c.b.Fill(0, p.Node.Type)
	}
	made := map[*graph.Node]*graph.Node{}
	for _, root := range []*graph.Node{stored, constrained} {
		for _, n := range graph.Reachable(root) {
			args := make([]*graph.Node, len(n.Args))
			for i, a := range n.Args {
				args[i] = made[a]
			}
			if n.Op.Name == "param" {
				made[n] = made[stored]
			} else {
				made[n] = c.b.Copy(n, args...)
			}
		}
	}
	return made[constrained]
}

// now is an instance as it is at this point: of one that a state holds, with
// what the states hold.
func (c *checker) now(i *instance) *instance {
	if i == nil || !i.held {
		return i
	}
	out := newInstance(i.path, i.layer, i.at)
	out.args, out.started, out.regions = i.args, true, i.regions
	for _, name := range sortedKeys(i.params) {
		out.params[name] = c.stateOf(i.join(name))
	}
	for _, name := range sortedKeys(i.inner) {
		out.inner[name] = c.now(i.inner[name])
	}
	return out
}

// updateInstance is `target <- e` for a state that holds an instance.
func (c *checker) updateInstance(to *instance, v val, st *ast.Update) {
	if v.kind != kInst {
		c.errorf("G0313", st.Value.Span(), "%s is a layer instance and would become %s", st.Name.Text, v.describe())
		return
	}
	if !c.applied(v) {
		return
	}
	if !c.putInstance(to, v.inst, st) {
		c.report(diag.New("G0401", st.Value.Span(), "%s holds an instance of another layer, or with parameters of other shapes", st.Name.Text))
	}
}

// putInstance stores the parameters of an instance; false where they do not fit.
func (c *checker) putInstance(to, from *instance, st *ast.Update) bool {
	if len(to.params) != len(from.params) || len(to.inner) != len(from.inner) {
		return false
	}
	for _, name := range sortedKeys(to.params) {
		v, ok := from.params[name]
		if !ok || len(v.idx) > 0 || !v.node.Type.Equal(to.params[name].node.Type) {
			return false
		}
		c.setState(to.join(name), tensor(c.b.Local(v.node), nil, st.At))
	}
	for _, name := range sortedKeys(to.inner) {
		if from.inner[name] == nil || !c.putInstance(to.inner[name], from.inner[name], st) {
			return false
		}
	}
	return true
}
