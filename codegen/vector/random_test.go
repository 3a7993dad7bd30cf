package vector

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/runtime"
)

// TestDrawsHaveTheBitsOfTheRuntime draws as many numbers as meet every word of the
// generator, from a seed whose halves are negative as ints.
func TestDrawsHaveTheBitsOfTheRuntime(t *testing.T) {
	const low, high, step, iter, site, count = -7, -0x12345678, 3, 0x7654321, 12, 10007
	whole := func(x float64) kernel.Expr { return &kernel.Lit{Elem: graph.Int, V: x} }
	draw := &kernel.Apply{Op: op("uniform"), Attr: graph.Count(site), Args: []kernel.Expr{
		whole(low), whole(high), whole(step), whole(iter), &kernel.IndexExpr{E: i.Mul(shape.Const(3)).AddInt(5)}}}
	for _, wide := range []bool{false, true} {
		lab := newLaboratory(t, wide)
		d := lab.add(t, loopTo(".i", n, store(buffer("y", graph.Real), i, draw)))
		lab.build(t)
		lab.each(t, []call{{Fn: d.Name, Ints: []int{count}, Bufs: [][]float64{make([]float64, count)}}}, func(_ int, done call) {
			for k, got := range done.Bufs[0] {
				want := runtime.DrawUniform64(low, high, step, iter, 3*k+5, site)
				if !wide {
					want = float64(runtime.DrawUniform32(low, high, step, iter, 3*k+5, site))
				}
				require.Equal(t, want, got, "number %d, float64: %t", k, wide)
			}
		})
	}
}
