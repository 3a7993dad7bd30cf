package check

import (
	"strings"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// stated evaluates a function whose derivative is given by hand: the value, with
// derivatives kept out of it, and its tangent as an expression of the parameters
// and of placeholders for their tangents.
func (c *checker) stated(s *scope, f *frame, decl *ast.Func, at diag.Span) val {
	names := decl.Derivative.Params
	if len(names) != len(decl.Params) {
		var tangents []string
		for _, p := range decl.Params {
			tangents = append(tangents, "d"+p.Name.Text)
		}
		return c.bad("G0607", decl.Derivative.At, "%s has %s, its derivative %d", decl.Name.Text, plural(len(decl.Params), "parameter"), len(names)).
			withHelp(c, "name the change of each, in order: derivative("+strings.Join(tangents, ", ")+")")
	}
	value, tangent := newScope(s, true), newScope(s, true)
	var xs, placeholders []*graph.Node
	for i, p := range decl.Params {
		e := s.names[p.Name.Text]
		if e.val.kind == kUntyped && (p.Type == nil || p.Type.Text == "real") {
			e.val = c.asReal(e.val)
		}
		if e.val.kind != kTensor || e.val.elem() != graph.Real {
			continue
		}
		still := e.val
		still.node = c.b.Map("stop", c.b.Local(e.val.node))
		value.put(&entry{name: e.name, val: still, span: e.span, what: e.what, noWarn: true})
		d := e.val
		d.node = c.b.Mark(c.b.Like(0, e.val.node))
		tangent.put(&entry{name: names[i].Text, val: d, span: names[i].At, what: "tangent", noWarn: true})
		xs, placeholders = append(xs, e.val.node), append(placeholders, d.node)
	}
	v := c.run(value, f, decl, at)
	t := c.expr(tangent, f, decl.Derivative.Body)
	for _, p := range decl.Params {
		s.names[p.Name.Text].used = true
	}
	if !v.ok() || !t.ok() {
		return val{kind: kBad, at: at}
	}
	return c.withTangent(v, t, xs, placeholders, decl)
}

// withTangent joins a value, or several, with its tangent.
func (c *checker) withTangent(v, t val, xs, placeholders []*graph.Node, decl *ast.Func) val {
	if v.kind == kTuple || t.kind == kTuple {
		if v.kind != t.kind || len(v.items) != len(t.items) {
			return c.bad("G0607", decl.Derivative.At, "the derivative of %s must have as many results as the function", decl.Name.Text)
		}
		for i := range v.items {
			v.items[i] = c.withTangent(v.items[i], t.items[i], xs, placeholders, decl)
		}
		return v
	}
	v, t = c.asReal(v), c.asReal(t)
	if !v.ok() || !t.ok() {
		return val{kind: kBad, at: v.at}
	}
	ext, ok := c.broadcastTwo(v.inner(), t.inner(), t.at)
	if !ok || len(ext) != len(v.inner()) {
		return c.bad("G0607", decl.Derivative.Body.Span(), "the tangent is %s, the value %s", t.shapeText(), v.shapeText()).
			withHelp(c, "the tangent is the change of the value, and has its shape")
	}
	if !isLinear(t.node, placeholders) {
		return c.bad("G0607", decl.Derivative.Body.Span(), "the derivative of %s is not linear in its tangents", decl.Name.Text).
			withHelp(c, "each of its terms is a product with one tangent")
	}
	idx := union(v.idx, t.idx)
	args := append([]*graph.Node{c.lift(v, idx, v.inner()), c.lift(t, idx, v.inner())}, xs...)
	args = append(args, placeholders...)
	for i, a := range args {
		args[i] = c.b.Local(a)
	}
	return tensor(c.b.Op("stated", nil, args...), idx, v.at)
}
