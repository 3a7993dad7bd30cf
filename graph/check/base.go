package check

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// finished is a checked model with the names in it, for models over its parameters.
type finished struct {
	m     *graph.Model
	scope *scope
	inst  *instance
}

// over makes the model being checked one over another's parameters.
func (c *checker) over(in *module, d *ast.Model) bool {
	name := d.Base.Span().Text()
	base := c.done[name]
	if base == nil {
		at := diag.New("G0518", d.Base.Span(), "there is no model %s above", name).
			WithHelp("a model over another's parameters stands below it in the same file")
		if near := diag.Suggest(name, sortedKeys(c.done)); near != "" {
			at = at.WithHelp("did you mean %s?", near)
		}
		c.report(at)
		return false
	}
	if base.m.Base != nil {
		c.errorf("G0518", d.Base.Span(), "%s is itself over the parameters of %s; name that one", name, base.m.Base.Name)
		return false
	}
	c.base, c.home = base, name
	c.m.Base, c.m.Params, c.m.States = base.m, base.m.Params, base.m.States
	for _, list := range [][]*graph.Param{c.m.Params, c.m.States} {
		for _, p := range list {
			c.params[p.Path] = p
		}
	}
	for _, d := range base.m.Dims {
		if d.Fixed {
			c.m.Dims = append(c.m.Dims, d)
		}
	}
	return true
}

// inherit puts the base's fixed dims, params, states and bound instances in scope.
func (c *checker) inherit(s *scope, inst *instance) {
	copied := map[*graph.Node]*graph.Node{}
	own := c.rebased(c.base.inst, copied)
	inst.params = own.params
	for _, p := range c.m.States {
		c.stateNow[p.Path] = tensor(c.b.Leaf("state", p.Path, p.Node.Type), nil, p.Span)
	}
	for _, e := range c.base.scope.order {
		v := e.val
		switch {
		case c.base.scope.names[e.name] != e:
			continue
		case e.what == "" && !v.ok():
		case e.what == "dim" && v.kind == kUntyped && isConst(v.num):
		case e.what == "param":
			v = own.params[e.name]
		case e.path != "":
			v = c.stateNow[e.path]
		case v.kind == kInst && own.inner[keyOf(v.inst)] != nil:
			v.inst = own.inner[keyOf(v.inst)]
		default:
			continue
		}
		s.put(&entry{name: e.name, val: v, span: e.span, declared: e.declared, what: e.what, path: e.path, noWarn: true, used: true})
	}
}

func isConst(d shape.Dim) bool { _, ok := d.IsConst(); return ok }

// keyOf is the name of an instance in the one around it.
func keyOf(i *instance) string {
	steps := splitPath(i.path)
	return steps[len(steps)-1]
}

// rebased is an instance with its parameters in the graph being built.
func (c *checker) rebased(i *instance, copied map[*graph.Node]*graph.Node) *instance {
	out := newInstance(i.path, i.layer, i.at)
	out.args, out.started, out.held, out.regions = i.args, i.started, i.held, i.regions
	for _, name := range sortedKeys(i.params) {
		v := i.params[name]
		for _, n := range graph.Reachable(v.node) {
			if copied[n] == nil {
				args := make([]*graph.Node, len(n.Args))
				for k, a := range n.Args {
					args[k] = copied[a]
				}
				copied[n] = c.b.Copy(n, args...)
			}
		}
		v.node = copied[v.node]
		out.params[name] = v
	}
	for _, name := range sortedKeys(i.inner) {
		out.inner[name] = c.rebased(i.inner[name], copied)
	}
	return out
}
