package ops

import (
	"math"
	"sort"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

var rows = []*graph.Op{
	row("cumsum", "running sum along the last axis", graph.Real, pullCumsum, pushAgain,
		running(0, func(a, v float64) float64 { return a + v }, addInts)),
	row("cumprod", "running product along the last axis", graph.Real, pullCumprod, pushCumprod,
		running(1, func(a, v float64) float64 { return a * v }, mulInts)),
	row("sort", "ascending along the last axis, stable, NaN last", graph.Real, pullSort, pushSort, onLine(func(dst, src []float64) {
		for i, k := range order(src) {
			dst[i] = src[k]
		}
	})),
	row("argsort", "places of the elements in ascending order along the last axis", graph.Int, nil, nil, onLine(func(dst, src []float64) {
		for i, k := range order(src) {
			dst[i] = float64(k)
		}
	})),
}

func row(name, doc string, out graph.Elem, pull pullback, push pushforward, f reference) *graph.Op {
	return &graph.Op{Name: name, Doc: doc, Arity: 1, Class: graph.RowOp, Infer: onWholeRows(out),
		Pullback: pull, Pushforward: push, Reference: f}
}

// running is the sequence of partial results of a fold, of reals or of ints.
func running(start float64, reals, whole func(acc, v float64) float64) reference {
	return func(n *node, args []graph.Tensor, out []int, dims dimsFunc) (graph.Tensor, error) {
		step := reals
		if n.Type.Elem == graph.Int {
			step = whole
		}
		return onLine(func(dst, src []float64) {
			acc := start
			for i, v := range src {
				acc = step(acc, v)
				dst[i] = acc
			}
		})(n, args, out, dims)
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

// cumprodSlope is ∂y_i/∂x_k = Π_{j≤i, j≠k} x_j for i ≥ k, else 0, at [.., k, i].
// It is found without division, so that zeros are right to any order: along i
// runs the product in which the element at k is replaced by 1.
func cumprodSlope(b *builder, n *node) *node {
	x := n.Args[0]
	last := x.Type.Rank() - 1
	wide := acrossRows(b, x)
	k, i := b.IndexValue(shape.Idx(last), wide.Type.Shape), b.IndexValue(shape.Idx(last+1), wide.Type.Shape)
	product := b.Op("cumprod", nil, pick(b, b.Map("ne", k, i), wide, 1))
	return pick(b, b.Map("ge", i, k), product, 0)
}

// acrossRows is x_i at [.., k, i].
func acrossRows(b *builder, x *node) *node {
	last := x.Type.Rank() - 1
	m := shape.Identity(last + 1)
	m.In[last] = shape.Idx(last + 1)
	return b.View(x, m, 0, append(append([]shape.Dim{}, x.Type.Shape...), x.Type.Shape[last]))
}

// pullCumprod: x̄_k = Σ_i ȳ_i·∂y_i/∂x_k.
func pullCumprod(b *builder, n *node, ct graph.Cotangent) []graph.Cotangent {
	back := through(ct, func(v *node) *node { return acrossRows(b, v) })
	terms := guarded(b, b.Mul(back.Value, cumprodSlope(b, n)), back)
	out := graph.Cotangent{Value: b.Sum(terms.Value, n.Type.Rank())}
	if ct.Guard != nil {
		out.Guard = later(b, ct.Guard)
	}
	return []graph.Cotangent{out}
}

// pushCumprod: ẏ_i = Σ_k ẋ_k·∂y_i/∂x_k.
func pushCumprod(b *builder, n *node, t []*node) *node {
	if t[0] == nil {
		return nil
	}
	s := cumprodSlope(b, n)
	tangent := b.View(t[0], shape.Identity(n.Type.Rank()), 0, s.Type.Shape)
	return b.Sum(b.Mul(tangent, s), n.Type.Rank()-1)
}

// sorted are the places that sort reads its result from.
func sorted(b *builder, x *node) (graph.Gather, *node) { return alongLast(x), b.Op("argsort", nil, x) }

// alongLast reads a tensor shaped like x at places of the last axis that the
// first int operand gives.
func alongLast(x *node) graph.Gather {
	last := x.Type.Rank() - 1
	at := graph.Gather{In: shape.Identity(last + 1).In, By: make([]int, last+1)}
	for k := range at.By {
		at.By[k] = -1
	}
	at.In[last], at.By[last] = shape.Dim{}, 0
	return at
}

// pullSort gives each element the cotangent of the place it went to.
func pullSort(b *builder, n *node, ct graph.Cotangent) []graph.Cotangent {
	x := n.Args[0]
	at, order := sorted(b, x)
	return []graph.Cotangent{scatterBack(b, ct, at, x.Type.Shape, []*node{order})}
}

// pushSort moves tangents as elements.
func pushSort(b *builder, n *node, t []*node) *node {
	if t[0] == nil {
		return nil
	}
	at, order := sorted(b, n.Args[0])
	return b.Op("gather", at, t[0], order)
}
