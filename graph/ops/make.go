package ops

import (
	"math"

	"github.com/gradgen/gradgen/graph"
)

// partial is a local derivative of a function of one operand, by x with value y.
type partial = func(b *builder, x, y *node) *node

// partial2 is one of a function of two operands.
type partial2 = func(b *builder, x []*node, y *node) *node

// unary is the row of a real function of one real operand. A nil derivative is zero.
func unary(name, doc string, s *graph.Scalar, where []graph.Sample, d partial) *graph.Op {
	op := &graph.Op{Name: name, Doc: doc, Arity: 1, Class: graph.Elementwise, Scalar: s, Samples: where}
	op.Partials = []func(*builder, []*node, *node) *node{nil}
	if d != nil {
		op.Partials[0] = func(b *builder, x []*node, y *node) *node { return d(b, x[0], y) }
	}
	return op
}

// binary is the row of a real function of two real operands.
func binary(name, doc string, s *graph.Scalar, where []graph.Sample, d0, d1 partial2) *graph.Op {
	return &graph.Op{Name: name, Doc: doc, Arity: 2, Class: graph.Elementwise, Scalar: s, Samples: where,
		Partials: []func(*builder, []*node, *node) *node{d0, d1}}
}

// fn1 is a function of package runtime with one operand.
func fn1(name string, cost int, f func(float64) float64) *graph.Scalar {
	return &graph.Scalar{Func: name, Cost: cost, Eval: func(x []float64) float64 { return f(x[0]) }}
}

// fn2 is a function of package runtime with two operands.
func fn2(name string, cost int, f func(x, y float64) float64) *graph.Scalar {
	return &graph.Scalar{Func: name, Cost: cost, Eval: func(x []float64) float64 { return f(x[0], x[1]) }}
}

// infix is a binary operator of Go.
func infix(symbol string, cost int, f func(x, y float64) float64) *graph.Scalar {
	return &graph.Scalar{Infix: symbol, Cost: cost, Eval: func(x []float64) float64 { return f(x[0], x[1]) }}
}

// prefix is a unary operator of Go.
func prefix(symbol string, f func(x float64) float64) *graph.Scalar {
	return &graph.Scalar{Prefix: symbol, Cost: 1, Eval: func(x []float64) float64 { return f(x[0]) }}
}

// on is where an operand is sampled.
func on(lo, hi float64, avoid ...float64) graph.Sample {
	return graph.Sample{Lo: lo, Hi: hi, Avoid: avoid}
}

// at samples one operand each.
func at(s ...graph.Sample) []graph.Sample { return s }

// truth is 1 for true and 0 for false.
func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// mod is the remainder with the sign of b.
func mod(a, b float64) float64 {
	r := math.Mod(a, b)
	if r != 0 && (r < 0) != (b < 0) {
		r += b
	}
	return r
}

// pick is a where c holds and d, a constant, elsewhere: the way singular
// points of derivatives are settled.
func pick(b *builder, c, a *node, d float64) *node { return b.Where(c, a, b.Like(d, a)) }

// compare is a comparison of x with a constant.
func compare(b *builder, name string, x *node, c float64) *node {
	return b.Map(name, x, b.Fill(c, x.Type))
}

// square is x².
func square(b *builder, x *node) *node { return b.Mul(x, x) }

// inverse is 1/x.
func inverse(b *builder, x *node) *node { return b.Div(b.Like(1, x), x) }
