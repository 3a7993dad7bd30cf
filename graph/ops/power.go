package ops

import (
	"math"

	"github.com/gradgen/gradgen/graph"
)

var powers = []*graph.Op{
	// By x it is p·x^(p-1), 0 for p = 0 whatever x; by p it is xᵖ·log x, 0 where
	// x is 0.
	binary("pow", "x to the power y; 0⁰ is 1", fn2("Pow", 30, math.Pow), at(on(0.2, 3), on(-2, 3)),
		func(b *builder, x []*node, y *node) *node {
			p := x[1]
			return pick(b, compare(b, "ne", p, 0), b.Mul(p, b.Map("pow", x[0], b.Sub(p, b.Like(1, p)))), 0)
		},
		func(b *builder, x []*node, y *node) *node {
			return pick(b, compare(b, "ne", x[0], 0), b.Mul(y, b.Map("log", x[0])), 0)
		}),
	powi,
	// As powi, the exponent an int operand.
	{
		Name: "powd", Doc: "x to the power of an int, by repeated multiplication", Arity: 2, Class: graph.Elementwise,
		Infer: each(graph.Real, graph.Real, graph.Int), Scalar: fn2("Powi", 8, powInt),
		Samples: at(on(0.5, 3), on(-3, 4)),
		Partials: []func(*builder, []*node, *node) *node{func(b *builder, x []*node, y *node) *node {
			n := x[1]
			less := b.Map("powd", x[0], b.Map("isub", n, b.Fill(1, n.Type)))
			return pick(b, compare(b, "ne", n, 0), b.Mul(b.ToReal(n), less), 0)
		}, nil},
	},
}

// powi's attribute is the exponent: xⁿ by x is n·xⁿ⁻¹, and exactly 0 for n = 0.
var powi = func() *graph.Op {
	op := unary("powi", "x to the power of a constant whole number",
		&graph.Scalar{Func: "Powi", Cost: 4, Eval: func(x []float64) float64 { return powInt(x[0], x[1]) }},
		at(on(0.5, 3)),
		func(b *builder, x, y *node) *node {
			n := y.Attr.(graph.Count)
			switch n {
			case 0:
				return b.Like(0, x)
			case 1:
				return b.Like(1, x)
			case 2:
				return b.Scale(2, x)
			}
			return b.Scale(float64(n), b.MapAttr("powi", n-1, x))
		})
	op.Infer = counted(same(nil, graph.Real))
	return op
}()

// powInt multiplies repeatedly, halving the exponent.
func powInt(x, n float64) float64 {
	if n < 0 {
		return 1 / powInt(x, -n)
	}
	y := 1.0
	for k := int64(n); k > 0; k /= 2 {
		if k%2 == 1 {
			y *= x
		}
		x *= x
	}
	return y
}
