package ops

import (
	"fmt"
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
	{Name: "recurrence", Doc: "y_i = a_i·y_(i-1) + b_i along the last axis, from 0 on", Arity: 2, Class: graph.RowOp,
		Infer: inferRecurrence, Reference: refRecurrence, Pullback: pullRecurrence, Pushforward: pushRecurrence},
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

// neighbour is x_(i+by) at i, and fill where there is none.
func neighbour(b *builder, x *node, by int64, fill float64) *node {
	last := x.Type.Rank() - 1
	m := shape.Identity(last + 1)
	at := shape.Idx(last).AddInt(by)
	m.In[last], m.Guard = at, []shape.Cond{{E: at}}
	if by > 0 {
		m.Guard[0].E = x.Type.Shape[last].AddInt(-1).Sub(at)
	}
	return b.View(x, m, fill, x.Type.Shape)
}

// backward is what reaches b of y_i = a_i·y_(i-1) + b_i: b̄_i = ȳ_i + a_(i+1)·b̄_(i+1).
func backward(b *builder, a *node, ct graph.Cotangent) graph.Cotangent {
	next, taken := neighbour(b, a, 1, 0), ct
	if ct.Guard != nil {
		taken.Guard = later(b, ct.Guard)
		next = pick(b, neighbour(b, taken.Guard, 1, 0), next, 0)
	}
	return guarded(b, flip(b, b.Op("recurrence", nil, flip(b, next), flip(b, ct.Value))), taken)
}

// pullRecurrence: ā_i = b̄_i·y_(i-1).
func pullRecurrence(b *builder, n *node, ct graph.Cotangent) []graph.Cotangent {
	bar := backward(b, n.Args[0], ct)
	return []graph.Cotangent{guarded(b, b.Mul(bar.Value, neighbour(b, n, -1, 0)), bar), bar}
}

// pushRecurrence: ẏ_i = a_i·ẏ_(i-1) + ȧ_i·y_(i-1) + ḃ_i.
func pushRecurrence(b *builder, n *node, t []*node) *node {
	step := t[1]
	if t[0] != nil {
		step = b.Mul(t[0], neighbour(b, n, -1, 0))
		if t[1] != nil {
			step = b.Add(step, t[1])
		}
	}
	if step == nil {
		return nil
	}
	return b.Op("recurrence", nil, n.Args[0], step)
}

// factorsAfter is x without the first element of a row, which no product before it
// is multiplied by: 0 in its place.
func factorsAfter(b *builder, x *node) *node {
	last := x.Type.Rank() - 1
	m := shape.Identity(last + 1)
	m.Guard = []shape.Cond{{E: shape.Idx(last).AddInt(-1)}}
	return b.View(x, m, 0, x.Type.Shape)
}

// Running products are y_i = x_i·y_(i-1) from y = 1 on: their derivatives need no
// division, so that zeros are right to any order, and time and memory for each element.
func pullCumprod(b *builder, n *node, ct graph.Cotangent) []graph.Cotangent {
	bar := backward(b, n.Args[0], ct)
	return []graph.Cotangent{guarded(b, b.Mul(bar.Value, neighbour(b, n, -1, 1)), bar)}
}

func pushCumprod(b *builder, n *node, t []*node) *node {
	if t[0] == nil {
		return nil
	}
	return b.Op("recurrence", nil, factorsAfter(b, n.Args[0]), b.Mul(t[0], neighbour(b, n, -1, 1)))
}

// inferRecurrence is the rule of two real operands of one shape with a last axis.
func inferRecurrence(args []graph.Type, attr graph.Attr) (graph.Type, error) {
	if !args[1].Equal(args[0]) {
		return graph.Type{}, fmt.Errorf("operand 2 is %s, operand 1 is %s", args[1], args[0])
	}
	return onRows(graph.Real)(args, attr)
}

func refRecurrence(n *node, args []graph.Tensor, out []int, dims dimsFunc) (graph.Tensor, error) {
	y, width := tensor(out), out[len(out)-1]
	for i := range y.Data {
		before := 0.0
		if i%width > 0 {
			before = y.Data[i-1]
		}
		y.Data[i] = args[0].Data[i]*before + args[1].Data[i]
	}
	return y, nil
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
