package engine

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/eval"
	"github.com/gradgen/gradgen/graph/rewrite"
)

// Interp computes a task with the reference interpreter, in float64.
func Interp(t *Task) (*Result, error) { return interpret(t, true) }

// Plain computes a task with the reference interpreter as it was written and
// differentiated, before any simplification.
func Plain(t *Task) (*Result, error) { return interpret(t, false) }

func interpret(t *Task, simplify bool) (*Result, error) {
	b, err := t.body()
	if err != nil {
		return nil, err
	}
	if simplify {
		rewrite.Program(t.Program)
	}
	env, err := t.env(b)
	if err != nil {
		return nil, err
	}
	ts, err := eval.Run(roots(b), env)
	if err != nil {
		return nil, err
	}
	return t.unstacked(result(b, ts)), nil
}

// env looks up what a body reads: the arguments, and what the first call of a
// session finds.
func (t *Task) env(b *graph.Body) (eval.Env, error) {
	env := eval.Env{Leaf: t.Args.Leaf, Dims: t.Args.Dims}
	carried := map[string]graph.Tensor{}
	for _, c := range b.Carries {
		ts, err := eval.Run([]*graph.Node{c.Init}, env)
		if err != nil {
			return env, err
		}
		carried[c.Name] = ts[0]
	}
	env.Leaf = func(kind, name string) (graph.Tensor, bool) {
		if kind == "carry" {
			x, ok := carried[name]
			return x, ok
		}
		return t.Args.Leaf(kind, name)
	}
	return env, nil
}

func roots(b *graph.Body) []*graph.Node {
	var out []*graph.Node
	for _, vs := range [][]*graph.Value{b.Outputs, b.Metrics, b.Losses, b.Grads} {
		for _, v := range vs {
			out = append(out, v.Node)
		}
	}
	for _, vs := range [][]*graph.Value{b.Outputs, b.Metrics, b.Losses} {
		for _, v := range vs {
			out = append(out, v.Checks...)
		}
	}
	return out
}
