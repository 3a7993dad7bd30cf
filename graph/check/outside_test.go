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

// A cotangent is held fast for the derivative it is asked for, not for others: the
// value r = Σ_i |u_i J_i|², quadratic in u, has u·dr/du = 2r, whether u comes from x
// or not, where y runs over the index and where it does not.
func TestDerivativesByCotangents(t *testing.T) {
	args := map[string]graph.Tensor{"x": tensor([]float64{1, 2}, 2), "u": tensor([]float64{0.3, 0.7}, 2)}
	for _, body := range []string{
		"y = x * x[i]\n w = u * real(i + 1)",
		"y = x * x[i]\n w = u * x * real(i + 1)",
		"y = x * x[1]\n w = u * real(i + 1)",
		"y = x * x[1]\n w = u * x * real(i + 1)",
	} {
		got := call(t, "real f64\nfunc F(x [2], u [2]) {\n r = sum(array(i in 2: {\n "+body+"\n g = vjp(y, x, w)\n return sum(g^2)\n }))\n return r, sum(u * grad(r, u))\n}", args, nil)
		require.Positive(t, got[0].Data[0], body)
		require.InDelta(t, 2*got[0].Data[0], got[1].Data[0], 1e-12, body)
	}
}
