package diff_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/diff"
	"github.com/gradgen/gradgen/graph/eval"
	"github.com/gradgen/gradgen/graph/ops"
)

func value(t *testing.T, at float64, roots ...*graph.Node) []float64 {
	out, err := eval.Run(roots, eval.Env{Leaf: func(_, _ string) (graph.Tensor, bool) {
		return graph.Tensor{Shape: []int{}, Data: []float64{at}}, true
	}})
	require.NoError(t, err)
	vs := make([]float64, len(out))
	for i, o := range out {
		vs[i] = o.Data[0]
	}
	return vs
}

func ask(b *graph.Builder, y, x *graph.Node) *graph.Node {
	return b.Typed("gradient", nil, x.Type, y, x)
}

func function(b *graph.Builder, results ...*graph.Node) *graph.Program {
	f := &graph.Func{Name: "f", G: b.G}
	for _, r := range results {
		f.Results = append(f.Results, &graph.Value{Node: r})
	}
	return &graph.Program{Funcs: []*graph.Func{f}}
}

func results(p *graph.Program) []*graph.Node {
	var out []*graph.Node
	for _, v := range p.Funcs[0].Results {
		out = append(out, v.Node)
	}
	return out
}

// By binding: after a = x, b = x, y = a·b the derivative by a is b.
func TestDerivativesAreByBinding(t *testing.T) {
	b := ops.NewBuilder(graph.New())
	x := b.Mark(b.Leaf("input", "x", graph.Type{}))
	a, c := b.Mark(x), b.Mark(x)
	y := b.Mul(a, c)
	p := function(b, ask(b, y, a), ask(b, y, c), ask(b, y, x))
	diff.Program(p)
	require.Equal(t, []float64{3, 3, 6}, value(t, 3, results(p)...))
	for _, n := range p.Funcs[0].G.Nodes {
		require.NotEqual(t, graph.DerivOp, n.Op.Class)
	}
	require.NoError(t, graph.Verify(p.Funcs[0].G, results(p)))
}

func TestDerivativesNest(t *testing.T) {
	b := ops.NewBuilder(graph.New())
	x := b.Mark(b.Leaf("input", "x", graph.Type{}))
	y := b.MapAttr("powi", graph.Count(5), x)
	d := []*graph.Node{y}
	for range 6 {
		d = append(d, ask(b, d[len(d)-1], x))
	}
	// the derivative of (y')² by x through an inner derivative
	penalty := ask(b, b.Mul(d[1], d[1]), x)
	p := function(b, append(d, penalty)...)
	diff.Program(p)
	require.Equal(t, []float64{32, 80, 160, 240, 240, 120, 0, 2 * 80 * 160}, value(t, 2, results(p)...))
}

func TestATargetBoundAfterTheResultHasDerivativeZero(t *testing.T) {
	b := ops.NewBuilder(graph.New())
	x := b.Leaf("input", "x", graph.Type{})
	y := b.Map("sin", x)
	later := b.Mark(x)
	p := function(b, ask(b, y, x), ask(b, y, later))
	diff.Program(p)
	require.Equal(t, []float64{1, 0}, value(t, 0, results(p)...))
}

func TestOneSweepServesAllTargets(t *testing.T) {
	b := ops.NewBuilder(graph.New())
	x := b.Mark(b.Leaf("input", "x", graph.Type{}))
	z := b.Mark(b.Map("exp", x))
	y := b.Map("sin", b.Map("tanh", z))
	both, one := function(b, ask(b, y, x), ask(b, y, z)), function(b, ask(b, y, x))
	diff.Program(both)
	diff.Program(one)
	require.Equal(t, len(graph.Reachable(results(one)...)), len(graph.Reachable(results(both)...)))
}

func TestStopHasNoDerivative(t *testing.T) {
	b := ops.NewBuilder(graph.New())
	x := b.Mark(b.Leaf("input", "x", graph.Type{}))
	p := function(b, ask(b, b.Mul(b.Map("stop", x), x), x), ask(b, b.Map("stop", x), x))
	diff.Program(p)
	require.Equal(t, []float64{4, 0}, value(t, 4, results(p)...))
}

// model has loss = a²·s + input, with trained a and b and a parameter c that no
// rule updates.
func model() *graph.Program {
	leaf := func(b *graph.Builder, kind, name string) *graph.Node { return b.Leaf(kind, name, graph.Type{}) }
	predict, train, rule := ops.NewBuilder(graph.New()), ops.NewBuilder(graph.New()), ops.NewBuilder(graph.New())
	in := leaf(predict, "input", "x")
	a := train.Mark(leaf(train, "param", "a"))
	loss := train.Add(train.Mul(train.Mul(a, a), leaf(train, "param", "c")), leaf(train, "input", "x"))
	m := &graph.Model{
		Inputs:  []*graph.Value{{Name: "x", Node: in}},
		Params:  []*graph.Param{{Path: "a", Node: leaf(predict, "param", "a")}, {Path: "b", Node: leaf(predict, "param", "b")}, {Path: "c", Node: leaf(predict, "param", "c")}},
		Predict: &graph.Body{G: predict.G, Outputs: []*graph.Value{{Node: predict.Map("sin", in)}}},
		Train:   &graph.Body{G: train.G, Losses: []*graph.Value{{Name: "loss", Node: loss}}},
		Rules: []*graph.Rule{{Loss: "loss", Params: []int{1, 0}, G: rule.G, P: rule.Sub(leaf(rule, "param", "p"), leaf(rule, "grad", "g")),
			States: []graph.RuleState{{Name: "m", Next: leaf(rule, "state", "m")}}}},
	}
	return &graph.Program{Models: []*graph.Model{m}}
}

func TestTrainingGetsTheGradientsOfItsLoss(t *testing.T) {
	p := model()
	diff.Program(p)
	m := p.Models[0]
	require.Len(t, m.Train.Grads, 2)
	require.Equal(t, "a", m.Train.Grads[0].Name)
	require.Equal(t, "b", m.Train.Grads[1].Name)
	require.Equal(t, []float64{18, 0}, value(t, 3, m.Train.Grads[0].Node, m.Train.Grads[1].Node))
	require.NoError(t, graph.Verify(m.Train.G, []*graph.Node{m.Train.Grads[0].Node, m.Train.Grads[1].Node, m.Train.Losses[0].Node}))
	require.NoError(t, graph.Verify(m.Predict.G, []*graph.Node{m.Inputs[0].Node, m.Params[2].Node, m.Predict.Outputs[0].Node}))
	require.NoError(t, graph.Verify(m.Rules[0].G, []*graph.Node{m.Rules[0].P, m.Rules[0].States[0].Next}))
}

func TestAdjointsAreNamedAfterWhatTheyBelongTo(t *testing.T) {
	b := ops.NewBuilder(graph.New())
	x := b.Leaf("input", "x", graph.Type{})
	h := b.Map("exp", x)
	h.Name = "h"
	y := b.Mul(b.Map("sin", h), b.Map("cos", x))
	g := diff.Grad(b, y, []*graph.Node{x})[0]
	names := map[string]string{}
	for _, n := range graph.Reachable(g) {
		if n.Name != "" {
			names[n.Name] = n.Rule
		}
	}
	require.Equal(t, map[string]string{"h": "", "dh": "adjoint of sin"}, names)
}
