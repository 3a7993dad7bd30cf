package lower

import (
	"testing"

	"github.com/gradgen/gradgen/graph"
)

func TestDense(t *testing.T) {
	b := newBench(t, map[string]int64{"batch": 5})
	x, w, bias := b.real("input", "x", "batch", 12), b.real("param", "W", 12, 7), b.real("param", "b", 7)
	h := named2("h", b.Op("relu", nil, b.Add(b.matmul(x, w), bias)))
	p := b.program(h)
	t.Log(text(p))
}

// classifier is dense, relu, dense, cross entropy, mean.
func (b *bench) classifier() (loss, accuracy *node, params []*node) {
	x, label := b.real("input", "x", "batch", 12), b.ints("label", 5, "batch")
	w1, b1 := b.real("param", "W1", 12, 16), b.real("param", "b1", 16)
	w2, b2 := b.real("param", "W2", 16, 5), b.real("param", "b2", 5)
	h := named2("h", b.Op("relu", nil, b.Add(b.matmul(x, w1), b1)))
	logits := named2("logits", b.Add(b.matmul(h, w2), b2))
	loss = b.mean(b.Op("cross_entropy", nil, logits, label))
	hit := b.ToReal(b.Map("eq", b.Op("argmax", graph.Axis(1), logits), label))
	return loss, b.mean(hit), []*node{w1, b1, w2, b2}
}

func TestClassifier(t *testing.T) {
	b := newBench(t, map[string]int64{"batch": 5})
	loss, acc, _ := b.classifier()
	t.Log(text(b.program(loss, acc)))
}
