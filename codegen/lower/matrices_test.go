package lower

import (
	"testing"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// regular is a leaf of matrices whose diagonal is moved away from 0.
func (b *bench) regular(name string, xs ...any) *node {
	x := b.real("param", name, xs...)
	r := x.Type.Rank()
	diagonal := shape.Map{Guard: []shape.Cond{{Kind: shape.Zero, E: shape.Idx(r - 1).Sub(shape.Idx(r - 2))}}}
	v := b.Builder.View(b.Builder.Real(5), diagonal, 0, x.Type.Shape)
	for i, d := range b.values(v)[0].Data {
		b.leaf[name].Data[i] += d
	}
	return x
}

// Functions of matrices: one, a batch, and a batch of batches; of leaves, of
// what is computed in the same rows, and with their derivatives.
func TestMatrices(t *testing.T) {
	for _, lead := range [][]any{nil, {"batch"}, {1}, {"batch", 2}} {
		for _, op := range []string{"inv", "det", "logdet", "cholesky", "solve", "lower_solve", "upper_solve"} {
			b := newBench(t, map[string]int64{"batch": 5, "n": 3})
			a := b.regular("A", append(append([]any{}, lead...), "n", "n")...)
			args := []*node{b.Builder.Map("sinh", b.Builder.Map("asinh", a))}
			params := []*node{a}
			if op == "solve" || op == "lower_solve" || op == "upper_solve" {
				x := b.real("param", "B", append(append([]any{}, lead...), "n", 2)...)
				args, params = append(args, x), append(params, x)
			}
			y := called("y", b.Op(op, nil, args...))
			b.program(y, b.Builder.Map("tanh", y))
			b.train(b.mean(b.Builder.Map("tanh", y)), params)
		}
	}
}

// An operand may be a constant, a view or a reshape.
func TestMatricesOfOtherNodes(t *testing.T) {
	b := newBench(t, map[string]int64{"n": 3})
	a := b.regular("A", "n", "n")
	turned := b.Permute(a, []int{1, 0})
	ones := b.Fill(1, graph.Type{Shape: dims("n", 1)})
	column := b.Reshape(b.real("input", "v", "n"), dims("n", 1))
	b.program(b.Op("solve", nil, turned, ones), b.Op("solve", nil, a, column), b.Op("det", nil, turned))
}

// What reads a product may take part of it, or give it an axis more, which is
// no permutation.
func TestReadersOfProducts(t *testing.T) {
	b := newBench(t, map[string]int64{"n": 9})
	a, w := b.real("input", "a", "n", 12), b.real("input", "w", 12, 8)
	b.program(b.Builder.View(b.matmul(a, w), shape.Identity(2), 0, dims(4, 8)))
	b = newBench(t, map[string]int64{"n": 9})
	a, w = b.real("input", "a", "n", 12), b.real("input", "w", 12, 8)
	b.program(b.Builder.View(b.matmul(a, w), shape.Identity(2), 0, dims("n", 8, 3)))
}
