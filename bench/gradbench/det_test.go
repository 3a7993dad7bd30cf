package main

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A. Vandermonde: the determinant of powers is the product of all differences. And expanding along any row,
// the derivatives are the cofactors.
func TestDeterminantsOfPowers(t *testing.T) {
	for _, n := range []int{2, 5, 6, 7, 8, 9} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			a, want := make([]float64, n*n), 1.0
			x := func(i int) float64 { return math.Sin(float64(i+1)) * 2 }
			for i := range n {
				for j := range n {
					a[n*i+j] = math.Pow(x(i), float64(j))
				}
				for k := range i {
					want *= x(i) - x(k)
				}
			}
			got, err := determinants[n].primal(a)
			require.NoError(t, err)
			assert.InEpsilon(t, want, got, 1e-9)
			g := make([]float64, n*n)
			require.NoError(t, determinants[n].gradient(g, a))
			for i := range n {
				sum := 0.0
				for j := range n {
					sum += g[n*i+j] * a[n*i+j]
				}
				assert.InEpsilon(t, want, sum, 1e-8, "row %d", i)
			}
		})
	}
}

func TestDeterminantOfAnotherSize(t *testing.T) {
	for _, input := range []string{`{"A": [1], "ell": 1}`, `{"A": [1, 2, 3], "ell": 2}`} {
		a := ask(t, `{"id": 1, "kind": "evaluate", "module": "det", "function": "gradient", "input": `+input+`}`)[0]
		assert.Equal(t, false, a["success"])
		assert.Contains(t, a["error"], "square")
	}
}
