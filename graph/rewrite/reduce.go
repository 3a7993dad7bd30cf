package rewrite

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// extent is the number of elements a reduction runs over.
func extent(n *graph.Node, only func(axis int) bool) shape.Dim {
	out := shape.Const(1)
	for _, k := range n.Attr.(graph.Axes) {
		if only(k) {
			out = out.Mul(n.Args[0].Type.Shape[k])
		}
	}
	return out
}

func all(int) bool { return true }

// times is x·d for a real or int x.
func times(b *graph.Builder, x *graph.Node, d shape.Dim) *graph.Node {
	if x.Type.Elem == graph.Int {
		return b.Map("imul", x, b.IndexValue(d, x.Type.Shape))
	}
	if c, ok := d.IsConst(); ok {
		return b.Mul(x, b.Like(float64(c), x))
	}
	return b.Mul(x, b.ToReal(b.Dim(d)))
}

// some reports whether a dim is known to be at least one.
func some(d shape.Dim) bool { return shape.Facts{}.Less(shape.Dim{}, d) == shape.Yes }

func sumOfConstant(b *graph.Builder, n *graph.Node) *graph.Node {
	c, ok := number(n.Args[0])
	if !ok {
		return nil
	}
	return times(b, b.Fill(c, n.Type), extent(n, all))
}

func reducedConstant(b *graph.Builder, n *graph.Node) *graph.Node {
	c, ok := number(n.Args[0])
	if !ok || c != n.Op.Identity && !some(extent(n, all)) {
		return nil
	}
	return b.Fill(c, n.Type)
}

// repeated reduces a view without the axes that the view repeats. A sum over
// some of those is a multiple.
func repeated(b *graph.Builder, n *graph.Node) *graph.Node {
	x := n.Args[0]
	v, isView := x.Attr.(graph.View)
	if !isView || !repeats(v, x.Type.Rank()) {
		return nil
	}
	used := uses(v, x.Type.Rank())
	copies := extent(n, func(k int) bool { return !used[k] })
	if !some(copies) {
		return nil
	}
	rest := reduceUsed(b, n, v, used)
	switch n.Op.Name {
	case "sum", "isum":
		return times(b, rest, copies)
	case "rmax", "rmin", "irmax", "irmin", "any", "all":
		return rest
	}
	if copies.Is(1) {
		return rest
	}
	return nil
}

// reduceUsed drops the unused axes, reduces, and repeats along those of them
// that stay in the result.
func reduceUsed(b *graph.Builder, n *graph.Node, v graph.View, used []bool) *graph.Node {
	x := n.Args[0]
	at, back := make([]shape.Dim, len(used)), shape.Map{}
	var ext []shape.Dim
	var axes []int
	kept := 0
	for k, d := range x.Type.Shape {
		reduced := n.Attr.(graph.Axes).Has(k)
		switch {
		case used[k] && reduced:
			axes = append(axes, len(ext))
		case used[k]:
			back.In = append(back.In, shape.Idx(kept))
		}
		if !reduced {
			kept++
		}
		if used[k] {
			at[k] = shape.Idx(len(ext))
			ext = append(ext, d)
		}
	}
	m := shape.Compose(shape.Map{In: at}, v.Map)
	return b.View(b.Reduce(n.Op.Name, b.View(x.Args[0], m, v.Fill, ext), axes...), back, 0, n.Type.Shape)
}

// overOne drops reduced axes of extent one.
func overOne(b *graph.Builder, n *graph.Node) *graph.Node {
	x := n.Args[0]
	m := shape.Map{In: make([]shape.Dim, x.Type.Rank())}
	var axes []int
	var ext []shape.Dim
	for k, d := range x.Type.Shape {
		reduced := n.Attr.(graph.Axes).Has(k)
		if reduced && d.Is(1) {
			continue
		}
		if reduced {
			axes = append(axes, len(ext))
		}
		m.In[k] = shape.Idx(len(ext))
		ext = append(ext, d)
	}
	if len(ext) == x.Type.Rank() {
		return nil
	}
	return b.Reduce(n.Op.Name, b.View(x, m, 0, ext), axes...)
}

// nested merges a reduction of a reduction of the same kind.
func nested(b *graph.Builder, n *graph.Node) *graph.Node {
	x := n.Args[0]
	if x.Op != n.Op {
		return nil
	}
	inner, outer := x.Attr.(graph.Axes), n.Attr.(graph.Axes)
	var axes []int
	kept := 0
	for k := range x.Args[0].Type.Shape {
		if inner.Has(k) {
			axes = append(axes, k)
			continue
		}
		if outer.Has(kept) {
			axes = append(axes, k)
		}
		kept++
	}
	return b.Reduce(n.Op.Name, x.Args[0], axes...)
}

// permuted reduces what a permutation of axes reads, where the axes that stay
// keep their order.
func permuted(b *graph.Builder, n *graph.Node) *graph.Node {
	x := n.Args[0]
	v, ok := x.Attr.(graph.View)
	if !ok || len(v.Map.In) != x.Type.Rank() || len(v.Map.Guard) > 0 {
		return nil
	}
	var axes []int
	last := -1
	for k, in := range v.Map.In {
		r, ok := axisOf(in, x.Type.Rank())
		if !ok || v.Map.DivOf(k) != 1 || !x.Type.Shape[r].Equal(x.Args[0].Type.Shape[k]) {
			return nil
		}
		if n.Attr.(graph.Axes).Has(r) {
			axes = append(axes, k)
			continue
		}
		if r < last {
			return nil
		}
		last = r
	}
	if repeats(v, x.Type.Rank()) {
		return nil
	}
	return b.Reduce(n.Op.Name, x.Args[0], axes...)
}

// axisOf is the axis that a subscript is, if it is one.
func axisOf(in shape.Dim, rank int) (int, bool) {
	for r := range rank {
		if in.Equal(shape.Idx(r)) {
			return r, true
		}
	}
	return 0, false
}

// masked chooses after the sum where the condition does not vary along it.
func masked(b *graph.Builder, n *graph.Node) *graph.Node {
	x := n.Args[0]
	if x.Op.Name != "where" {
		return nil
	}
	c := x.Args[0]
	v, isView := c.Attr.(graph.View)
	zero, isConst := number(x.Args[2])
	if !isView || !isConst || zero != 0 {
		return nil
	}
	used := uses(v, c.Type.Rank())
	at := make([]shape.Dim, c.Type.Rank())
	kept := 0
	for k := range at {
		if n.Attr.(graph.Axes).Has(k) {
			if used[k] {
				return nil
			}
			continue
		}
		at[k] = shape.Idx(kept)
		kept++
	}
	sum := b.Op(n.Op.Name, n.Attr, x.Args[1])
	return b.Where(narrow(b, c, at, n.Type.Shape), sum, b.Fill(0, n.Type))
}
