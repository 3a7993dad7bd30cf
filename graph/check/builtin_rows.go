package check

import (
	"strings"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/ast"
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

// vector is an operand of numbers with at least one axis.
func (b *bcall) vector(k int) val {
	v := b.number(k)
	if v.ok() && len(v.inner()) == 0 {
		return b.c.bad("G0319", b.args[k].at, "%s works along an axis, and this is a scalar", b.name)
	}
	return v
}

// axed is argument k as a tensor of any type that has an axis.
func (b *bcall) axed(k int) val {
	v := b.any(k)
	if v.ok() && len(v.inner()) == 0 {
		return b.c.bad("G0319", b.args[k].at, "%s works along an axis, and this is a scalar", b.name)
	}
	return v
}

// reals is argument k as a tensor of reals that has an axis.
func (b *bcall) reals(k int) val {
	v := b.vector(k)
	if v.ok() && isInt(v) {
		return b.real(k)
	}
	return v
}

func alongLast(b *bcall) val {
	v := b.vector(0)
	if isInt(v) && strings.HasSuffix(b.name, "softmax") {
		v = b.real(0)
	}
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
	if !ok || !b.c.someOf(b.name, v.inner()[axis], b.at) {
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
	v := b.axed(0)
	parts, ok := b.c.asCount(b.args[1].val)
	if !v.ok() || !ok {
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
	if i.aff == nil || !b.c.alwaysIn(*i.aff, i.idx, n) {
		node = b.c.b.Op("place", graph.Place{Ext: n, What: "one_hot: i"}, node)
	}
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
	order := b.c.b.View(b.c.b.Op("argsort", nil, negative(b.c.b, v.node)), shape.Identity(rank), 0, ext)
	attr := graph.Gather{}
	for a := range rank - 1 {
		attr.In, attr.By = append(attr.In, shape.Idx(a)), append(attr.By, -1)
	}
	attr.In, attr.By = append(attr.In, shape.Dim{}), append(attr.By, 0)
	values := b.c.b.Typed("gather", attr, graph.Type{Elem: v.elem(), Shape: ext}, v.node, order)
	return val{kind: kTuple, at: b.at, items: []val{b.on(v, values), b.on(v, order)}}
}

// negative is -x of reals or ints.
func negative(b *graph.Builder, x *graph.Node) *graph.Node {
	if x.Type.Elem == graph.Int {
		return b.Map("ineg", x)
	}
	return b.Neg(x)
}
