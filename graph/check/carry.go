package check

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// carryLine is a carry line of a loop with what it begins with: one tensor, or,
// where it carries a layer instance, one for each parameter.
type carryLine struct {
	*ast.Carry
	like  *instance
	inits []*graph.Node // none where it has an error
}

// carryLines evaluates the initial values of the carries, in the scope around
// the loop, each lifted to all indices in scope.
func (c *checker) carryLines(s *scope, f *frame, body *ast.Block) ([]carryLine, bool) {
	var lines []carryLine
	seen, ok := map[string]ast.Name{}, true
	for _, st := range body.Stmts {
		if b, lost := st.(*ast.Broken); lost {
			c.broken(s, b) // perhaps a carry, which the condition of a while sees
			continue
		}
		st, isCarry := st.(*ast.Carry)
		if !isCarry {
			break
		}
		if first, twice := seen[st.Name.Text]; twice {
			c.report(diag.New("G0202", st.Name.At, "%s is declared twice", st.Name.Text).WithRelated(first.At, "the first declaration"))
			ok = false
		}
		seen[st.Name.Text] = st.Name
		line, good := c.carryLine(s, f, st)
		ok = ok && good
		lines = append(lines, line)
	}
	return lines, ok
}

func (c *checker) carryLine(s *scope, f *frame, st *ast.Carry) (carryLine, bool) {
	v := c.carryValue(s, f, st)
	if v.kind == kInst {
		return c.carryInstance(carryLine{Carry: st}, v)
	}
	line := carryLine{Carry: st}
	n, ok := c.carryInit(s, f, st, v)
	if n != nil {
		line.inits = []*graph.Node{n}
	}
	return line, ok
}

func (c *checker) carryValue(s *scope, f *frame, st *ast.Carry) val {
	if st.Init == nil {
		return c.bad("G0114", st.Span(), "a carry begins with a value: carry %s = 0", st.Name.Text)
	}
	return c.expr(s, f, st.Init)
}

// carryInstance begins with the parameters of an instance.
func (c *checker) carryInstance(line carryLine, v val) (carryLine, bool) {
	if line.Shape != nil || line.Type != nil {
		c.errorf("G0302", line.Init.Span(), "a carry that holds a layer instance has no shape and no type")
		return line, false
	}
	if !c.applied(v) {
		return line, false
	}
	line.like = v.inst
	for _, p := range c.parts(v.inst) {
		line.inits = append(line.inits, c.lift(p, union(c.active), p.inner()))
	}
	return line, true
}

func (c *checker) carryInit(s *scope, f *frame, line *ast.Carry, v val) (*graph.Node, bool) {
	want := elemOf(line.Type)
	switch {
	case line.Type == nil:
		v = c.typed(v, false)
	case want == graph.Int:
		v = c.asInt(v)
	case want == graph.Bool:
		v = c.asBool(v)
	default:
		v = c.asReal(v)
	}
	var declared []shape.Dim
	if line.Shape != nil {
		var ok bool
		if declared, ok = c.shapeOf(s, f, line.Shape); !ok {
			return nil, false
		}
	}
	if !v.ok() {
		return c.declaredCarry(line, want, declared), false
	}
	ext := v.inner()
	if line.Shape != nil {
		common, ok := c.broadcastTwo(declared, ext, line.At)
		if !ok || !shape.EqualShapes(common, declared) {
			c.errorf("G0302", line.Init.Span(), "the initial value is %s, the carry %s", v.shapeText(), shape.Format(declared))
			return nil, false
		}
		ext = declared
	}
	return c.lift(v, union(c.active), ext), true
}

// declaredCarry stands for a carry whose initial value has an error, where the
// line says its shape; nil where it does not.
func (c *checker) declaredCarry(line *ast.Carry, elem graph.Elem, ext []shape.Dim) *graph.Node {
	if line.Shape == nil {
		return nil
	}
	return c.b.Fill(0, graph.Type{Elem: elem, Shape: append(extents(union(c.active)), ext...)})
}

// value is what a line carries, made of nodes as many as it has initial values.
func (c *checker) value(line carryLine, nodes []*graph.Node) val {
	parts := make([]val, len(nodes))
	for k, n := range nodes {
		parts[k] = tensor(n, union(c.active), line.Name.At)
	}
	if line.like == nil {
		return parts[0]
	}
	return c.instValue(c.with(line.like, parts), line.Name.At)
}

