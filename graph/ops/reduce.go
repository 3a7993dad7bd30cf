package ops

import (
	"math"

	"github.com/gradgen/gradgen/graph"
)

var reductions = []*graph.Op{
	reduction("sum", "sum over axes; 0 of none", graph.Real, 0,
		func(a, v float64) float64 { return a + v }, pullSum, pushAgain),
	reduction("isum", "sum of ints over axes; 0 of none", graph.Int, 0, addInts, nil, nil),
	reduction("prod", "product over axes; 1 of none", graph.Real, 1,
		func(a, v float64) float64 { return a * v }, pullSlope(slopeProd), pushSlope(slopeProd)),
	reduction("rmax", "greatest over axes; -inf of none; NaN if there is one", graph.Real, math.Inf(-1),
		greater, pullExtreme, pushExtreme),
	reduction("rmin", "least over axes; inf of none; NaN if there is one", graph.Real, math.Inf(1),
		lesser, pullExtreme, pushExtreme),
	reduction("iprod", "product of ints over axes; 1 of none", graph.Int, 1, mulInts, nil, nil),
	reduction("irmax", "greatest of ints over axes; the least int of none", graph.Int, math.MinInt32, greater, nil, nil),
	reduction("irmin", "least of ints over axes; the greatest int of none", graph.Int, math.MaxInt32, lesser, nil, nil),
	reduction("any", "true if one over axes is", graph.Bool, 0,
		func(a, v float64) float64 { return max(a, v) }, nil, nil),
	reduction("all", "true if all over axes are", graph.Bool, 1,
		func(a, v float64) float64 { return min(a, v) }, nil, nil),
	{Name: "others", Doc: "for each element the product of the others over axes", Arity: 1, Class: graph.CompositeOp,
		Infer: inferOthers, Expand: expandOthers, Reference: refOthers, Pullback: pullOthers, Pushforward: pushOthers},
	{Name: "argmax", Doc: "first place of the greatest along an axis; of a NaN if there is one", Arity: 1,
		Class: graph.ArgReduceOp, Infer: inferArg, Reference: overAxes(first(greater))},
	{Name: "argmin", Doc: "first place of the least along an axis; of a NaN if there is one", Arity: 1,
		Class: graph.ArgReduceOp, Infer: inferArg, Reference: overAxes(first(lesser))},
}

func reduction(name, doc string, e graph.Elem, identity float64, combine func(a, v float64) float64, pull pullback, push pushforward) *graph.Op {
	return &graph.Op{Name: name, Doc: doc, Arity: 1, Class: graph.ReduceOp, Infer: reduced(e, e),
		Identity: identity, Combine: combine, Pullback: pull, Pushforward: push,
		Reference: overAxes(func(x []float64) float64 {
			acc := identity
			for _, v := range x {
				acc = combine(acc, v)
			}
			return acc
		})}
}

// first is the first place of the value that wins; -1 of none.
func first(winner func(x, y float64) float64) func(x []float64) float64 {
	return func(x []float64) float64 {
		best := -1
		for i, v := range x {
			if best < 0 || math.IsNaN(v) && !math.IsNaN(x[best]) || v != x[best] && winner(v, x[best]) == v {
				best = i
			}
		}
		return float64(best)
	}
}

// pullSum gives every element the cotangent.
func pullSum(b *builder, n *node, ct graph.Cotangent) []graph.Cotangent {
	return []graph.Cotangent{restore(b, n, ct)}
}

// winners tells which elements are the extreme, and how many of them there are.
// Those that a condition leaves out are none of them, even if all are infinite.
func winners(b *builder, n *node) (wins, ties *node) {
	x, axes := n.Args[0], n.Attr.(graph.Axes)
	y := b.Restore(n, axes, x.Type.Shape)
	if c := takesPart(n); c != nil {
		wins = both(b, c, b.Map("eq", x.Args[1], y))
	} else {
		wins = b.Map("eq", x, y)
	}
	return wins, b.Sum(b.ToReal(wins), axes...)
}

// takesPart is the condition on elements to count in reduction n; nil: none.
func takesPart(n *node) *node {
	return countedOf(n.Args[0], n.Op.Identity)
}

// countedOf is the condition on elements of x that are not neutral; nil: none.
func countedOf(x *node, identity float64) *node {
	if x.Op.Name != "where" {
		return nil
	}
	if v, ok := x.Args[2].Attr.(graph.Number); !ok || float64(v) != identity {
		return nil
	}
	return x.Args[0]
}

// pullExtreme shares among ties: x̄ = ȳ/(number of x = y) where x = y.
func pullExtreme(b *builder, n *node, ct graph.Cotangent) []graph.Cotangent {
	wins, ties := winners(b, n)
	share := restore(b, n, guarded(b, b.Div(ct.Value, ties), ct))
	share.Value = pick(b, wins, share.Value, 0)
	return []graph.Cotangent{share}
}

// pushExtreme is the mean of the tangents where x = y.
func pushExtreme(b *builder, n *node, t []*node) *node {
	if t[0] == nil {
		return nil
	}
	wins, ties := winners(b, n)
	mean := b.Div(b.Sum(pick(b, wins, t[0], 0), n.Attr.(graph.Axes)...), ties)
	if takesPart(n) != nil {
		mean = pick(b, compare(b, "ne", ties, 0), mean, 0)
	}
	return mean
}
