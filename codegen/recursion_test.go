package codegen_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen"
	"github.com/gradgen/gradgen/codegen/kernel"
)

// Fourier's transform of 1024 numbers, and the slope of its energy, by a plain
// recursion of two calls.
const transform = `func fft(re [n], im [n], n dim) {
    if n == 1 { return re, im }
    a, b = fft(re[0::2], im[0::2], div(n, 2))
    c, d = fft(re[1::2], im[1::2], div(n, 2))
    wr[k in div(n, 2)] = cos(2 * pi * real(k) / n)
    wi[k in div(n, 2)] = -sin(2 * pi * real(k) / n)
    tr = wr * c - wi * d
    ti = wr * d + wi * c
    return concat(a + tr, a - tr), concat(b + ti, b - ti)
}
func FFT(x [1024], y [1024]) {
    a, b = fft(x, y, 1024)
    return a, b
}
func Slope(x [1024], y [1024], w [1024]) {
    a, b = fft(x, y, 1024)
    s = sum(w * (a^2 + b^2))
    return grad(s, x, y)
}
`

// Code grows with the shapes of a recursion, not with its calls.
func TestRecursionMakesASectionForEachShape(t *testing.T) {
	res, list, err := codegen.Compile("fft.grad", []byte(transform), codegen.Options{})
	require.NoError(t, err)
	require.False(t, list.HasErrors())
	for _, f := range res.Unit.Funcs {
		called := 0
		for _, s := range f.Program.Sections {
			if s.Called() {
				called++
			}
			for _, k := range kernel.All(s.Kernels) {
				require.Less(t, len(k.Body), 1400)
			}
		}
		require.Greater(t, called, 4, f.Func.Name)
		require.Less(t, called, 14, f.Func.Name)
	}
	require.Less(t, bytes.Count(res.Go, []byte("\n")), 4000)
	require.Less(t, len(res.Asm), 300000)
}

// Where the function's value is asked for beside its gradient, each level computes
// both in one call, and none of the level below for its own use.
func TestDerivativesOfCallsComputeTheirFunctionOnce(t *testing.T) {
	res, list, err := codegen.Compile("det.grad", []byte(`func det(M [n, n]) {
    if n == 1 { return M[0, 0] }
    d = 0.0
    for j in 0..n {
        d = d + (-1)^j * M[0, j] * det(minor(M, j))
    }
    return d
}
func minor(M [n, n], j) {
    m[r in n-1, c in n-1] = M[r + 1, where(c < j, c, c + 1)]
    return m
}
func Slope(A [10, 10]) {
    d = det(A)
    return d, grad(d, A)
}
`), codegen.Options{Dump: "expand"})
	require.NoError(t, err)
	require.False(t, list.HasErrors())
	require.Zero(t, strings.Count(res.Dump, "{det}"))
	require.Greater(t, strings.Count(res.Dump, "{detBack}"), 40)
}

// A function that calls itself twice, sixty levels deep, is called 2⁶⁰ times: no pass
// looks at each call.
func TestPassesSeeSharedRegionsOnce(t *testing.T) {
	_, list, err := codegen.Compile("tower.grad", []byte(`func tower(x [40], k dim) {
    if k == 0 { return sin(x) }
    return tower(tower(x, k - 1) / 2, k - 1)
}
func Tower(x [40], v [40]) {
    s = sum(tower(x, 60))
    return s, grad(s, x), hvp(s, x, v)
}
`), codegen.Options{})
	require.NoError(t, err)
	require.False(t, list.HasErrors())
}
