package ops

import (
	"fmt"
	"slices"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// slopeProd is the slope of prod: for each element the product of the others. That
// of many is written in running products, which have derivatives of their own.
func slopeProd(b *builder, n *node) *node {
	x := n.Args[0]
	if axes := n.Attr.(graph.Axes); !few(x, axes) && byData(x) == nil {
		return beforeAndAfter(b, x, axes)
	}
	return b.Typed("others", n.Attr, x.Type, x)
}

func inferOthers(args []graph.Type, attr graph.Attr) (graph.Type, error) {
	if axes, ok := attr.(graph.Axes); !ok || args[0].Elem != real || len(axes) == 0 || axes[len(axes)-1] >= args[0].Rank() {
		return graph.Type{}, fmt.Errorf("operand %s over %v", args[0], attr)
	}
	return args[0], nil
}

// pairs read x over the axes of x and then, as inner, those of a product again: the
// element at (i, j) is x at j.
type pairs struct {
	ext   []shape.Dim
	m     shape.Map
	inner graph.Axes
	apart *node // i is not j
}

func pairsOf(b *builder, n *node) pairs {
	x := n.Args[0]
	p := pairs{ext: append([]shape.Dim{}, x.Type.Shape...), m: shape.Identity(x.Type.Rank())}
	axes := n.Attr.(graph.Axes)
	for _, k := range axes {
		p.inner = append(p.inner, len(p.ext))
		p.m.In[k] = shape.Idx(len(p.ext))
		p.ext = append(p.ext, x.Type.Shape[k])
	}
	for i, k := range axes {
		differ := b.Map("ne", b.IndexValue(shape.Idx(k), p.ext), b.IndexValue(shape.Idx(p.inner[i]), p.ext))
		if p.apart == nil {
			p.apart = differ
		} else {
			p.apart = b.Map("or", p.apart, differ)
		}
	}
	return p
}

// others are the factors of the element at i: 1 in its own place.
func (p pairs) others(b *builder, x *node) *node {
	take := p.apart
	if c := byData(x); c != nil {
		take, x = b.Map("and", take, b.View(c, p.m, 0, p.ext)), x.Args[1]
	}
	return pick(b, take, b.View(x, p.m, 0, p.ext), 1)
}

// byData is the condition, known at run time, of the factors that take part.
func byData(x *node) *node {
	c := countedOf(x, 1)
	if c == nil || !slices.ContainsFunc(graph.Reachable(c), func(n *node) bool { _, leaf := n.Attr.(graph.Leaf); return leaf }) {
		return nil
	}
	return c
}

// fewFactors is how many factors are multiplied pair by pair.
const fewFactors = 8

func few(x *node, axes graph.Axes) bool {
	k, fixed := factors(x, axes).IsConst()
	return fixed && k <= fewFactors
}

func factors(x *node, axes graph.Axes) shape.Dim {
	count := shape.Const(1)
	for _, k := range axes {
		count = count.Mul(x.Type.Shape[k])
	}
	return count
}

// expandOthers divides nowhere, so that it is accurate for all factors, but where
// data says which take part, which may be few of many.
func expandOthers(b *builder, n *node) *node {
	x, axes := n.Args[0], n.Attr.(graph.Axes)
	if few(x, axes) {
		p := pairsOf(b, n)
		return b.Reduce("prod", p.others(b, x), p.inner...)
	}
	if c := byData(x); c != nil {
		return divided(b, x, c, axes)
	}
	return beforeAndAfter(b, x, axes)
}

// divided is the product of all factors that are not 0, divided by the element, or,
// if it alone is 0, not at all. Elements take part where c holds. Where that product
// is greater or less than a number can be, though that of the others may be none, it
// is found by logarithms.
func divided(b *builder, x, c *node, axes graph.Axes) *node {
	null := compare(b, "eq", x.Args[1], 0)
	factor := b.Where(null, b.Like(1, x), x.Args[1])
	over := func(reduce string, v *node, none float64) *node {
		return b.Restore(b.Reduce(reduce, pick(b, c, v, none), axes...), axes, x.Type.Shape)
	}
	size, sign := b.Map("log2", b.Map("abs", factor)), b.Map("sign", factor)
	all, nulls := over("prod", factor, 1), over("sum", b.ToReal(null), 0)
	logs := b.Map("exp2", b.Sub(over("sum", size, 0), size))
	logs = b.Mul(b.Mul(over("prod", sign, 1), sign), logs)
	inverse := inverse(b, all)
	fits := b.Map("and", compare(b, "ne", inverse, 0), b.Map("isfinite", inverse))
	rest := b.Where(fits, b.Div(all, factor), logs)
	alone := b.Map("and", null, compare(b, "eq", nulls, 1))
	return pick(b, b.Map("or", compare(b, "eq", nulls, 0), alone), rest, 0)
}

// beforeAndAfter multiplies the product of the factors before the element with that
// of those after it.
func beforeAndAfter(b *builder, x *node, axes graph.Axes) *node {
	count := factors(x, axes)
	var perm []int
	var ext []shape.Dim
	for k, d := range x.Type.Shape {
		if !axes.Has(k) {
			perm, ext = append(perm, k), append(ext, d)
		}
	}
	perm, ext = append(perm, axes...), append(ext, count)
	moved := b.Permute(x, perm)
	rows := b.Reshape(moved, ext)
	last := len(ext) - 1
	along := func(x *node, at shape.Dim, inside ...shape.Cond) *node {
		m := shape.Identity(len(ext))
		m.In[last], m.Guard = at, inside
		return b.View(x, m, 1, ext)
	}
	i, end := shape.Idx(last), count.AddInt(-1)
	before := along(b.Op("cumprod", nil, rows), i.AddInt(-1), shape.Cond{E: i.AddInt(-1)})
	after := along(b.Op("cumprod", nil, along(rows, end.Sub(i))), end.Sub(i).AddInt(-1), shape.Cond{E: end.Sub(i).AddInt(-1)})
	back := make([]int, len(perm))
	for k, p := range perm {
		back[p] = k
	}
	return b.Permute(b.Reshape(b.Mul(before, after), moved.Type.Shape), back)
}

// slope is the derivative of the element at i by x at j: the product of those that
// are neither.
func (p pairs) slope(b *builder, x *node) *node {
	factors := p.others(b, x)
	return b.Typed("others", p.inner, factors.Type, factors)
}

func pullOthers(b *builder, n *node, ct graph.Cotangent) []graph.Cotangent {
	p, x := pairsOf(b, n), n.Args[0]
	wide := through(ct, func(v *node) *node { return b.Restore(v, p.inner, p.ext) })
	wide.Guard = both(b, wide.Guard, p.apart)
	back, _ := b.TransposeView(guarded(b, b.Mul(wide.Value, p.slope(b, x)), wide), p.m, p.ext, x.Type.Shape)
	return []graph.Cotangent{back}
}

func pushOthers(b *builder, n *node, t []*node) *node {
	if t[0] == nil {
		return nil
	}
	p := pairsOf(b, n)
	step := b.Mul(b.View(t[0], p.m, 0, p.ext), p.slope(b, n.Args[0]))
	return b.Sum(pick(b, p.apart, step, 0), p.inner...)
}

func refOthers(n *node, args []graph.Tensor, out []int, _ dimsFunc) (graph.Tensor, error) {
	x, y, axes := args[0], tensor(out), n.Attr.(graph.Axes)
	places(out, func(p []int) {
		product := 1.0
		places(out, func(q []int) {
			same, row := true, true
			for k := range p {
				same = same && p[k] == q[k]
				row = row && (axes.Has(k) || p[k] == q[k])
			}
			if row && !same {
				product *= get(x, q)
			}
		})
		set(y, p, product)
	})
	return y, nil
}
