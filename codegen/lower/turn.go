package lower

import (
	"slices"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// The distances of n points from k others, d[i, j] = Σ c: (q[j, c] - p[i, c])^2, are
// best computed for neighbouring j at the same time. Their elements lie next to each
// other once q is turned, which is little beside the n times that it is read.

// turnedReads is the number of times that what is turned is read at least.
const turnedReads = 16

// turned is x, the operand of a reduction over its last axis, reading what it steps
// through along that axis and the one before it, again and again, from turned copies.
func (pr *preparer) turned(axes graph.Axes, x *graph.Node) *graph.Node {
	rank := x.Type.Rank()
	if rank < 3 || len(axes) != 1 || axes[0] != rank-1 || x.Type.Shape[rank-2].Is(1) {
		return x
	}
	t := &turner{preparer: pr, ext: x.Type.Shape, copies: map[*graph.Node]*graph.Node{}}
	if t.survey(x, map[*graph.Node]bool{}); t.refused || t.cost > modest || len(t.copies) == 0 {
		return x
	}
	return t.copy(x)
}

type turner struct {
	*preparer
	ext     []shape.Dim
	cost    int
	refused bool
	copies  map[*graph.Node]*graph.Node // views of what is turned, and what is copied with them
}

// survey finds the views to be turned below n.
func (t *turner) survey(n *graph.Node, seen map[*graph.Node]bool) {
	if seen[n] {
		return
	}
	seen[n] = true
	v, view := n.Attr.(graph.View)
	_, number := n.Attr.(graph.Number)
	switch {
	case n.Type.Elem != graph.Real:
		t.refused = true
	case n.Op.Class == graph.Elementwise:
		t.cost += max(n.Op.Scalar.Cost, 1)
		for _, a := range n.Args {
			t.survey(a, seen)
		}
	case number:
	case view && n.Op.Class == graph.ViewOp && len(v.Map.Guard) == 0 && v.Map.Div == nil:
		t.view(n, v.Map.In)
	default:
		t.refused = true
	}
}

// view turns the operand of a view if it reads through both axes.
func (t *turner) view(n *graph.Node, in []shape.Dim) {
	c := len(t.ext) - 1
	uses := func(k int) bool { return slices.ContainsFunc(in, func(d shape.Dim) bool { return mentions(d, k) }) }
	if !uses(c) || !uses(c-1) {
		return
	}
	reads := int64(1)
	for k := range c - 1 {
		if !uses(k) {
			reads *= size(t.ext[k : k+1])
		}
	}
	m := len(in) - 1
	if m < 1 || !in[m].Equal(shape.Idx(c)) || !in[m-1].Equal(shape.Idx(c-1)) || reads < turnedReads {
		t.refused = true
		return
	}
	x := n.Args[0]
	order := make([]int, m+1)
	for k := range order {
		order[k] = k
	}
	order[m-1], order[m] = m, m-1
	turned := t.b.Permute(x, order)
	t.forced[turned] = true
	to := slices.Clone(in)
	to[m-1], to[m] = in[m], in[m-1]
	t.copies[n] = t.b.Typed("view", graph.View{Map: shape.Map{In: to}}, n.Type, turned)
}

// copy is n reading from turned copies.
func (t *turner) copy(n *graph.Node) *graph.Node {
	if have, ok := t.copies[n]; ok {
		return have
	}
	out := n
	if n.Op.Class == graph.Elementwise {
		args := make([]*graph.Node, len(n.Args))
		for i, a := range n.Args {
			args[i] = t.copy(a)
		}
		out = t.b.Copy(n, args...)
	}
	t.copies[n] = out
	return out
}
