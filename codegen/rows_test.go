package codegen

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph/shape"
)

// A step that replaces a row costs a row, back and forth, and the tape keeps rows.
func TestUpdatesOfRowsAreInPlace(t *testing.T) {
	const src = `func Ahead(x [n, c], w [n, c]) {
    scan t in 1..n {
        carry h [n, c] = x
        h = update(h, t, tanh(h[t-1] + w[t]))
    }
    y = sum(h^2)
    return y, grad(y, x), grad(y, w)
}
`
	res, list, err := Compile("m.grad", []byte(src), Options{})
	require.NoError(t, err)
	require.Empty(t, list)
	loops, n := 0, shape.VarSym("n")
	for _, k := range res.Unit.Funcs[0].Program.Sections[0].Kernels {
		if k.Repeat == nil {
			continue
		}
		loops++
		for _, in := range kernel.All(k.Repeat.Kernels) {
			assert.NotContains(t, in.Flops.Syms(), n, "%s takes %s a step", in.Name, in.Flops)
			kernel.Walk(in.Body, func(s kernel.Stmt) {
				if l, ok := s.(*kernel.Loop); ok && slices.Contains(l.Hi.Syms(), n) {
					assert.True(t, l.Bounded(), "%s passes through all rows", in.Name)
				}
			})
		}
	}
	require.Equal(t, 2, loops)
	for _, b := range res.Unit.Funcs[0].Program.Buffers {
		for _, term := range b.Len().Terms() {
			rows := slices.DeleteFunc(term.Syms, func(s *shape.Sym) bool { return s != n })
			assert.LessOrEqual(t, len(rows), 1, "%s holds %s", b.Name, b.Len())
		}
	}
}

// Of an LSTM one product a step stays in each of the loops: those of all inputs with
// their weights come before, and the gradients of the weights after.
func TestProductsOfAnLSTM(t *testing.T) {
	const src = `import "nn"

model M {
    dim batch = 8, seq = 12
    input x [batch, seq, 16]
    loss mean(nn.LSTM(x, 32)^2)
    train nn.SGD(lr = 0.1)
}
`
	res, list, err := Compile("m.grad", []byte(src), Options{})
	require.NoError(t, err)
	require.Empty(t, list)
	count := func(ks []*kernel.Kernel) (n int) {
		for _, k := range ks {
			kernel.Walk(k.Body, func(s kernel.Stmt) {
				if _, ok := s.(*kernel.MatMul); ok {
					n++
				}
			})
		}
		return n
	}
	var inside []int
	outside := 0
	for _, s := range res.Unit.Models[0].Train.Sections {
		outside += count(s.Kernels)
		for _, k := range s.Kernels {
			if k.Repeat != nil {
				inside = append(inside, count(kernel.All(k.Repeat.Kernels)))
			}
		}
	}
	require.Equal(t, []int{1, 1}, inside)
	require.GreaterOrEqual(t, outside, 3) // x·W, dW and dU
}
