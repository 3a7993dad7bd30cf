package lower

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// few is the extent up to which a first axis gives too few rows to share out.
const few = 32

// joined makes the contract node of c. Where its first axes are short and of
// one operand, as those of the gradient of a convolution's kernel, they become one
// axis first, so that there are rows to share out.
func (pr *preparer) joined(c contraction, a, b *graph.Node) *graph.Node {
	if m := c.leading(c.A, c.B, a); m > 1 {
		a, c.A = pr.joinAxes(c, c.A, a, m)
		return pr.joinedNode(c, a, b, m)
	}
	if m := c.leading(c.B, c.A, b); m > 1 {
		b, c.B = pr.joinAxes(c, c.B, b, m)
		return pr.joinedNode(c, a, b, m)
	}
	return pr.b.Typed(contractOp.Name, c, graph.Type{Elem: graph.Real, Shape: c.Ext[:c.Rank]}, a, b)
}

// leading is the number of first result indices that run through neighbouring
// axes of x alone; 0 where it is no use to join them.
func (c contraction) leading(in, other []shape.Dim, x *graph.Node) int {
	first := axisOfIndex(in, 0)
	if first < 0 || c.Rank == 0 {
		return 0
	}
	if e, ok := c.Ext[0].IsConst(); !ok || e >= few {
		return 0
	}
	m := 0
	for m < c.Rank && first+m < len(in) && in[first+m].Equal(shape.Idx(m)) && !uses(other, m) &&
		x.Type.Shape[first+m].Equal(c.Ext[m]) && once(in, m) {
		m++
	}
	return m
}

func axisOfIndex(in []shape.Dim, k int) int {
	for i, d := range in {
		if d.Equal(shape.Idx(k)) {
			return i
		}
	}
	return -1
}

func once(in []shape.Dim, k int) bool {
	n := 0
	for _, d := range in {
		if mentions(d, k) {
			n++
		}
	}
	return n == 1
}

// joinAxes reshapes x so that the axes of indices 0..m become one.
func (pr *preparer) joinAxes(c contraction, in []shape.Dim, x *graph.Node, m int) (*graph.Node, []shape.Dim) {
	first := axisOfIndex(in, 0)
	s := x.Type.Shape
	ext := append(append([]shape.Dim{}, s[:first]...), shape.Product(s[first:first+m]))
	sub := append(append([]shape.Dim{}, in[:first]...), shape.Idx(0))
	return pr.b.Reshape(x, append(ext, s[first+m:]...)), append(sub, in[first+m:]...)
}

func (pr *preparer) joinedNode(c contraction, a, b *graph.Node, m int) *graph.Node {
	number := make([]int, len(c.Ext))
	for k := range number {
		number[k] = max(0, k-m+1)
	}
	out := contraction{Rank: c.Rank - m + 1, A: renumber(shape.Map{In: c.A}, number).In, B: renumber(shape.Map{In: c.B}, number).In}
	out.Ext = append([]shape.Dim{shape.Product(c.Ext[:m])}, c.Ext[m:]...)
	n := pr.b.Typed(contractOp.Name, out, graph.Type{Elem: graph.Real, Shape: out.Ext[:out.Rank]}, a, b)
	return pr.b.Reshape(n, c.Ext[:c.Rank])
}

// unfold turns a sum over windows that do not overlap into a read: of
//
//	x̄[i] = Σ k < 2: ȳ[(i-k)/2, k] if (i-k) % 2 = 0
//
// exactly one k counts, and with i = 2a+d that is x̄[a, d] = ȳ[a, d].
func (pr *preparer) unfold(n *graph.Node) *graph.Node {
	x := n.Args[0]
	v, ok := x.Attr.(graph.View)
	if !ok || x.Op.Class != graph.ViewOp || v.Fill != 0 {
		return nil
	}
	for _, g := range v.Map.Guard {
		if i, k, ok := pr.phase(n, g); ok {
			return pr.unfoldIndex(n, v, i, k, g.Mod)
		}
	}
	return nil
}

// phase recognises (#i - #k) % m = 0 with i kept, k summed over 0..m, and m
// dividing the extent of i.
func (pr *preparer) phase(n *graph.Node, g shape.Cond) (i, k int, ok bool) {
	axes, ext := n.Attr.(graph.Axes), n.Args[0].Type.Shape
	if g.Kind != shape.Multiple {
		return 0, 0, false
	}
	for i := range ext {
		for _, k := range axes {
			d := shape.Idx(i).Sub(shape.Idx(k))
			_, whole := ext[i].DivExact(shape.Const(g.Mod))
			if !axes.Has(i) && (g.E.Equal(d) || g.E.Equal(d.Scale(-1))) && ext[k].Is(g.Mod) && whole {
				return i, k, true
			}
		}
	}
	return 0, 0, false
}

// unfoldIndex puts m·a+d for index i and d for k: axis i becomes the two axes
// a and d, axis k goes.
func (pr *preparer) unfoldIndex(n *graph.Node, v graph.View, i, k int, m int64) *graph.Node {
	x, axes := n.Args[0], n.Attr.(graph.Axes)
	to := make([]shape.Dim, x.Type.Rank())
	var ext []shape.Dim
	var sums []int
	for j, e := range x.Type.Shape {
		switch {
		case j == i:
			to[j] = shape.Idx(len(ext)).Scale(m).Add(shape.Idx(len(ext) + 1))
			to[k] = shape.Idx(len(ext) + 1)
			ext = append(ext, shape.Quotient(e, shape.Const(m)), shape.Const(m))
		case j != k:
			to[j] = shape.Idx(len(ext))
			if axes.Has(j) {
				sums = append(sums, len(ext))
			}
			ext = append(ext, e)
		}
	}
	into := substituted(v.Map, to)
	return pr.b.Reshape(pr.b.Sum(pr.b.View(x.Args[0], into, 0, ext), sums...), n.Type.Shape)
}

// substituted replaces the indices of m and carries out the divisions that
// become exact.
func substituted(m shape.Map, to []shape.Dim) shape.Map {
	out := shape.Map{In: make([]shape.Dim, len(m.In)), Div: make([]int64, len(m.In))}
	for k, in := range m.In {
		out.In[k], out.Div[k] = at(in, to), m.DivOf(k)
		if q, ok := out.In[k].DivExact(shape.Const(out.Div[k])); ok {
			out.In[k], out.Div[k] = q, 1
		}
	}
	for _, g := range m.Guard {
		g.E = at(g.E, to)
		out.Guard = append(out.Guard, g)
	}
	return tidied(out)
}
