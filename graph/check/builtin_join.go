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
	v := b.any(0)
	w, ok := b.dims(1)
	if !v.ok() || !ok || len(v.inner()) == 0 {
		return b.bad()
	}
	if len(w) != 2 {
		return b.c.bad("G0319", b.args[1].at, "pad takes two widths, before and after: pad(x, [1, 2])")
	}
	axis, ok := b.axisOr(v, 3, 0)
	fill := 0.0
	if b.has(2) {
		x, isNum := b.args[2].val.number()
		if !isNum {
			return b.c.bad("G0401", b.args[2].at, "the value to pad with must be a constant")
		}
		fill = x
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
	return b.on(v, b.c.b.View(n, m, fill, ext))
}

// scatterCall is x with v[r] added into row i[r].
func scatterCall(b *bcall) val {
	i := b.integer(1)
	x, v := b.numbers(0, 2)
	n, ok := b.rowsOf(x, i, v)
	if !ok {
		return b.bad()
	}
	if isInt(x) {
		return b.on(x, b.c.b.Map("iadd", b.c.nodeOf(x), n))
	}
	return b.on(x, b.c.b.Add(x.node, n))
}

// rowsOf scatters v into zeros like x; a single x, without indices, is meant.
func (b *bcall) rowsOf(x, i, v val) (*graph.Node, bool) {
	if !x.ok() || !i.ok() || !v.ok() {
		return nil, false
	}
	if len(x.idx)+len(i.idx)+len(v.idx) > 0 {
		b.c.refuse(b.at, b.name+" calls under an index")
		return nil, false
	}
	if len(x.inner()) == 0 {
		b.c.errorf("G0308", b.at, "a scalar has no rows")
		return nil, false
	}
	own := append(append([]shape.Dim{}, i.inner()...), x.inner()[1:]...)
	if _, ok := b.c.broadcastTwo(own, v.inner(), b.at); !ok || len(v.inner()) > len(own) {
		b.c.errorf("G0302", b.args[2].at, "the rows have shape %s, the values %s", shape.Format(own), v.shapeText())
		return nil, false
	}
	attr := graph.Gather{In: []shape.Dim{{}}, By: []int{0}, Checked: true}
	for k := range x.inner()[1:] {
		attr.In, attr.By = append(attr.In, shape.Idx(len(i.inner())+k)), append(attr.By, -1)
	}
	at := b.c.b.View(b.c.nodeOf(i), shape.Identity(len(i.inner())), 0, own)
	return b.c.b.Typed("scatter", attr, b.c.nodeOf(x).Type, b.c.lift(v, nil, own), at), true
}

// updateCall is x with the rows i replaced: 0 where a row is hit, plus the new
// rows. Of a row named twice the last one counts.
func updateCall(b *bcall) val {
	i := b.integer(1)
	x, v := b.numbers(0, 2)
	if i.ok() && len(i.inner()) > 0 {
		return b.updateMany(x, i, v)
	}
	n, ok := b.rowsOf(x, i, v)
	if !ok {
		return b.bad()
	}
	node := b.c.nodeOf(x)
	row := b.c.b.IndexValue(shape.Idx(0), node.Type.Shape)
	hit := b.c.b.Map("eq", row, b.c.nodeOf(i))
	return b.on(x, b.c.b.Where(hit, n, node))
}

// updateMany replaces several rows, those that i names last.
func (b *bcall) updateMany(x, i, v val) val {
	if !x.ok() || !i.ok() || !v.ok() {
		return b.bad()
	}
	if len(x.idx)+len(i.idx)+len(v.idx) > 0 {
		return b.c.refuse(b.at, b.name+" calls under an index")
	}
	g, at := b.c.b, i.inner()
	own := append(append([]shape.Dim{}, at...), x.inner()[min(1, len(x.inner())):]...)
	if _, ok := b.c.broadcastTwo(own, v.inner(), b.at); !ok || len(v.inner()) > len(own) {
		b.c.errorf("G0302", b.args[2].at, "the rows have shape %s, the values %s", shape.Format(own), v.shapeText())
		return b.bad()
	}
	rows := b.c.lift(v, nil, own)
	rows = g.Where(g.View(b.lastOf(i), shape.Identity(len(at)), 0, own), rows, g.Fill(0, rows.Type))
	sum, ok := b.rowsOf(x, i, tensor(rows, nil, b.at))
	if !ok {
		return b.bad()
	}
	whole := tensor(g.Fill(0, graph.Type{Elem: graph.Int, Shape: x.inner()[:1]}), nil, b.at)
	hits, _ := b.rowsOf(whole, i, tensor(g.Fill(1, graph.Type{Elem: graph.Int, Shape: at}), nil, b.at))
	ext := b.c.nodeOf(x).Type.Shape
	hit := g.Map("gt", g.View(hits, shape.Map{In: []shape.Dim{shape.Idx(0)}}, 0, ext), g.Fill(0, graph.Type{Elem: graph.Int, Shape: ext}))
	return b.on(x, g.Where(hit, sum, b.c.nodeOf(x)))
}

// lastOf tells which elements of i are not named again by a later one.
func (b *bcall) lastOf(i val) *graph.Node {
	g, at := b.c.b, b.c.nodeOf(i)
	k := shape.Product(at.Type.Shape)
	pairs := []shape.Dim{k, k}
	along := func(axis int) *graph.Node {
		return g.View(g.Reshape(at, []shape.Dim{k}), shape.Map{In: []shape.Dim{shape.Idx(axis)}}, 0, pairs)
	}
	again := g.Map("and", g.Map("eq", along(0), along(1)), b.compareAxes("lt", pairs, 0, 1))
	return g.Reshape(g.Map("not", g.Reduce("any", again, 1)), at.Type.Shape)
}
