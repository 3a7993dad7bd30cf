package ops

import (
	"math"

	"github.com/gradgen/gradgen/graph"
)

var exps = []*graph.Op{
	unary("exp", "e to the power x", fn1("Exp", 12, math.Exp), at(on(-3, 3)),
		func(b *builder, x, y *node) *node { return y }),
	unary("exp2", "2 to the power x", fn1("Exp2", 12, math.Exp2), at(on(-3, 3)),
		func(b *builder, x, y *node) *node { return b.Scale(math.Ln2, y) }),
	// Not y + 1, which cancels where x is far below 0.
	unary("expm1", "eˣ - 1, accurate near 0", fn1("Expm1", 14, math.Expm1), at(on(-3, 3)),
		func(b *builder, x, y *node) *node { return b.Map("exp", x) }),
	unary("log", "natural logarithm", fn1("Log", 12, math.Log), at(on(0.1, 5)),
		func(b *builder, x, y *node) *node { return inverse(b, x) }),
	unary("log2", "logarithm to base 2", fn1("Log2", 12, math.Log2), at(on(0.1, 5)),
		func(b *builder, x, y *node) *node { return inverse(b, b.Scale(math.Ln2, x)) }),
	unary("log10", "logarithm to base 10", fn1("Log10", 12, math.Log10), at(on(0.1, 5)),
		func(b *builder, x, y *node) *node { return inverse(b, b.Scale(math.Ln10, x)) }),
	unary("log1p", "log(1 + x), accurate near 0", fn1("Log1p", 14, math.Log1p), at(on(-0.8, 5)),
		func(b *builder, x, y *node) *node { return inverse(b, b.Add(b.Like(1, x), x)) }),
	unary("sigmoid", "1/(1 + e⁻ˣ)", fn1("Sigmoid", 16, sigmoid), at(on(-4, 4)),
		func(b *builder, x, y *node) *node { return b.Mul(y, b.Sub(b.Like(1, y), y)) }),
	unary("softplus", "log(1 + eˣ)", fn1("Softplus", 26, softplus), at(on(-4, 4)),
		func(b *builder, x, y *node) *node { return b.Map("sigmoid", x) }),
	// relu has derivative 0 at 0. NaN goes through.
	unary("relu", "max(x, 0)", fn1("Relu", 1, func(x float64) float64 { return greater(x, 0) }), at(on(-4, 4, 0)),
		func(b *builder, x, y *node) *node { return pick(b, compare(b, "gt", x, 0), b.Like(1, x), 0) }),
	// x·Φ(x) by x: Φ(x) + x·φ(x), Φ by erfc, which does not cancel below 0.
	unary("gelu", "x·Φ(x), exact", fn1("Gelu", 25, gelu), at(on(-4, 4)),
		func(b *builder, x, y *node) *node {
			cdf := b.Scale(0.5, b.Map("erfc", b.Scale(-1/math.Sqrt2, x)))
			pdf := b.Scale(1/math.Sqrt(2*math.Pi), b.Map("exp", b.Scale(-0.5, square(b, x))))
			return b.Add(cdf, b.Mul(x, pdf))
		}),
	// s + x·s·(1 - s) with s = sigmoid(x).
	unary("silu", "x·sigmoid(x)", fn1("Silu", 17, silu), at(on(-4, 4)),
		func(b *builder, x, y *node) *node {
			s := b.Map("sigmoid", x)
			return b.Add(s, b.Mul(y, b.Sub(b.Like(1, s), s)))
		}),
}

func sigmoid(x float64) float64 {
	if x < 0 {
		return math.Exp(x) / (1 + math.Exp(x))
	}
	return 1 / (1 + math.Exp(-x))
}

func softplus(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

func gelu(x float64) float64 {
	if math.IsInf(x, -1) {
		return 0
	}
	return x * math.Erfc(-x/math.Sqrt2) / 2
}

func silu(x float64) float64 {
	if math.IsInf(x, -1) {
		return 0
	}
	return x * sigmoid(x)
}
