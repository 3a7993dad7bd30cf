package check_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/graph"
)

// Derivatives under an index by a name bound outside of it, with y_i = x_i·Σx³,
// whose gradient is 3·x_i·x² + e_i·Σx³, at x = (1, 2).
func TestDerivativesByNamesOutside(t *testing.T) {
	x := tensor([]float64{1, 2}, 2)
	v := tensor([]float64{1, 10, 100, 1000}, 2, 2) // a direction for each i
	// Σx³ = 9; gradients (12, 12) and (6, 33).
	// Hessians of y_0: [6+6, 12; 12, 12], of y_1: [12, 3; 3, 24+24].
	for name, want := range map[string][]float64{
		"grad(x[i] * sum(x^3), x)":         {12, 12, 6, 33},
		"hessian(x[i] * sum(x^3), x)":      {12, 12, 12, 12, 12, 3, 3, 48},
		"hvp(x[i] * sum(x^3), x, v[i])":    {132, 132, 4200, 48300},
		"hvp(x[i] * sum(x^3), x, v[0])":    {132, 132, 42, 483},
		"jvp(x[i] * sum(x^3), x, v[i])":    {132, 33600},
		"jvp([sum(x), sum(x^2)], x, v[i])": {11, 42, 1100, 4200},
		"vjp(x * sum(x^3), x, v[i])":       {72, 342, 7200, 34200},
		"vjp([x[i], sum(x^2)], x, v[i])":   {21, 40, 2000, 4100},
		"vjp(x * x[i], x, [1, 10])":        {22, 10, 2, 41},
	} {
		got := call(t, "real f64\nfunc F(x [n], v [n, n]) = array(i in n: "+name+")", map[string]graph.Tensor{"x": x, "v": v}, map[string]int64{"n": 2})
		require.InDeltaSlice(t, want, got[0].Data, 1e-12, name)
	}
}
