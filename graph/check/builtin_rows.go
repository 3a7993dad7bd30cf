package check

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

func indexAt(b *bcall) *ast.Index { return &ast.Index{Node: ast.Node{At: b.at}} }

func lastAxisBuiltins() map[string]*builtin {
	t := map[string]*builtin{}
	for _, name := range []string{"softmax", "log_softmax", "cumsum", "cumprod", "sort", "argsort"} {
		t[name] = &builtin{params: []string{"x", "axis?"}, run: alongLast}
	}
	for _, name := range []string{"argmax", "argmin"} {
		t[name] = &builtin{params: []string{"x", "axis?"}, run: argExtremum}
	}
	t["flip"] = &builtin{params: []string{"x", "axis?"}, run: flipCall}
	t["roll"] = &builtin{params: []string{"x", "k", "axis?"}, run: rollCall}
	t["split"] = &builtin{params: []string{"x", "parts", "axis?"}, run: splitCall}
	t["one_hot"] = &builtin{params: []string{"i", "n"}, run: oneHot}
	t["topk"] = &builtin{params: []string{"x", "k"}, run: topk}
	return t
}

// last moves an axis of v to the end for fn and back afterwards.
func (b *bcall) last(v val, k int, fn func(*graph.Node) *graph.Node) val {
	rank := v.node.Type.Rank()
	axis, ok := b.axisOr(v, k, len(v.inner())-1)
	if !ok {
		return b.bad()
	}
	if axis += v.lead(); axis == rank-1 {
		return b.on(v, fn(v.node))
	}
	perm := seq(rank)
	perm[axis], perm[rank-1] = rank-1, axis
	return b.on(v, b.c.b.Permute(fn(b.c.b.Permute(v.node, perm)), perm))
}

// vector is a real operand with at least one axis.
func (b *bcall) vector(k int) val {
	v := b.real(k)
	if v.ok() && len(v.inner()) == 0 {
		return b.c.bad("G0319", b.args[k].at, "%s works along an axis, and this is a scalar", b.name)
	}
	return v
}

func alongLast(b *bcall) val {
	v := b.vector(0)
	if !v.ok() {
		return v
	}
	return b.last(v, 1, func(n *graph.Node) *graph.Node { return b.c.b.Op(b.name, nil, n) })
}

func argExtremum(b *bcall) val {
	v := b.vector(0)
	if !v.ok() {
		return v
	}
	axis, ok := b.axisOr(v, 1, len(v.inner())-1)
	if !ok {
		return b.bad()
	}
	return b.on(v, b.c.b.Op(b.name, graph.Axis(axis+v.lead()), v.node))
}

func flipCall(b *bcall) val {
	v := b.any(0)
	if !v.ok() || len(v.inner()) == 0 {
		return b.c.bad("G0319", b.at, "flip works along an axis")
	}
	axis, ok := b.axisOr(v, 1, len(v.inner())-1)
	if !ok {
		return b.bad()
	}
	n := b.c.nodeOf(v)
	axis += v.lead()
	m := shape.Identity(n.Type.Rank())
	m.In[axis] = n.Type.Shape[axis].AddInt(-1).Sub(shape.Idx(axis))
	return b.on(v, b.c.b.View(n, m, 0, n.Type.Shape))
}

// rollCall moves elements k places on, those that fall off the end to the front.
func rollCall(b *bcall) val {
	v := b.any(0)
	if !v.ok() || len(v.inner()) == 0 {
		return b.c.bad("G0319", b.at, "roll works along an axis")
	}
	axis, ok := b.axisOr(v, 2, len(v.inner())-1)
	k, ok2 := b.c.asCount(b.args[1].val)
	if !ok || !ok2 {
		return b.bad()
	}
	n := b.c.nodeOf(v)
	axis += v.lead()
	ext := n.Type.Shape[axis]
	shift := shape.Mod(shape.Const(k), ext)
	at := shape.Idx(axis).Sub(shift)
	low, high := shape.Identity(n.Type.Rank()), shape.Identity(n.Type.Rank())
	high.In[axis], low.In[axis] = at, at.Add(ext)
	high.Guard = []shape.Cond{{E: at}}
	low.Guard = []shape.Cond{{E: at.Scale(-1).AddInt(-1)}}
	cond := b.c.b.Op("ge", nil, b.c.b.IndexValue(shape.Idx(axis), n.Type.Shape), b.c.b.IndexValue(shift, n.Type.Shape))
	return b.on(v, b.c.b.Where(cond, b.c.b.View(n, high, 0, n.Type.Shape), b.c.b.View(n, low, 0, n.Type.Shape)))
}

