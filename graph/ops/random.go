package ops

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/runtime"
)

// Random numbers are functions of ints: the two halves of the seed, the step,
// the hash of the enclosing iterations, the number of the element in its tensor,
// and, as the Count attribute, the number of the call in the source. So they do
// not depend on the engine, on threads, or on what is recomputed.
var randoms = []*graph.Op{
	draw("uniform", "uniform numbers of (0, 1)", "DrawUniform", runtime.DrawUniform64),
	draw("normal", "standard normal numbers", "DrawNormal", runtime.DrawNormal64),
	{Name: "mixiter", Doc: "hash of iteration numbers with one more", Arity: 2, Class: graph.Elementwise,
		Infer:   each(graph.Int, graph.Int, graph.Int),
		Scalar:  fn2("MixIter", 8, func(x, y float64) float64 { return float64(runtime.MixIter32(int32(x), int32(y))) }),
		Samples: at(on(0, 100), on(0, 100))},
}

func draw(name, doc, fn string, f func(low, high, step, iter, element, site int) float64) *graph.Op {
	const draws = 60 // a Philox block and a logarithm
	return &graph.Op{Name: name, Doc: doc, Arity: 5, Class: graph.Elementwise,
		Infer: each(graph.Real, graph.Int, graph.Int, graph.Int, graph.Int, graph.Int),
		Scalar: &graph.Scalar{Func: fn, Cost: draws, Eval: func(x []float64) float64 {
			return f(int(x[0]), int(x[1]), int(x[2]), int(x[3]), int(x[4]), int(x[5]))
		}},
		Samples: at(on(0, 9), on(0, 9), on(0, 9), on(0, 9), on(0, 9)),
	}
}
