package lower

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/diff"
	"github.com/gradgen/gradgen/graph/rewrite"
)

func TestDense(t *testing.T) {
	b := newBench(t, map[string]int64{"batch": 5})
	x, w, bias := b.real("input", "x", "batch", 12), b.real("param", "W", 12, 7), b.real("param", "b", 7)
	h := called("h", b.Op("relu", nil, b.Add(b.matmul(x, w), bias)))
	p := b.program(h)
	t.Log(text(p))
}

// classifier is dense, relu, dense, cross entropy, mean.
func (b *bench) classifier() (loss, accuracy *node, params []*node) {
	x, label := b.real("input", "x", "batch", 12), b.ints("label", 5, "batch")
	w1, b1 := b.real("param", "W1", 12, 16), b.real("param", "b1", 16)
	w2, b2 := b.real("param", "W2", 16, 5), b.real("param", "b2", 5)
	h := called("h", b.Op("relu", nil, b.Add(b.matmul(x, w1), b1)))
	logits := called("logits", b.Add(b.matmul(h, w2), b2))
	loss = b.mean(b.Op("cross_entropy", nil, logits, label))
	hit := b.ToReal(b.Map("eq", b.Op("argmax", graph.Axis(1), logits), label))
	return loss, b.mean(hit), []*node{w1, b1, w2, b2}
}

func TestClassifier(t *testing.T) {
	b := newBench(t, map[string]int64{"batch": 5})
	loss, acc, _ := b.classifier()
	t.Log(text(b.program(loss, acc)))
}

// train lowers a loss with its gradients and compares forward and backward.
func (b *bench) train(loss *node, params []*node, metrics ...*node) *kernel.Program {
	m := b.model(loss, params, metrics...)
	all := append([]*node{loss}, metrics...)
	all = append(all, diff.Grad(b.Builder, loss, params)...)
	p := lowerTrain(m, 0)
	require.NoError(b.t, kernel.Verify(p))
	b.matches(p, b.values(all...))
	return p
}

// model is a loss with its gradients and metrics, ready to be lowered.
func (b *bench) model(loss *node, params []*node, metrics ...*node) *graph.Model {
	m := &graph.Model{Predict: &graph.Body{G: graph.New()}, Train: &graph.Body{G: b.G}}
	m.Train.Losses = []*graph.Value{{Name: "loss", Node: loss}}
	for i, x := range metrics {
		m.Train.Metrics = append(m.Train.Metrics, &graph.Value{Name: fmt.Sprint("metric", i), Node: x})
	}
	for i, g := range diff.Grad(b.Builder, loss, params) {
		name := params[i].Attr.String()
		m.Params = append(m.Params, &graph.Param{Path: name, Node: params[i]})
		m.Train.Grads = append(m.Train.Grads, &graph.Value{Name: name, Node: g})
	}
	prog := &graph.Program{Models: []*graph.Model{m}}
	rewrite.Program(prog)
	rewrite.Expand(prog)
	return m
}

func TestTrainClassifier(t *testing.T) {
	b := newBench(t, map[string]int64{"batch": 5})
	loss, acc, params := b.classifier()
	t.Log(text(b.train(loss, params, acc)))
}
