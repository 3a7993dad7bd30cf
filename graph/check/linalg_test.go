package check_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/graph"
)

// Each row is a function body and its results, computed by hand. M is
// [[4, 2], [2, 5]]; B has two matrices, M and [[0, 1], [2, 0]].
var linalgRows = []struct {
	body string
	want []graph.Tensor
}{
	{"{ return det(M), logdet(M) - log(16) }", []graph.Tensor{scalar(16), scalar(0)}},
	{"= det(B)", []graph.Tensor{tensor([]float64{16, -2}, 2)}},
	{"= logdet(-B) - log([16, 2])", []graph.Tensor{tensor([]float64{0, 0}, 2)}},
	{"= inv(M)", []graph.Tensor{tensor([]float64{5. / 16, -1. / 8, -1. / 8, 1. / 4}, 2, 2)}},
	{"= inv(B)[1]", []graph.Tensor{tensor([]float64{0, 0.5, 1, 0}, 2, 2)}},
	{"= solve(M, [8, 12])", []graph.Tensor{tensor([]float64{1, 2}, 2)}},
	{"= solve(M, [[8, 4], [12, 2]])", []graph.Tensor{tensor([]float64{1, 1, 2, 0}, 2, 2)}},
	{"= solve(B, [8, 12])", []graph.Tensor{tensor([]float64{1, 2, 6, 8}, 2, 2)}},
	{"= solve(M, B)[1]", []graph.Tensor{tensor([]float64{-0.25, 5. / 16, 0.5, -0.125}, 2, 2)}},
	{"= array(q: solve(M, B[q]))[1]", []graph.Tensor{tensor([]float64{-0.25, 5. / 16, 0.5, -0.125}, 2, 2)}},
	{"= array(q: triangular_solve(M, B[q, 0]))", []graph.Tensor{tensor([]float64{1, 0, 0, 0.2}, 2, 2)}},
	{"= cholesky(M)", []graph.Tensor{tensor([]float64{2, 0, 1, 2}, 2, 2)}},
	{"= triangular_solve(M, [8, 12])", []graph.Tensor{tensor([]float64{2, 1.6}, 2)}},
	{"= triangular_solve(M, [8, 10], lower = false)", []graph.Tensor{tensor([]float64{1, 2}, 2)}},
	{"= array(q: solve(B[q], M[q]))", []graph.Tensor{tensor([]float64{1, 0, 2.5, 2}, 2, 2)}},
	{"{ y[q] = det(B[q])\n return y }", []graph.Tensor{tensor([]float64{16, -2}, 2)}},
	// singular
	{"= inv([[1, 2], [2, 4]])", []graph.Tensor{tensor([]float64{nan, nan, nan, nan}, 2, 2)}},
	{"= solve(0 * M, [1, 2])", []graph.Tensor{tensor([]float64{nan, nan}, 2)}},
	{"= cholesky(-M)", []graph.Tensor{tensor([]float64{nan, 0, nan, nan}, 2, 2)}},
	{"= triangular_solve([[1, 0], [3, 0]], [1, 2])", []graph.Tensor{tensor([]float64{nan, nan}, 2)}},
	{"{ return det([[1, 2], [2, 4]]), logdet([[1, 2], [2, 4]]) }", []graph.Tensor{scalar(0), scalar(-inf)}},
	// derivatives
	{"{ y = det(M)\n return grad(y, M) }", []graph.Tensor{tensor([]float64{5, -2, -2, 4}, 2, 2)}},
	{"{ y = logdet(M)\n return grad(y, M) }", []graph.Tensor{tensor([]float64{5. / 16, -1. / 8, -1. / 8, 1. / 4}, 2, 2)}},
	{"{ y = cholesky(M)[1, 0]\n return grad(y, M) }", []graph.Tensor{tensor([]float64{-0.125, 0.25, 0.25, 0}, 2, 2)}},
	{"{ v = [8, 12]\n y = solve(M, v)[0]\n return grad(y, v), grad(y, M) }",
		[]graph.Tensor{tensor([]float64{5. / 16, -1. / 8}, 2), tensor([]float64{-5. / 16, -5. / 8, 1. / 8, 1. / 4}, 2, 2)}},
	// the second derivative of det by a diagonal element and then the other is 1
	{"{ y = det(M)\n g = grad(y, M)\n z = g[0, 0]\n return grad(z, M) }", []graph.Tensor{tensor([]float64{0, 0, 0, 1}, 2, 2)}},
	{"{ v = [8, 12]\n y = solve(M, v)\n return jacobian(y, v) }", []graph.Tensor{tensor([]float64{5. / 16, -1. / 8, -1. / 8, 1. / 4}, 2, 2)}},
	{"{ v = [4.0, 2.0]\n y = logdet([v, [2, 5]])\n return hessian(y, v) }", // of log(5a - 2b): -(5, -2)·(5, -2)'/16²
		[]graph.Tensor{tensor([]float64{-25. / 256, 10. / 256, 10. / 256, -4. / 256}, 2, 2)}},
	{"{ L = cholesky(M)\n return jvp(L, M, [[8, 0], [0, 0]]) }", []graph.Tensor{tensor([]float64{2, 0, -1, 0.5}, 2, 2)}},
	{"= sum(q if q < 1: det(B[q]))", []graph.Tensor{scalar(16)}},
	{"{ y = sum(q if q > 0: sum(inv(B[q])))\n return grad(y, B) }", []graph.Tensor{tensor([]float64{0, 0, 0, 0, -0.5, -1, -0.25, -0.5}, 2, 2, 2)}},
	{"{ y = M\n for j in 0..2 { y = inv(y) + eye(2) * 0 }\n return y }", []graph.Tensor{tensor([]float64{4, 2, 2, 5}, 2, 2)}},
	{"{ return inv([[s0(M)]]), solve([[2]], [4]), det([[3]]) }\nfunc s0(A) = A[0, 0]", []graph.Tensor{tensor([]float64{0.25}, 1, 1), tensor([]float64{2}, 1), scalar(3)}},
	// nothing of the singular matrix is taken
	{"{ y = sum(q: where(q == 0, det(B[q] * real(1 - q)), 0))\n return y, grad(y, B)[1] }",
		[]graph.Tensor{scalar(16), tensor([]float64{0, 0, 0, 0}, 2, 2)}},
}

