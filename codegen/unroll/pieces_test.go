package unroll

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/codegen/kernel/exec"
	"github.com/gradgen/gradgen/codegen/vector"
	"github.com/gradgen/gradgen/graph/shape"
)

// The adjoint of slices of a vector is a loop for each of them.
func TestPieces(t *testing.T) {
	i, b, rows := shape.Var(".i0"), shape.Var("b"), shape.Var("rows")
	x, y := &kernel.Buffer{Name: "x", Kind: kernel.Input, Shape: []shape.Dim{b}}, &kernel.Buffer{Name: "y", Kind: kernel.Arena, Shape: []shape.Dim{rows}}
	slice := func(from int64, k float64) kernel.Expr {
		at0 := i.Sub(b.Scale(from))
		conds := []shape.Cond{{E: at0}, {E: b.AddInt(-1).Sub(at0)}}
		return &kernel.Guard{Conds: conds, X: apply("mul", &kernel.Lit{V: k}, &kernel.Load{Buf: x, At: at(at0)})}
	}
	build := func(second int64) kernel.Stmt {
		sum := apply("add", apply("add", slice(2, 3), slice(0, 5)), slice(second, 7))
		return &kernel.Loop{Var: ".i0", Lo: shape.Var(".lo"), Hi: shape.Var(".hi"), Body: []kernel.Stmt{&kernel.Store{Buf: y, At: at(i), X: sum}}}
	}
	run := func(body []kernel.Stmt, b, rows, grain int64) []float64 {
		memory := map[*kernel.Buffer][]float64{x: make([]float64, b), y: make([]float64, rows)}
		for k := range b {
			memory[x][k] = float64(k) + 1.5
		}
		m := exec.Machine{Dims: map[string]int64{"b": b, "rows": rows}, Memory: func(b *kernel.Buffer) []float64 { return memory[b.Root()] }}
		require.NoError(t, m.Run(&kernel.Section{Kernels: []*kernel.Kernel{{Name: "y", Rows: shape.Var("rows"), Grain: grain, Body: body}}}))
		return memory[y]
	}
	for second, count := range map[int64]int{1: 4, 0: 4, 4: 6} { // the last is that of no slice
		parts := peel([]kernel.Stmt{build(second)}, true)
		require.Len(t, parts, count)
		for _, s := range parts {
			_, ok := vector.Build(s.(*kernel.Loop), true)
			require.True(t, ok, kernel.StmtText(s))
		}
		for _, size := range []int64{1, 2, 5} {
			for _, rows := range []int64{1, 3, 3*size + 1, 5 * size} {
				for _, grain := range []int64{2, 7, 100} {
					require.Equal(t, run([]kernel.Stmt{build(second)}, size, rows, grain), run(parts, size, rows, grain))
				}
			}
		}
	}
}
