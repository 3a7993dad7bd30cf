package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen/engine"
)

const dets = `func Slopes(A [n, n]) {
    y = det(A)
    return y, grad(y, A)
}
func Second(A [3, 3], V [3, 3]) {
    y = det(A)
    return grad(y, A), hvp(y, A, V), jvp(det(A), A, V)
}
func Fourth(A [4, 4], V [4, 4]) {
    y = det(A)
    return grad(y, A), hvp(y, A, V)
}
func Third(A [n, n], V [n, n], W [n, n]) {
    y = det(A)
    second = hvp(y, A, V)
    return second, jvp(second, A, W), grad(sum(second * W), A)
}
func Batch(A [b, 2, 2]) {
    y = sum(det(A)^2)
    g = grad(y, A)
    q = sum(g^2)
    return g, grad(q, A)
}
`

// The derivatives of determinants are those of polynomials, at singular matrices too.
func TestDeterminantsOfSingularMatrices(t *testing.T) {
	tests := []struct {
		name, values string
		want         [][]float64
	}{
		{"Slopes", `{"A": [[1, 2], [2, 4]]}`, [][]float64{{0}, {4, -2, -2, 1}}},
		{"Slopes", `{"A": [[0, 0, 0], [0, 2, 0], [0, 0, 3]]}`, [][]float64{{0}, {6, 0, 0, 0, 0, 0, 0, 0, 0}}},
		{"Slopes", `{"A": [[0, 0, 0], [0, 0, 0], [0, 0, 3]]}`, [][]float64{{0}, {0, 0, 0, 0, 0, 0, 0, 0, 0}}},
		{"Slopes", `{"A": [[1, 0, 0, 0, 0], [0, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 1, 2], [0, 0, 0, 2, 4]]}`, [][]float64{{0}, {
			0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, -2, 0, 0, 0, -2, 1}}},
		// det(diag(0, 0, 3) + t·V) is 3·t²·(v11·v22 - v12·v21) + ..
		{"Second", `{"A": [[0, 0, 0], [0, 0, 0], [0, 0, 3]], "V": [[1, 2, 0], [3, 4, 0], [0, 0, 0]]}`, [][]float64{
			{0, 0, 0, 0, 0, 0, 0, 0, 0}, {12, -9, 0, -6, 3, 0, 0, 0, -2 * 0}, {0}}},
		{"Fourth", `{"A": [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 2, 0], [0, 0, 0, 5]], "V": [[1, 2, 0, 0], [3, 4, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]}`, [][]float64{
			make([]float64, 16), {40, -30, 0, 0, -20, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}}},
		// det(diag(0, 0, 1, 1, 3) + X) begins with 3·(x11·x22 - x12·x21)·(1 + x44).
		{"Third", `{"A": [[0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 0, 3]],
			"V": [[1, 2, 0, 0, 0], [3, 4, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]],
			"W": [[0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 0, 0]]}`, [][]float64{
			{12, -9, 0, 0, 0, -6, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
			{12, -9, 0, 0, 0, -6, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
			{12, -9, 0, 0, 0, -6, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}}},
		// y = Σ d², g = 2·d·C; q = Σ 4·d²·ΣC² with ΣC² = ΣA²: ∂q = 8·d·ΣA²·C + 8·d²·A.
		{"Batch", `{"A": [[[1, 2], [2, 4]], [[1, 1], [0, 2]]]}`, [][]float64{{0, 0, 0, 0, 8, 0, -4, 4},
			{0, 0, 0, 0, 8*2*6*2 + 32, 32, -8 * 2 * 6, 8*2*6 + 64}}},
	}
	var tasks []*engine.Task
	each := func(run func(i int, src, text string)) {
		for k, real := range []string{"real f64\n", ""} {
			for i, test := range tests {
				run(k*len(tests)+i, real+dets, `{"inputs": `+test.values+`}`)
			}
		}
	}
	each(func(i int, src, text string) {
		tasks = append(tasks, lazyTask(t, i, src, tests[i%len(tests)].name, text))
	})
	built, err := engine.Build(tasks, "")
	require.NoError(t, err)
	defer built.Close()
	each(func(i int, src, text string) {
		test := tests[i%len(tests)]
		interp, err := engine.Interp(lazyTask(t, i, src, test.name, text))
		require.NoError(t, err)
		compiled, err := built.Run(i, 0)
		require.NoError(t, err)
		for _, got := range []*engine.Result{interp, compiled} {
			for k, want := range test.want {
				at := fmt.Sprint(test.name, " ", test.values, " ", k, strings.HasPrefix(src, "real"))
				require.InDeltaSlice(t, want, got.Outputs[k].Data, 1e-5, at)
			}
		}
	})
}
