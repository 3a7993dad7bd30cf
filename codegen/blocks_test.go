package codegen

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// heads are two layers of attention with four heads.
const heads = `import "nn"
layer Heads(x [n, t, d]) {
    param W [d, 3 * d] ~ lecun
    q, k, v = split(x @ W, 3)
    return x + reshape(nn.attend(reshape(q, [n, t, 4, d / 4]), reshape(k, [n, t, 4, d / 4]),
        reshape(v, [n, t, 4, d / 4]), causal = %t), [n, t, d])
}
model Layers {
    dim batch, t
    input x [batch, t, 32]
    h = x
    for i in 0..2 { h = Heads(h) }
    output h
    loss mean(h^2)
    train nn.SGD(lr = 0.01)
}
`

// usage is what a program needs for a batch of one, in elements and multiplications.
func usage(p *kernel.Program, places int64) (memory, products int64) {
	at := map[string]int64{"batch": 1, "t": places, ".lo": 0, ".hi": 1}
	value := func(d shape.Dim) int64 { return d.Eval(func(s *shape.Sym) int64 { return at[s.Name] }) }
	memory = value(p.ArenaLen[graph.Real])
	var count func(body []kernel.Stmt)
	count = func(body []kernel.Stmt) {
		for _, s := range body {
			switch s := s.(type) {
			case *kernel.MatMul:
				products += value(s.M) * value(s.N) * value(s.K)
			case *kernel.If: // the first block, or a later one
				count(s.Then)
			case *kernel.Loop:
				if !multiplies(s) {
					continue
				}
				for i := value(s.Lo); i < value(s.Hi); i++ {
					at[s.Var] = i
					count(s.Body)
				}
			}
		}
	}
	for _, s := range p.Sections {
		for _, k := range kernel.All(s.Kernels) {
			memory += value(k.Own)
			count(k.Body)
		}
	}
	return memory, products
}

func multiplies(l *kernel.Loop) (found bool) {
	kernel.Walk(l.Body, func(s kernel.Stmt) {
		_, product := s.(*kernel.MatMul)
		found = found || product
	})
	return found
}

// Attention takes memory in proportion to its rows, whether it is masked or not; a mask
// of what comes later leaves out almost half of the work.
func TestAttentionHasNoMatrixOfScores(t *testing.T) {
	var work [2]int64
	for i, causal := range []bool{false, true} {
		r, list, err := Compile("heads.grad", fmt.Appendf(nil, heads, causal), Options{})
		require.NoError(t, err)
		require.Empty(t, list)
		m := r.Unit.Models[0]
		for _, p := range []*kernel.Program{m.Predict, m.Train} {
			small, _ := usage(p, 512)
			large, products := usage(p, 1024)
			require.LessOrEqual(t, large, 2*small, p.Name)
			require.Less(t, small, int64(512*512*4), p.Name)
			work[i] = products
		}
	}
	const weights = 1024 * 32 * 96 * (1 + 2) // products with W, in both passes
	require.Less(t, work[1]-weights, (work[0]-weights)*11/20)
}
