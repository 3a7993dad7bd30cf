package ops

import (
	"math"
	"sort"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

var rows = []*graph.Op{
	row("cumsum", "running sum along the last axis", graph.Real, pullCumsum, running(0, func(a, v float64) float64 { return a + v })),
	row("cumprod", "running product along the last axis", graph.Real, pullCumprod, running(1, func(a, v float64) float64 { return a * v })),
	row("sort", "ascending along the last axis, stable, NaN last", graph.Real, pullSort, func(dst, src []float64) {
		for i, k := range order(src) {
			dst[i] = src[k]
		}
	}),
	row("argsort", "places of the elements in ascending order along the last axis", graph.Int, nil, func(dst, src []float64) {
		for i, k := range order(src) {
			dst[i] = float64(k)
		}
	}),
}

func row(name, doc string, out graph.Elem, pull pullback, f func(dst, src []float64)) *graph.Op {
	return &graph.Op{Name: name, Doc: doc, Arity: 1, Class: graph.RowOp, Infer: onRows(out), Pullback: pull, Reference: onLine(f)}
}

// running is the sequence of partial results of a fold.
func running(start float64, step func(acc, v float64) float64) func(dst, src []float64) {
	return func(dst, src []float64) {
		acc := start
		for i, v := range src {
			acc = step(acc, v)
			dst[i] = acc
		}
	}
}

// order is the stable order of x, NaN last.
func order(x []float64) []int {
	at := make([]int, len(x))
	for i := range at {
		at[i] = i
	}
	sort.SliceStable(at, func(i, j int) bool {
		a, b := x[at[i]], x[at[j]]
		return a < b || !math.IsNaN(a) && math.IsNaN(b)
	})
	return at
}

// flip reverses the last axis.
func flip(b *builder, x *node) *node {
	last := x.Type.Rank() - 1
	m := shape.Identity(x.Type.Rank())
	m.In[last] = x.Type.Shape[last].AddInt(-1).Sub(shape.Idx(last))
	return b.View(x, m, 0, x.Type.Shape)
}

// reverseSum is Σ_{i≥k} x_i at k.
func reverseSum(b *builder, x *node) *node { return flip(b, b.Op("cumsum", nil, flip(b, x))) }

// pullCumsum: x̄_k = Σ_{i≥k} ȳ_i.
func pullCumsum(b *builder, n *node, ct graph.Cotangent) []graph.Cotangent {
	out := graph.Cotangent{Value: reverseSum(b, ct.Value)}
	if ct.Guard != nil {
		out = guarded(b, out.Value, graph.Cotangent{Guard: later(b, ct.Guard)})
	}
	return []graph.Cotangent{out}
}

// later is whether g holds at this place or a later one.
func later(b *builder, g *node) *node { return compare(b, "gt", reverseSum(b, b.ToReal(g)), 0) }

// pullCumprod: x̄_k = Σ_{i≥k} ȳ_i·Π_{j≤i, j≠k} x_j, without division, so that
// zeros are right to any order. Along the new last axis runs the product in
// which the element at k is replaced by 1.
func pullCumprod(b *builder, n *node, ct graph.Cotangent) []graph.Cotangent {
	x := n.Args[0]
	k := x.Type.Rank() - 1
	ext := append(append([]shape.Dim{}, x.Type.Shape...), x.Type.Shape[k])
	m := shape.Identity(k + 1)
	m.In[k] = shape.Idx(k + 1)
	here, i := b.IndexValue(shape.Idx(k), ext), b.IndexValue(shape.Idx(k+1), ext)
	wide := b.View(x, m, 0, ext)
	others := b.Op("cumprod", nil, b.Where(b.Map("eq", here, i), b.Like(1, wide), wide))
	terms := b.Where(b.Map("ge", i, here), b.Mul(b.View(ct.Value, m, 0, ext), others), b.Like(0, wide))
	if ct.Guard == nil {
		return []graph.Cotangent{{Value: b.Sum(terms, k+1)}}
	}
	terms = pick(b, b.View(ct.Guard, m, 0, ext), terms, 0)
	return []graph.Cotangent{{Value: b.Sum(terms, k+1), Guard: later(b, ct.Guard)}}
}

// pullSort gives each element the cotangent of the place it went to.
func pullSort(b *builder, n *node, ct graph.Cotangent) []graph.Cotangent {
	x := n.Args[0]
	last := x.Type.Rank() - 1
	at := graph.Gather{In: shape.Identity(last + 1).In, By: make([]int, last+1)}
	for k := range at.By {
		at.By[k] = -1
	}
	at.In[last], at.By[last] = shape.Dim{}, 0
	return []graph.Cotangent{scatterBack(b, ct, at, x.Type.Shape, []*node{b.Op("argsort", nil, x)})}
}
