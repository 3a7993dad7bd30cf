// Package engine computes programs on given values, in two ways that must
// agree: with the reference interpreter, and by building and running the code
// that would be generated.
//
// For `func Square(x) = x^2` and {"inputs": {"x": 3}} both return [9].
package engine

import (
	"fmt"
	"strings"

	"github.com/gradgen/gradgen/codegen/values"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/diff"
	"github.com/gradgen/gradgen/graph/ops"
)

// Task is one evaluation of a model, or of a func. The program has been
// differentiated but not rewritten; a task uses it up.
type Task struct {
	Program  *graph.Program
	Model    *graph.Model
	Func     *graph.Func // where Model is nil
	Args     *values.Args
	Training bool // compute as a training step does, not as prediction
	Grad     bool // gradients of the first loss by every parameter
}

// Result is what a task computed; for a func the outputs are its results. Losses
// and metrics are missing where the inputs do not suffice for them.
type Result struct {
	Outputs, Metrics, Losses, Grads []values.Named
}

// Engine computes a task.
type Engine func(*Task) (*Result, error)

// body is what a task computes: a model's predicting or training graph with
// gradients in it, or a func's.
func (t *Task) body() (*graph.Body, error) {
	if t.Model == nil {
		return &graph.Body{G: t.Func.G, Outputs: t.Func.Results}, t.needed("the function", t.Func.Results)
	}
	b := t.Model.Predict
	if t.Training {
		b = t.Model.Train
	}
	b.Grads = nil
	if len(b.Losses) > 1 {
		b.Losses = b.Losses[:1]
	}
	if err := t.needed("the outputs", b.Outputs); err != nil {
		return nil, err
	}
	err := t.needed("the loss", append(append([]*graph.Value{}, b.Losses...), b.Metrics...))
	switch {
	case t.Grad && len(b.Losses) == 0:
		return nil, fmt.Errorf("model %s has no loss to differentiate", t.Model.Name)
	case t.Grad && err != nil:
		return nil, err
	case err != nil || len(b.Losses) == 0:
		b.Losses, b.Metrics = nil, nil
	case t.Grad:
		b.Grads = gradients(t.Model, b)
	}
	return b, nil
}

// needed reports inputs without which values cannot be computed.
func (t *Task) needed(what string, vs []*graph.Value) error {
	var missing []string
	roots := make([]*graph.Node, len(vs))
	for i, v := range vs {
		roots[i] = v.Node
	}
	for _, n := range graph.Reachable(roots...) {
		if n.Op.Name == "input" {
			if _, ok := t.Args.Inputs[n.Attr.String()]; !ok {
				missing = append(missing, n.Attr.String())
			}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("%s cannot be computed without input %s", what, strings.Join(missing, ", "))
}

// gradients differentiates the first loss of a body by every parameter.
func gradients(m *graph.Model, body *graph.Body) []*graph.Value {
	b := ops.NewBuilder(body.G)
	var xs []*graph.Node
	var out []*graph.Value
	for _, p := range m.Params {
		xs = append(xs, b.Leaf("param", p.Path, p.Node.Type))
		out = append(out, &graph.Value{Name: p.Path, Span: p.Span})
	}
	for i, g := range diff.Grad(b, body.Losses[0].Node, xs) {
		out[i].Node = g
	}
	return out
}

// take cuts the first len(vs) tensors off a list and names them.
func take(ts *[]graph.Tensor, vs []*graph.Value) []values.Named {
	var out []values.Named
	for i, v := range vs {
		out = append(out, values.Named{Name: v.Name, Elem: v.Node.Type.Elem, Tensor: (*ts)[i]})
	}
	*ts = (*ts)[len(vs):]
	return out
}

// result divides the values of a body's roots.
func result(b *graph.Body, ts []graph.Tensor) *Result {
	return &Result{take(&ts, b.Outputs), take(&ts, b.Metrics), take(&ts, b.Losses), take(&ts, b.Grads)}
}

// unstacked names the gradients as files do, a tensor for each iteration of a
// loop that makes parameters.
func (t *Task) unstacked(r *Result) *Result {
	if t.Model == nil || len(r.Grads) == 0 {
		return r
	}
	of := map[string]values.Named{}
	for _, g := range r.Grads {
		of[g.Name] = g
	}
	r.Grads = nil
	for _, p := range graph.Members(t.Model.Params) {
		g := of[p.Param.Path]
		g.Name, g.Tensor = p.Path, member(p, g.Tensor)
		r.Grads = append(r.Grads, g)
	}
	return r
}

// member is the part of a parameter's tensor that one of its own is.
func member(p graph.Member, all graph.Tensor) graph.Tensor {
	return graph.Tensor{Shape: all.Shape[len(p.Stack):], Data: all.Data[p.At:][:p.Size()]}
}
