package engine

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/eval"
	"github.com/gradgen/gradgen/graph/rewrite"
)

// Interp computes a task with the reference interpreter, in float64.
func Interp(t *Task) (*Result, error) {
	b, err := t.body()
	if err != nil {
		return nil, err
	}
	rewrite.Program(t.Program)
	ts, err := eval.Run(roots(b), eval.Env{Leaf: t.Args.Leaf, Dims: t.Args.Dims})
	if err != nil {
		return nil, err
	}
	return result(b, ts), nil
}

func roots(b *graph.Body) []*graph.Node {
	var out []*graph.Node
	for _, vs := range [][]*graph.Value{b.Outputs, b.Metrics, b.Losses, b.Grads} {
		for _, v := range vs {
			out = append(out, v.Node)
		}
	}
	return out
}