func splitCall(b *bcall) val {
	v := b.any(0)
	parts, ok := b.c.asCount(b.args[1].val)
	if !v.ok() || !ok || len(v.inner()) == 0 {
		return b.bad()
	}
	axis, ok := b.axisOr(v, 2, len(v.inner())-1)
	if !ok {
		return b.bad()
	}
	if parts < 1 {
		return b.c.bad("G0320", b.args[1].at, "split makes at least one part")
	}
	n := b.c.nodeOf(v)
	axis += v.lead()
	size, ok := b.c.dimOf(reduced(val{num: n.Type.Shape[axis], den: shape.Const(parts), at: b.at, kind: kUntyped}))
	if !ok {
		return b.bad()
	}
	ext := append([]shape.Dim{}, n.Type.Shape...)
	ext[axis] = size
	out := val{kind: kTuple, at: b.at}
	for p := range parts {
		m := shape.Identity(n.Type.Rank())
		m.In[axis] = shape.Idx(axis).Add(size.Scale(p))
		out.items = append(out.items, b.on(v, b.c.b.View(n, m, 0, ext)))
	}
	if parts == 1 {
		return out.items[0]
	}
	return out
}

func oneHot(b *bcall) val {
	i := b.integer(0)
	n, ok := b.c.asDim(b.args[1].val)
	if !i.ok() || !ok {
		return b.bad()
	}
	node := b.c.nodeOf(i)
	ext := append(append([]shape.Dim{}, node.Type.Shape...), n)
	wide := b.c.b.View(node, shape.Identity(node.Type.Rank()), 0, ext)
	return b.on(i, b.c.b.ToReal(b.c.b.Op("eq", nil, wide, b.c.b.IndexValue(shape.Idx(len(ext)-1), ext))))
}

// topk gives the k largest along the last axis, largest first, and their places.
func topk(b *bcall) val {
	v := b.vector(0)
	k, ok := b.c.asDim(b.args[1].val)
	if !v.ok() || !ok {
		return b.bad()
	}
	rank := v.node.Type.Rank()
	n := v.node.Type.Shape[rank-1]
	if !b.c.require(n.Sub(k), b.args[1].at, "k is "+k.String()+", the axis has "+n.String()+" elements") {
		return b.bad()
	}
	ext := append(append([]shape.Dim{}, v.node.Type.Shape[:rank-1]...), k)
	order := b.c.b.View(b.c.b.Op("argsort", nil, b.c.b.Neg(v.node)), shape.Identity(rank), 0, ext)
	attr := graph.Gather{}
	for a := range rank - 1 {
		attr.In, attr.By = append(attr.In, shape.Idx(a)), append(attr.By, -1)
	}
	attr.In, attr.By = append(attr.In, shape.Dim{}), append(attr.By, 0)
	values := b.c.b.Typed("gather", attr, graph.Type{Shape: ext}, v.node, order)
	return val{kind: kTuple, at: b.at, items: []val{b.on(v, values), b.on(v, order)}}
}

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
	x, i, v := b.real(0), b.integer(1), b.real(2)
	n, ok := b.rowsOf(x, i, v)
	if !ok {
		return b.bad()
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
	return b.c.b.Typed("scatter", attr, x.node.Type, b.c.lift(v, nil, own), at), true
}

// updateCall is x with row i replaced: 0 where a row is hit, plus the new rows.
// A row named twice would be the sum of both, so only one index is taken.
func updateCall(b *bcall) val {
	x, i, v := b.real(0), b.integer(1), b.real(2)
	if i.ok() && len(i.inner()) > 0 {
		return b.c.refuse(b.at, "updates by several indices")
	}
	n, ok := b.rowsOf(x, i, v)
	if !ok {
		return b.bad()
	}
	row := b.c.b.IndexValue(shape.Idx(0), x.node.Type.Shape)
	hit := b.c.b.Map("eq", row, b.c.nodeOf(i))
	return b.on(x, b.c.b.Where(hit, n, x.node))
}
