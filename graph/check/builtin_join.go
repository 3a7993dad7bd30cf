package check

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/diag"
)

func joinBuiltins() map[string]*builtin {
	return map[string]*builtin{
		"concat":  {variadic: true, run: joinCall},
		"stack":   {variadic: true, run: joinCall},
		"pad":     {params: []string{"x", "widths", "value?", "axis?"}, run: padCall},
		"scatter": {params: []string{"x", "i", "v"}, run: scatterCall},
		"update":  {params: []string{"x", "i", "v"}, run: updateCall},
	}
}

// joinCall is concat or stack, along the first axis or a named one.
func joinCall(b *bcall) val {
	var items []val
	axis := int64(0)
	for _, a := range b.all {
		switch {
		case a.name == "axis":
			k, ok := b.c.asCount(a.val)
			if !ok {
				return b.bad()
			}
			axis = k
		case a.name != "":
			return b.c.bad("G0205", a.at, "%s has no parameter %s", b.name, a.name)
		case a.val.kind == kList && len(b.positional()) == 1:
			items = append(items, a.val.items...)
		case a.val.kind == kTuple:
			items = append(items, a.val.items...)
		default:
			items = append(items, a.val)
		}
	}
	if len(items) == 0 {
		return b.c.bad("G0207", b.at, "%s needs something to join", b.name)
	}
	return b.c.join(b, items, axis, b.name == "stack")
}

func (b *bcall) positional() []arg {
	var out []arg
	for _, a := range b.all {
		if a.name == "" {
			out = append(out, a)
		}
	}
	return out
}

func (c *checker) join(b *bcall, items []val, axis int64, stack bool) val {
	items, ok := c.oneElem(items)
	if !ok {
		return b.bad()
	}
	rank := len(items[0].inner())
	if stack {
		rank++
	}
	k, ok := b.axis(axis, rank, b.at)
	if !ok {
		return b.bad()
	}
	var lists [][]*binder
	for _, v := range items {
		lists = append(lists, v.idx)
	}
	idx := union(lists...)
	args := make([]*graph.Node, len(items))
	for i, v := range items {
		if len(v.inner()) != len(items[0].inner()) {
			return c.joinClash(b, items[0], v)
		}
		for a, d := range v.inner() {
			if (stack || a != k) && !c.sameDim(d, items[0].inner()[a], v.at) {
				return c.joinClash(b, items[0], v)
			}
		}
		ext := append([]shape.Dim{}, items[0].inner()...)
		if !stack {
			ext[k] = v.inner()[k]
		}
		args[i] = c.lift(v, idx, ext) // extents that are checked at entry become one
		if stack {
			args[i] = c.unsqueeze(args[i], len(idx)+k)
		}
	}
	if len(args) == 1 {
		return tensor(args[0], idx, b.at)
	}
	return tensor(c.b.Op("concat", graph.Axis(len(idx)+k), args...), idx, b.at)
}

func (c *checker) joinClash(b *bcall, x, y val) val {
	d := diag.New("G0303", y.at, "these shapes do not join").WithLabel("%s beside %s", y.shapeText(), x.shapeText())
	c.report(c.cite(d, x, y))
	return b.bad()
}

// unsqueeze puts an axis of extent 1 at a place.
func (c *checker) unsqueeze(n *graph.Node, at int) *graph.Node {
	m := shape.Map{}
	ext := append([]shape.Dim{}, n.Type.Shape[:at]...)
	ext = append(append(ext, shape.Const(1)), n.Type.Shape[at:]...)
	for k := range ext {
		if k != at {
			m.In = append(m.In, shape.Idx(k))
		}
	}
	return c.b.View(n, m, 0, ext)
}

// oneElem brings all to int if all are ints or constants, else to real (or bool).
func (c *checker) oneElem(items []val) ([]val, bool) {
	ints, bools := false, true
	for _, v := range items {
		ints = ints || isInt(v)
		bools = bools && isBoolVal(v)
	}
	out := make([]val, len(items))
	for i, v := range items {
		switch {
		case bools:
			out[i] = c.typed(v, false)
		case ints:
			out[i] = c.asInt(v)
		default:
			out[i] = c.asReal(v)
		}
		if !out[i].ok() {
			return nil, false
		}
	}
	return out, true
}

// stack makes the tensor of a bracketed list.
func (c *checker) stack(items []val, at diag.Span) val {
	if len(items) == 0 {
		return c.bad("G0320", at, "an empty list has no shape; zeros([0]) is an empty tensor")
	}
	if v, ok := c.tableOf(items, at); ok {
		return v
	}
	b := &bcall{c: c, name: "stack", at: at}
	return c.join(b, items, 0, true)
}

// tableOf is a list of numbers, or of lists of numbers, as one constant.
func (c *checker) tableOf(items []val, at diag.Span) (val, bool) {
	items, ok := c.oneElem(items)
	if !ok {
		return val{kind: kBad, at: at}, true
	}
	t := items[0].node
	if t == nil {
		t = c.nodeOf(items[0])
	}
	var data graph.Table
	for _, v := range items {
		n := v.node
		if n == nil || len(v.idx) > 0 || !n.Type.Equal(t.Type) {
			return val{}, false
		}
		switch a := n.Attr.(type) {
		case graph.Number:
			if n.Op.Name != "const" || n.Type.Rank() > 0 {
				return val{}, false
			}
			data = append(data, float64(a))
		case graph.Table:
			data = append(data, a...)
		default:
			return val{}, false
		}
	}
	ext := append([]shape.Dim{shape.Const(int64(len(items)))}, t.Type.Shape...)
	return tensor(c.b.Typed("table", data, graph.Type{Elem: t.Type.Elem, Shape: ext}), nil, at), true
}

// padCall puts before and after elements of a value around the first axis.
func padCall(b *bcall) val {
	v := b.axed(0)
	w, ok := b.dims(1)
	if !v.ok() || !ok {
		return b.bad()
	}
	if len(w) != 2 {
		return b.c.bad("G0319", b.args[1].at, "pad takes two widths, before and after: pad(x, [1, 2])")
	}
	axis, ok := b.axisOr(v, 3, 0)
	fill, constant := 0.0, true
	if b.has(2) {
		fill, constant = b.args[2].val.number()
	}
	if !ok || !b.c.require(w[0], b.args[1].at, "a width is negative") || !b.c.require(w[1], b.args[1].at, "a width is negative") {
		return b.bad()
	}
	n := b.c.nodeOf(v)
	axis += v.lead()
	ext := append([]shape.Dim{}, n.Type.Shape...)
	at := shape.Idx(axis).Sub(w[0])
	m := shape.Identity(len(ext))
	m.In[axis] = at
	m.Guard = []shape.Cond{{E: at}, {E: ext[axis].AddInt(-1).Sub(at)}}
	ext[axis] = ext[axis].Add(w[0]).Add(w[1])
	if out := b.on(v, b.c.b.View(n, m, fill, ext)); constant {
		return out
	}
	inside := b.on(v, b.c.b.View(b.c.b.Fill(1, graph.Type{Elem: graph.Bool, Shape: n.Type.Shape}), m, 0, ext))
	return b.c.filled(inside, b.on(v, b.c.b.View(n, m, 0, ext)), b.args[2].val, b.args[2].at)
}
