package ops

import (
	"math"

	"github.com/gradgen/gradgen/graph"
)

var arith = []*graph.Op{
	unary("neg", "-x", prefix("-", func(x float64) float64 { return -x }), at(on(-4, 4)),
		func(b *builder, x, y *node) *node { return b.Like(-1, x) }),
	// |x| has derivative 0 at 0.
	unary("abs", "absolute value", fn1("Abs", 1, math.Abs), at(on(-4, 4, 0)),
		func(b *builder, x, y *node) *node { return b.Map("sign", x) }),
	// sign jumps at 0; its derivative is 0 there too.
	unary("sign", "-1, 0 or 1 as x is negative, zero or positive", fn1("Sign", 2, sign), at(on(-4, 4, 0)), nil),
	// √ has derivative inf at 0.
	unary("sqrt", "square root", fn1("Sqrt", 6, math.Sqrt), at(on(0.1, 9)),
		func(b *builder, x, y *node) *node { return b.Div(b.Like(0.5, y), y) }),
	unary("rsqrt", "1/√x", fn1("Rsqrt", 10, rsqrt), at(on(0.1, 9)),
		func(b *builder, x, y *node) *node { return b.Mul(b.Scale(-0.5, y), square(b, y)) }),
	// ∛ has derivative inf at 0.
	unary("cbrt", "cube root", fn1("Cbrt", 20, math.Cbrt), at(on(-8, 8, 0)),
		func(b *builder, x, y *node) *node { return inverse(b, b.Scale(3, square(b, y))) }),
	// The roundings jump; their derivatives are 0 everywhere.
	unary("floor", "greatest whole number not above x", fn1("Floor", 1, math.Floor), at(on(-3, 3, whole...)), nil),
	unary("ceil", "least whole number not below x", fn1("Ceil", 1, math.Ceil), at(on(-3, 3, whole...)), nil),
	unary("round", "nearest whole number, of two the even one", fn1("Round", 1, math.RoundToEven), at(on(-3, 3, halves...)), nil),

	binary("add", "x + y", infix("+", 1, func(x, y float64) float64 { return x + y }), at(on(-4, 4), on(-4, 4)),
		func(b *builder, x []*node, y *node) *node { return b.Like(1, y) },
		func(b *builder, x []*node, y *node) *node { return b.Like(1, y) }),
	binary("sub", "x - y", infix("-", 1, func(x, y float64) float64 { return x - y }), at(on(-4, 4), on(-4, 4)),
		func(b *builder, x []*node, y *node) *node { return b.Like(1, y) },
		func(b *builder, x []*node, y *node) *node { return b.Like(-1, y) }),
	binary("mul", "x·y", infix("*", 1, func(x, y float64) float64 { return x * y }), at(on(-4, 4), on(-4, 4)),
		func(b *builder, x []*node, y *node) *node { return x[1] },
		func(b *builder, x []*node, y *node) *node { return x[0] }),
	binary("div", "x/y", infix("/", 4, func(x, y float64) float64 { return x / y }), at(on(-4, 4), on(0.5, 4)),
		func(b *builder, x []*node, y *node) *node { return inverse(b, x[1]) },
		func(b *builder, x []*node, y *node) *node { return b.Neg(b.Div(y, x[1])) }),
	// x - y·⌊x/y⌋ by y: -⌊x/y⌋, found from the remainder so that both agree on
	// the piece. It jumps at multiples of y.
	binary("mod", "remainder of x by y, with the sign of y", fn2("Mod", 8, mod), at(on(0.1, 0.9), on(1, 2)),
		func(b *builder, x []*node, y *node) *node { return b.Like(1, y) },
		func(b *builder, x []*node, y *node) *node {
			return b.Neg(b.Map("round", b.Div(b.Sub(x[0], y), x[1])))
		}),
	// A tie gives each operand half. NaN goes through.
	binary("max", "the greater of x and y", fn2("Max", 1, greater), at(on(-4, -0.1), on(0, 4)), half("gt", 0), half("gt", 1)),
	binary("min", "the lesser of x and y", fn2("Min", 1, lesser), at(on(-4, -0.1), on(0, 4)), half("lt", 0), half("lt", 1)),
}

var (
	whole  = []float64{-3, -2, -1, 0, 1, 2, 3}
	halves = []float64{-2.5, -1.5, -0.5, 0.5, 1.5, 2.5}
)

// half is the derivative of max (by "gt") or min ("lt") by operand k: 1 where
// it wins, ½ at a tie, 0 elsewhere.
func half(wins string, k int) partial2 {
	return func(b *builder, x []*node, y *node) *node {
		tie := pick(b, b.Map("eq", x[0], x[1]), b.Like(0.5, y), 0)
		return b.Where(b.Map(wins, x[k], x[1-k]), b.Like(1, y), tie)
	}
}

func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x
}

func rsqrt(x float64) float64 { return 1 / math.Sqrt(x) }

func greater(x, y float64) float64 {
	if x > y || math.IsNaN(x) {
		return x
	}
	return y
}

func lesser(x, y float64) float64 {
	if x < y || math.IsNaN(x) {
		return x
	}
	return y
}