// bindCarries makes parameters of the body for what is carried.
func (c *checker) bindCarries(r *region, inner *scope, f *frame, lines []carryLine) {
	for _, line := range lines {
		if len(line.inits) == 0 {
			inner.put(&entry{name: line.Name.Text, val: val{kind: kBad}, span: line.Name.At, noWarn: true})
			continue
		}
		var params []*graph.Node
		for _, init := range line.inits {
			params = append(params, r.arg(init.Type, line.Name.Text))
		}
		r.carries, r.inits = append(r.carries, params...), append(r.inits, line.inits...)
		v := c.marked(f, line.Name.Text, c.value(line, params))
		v.name, v.origin = line.Name.Text, line.Name.At
		inner.put(&entry{name: line.Name.Text, val: v, span: line.Name.At, noWarn: true})
	}
}

// runBody runs the statements of a loop once, with its carries as variables, and
// finds their next values.
func (c *checker) runBody(r *region, inner *scope, f *frame, lines []carryLine, body *ast.Block) bool {
	c.rest = nil
	if _, returned := c.block(inner, f, body.Stmts[len(lines):]); returned {
		c.errorf("G0114", firstLine(body.Span()), "return is not allowed in a loop")
		return false
	}
	ok := true
	for _, line := range lines {
		if len(line.inits) == 0 {
			continue
		}
		next, good := c.next(line, inner.names[line.Name.Text])
		r.nexts = append(r.nexts, next...)
		ok = ok && good
	}
	c.unused(inner, f)
	c.carryStates(r)
	return ok && c.settleAsked(r)
}

// next is what a carry passes on: the value of its name at the end of the body.
func (c *checker) next(line carryLine, e *entry) ([]*graph.Node, bool) {
	v := e.val
	e.used = true
	parts := []val{v}
	if line.like != nil && v.kind == kInst && c.applied(v) {
		parts = c.parts(v.inst)
	}
	if (line.like != nil) != (v.kind == kInst) && v.ok() || len(parts) != len(line.inits) {
		return nil, c.changes(line, e, c.value(line, line.inits), v)
	}
	var out []*graph.Node
	for k, p := range parts {
		n, ok := c.nextOf(line, e, line.inits[k].Type, p)
		if !ok {
			return nil, false
		}
		out = append(out, n)
	}
	return out, true
}

// nextOf is one tensor that a carry passes on.
func (c *checker) nextOf(line carryLine, e *entry, want graph.Type, v val) (*graph.Node, bool) {
	idx := union(c.active)
	own := want.Shape[len(idx):]
	if want.Elem == graph.Int {
		v = c.asInt(v)
	} else {
		v = c.typed(v, false)
	}
	if !v.ok() {
		return nil, false
	}
	same := v.elem() == want.Elem && len(v.inner()) == len(own)
	for k := 0; same && k < len(own); k++ {
		same = c.sameDim(v.inner()[k], own[k], line.At)
	}
	if !same {
		return nil, c.changes(line, e, tensor(c.b.Fill(0, want), idx, line.At), v)
	}
	return c.b.Local(c.lift(v, idx, own)), true
}

// changes reports a carry whose type does not stay.
func (c *checker) changes(line carryLine, e *entry, was, v val) bool {
	what := "the carry"
	if line.like != nil && was.kind == kTensor {
		what = "a parameter of the carry"
	}
	d := diag.New("G0321", e.span, "%s %s changes from %s to %s", what, line.Name.Text, was.describe(), v.describe()).
		WithRelated(line.Name.At, "its initial value is %s", was.describe())
	if line.Shape == nil && line.like == nil && v.kind == kTensor && len(was.inner()) < len(v.inner()) {
		d = d.WithHelp("give it its shape: carry %s %s = ..", line.Name.Text, shape.Format(v.inner()))
	}
	c.report(d)
	return false
}

// bindLast gives the carried names their last values, and returns the other
// values of the loop.
func (c *checker) bindLast(s *scope, f *frame, lines []carryLine, out []*graph.Node) []*graph.Node {
	for _, line := range lines {
		v := c.value(line, out[:len(line.inits)])
		out = out[len(line.inits):]
		c.hint(f, v, line.Name.Text)
		c.define(s, f, line.Name, v, nil)
		if e := s.names[line.Name.Text]; e != nil {
			e.noWarn = true
		}
	}
	return out
}
