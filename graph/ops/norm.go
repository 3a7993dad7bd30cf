package ops

import (
	"math"

	"github.com/gradgen/gradgen/graph"
)

var norms = []*graph.Op{
	// y = √Σx²; x̄ = ȳ·x/y, and 0 where y is 0.
	{Name: "norm", Doc: "√Σx² over axes", Arity: 1, Class: graph.CompositeOp, Infer: reduced(graph.Real, graph.Real),
		Expand: func(b *builder, n *node) *node {
			return b.Map("sqrt", b.Sum(square(b, n.Args[0]), n.Attr.(graph.Axes)...))
		},
		Reference: overAxes(func(x []float64) float64 {
			r := 0.0
			for _, v := range x {
				r = math.Hypot(r, v)
			}
			return r
		}),
		Pullback: func(b *builder, n *node, ct graph.Cotangent) []graph.Cotangent {
			x, back := n.Args[0], restore(b, n, ct)
			y := b.Restore(n, n.Attr.(graph.Axes), x.Type.Shape)
			return []graph.Cotangent{guarded(b, b.Mul(back.Value, over(b, x, y)), back)}
		}},
	// y = Σ(x - x̂)²/n with x̂ the mean; x̄ = ȳ·2(x - x̂)/n.
	{Name: "var", Doc: "mean squared distance from the mean over axes", Arity: 1, Class: graph.CompositeOp,
		Infer:     reduced(graph.Real, graph.Real),
		Expand:    func(b *builder, n *node) *node { return variance(b, n) },
		Reference: overAxes(refVar),
		Pullback: func(b *builder, n *node, ct graph.Cotangent) []graph.Cotangent {
			x, axes := n.Args[0], n.Attr.(graph.Axes)
			back := restore(b, n, ct)
			slope := b.Mul(b.Div(b.Real(2), count(b, x, axes)), centred(b, x, axes))
			return []graph.Cotangent{guarded(b, b.Mul(back.Value, slope), back)}
		}},
	// y = √var x; x̄ = ȳ·(x - x̂)/(n·y), and 0 where y is 0.
	{Name: "std", Doc: "square root of the variance over axes", Arity: 1, Class: graph.CompositeOp,
		Infer:     reduced(graph.Real, graph.Real),
		Expand:    func(b *builder, n *node) *node { return b.Map("sqrt", variance(b, n)) },
		Reference: overAxes(func(x []float64) float64 { return math.Sqrt(refVar(x)) }),
		Pullback: func(b *builder, n *node, ct graph.Cotangent) []graph.Cotangent {
			x, axes := n.Args[0], n.Attr.(graph.Axes)
			back := restore(b, n, ct)
			ny := b.Restore(b.Mul(count(b, x, axes), n), axes, x.Type.Shape)
			return []graph.Cotangent{guarded(b, b.Mul(back.Value, over(b, centred(b, x, axes), ny)), back)}
		}},
}

// mean is Σx/n over axes.
func mean(b *builder, x *node, axes graph.Axes) *node {
	return b.Mul(b.Sum(x, axes...), b.Div(b.Real(1), count(b, x, axes)))
}

// centred is x less its mean over axes.
func centred(b *builder, x *node, axes graph.Axes) *node {
	return b.Sub(x, b.Restore(mean(b, x, axes), axes, x.Type.Shape))
}

func variance(b *builder, n *node) *node {
	axes := n.Attr.(graph.Axes)
	return mean(b, square(b, centred(b, n.Args[0], axes)), axes)
}

func refVar(x []float64) float64 {
	mean, sum := 0.0, 0.0
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		sum += (v - mean) * (v - mean)
	}
	return sum / float64(len(x))
}