func TestLinearAlgebra(t *testing.T) {
	for _, r := range linalgRows {
		t.Run(r.body, func(t *testing.T) {
			got := call(t, "real f64\nfunc F(M [n, n], B [k, n, n]) "+r.body+"\n", map[string]graph.Tensor{
				"M": tensor([]float64{4, 2, 2, 5}, 2, 2), "B": tensor([]float64{4, 2, 2, 5, 0, 1, 2, 0}, 2, 2, 2),
			}, map[string]int64{"n": 2, "k": 2})
			require.Len(t, got, len(r.want))
			for i, w := range r.want {
				require.Equal(t, append([]int{}, w.Shape...), append([]int{}, got[i].Shape...))
				require.InDeltaSlice(t, w.Data, got[i].Data, 1e-12)
			}
		})
	}
}

// What does not fit is said so.
func TestLinearAlgebraThatDoesNotFit(t *testing.T) {
	for body, want := range map[string]string{
		"= inv(C)":                            "G0318",
		"= det(v)":                            "det takes a matrix, not a tensor [3]",
		"= solve(M, 1.0)":                     "takes a vector or a matrix on the right",
		"= solve(M, v)":                       "[2, 2] and [3]: 2 ≠ 3",
		"= solve(B, D)":                       "x[i] = solve(A[i], b[i])",
		"= solve(B, E)":                       "do not broadcast",
		"= cholesky(M, M)":                    "G02",
		"= triangular_solve(M, M, lower = v)": "G0405",
	} {
		_, said := program(t, "func F(M [2, 2], C [2, 3], v [3], B [5, 2, 2], D [5, 2], E [4, 2, 2]) "+body+"\n")
		require.Contains(t, said, want, body)
	}
}
