package check

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// remembered is a carry line of a model: what a session carries for it.
type remembered struct {
	carryLine
	carries []*graph.Carry
}

// carry declares what a predictor or trainer remembers from call to call.
func (c *checker) carry(s *scope, f *frame, st *ast.Carry) {
	if !f.model {
		c.errorf("G0114", firstLine(st.Span()), "carry stands in loops, and at the top of a model")
		return
	}
	line, ok := c.carryLine(s, f, st)
	for k := 0; ok && k < len(line.inits); k++ {
		line.inits[k] = c.constant(line.inits[k])
		ok = !c.varies(line.inits[k], st.Init.Span(), "a session begins with a value of constants and dims, and %s is neither")
		if !ok && line.like != nil {
			c.helpLast("carry what is added to it, which begins with zeros: carry " + st.Name.Text + " = 0 * net")
		}
	}
	if !ok {
		poison(s, map[string]bool{st.Name.Text: true})
		return
	}
	for _, k := range c.remembered {
		if k.Name.Text == st.Name.Text {
			c.report(diag.New("G0202", st.Name.At, "%s is declared twice", k.Name.Text).WithRelated(k.Name.At, "the first declaration"))
			return
		}
	}
	k := remembered{carryLine: line}
	var leaves []*graph.Node
	for i, name := range line.names() {
		leaf := c.b.Leaf("carry", name, line.inits[i].Type)
		leaf.Name = name
		leaves = append(leaves, leaf)
		k.carries = append(k.carries, &graph.Carry{Name: name, Leaf: leaf, Init: line.inits[i], Next: leaf, Span: st.Name.At})
	}
	c.remembered = append(c.remembered, k)
	c.body.Carries = append(c.body.Carries, k.carries...)
	e := c.declare(s, st.Name, "", c.value(line, leaves))
	e.declared, e.noWarn = false, true
}

// names are those of what a line carries: its own, with those of parameters.
func (l carryLine) names() []string {
	if l.like == nil {
		return []string{l.Name.Text}
	}
	return l.like.names(l.Name.Text + ".")
}

// names are the paths of the parameters of an instance, in the order of parts.
func (i *instance) names(before string) (out []string) {
	for _, name := range sortedKeys(i.params) {
		out = append(out, before+name)
	}
	for _, name := range sortedKeys(i.inner) {
		out = append(out, i.inner[name].names(before+name+".")...)
	}
	return out
}

// lastValues are what carries pass on: the values of their names at the end.
func (c *checker) lastValues(s *scope) {
	for _, k := range c.remembered {
		e := s.names[k.Name.Text]
		if e == nil || !e.val.ok() {
			continue
		}
		e.used = true
		parts := []val{e.val}
		if k.like != nil && e.val.kind == kInst && c.applied(e.val) {
			parts = c.parts(e.val.inst)
		}
		if (k.like != nil) != (e.val.kind == kInst) || len(parts) != len(k.carries) {
			c.changes(k.carryLine, e, c.value(k.carryLine, k.inits), e.val)
			continue
		}
		for i, v := range parts {
			c.passOn(k.carries[i], e, v)
		}
	}
}

// passOn is what the next call finds.
func (c *checker) passOn(k *graph.Carry, e *entry, v val) {
	v = c.typed(v, k.Leaf.Type.Elem == graph.Int)
	if !v.ok() {
		return
	}
	if n := c.nodeOf(v); n.Type.Equal(k.Leaf.Type) {
		k.Next = n
		return
	}
	was := tensor(k.Leaf, nil, k.Span)
	d := diag.New("G0321", e.span, "the carry %s changes from %s to %s", k.Name, was.describe(), v.describe()).
		WithRelated(k.Span, "declared here")
	if len(was.inner()) < len(v.inner()) && k.Name == e.name {
		d = d.WithHelp("give it its shape: carry %s %s = ..", k.Name, shape.Format(v.inner()))
	}
	c.report(d)
}
