package graphtest

import (
	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/eval"
)

// step is the width of central differences; Tolerance what they leave, relative
// to 1 plus the size of the gradient.
const (
	step      = 1e-5
	Tolerance = 2e-5
)

// Eval evaluates nodes, which must not fail.
func (g *Graph) Eval(t require.TestingT, roots ...*graph.Node) []graph.Tensor {
	out, err := eval.Run(roots, g.Values.Env())
	require.NoError(t, err)
	return out
}

// Differences is the gradient of the scalar y by a leaf, by central differences.
func (g *Graph) Differences(t require.TestingT, y, leaf *graph.Node) []float64 {
	x := g.Values[leaf.Attr.String()]
	out := make([]float64, len(x.Data))
	for i, v := range x.Data {
		x.Data[i] = v + step
		hi := g.Eval(t, y)[0].Data[0]
		x.Data[i] = v - step
		lo := g.Eval(t, y)[0].Data[0]
		x.Data[i] = v
		out[i] = (hi - lo) / (2 * step)
	}
	return out
}

// Close wants two lists of numbers to agree within tol, relative to 1 plus
// their largest magnitude. NaN agrees with NaN only.
func Close(t require.TestingT, want, got []float64, tol float64, about ...any) {
	require.Len(t, got, len(want), about...)
	size := 1.0
	for _, w := range want {
		if w-w == 0 {
			size = max(size, w, -w)
		}
	}
	for i, w := range want {
		same := w == got[i] || w != w && got[i] != got[i]
		if !same && !(max(w-got[i], got[i]-w) <= tol*size) {
			require.Failf(t, "numbers differ", "want %v, got %v at %d: %v", w, got[i], i, about)
		}
	}
}
