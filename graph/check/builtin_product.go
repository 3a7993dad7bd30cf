package check

import (
	"slices"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// Products with Jacobians under indices. A direction that runs over an index which
// the target, bound outside of it, does not, is many directions: one product for
// each, taken together.

// beyond are the indices of a that x, bound outside them, does not run over.
func beyond(a, x []*binder) []*binder {
	var out []*binder
	for _, i := range a {
		if position(x, i) < 0 {
			out = append(out, i)
		}
	}
	return out
}

// outside reports whether a runs over an index that x, bound outside it, does not.
func outside(a, x val) bool { return len(beyond(a.idx, x.idx)) > 0 }

// push is the tangent of y in directions vs of targets xs, under the indices of all.
func (b *bcall) push(y val, xs, vs []val) val {
	idx, extra := y.idx, []*binder(nil)
	for k, x := range xs {
		idx, extra = union(idx, x.idx), union(extra, beyond(vs[k].idx, x.idx))
	}
	if len(beyond(extra, idx)) < len(extra) {
		return b.along(y, xs, vs)
	}
	node := b.c.lift(y, idx, y.inner())
	args := []*graph.Node{node}
	for k, x := range xs {
		args = append(args, x.node, b.directions(vs[k], extra, x))
	}
	if len(extra) == 0 {
		return tensor(b.c.b.Typed("jvp", nil, node.Type, args...), idx, b.at)
	}
	n := b.c.b.Typed("jvps", nil, manyOf(extra, node.Type), args...)
	return b.over(extra, n, tensor(node, idx, b.at))
}

// directions are those that v has for like: one, or with indices beyond its own one
// for each element of a first axis.
func (b *bcall) directions(v val, extra []*binder, like val) *graph.Node {
	n := b.c.lift(v, append(slices.Clone(extra), like.idx...), like.inner())
	if len(extra) == 0 {
		return n
	}
	return b.c.b.Reshape(n, manyOf(extra, like.node.Type).Shape)
}

// manyOf is a type with a first axis for all elements of some indices.
func manyOf(extra []*binder, t graph.Type) graph.Type {
	return graph.Type{Elem: t.Elem, Shape: append([]shape.Dim{shape.Product(extents(extra))}, t.Shape...)}
}

// over makes indices of the first axis of n, which is else like a value.
func (b *bcall) over(extra []*binder, n *graph.Node, like val) val {
	n = b.c.b.Reshape(n, append(extents(extra), like.node.Type.Shape...))
	from, idx := append(slices.Clone(extra), like.idx...), union(extra, like.idx)
	perm := seq(n.Type.Rank())
	for k, i := range idx {
		perm[k] = position(from, i)
	}
	return tensor(b.c.b.Permute(n, perm), idx, b.at)
}

// along is the tangent of y where y runs over an index of the directions as well:
// jacobians times directions.
func (b *bcall) along(y val, xs, vs []val) val {
	c := b.c
	sum := b.on(y, c.b.Like(0, y.node))
	for k, x := range xs {
		j := b.block(y, x)
		idx := union(j.idx, vs[k].idx)
		m := c.b.Map("mul", c.lift(j, idx, j.inner()), c.lift(vs[k], idx, j.inner()))
		axes := offset(seq(len(x.inner())), len(idx)+len(y.inner()))
		sum = c.elementwise("add", b.at, sum, tensor(c.b.Sum(m, axes...), idx, b.at))
	}
	return sum
}

// pull is the cotangent of x, where that of y is u.
func (b *bcall) pull(y, x, u val) val {
	extra := beyond(u.idx, x.idx)
	switch {
	case outside(y, x) && dependsOn(b.c.nodeOf(u), x.node):
		return b.against(y, x, u)
	case outside(y, x):
		return b.slope(b.weighted(y, u), x)
	}
	node := b.c.lift(y, x.idx, y.inner())
	ct := b.directions(u, extra, tensor(node, x.idx, b.at))
	if len(extra) == 0 {
		return b.on(x, b.c.b.Typed("vjp", nil, x.node.Type, node, x.node, ct))
	}
	return b.over(extra, b.c.b.Typed("vjps", nil, manyOf(extra, x.node.Type), node, x.node, ct), x)
}

// weighted is the sum of y times u under the indices of both.
func (b *bcall) weighted(y, u val) val {
	c := b.c
	idx := union(y.idx, u.idx)
	m := c.b.Map("mul", c.lift(y, idx, y.inner()), c.lift(u, idx, y.inner()))
	return tensor(c.b.Sum(m, offset(seq(len(y.inner())), len(idx))...), idx, b.at)
}

// against is u times the jacobian of y, for a u that depends on x itself.
func (b *bcall) against(y, x, u val) val {
	c := b.c
	j := b.jacobian(y, x)
	idx := union(j.idx, u.idx)
	ct := c.lift(u, idx, y.inner())
	for range x.inner() {
		ct = c.unsqueeze(ct, ct.Type.Rank())
	}
	own := tensor(ct, idx, b.at)
	m := c.b.Map("mul", c.lift(j, idx, j.inner()), c.lift(own, idx, j.inner()))
	return tensor(c.b.Sum(m, offset(seq(len(y.inner())), len(idx))...), idx, b.at)
}
