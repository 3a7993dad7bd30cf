package ops

import (
	"math"

	"github.com/gradgen/gradgen/graph"
)

var trigs = []*graph.Op{
	unary("sin", "sine", fn1("Sin", 14, math.Sin), at(on(-4, 4)),
		func(b *builder, x, y *node) *node { return b.Map("cos", x) }),
	unary("cos", "cosine", fn1("Cos", 14, math.Cos), at(on(-4, 4)),
		func(b *builder, x, y *node) *node { return b.Neg(b.Map("sin", x)) }),
	unary("tan", "tangent", fn1("Tan", 18, math.Tan), at(on(-1.2, 1.2)),
		func(b *builder, x, y *node) *node { return b.Add(b.Like(1, y), square(b, y)) }),
	// asin and acos have infinite derivatives at ±1.
	unary("asin", "arcsine", fn1("Asin", 20, math.Asin), at(on(-0.9, 0.9)),
		func(b *builder, x, y *node) *node { return b.Map("rsqrt", oneMinusSquare(b, x)) }),
	unary("acos", "arccosine", fn1("Acos", 20, math.Acos), at(on(-0.9, 0.9)),
		func(b *builder, x, y *node) *node { return b.Neg(b.Map("rsqrt", oneMinusSquare(b, x))) }),
	unary("atan", "arctangent", fn1("Atan", 16, math.Atan), at(on(-4, 4)),
		func(b *builder, x, y *node) *node { return inverse(b, onePlusSquare(b, x)) }),
	unary("sinh", "hyperbolic sine", fn1("Sinh", 16, math.Sinh), at(on(-3, 3)),
		func(b *builder, x, y *node) *node { return b.Map("cosh", x) }),
	unary("cosh", "hyperbolic cosine", fn1("Cosh", 16, math.Cosh), at(on(-3, 3)),
		func(b *builder, x, y *node) *node { return b.Map("sinh", x) }),
	unary("tanh", "hyperbolic tangent", fn1("Tanh", 16, math.Tanh), at(on(-3, 3)),
		func(b *builder, x, y *node) *node { return b.Sub(b.Like(1, y), square(b, y)) }),
	unary("asinh", "inverse hyperbolic sine", fn1("Asinh", 20, math.Asinh), at(on(-4, 4)),
		func(b *builder, x, y *node) *node { return b.Map("rsqrt", onePlusSquare(b, x)) }),
	// acosh has derivative inf at 1.
	unary("acosh", "inverse hyperbolic cosine", fn1("Acosh", 20, math.Acosh), at(on(1.2, 5)),
		func(b *builder, x, y *node) *node {
			return b.Map("rsqrt", b.Mul(b.Sub(x, b.Like(1, x)), b.Add(x, b.Like(1, x))))
		}),
	unary("atanh", "inverse hyperbolic tangent", fn1("Atanh", 20, math.Atanh), at(on(-0.9, 0.9)),
		func(b *builder, x, y *node) *node { return inverse(b, oneMinusSquare(b, x)) }),
	// The angle of the point (x₁, x₀): by x₀ it is x₁/r², by x₁ -x₀/r²; both 0
	// at the origin. Dividing by r twice does not overflow.
	binary("atan2", "angle of the point (second, first operand)", fn2("Atan2", 22, math.Atan2), at(on(-4, 4), on(0.5, 4)),
		func(b *builder, x []*node, y *node) *node { return overSquare(b, x[1], b.Map("hypot", x[0], x[1])) },
		func(b *builder, x []*node, y *node) *node {
			return b.Neg(overSquare(b, x[0], b.Map("hypot", x[0], x[1])))
		}),
	// √(x²+y²) has derivatives 0 at the origin.
	binary("hypot", "√(x² + y²)", fn2("Hypot", 12, math.Hypot), at(on(-4, 4), on(0.5, 4)),
		func(b *builder, x []*node, y *node) *node { return over(b, x[0], y) },
		func(b *builder, x []*node, y *node) *node { return over(b, x[1], y) }),
}

// oneMinusSquare is 1 - x² without cancellation near ±1.
func oneMinusSquare(b *builder, x *node) *node {
	one := b.Like(1, x)
	return b.Mul(b.Sub(one, x), b.Add(one, x))
}

// onePlusSquare is 1 + x².
func onePlusSquare(b *builder, x *node) *node { return b.Add(b.Like(1, x), square(b, x)) }

// over is x/r, and 0 where r is 0.
func over(b *builder, x, r *node) *node { return pick(b, compare(b, "ne", r, 0), b.Div(x, r), 0) }

// overSquare is x/r², and 0 where r is 0.
func overSquare(b *builder, x, r *node) *node {
	return pick(b, compare(b, "ne", r, 0), b.Div(b.Div(x, r), r), 0)
}
