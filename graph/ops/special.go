package ops

import (
	"math"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/runtime"
)

var specials = []*graph.Op{
	unary("erf", "error function", fn1("Erf", 20, math.Erf), at(on(-2, 2)),
		func(b *builder, x, y *node) *node { return gauss(b, 2/math.SqrtPi, x) }),
	unary("erfc", "1 - erf(x), accurate for large x", fn1("Erfc", 20, math.Erfc), at(on(-2, 2)),
		func(b *builder, x, y *node) *node { return gauss(b, -2/math.SqrtPi, x) }),
	// The gamma functions have poles at 0, -1, -2, ..
	unary("lgamma", "log |Γ(x)|", fn1("Lgamma", 40, lgamma), at(on(0.3, 5)),
		func(b *builder, x, y *node) *node { return b.Map("digamma", x) }),
	unary("digamma", "derivative of lgamma", fn1("Digamma", 40, runtime.Digamma64), at(on(0.3, 5)),
		func(b *builder, x, y *node) *node { return b.MapAttr("polygamma", graph.Count(1), x) }),
	polygamma,
}

// polygamma's attribute is its order.
var polygamma = func() *graph.Op {
	op := unary("polygamma", "derivative of digamma, of the order that is its attribute",
		&graph.Scalar{Func: "Polygamma", CountFirst: true, Cost: 40,
			Eval: func(x []float64) float64 { return runtime.Polygamma64(int(x[1]), x[0]) }},
		at(on(0.5, 5)),
		func(b *builder, x, y *node) *node {
			return b.MapAttr("polygamma", y.Attr.(graph.Count)+1, x)
		})
	op.Infer = counted(same(nil, graph.Real))
	return op
}()

func lgamma(x float64) float64 {
	y, _ := math.Lgamma(x)
	return y
}

// gauss is c·e^(-x²).
func gauss(b *builder, c float64, x *node) *node {
	return b.Scale(c, b.Map("exp", b.Neg(square(b, x))))
}
