package lower

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// permuted makes a contraction whose only reader wants its axes in another order
// in that order at once; nil where n is no such reader. It saves the heads of
// attention a copy.
func (pr *preparer) permuted(n, x *graph.Node) *graph.Node {
	c, ok := x.Attr.(contraction)
	if !ok || n.Op.Class != graph.ViewOp || n.Type.Rank() != c.Rank || pr.readers[n.Args[0]] > 1 {
		return nil
	}
	order, ok := permutation(n.Attr.(graph.View).Map)
	if !ok {
		return nil
	}
	number := make([]int, len(c.Ext)) // old index → new
	out := contraction{Ext: append([]shape.Dim{}, c.Ext...), Rank: c.Rank}
	for k := range number {
		number[k] = k
		if k < c.Rank {
			number[k] = order[k]
		}
		out.Ext[number[k]] = c.Ext[k]
	}
	if !shape.EqualShapes(out.Ext[:out.Rank], n.Type.Shape) {
		return nil // a part of it
	}
	out.A, out.B = renumber(shape.Map{In: c.A}, number).In, renumber(shape.Map{In: c.B}, number).In
	return pr.b.Typed(contractOp.Name, out, graph.Type{Elem: graph.Real, Shape: out.Ext[:out.Rank]}, x.Args...)
}

// permutation is the result axis that each operand axis becomes, where m only
// reorders axes.
func permutation(m shape.Map) (order []int, ok bool) {
	if len(m.Guard) > 0 || m.Div != nil {
		return nil, false
	}
	seen := map[int]bool{}
	for _, in := range m.In {
		syms := in.Syms()
		if len(syms) != 1 || syms[0].Axis < 0 || !in.Equal(shape.Idx(syms[0].Axis)) || seen[syms[0].Axis] {
			return nil, false
		}
		seen[syms[0].Axis] = true
		order = append(order, syms[0].Axis)
	}
	for k := range order {
		if !seen[k] {
			return nil, false
		}
	}
	return order, true
}
