package rewrite

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// uses lists for each axis of a view's result whether its map mentions it.
func uses(v graph.View, rank int) []bool {
	out := make([]bool, rank)
	mention := func(d shape.Dim) {
		for k := range out {
			if c, rest, ok := d.Linear(shape.IdxSym(k)); !ok || !c.Is(0) || !rest.Equal(d) {
				out[k] = true
			}
		}
	}
	for _, in := range v.Map.In {
		mention(in)
	}
	for _, g := range v.Map.Guard {
		mention(g.E)
	}
	return out
}

// repeats reports whether a view repeats its operand along some axis.
func repeats(v graph.View, rank int) bool {
	for _, u := range uses(v, rank) {
		if !u {
			return true
		}
	}
	return false
}

// whole reports whether a map reads all of a tensor, so that computing on the
// tensor is no more work than on what is read.
func whole(m shape.Map, operand, ext []shape.Dim) bool {
	seen := map[int]bool{}
	for k, d := range operand {
		at := -1
		for r := range ext {
			if m.In[k].Equal(shape.Idx(r)) && ext[r].Equal(d) && !seen[r] {
				at = r
			}
		}
		if at < 0 && !d.Is(1) {
			return false
		}
		seen[at] = at >= 0
	}
	return true
}

// hoist computes on operands before they are repeated: f(view(x), view(y)) with
// one map is view(f(x, y)). Constants go with any map.
func hoist(b *graph.Builder, n *graph.Node) *graph.Node {
	var first *graph.Node
	var v graph.View
	for _, a := range n.Args {
		w, isView := a.Attr.(graph.View)
		if _, ok := number(a); ok {
			continue
		}
		if !isView || len(w.Map.Guard) > 0 || first != nil &&
			(w.String() != v.String() || !shape.EqualShapes(a.Args[0].Type.Shape, first.Type.Shape)) {
			return nil
		}
		first, v = a.Args[0], w
	}
	if first == nil || !repeats(v, n.Type.Rank()) || !whole(v.Map, first.Type.Shape, n.Type.Shape) {
		return nil
	}
	args := make([]*graph.Node, len(n.Args))
	for i, a := range n.Args {
		if c, ok := number(a); ok {
			args[i] = b.Fill(c, graph.Type{Elem: a.Type.Elem, Shape: first.Type.Shape})
		} else {
			args[i] = a.Args[0]
		}
	}
	return b.View(b.Op(n.Op.Name, n.Attr, args...), v.Map, 0, n.Type.Shape)
}

// viewOfIndex computes the index where it is read.
func viewOfIndex(b *graph.Builder, n *graph.Node) *graph.Node {
	x, ok := n.Args[0].Attr.(graph.Index)
	m := n.Attr.(graph.View).Map
	if !ok || len(m.Guard) > 0 {
		return nil
	}
	for k := range m.In {
		if m.DivOf(k) != 1 {
			return nil
		}
	}
	e := x.E.Subst(func(s *shape.Sym) (shape.Dim, bool) {
		if s.Axis < 0 {
			return shape.Dim{}, false
		}
		return m.In[s.Axis], true
	})
	return b.IndexValue(e, n.Type.Shape)
}

// emptyView is the fill of a view whose guard never holds.
func emptyView(b *graph.Builder, n *graph.Node) *graph.Node {
	v, f := n.Attr.(graph.View), shape.Facts{Ext: n.Type.Shape}
	for _, g := range v.Map.Guard {
		no := g.Kind == shape.NonNegative && f.NonNeg(g.E) == shape.No ||
			g.Kind == shape.Zero && f.Equal(g.E, shape.Dim{}) == shape.No
		if no {
			return b.Fill(v.Fill, n.Type)
		}
	}
	return nil
}

// squeeze is a view where a reshape only adds or drops axes of extent one.
func squeeze(b *graph.Builder, n *graph.Node) *graph.Node {
	from, to := n.Args[0].Type.Shape, n.Type.Shape
	m, k := shape.Map{In: make([]shape.Dim, len(from))}, 0
	for i, d := range from {
		if d.Is(1) {
			continue
		}
		for k < len(to) && to[k].Is(1) {
			k++
		}
		if k == len(to) || !to[k].Equal(d) {
			return nil
		}
		m.In[i] = shape.Idx(k)
		k++
	}
	for ; k < len(to); k++ {
		if !to[k].Is(1) {
			return nil
		}
	}
	return b.View(n.Args[0], m, 0, to)
}
