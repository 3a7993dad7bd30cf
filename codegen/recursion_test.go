package codegen_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen"
	"github.com/gradgen/gradgen/codegen/kernel"
)

// Fourier's transform of 512 numbers by a plain recursion: each call writes out two of
// half the size. No kernel of it grows beyond what a Go compiler takes quickly.
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
func FFT(x [512], y [512]) {
    a, b = fft(x, y, 512)
    return a, b
}
`

func TestRecursionMakesKernelsOfBoundedSize(t *testing.T) {
	res, list, err := codegen.Compile("fft.grad", []byte(transform), codegen.Options{Until: "plan"})
	require.NoError(t, err)
	require.False(t, list.HasErrors())
	kernels := 0
	for _, s := range res.Unit.Funcs[0].Program.Sections {
		for _, k := range kernel.All(s.Kernels) {
			kernels++
			require.Less(t, len(k.Body), 1400)
		}
	}
	require.Greater(t, kernels, 4)
}
