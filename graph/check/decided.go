package check

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// decided reports a gather that is inside of what it reads, of extents ext, whatever
// the inputs are: its places are made of indices and numbers, as those of
// M[r, where(c < 2, c, c + 1)] are, and each of them has been tried.
func decided(g graph.Gather, ints []*graph.Node, ext, domain []shape.Dim) bool {
	t := &trial{left: 1 << 14}
	return t.each(domain, nil, func(place []int64) bool {
		for k, by := range g.By {
			v, ok := int64(0), true
			if by < 0 {
				v, ok = number(g.In[k], place)
			} else {
				x, known := t.value(ints[by], place)
				v, ok = int64(x), known
			}
			if n, fixed := ext[k].IsConst(); !ok || !fixed || v < 0 || v >= n {
				return false
			}
		}
		return true
	})
}

// trial evaluates elements of nodes, up to a number of operations.
type trial struct{ left int }

// each visits the places of a domain as long as visit says so; a domain that is not
// of numbers has none to try.
func (t *trial) each(domain []shape.Dim, place []int64, visit func([]int64) bool) bool {
	if len(place) == len(domain) {
		return visit(place)
	}
	n, fixed := domain[len(place)].IsConst()
	for i := int64(0); i < n && fixed; i++ {
		fixed = t.each(domain, append(place[:len(place):len(place)], i), visit)
	}
	return fixed
}

// number is the value of a dim at a place, if no named dim is in it.
func number(d shape.Dim, place []int64) (int64, bool) {
	if len(d.Vars()) > 0 {
		return 0, false
	}
	return d.Eval(at(place)), true
}

func at(place []int64) func(*shape.Sym) int64 {
	return func(s *shape.Sym) int64 { return place[s.Axis] }
}

// value is an element of a node that no input enters.
func (t *trial) value(n *graph.Node, place []int64) (float64, bool) {
	if t.left--; t.left < 0 {
		return 0, false
	}
	switch a := n.Attr.(type) {
	case graph.Number:
		return float64(a), true
	case graph.Index:
		v, ok := number(a.E, place)
		return float64(v), ok
	case graph.View:
		return t.viewed(n, a, place)
	}
	if n.Op.Class != graph.Elementwise {
		return 0, false
	}
	x := make([]float64, len(n.Args))
	for i, operand := range n.Args {
		v, ok := t.value(operand, place)
		if !ok {
			return 0, false
		}
		x[i] = v
	}
	return n.Op.Scalar.On(n.Attr, x...), true
}

func (t *trial) viewed(n *graph.Node, v graph.View, place []int64) (float64, bool) {
	for _, g := range v.Map.Guard {
		if len(g.E.Vars()) > 0 {
			return 0, false
		}
		if !g.Holds(at(place)) {
			return v.Fill, true
		}
	}
	from := make([]int64, len(v.Map.In))
	for k, in := range v.Map.In {
		q, ok := number(in, place)
		if !ok {
			return 0, false
		}
		from[k] = q / v.Map.DivOf(k)
	}
	return t.value(n.Args[0], from)
}
