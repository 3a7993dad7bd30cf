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

// usedBy lists the axes along which an operand of an element-wise operator varies.
func usedBy(n *graph.Node) []bool {
	rank := n.Type.Rank()
	switch a := n.Attr.(type) {
	case graph.Number:
		return make([]bool, rank)
	case graph.View:
		return uses(a, rank)
	case graph.Index:
		return uses(graph.View{Map: shape.Map{In: []shape.Dim{a.E}}}, rank)
	}
	all := make([]bool, rank)
	for k := range all {
		all[k] = true
	}
	return all
}

// narrow reads an operand on fewer axes: axis k of it is at[k] of the new domain.
func narrow(b *graph.Builder, n *graph.Node, at, ext []shape.Dim) *graph.Node {
	m := shape.Map{In: at}
	switch a := n.Attr.(type) {
	case graph.Number:
		return b.Fill(float64(a), graph.Type{Elem: n.Type.Elem, Shape: ext})
	case graph.Index:
		return b.IndexValue(a.E.Subst(m.Axis), ext)
	}
	v := n.Attr.(graph.View)
	return b.View(n.Args[0], shape.Compose(m, v.Map), v.Fill, ext)
}

// hoist computes before repeating: where no operand varies along an axis, the
// result is a view of the same operation without that axis.
func hoist(b *graph.Builder, n *graph.Node) *graph.Node {
	used, constant := make([]bool, n.Type.Rank()), true
	for _, a := range n.Args {
		_, isConst := number(a)
		constant = constant && isConst
		for k, u := range usedBy(a) {
			used[k] = used[k] || u
		}
	}
	at, back := make([]shape.Dim, len(used)), shape.Map{}
	var ext []shape.Dim
	for k, d := range n.Type.Shape {
		if used[k] {
			at[k] = shape.Idx(len(ext))
			ext, back.In = append(ext, d), append(back.In, shape.Idx(k))
		}
	}
	if constant || len(ext) == len(used) {
		return nil
	}
	args := make([]*graph.Node, len(n.Args))
	for i, a := range n.Args {
		args[i] = narrow(b, a, at, ext)
	}
	return b.View(b.Op(n.Op.Name, n.Attr, args...), back, 0, n.Type.Shape)
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
	return b.IndexValue(x.E.Subst(m.Axis), n.Type.Shape)
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

// apart sums two products one by one, each a contraction. The order in which a
// sum adds is nowhere promised.
func apart(b *graph.Builder, n *graph.Node) *graph.Node {
	x := n.Args[0]
	if x.Op.Name != "add" && x.Op.Name != "sub" || !contraction(x.Args[0]) || !contraction(x.Args[1]) {
		return nil
	}
	return b.Op(x.Op.Name, nil, b.Op("sum", n.Attr, x.Args[0]), b.Op("sum", n.Attr, x.Args[1]))
}

// contraction reports whether n is a product of two views that repeat, or a sum
// of such products.
func contraction(n *graph.Node) bool {
	switch n.Op.Name {
	case "add", "sub":
		return contraction(n.Args[0]) && contraction(n.Args[1])
	case "mul":
		for _, a := range n.Args {
			if v, ok := a.Attr.(graph.View); !ok || !repeats(v, a.Type.Rank()) {
				return false
			}
		}
		return true
	}
	return false
}
