package ops

import (
	"math"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

var norms = []*graph.Op{
	// y = √Σx²; by x it is x/y, and 0 where y is 0.
	spread("norm", "√Σx² over axes", refNorm,
		func(b *builder, n *node) *node {
			return b.Map("sqrt", b.Sum(square(b, n.Args[0]), n.Attr.(graph.Axes)...))
		},
		func(b *builder, n *node) *node {
			x := n.Args[0]
			return over(b, x, b.Restore(n, n.Attr.(graph.Axes), x.Type.Shape))
		}),
	// y = Σ(x - x̂)²/n with x̂ the mean; by x it is 2(x - x̂)/n.
	spread("var", "mean squared distance from the mean over axes", refVar,
		func(b *builder, n *node) *node { return variance(b, n) },
		func(b *builder, n *node) *node {
			x, axes := n.Args[0], n.Attr.(graph.Axes)
			return b.Mul(b.Div(b.Real(2), count(b, x, axes)), centred(b, x, axes))
		}),
	// y = √var x; by x it is (x - x̂)/(n·y), and 0 where y is 0.
	spread("std", "square root of the variance over axes",
		func(x []float64) float64 { return math.Sqrt(refVar(x)) },
		func(b *builder, n *node) *node { return b.Map("sqrt", variance(b, n)) },
		func(b *builder, n *node) *node {
			x, axes := n.Args[0], n.Attr.(graph.Axes)
			ny := b.Restore(b.Mul(count(b, x, axes), n), axes, x.Type.Shape)
			return over(b, centred(b, x, axes), ny)
		}),
}

func spread(name, doc string, ref func(x []float64) float64, expand func(*builder, *node) *node, s slope) *graph.Op {
	return &graph.Op{Name: name, Doc: doc, Arity: 1, Class: graph.CompositeOp, Infer: reduced(graph.Real, graph.Real),
		Expand: expand, Reference: overAxes(ref), Pullback: pullSlope(s), Pushforward: pushSlope(s)}
}

// count is the number of elements along axes, as a real scalar.
func count(b *builder, x *node, axes graph.Axes) *node {
	n := shape.Const(1)
	for _, k := range axes {
		n = n.Mul(x.Type.Shape[k])
	}
	if c, ok := n.IsConst(); ok {
		return b.Real(float64(c))
	}
	return b.ToReal(b.Dim(n))
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

func refNorm(x []float64) float64 {
	r := 0.0
	for _, v := range x {
		r = math.Hypot(r, v)
	}
	return r
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
