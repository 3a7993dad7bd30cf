package vector

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// A search finds the first of no, one or two places that hold, for all lengths of
// what is left over and all places.
func TestSearch(t *testing.T) {
	x, o, bound := buf("x"), buf("o"), &kernel.Ref{Name: "bound"}
	rare := &kernel.If{Cond: apply("and", apply("gt", load(x, i.Add(n)), bound), apply("lt", load(x, i.Add(n)), number(9))),
		Then: []kernel.Stmt{loopTo(".j", m, store(o, i.Mul(m).Add(j), number(1)))}}
	nest := loopTo(".i", n, rare)
	for _, wide := range []bool{false, true} {
		t.Run(fmt.Sprint(wide), func(t *testing.T) {
			lab := newLaboratory(t, wide)
			fn, ok := BuildSearch(nest, wide)
			require.True(t, ok)
			d, err := lab.file.Add(fn)
			require.NoError(t, err)
			require.Equal(t, []string{"int"}, d.Result)
			require.True(t, fn.Streams[0].At.Equal(shape.Var(".i").Add(n)), "%s", fn.Streams[0].At)
			lab.build(t)
			var calls []call
			var want []float64
			for steps := 1; steps <= 75; steps++ {
				for first := 0; first <= steps; first++ {
					memory := make([]float64, steps)
					for k := range memory {
						memory[k] = []float64{1, 9, -1}[k%3]
					}
					for _, k := range []int{first, first + 1, first + 17} {
						if k < steps {
							memory[k] = 2
						}
					}
					calls = append(calls, call{Fn: d.Name, Ints: []int{steps}, Bufs: [][]float64{memory}, Scalars: []float64{1.5}})
					want = append(want, float64(first))
				}
			}
			lab.each(t, calls, func(k int, c call) { require.Equal(t, want[k:k+1], c.Results, "%v", c) })
		})
	}
	for _, l := range []*kernel.Loop{
		loopTo(".i", n, store(o, i, number(1))),
		loopTo(".i", n, &kernel.If{Cond: rare.Cond, Then: []kernel.Stmt{store(o, i, number(1))}}), // no loop inside
		loopTo(".i", n, &kernel.If{Cond: rare.Cond, Then: rare.Then, Else: rare.Then}),
		loopTo(".i", n, &kernel.If{Cond: &kernel.Ref{Name: "b", Elem: graph.Bool}, Then: rare.Then}), // the same in all steps
	} {
		_, ok := BuildSearch(l, true)
		require.False(t, ok)
	}
}
