package ops

import (
	"math"

	"github.com/gradgen/gradgen/graph"
)

var sameInts = same(nil, graph.Int)

// Ints have no derivatives.
var integers = []*graph.Op{
	intOp("iadd", "x + y of ints", infix("+", 1, func(x, y float64) float64 { return x + y })),
	intOp("isub", "x - y of ints", infix("-", 1, func(x, y float64) float64 { return x - y })),
	intOp("imul", "x·y of ints", infix("*", 1, func(x, y float64) float64 { return x * y })),
	// Division by 0 gives 0; the interpreter and generated code agree on it.
	intOp("idiv", "x/y of ints, rounded down", fn2("DivInt", 8, func(x, y float64) float64 {
		if y == 0 {
			return 0
		}
		return math.Floor(x / y)
	})),
	intOp("imod", "remainder of ints, with the sign of y", fn2("ModInt", 8, func(x, y float64) float64 {
		if y == 0 {
			return 0
		}
		return mod(x, y)
	})),
	intOp("imin", "the lesser of two ints", builtin("min", math.Min)),
	intOp("imax", "the greater of two ints", builtin("max", math.Max)),
	{Name: "ineg", Doc: "-x of an int", Arity: 1, Class: graph.Elementwise, Infer: sameInts, Samples: at(on(-9, 9)),
		Scalar: prefix("-", func(x float64) float64 { return -x })},
	{Name: "iabs", Doc: "absolute value of an int", Arity: 1, Class: graph.CompositeOp, Infer: sameInts,
		Expand:    func(b *builder, n *node) *node { return b.Map("imax", n.Args[0], b.Map("ineg", n.Args[0])) },
		Reference: eachOf(math.Abs)},
}

func intOp(name, doc string, s *graph.Scalar) *graph.Op {
	return &graph.Op{Name: name, Doc: doc, Arity: 2, Class: graph.Elementwise, Infer: sameInts, Scalar: s,
		Samples: at(on(-9, 9), on(1, 5))}
}

func builtin(name string, f func(x, y float64) float64) *graph.Scalar {
	s := fn2("", 1, f)
	s.Builtin = name
	return s
}
