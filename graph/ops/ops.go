// Package ops declares every operator of the graph, once: its name and types,
// its meaning, its derivative as the textbook has it, an independent reference
// and where to try it. All passes and the documentation read these tables.
//
// For `h = relu(x @ W + b)` the graph has the operators view, mul, sum, add and
// relu. The row of relu says that it is written rt.Relu in Go, that its
// derivative is 1 where x > 0 and 0 elsewhere, so 0 at the kink, and that tests
// should keep away from 0 when they compare with differences.
package ops

import (
	"slices"
	"sync"

	"github.com/gradgen/gradgen/graph"
)

type (
	builder = graph.Builder
	node    = graph.Node
)

// All is the table of operators, by family.
var All = slices.Concat(
	leaves, arith, exps, trigs, specials, powers, compares, selections, integers, checks,
	reductions, structure, indexing, rows, linalg, norms, softmaxes, losses, control, randoms,
)

// Table gives the operators by name. It is shared: do not change it.
var Table = sync.OnceValue(func() map[string]*graph.Op {
	t := make(map[string]*graph.Op, len(All))
	for _, op := range All {
		t[op.Name] = op
	}
	return t
})

// NewBuilder returns a builder over g that knows all operators.
func NewBuilder(g *graph.Graph) *graph.Builder { return graph.NewBuilder(g, Table()) }
