package engine_test

import (
	"encoding/json"
	"math"
	"math/cmplx"
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen/engine"
)

// both runs the functions of a file in the interpreter, with and without
// simplification, and compiled, compares them, and gives their results.
func both(t *testing.T, src string, names []string, inputs []map[string]any) [][][]float64 {
	t.Helper()
	var tasks, again []*engine.Task
	for i, name := range names {
		text, err := json.Marshal(map[string]any{"inputs": inputs[i]})
		require.NoError(t, err)
		tasks = append(tasks, lazyTask(t, i, src, name, string(text)))
		again = append(again, lazyTask(t, i, src, name, string(text)))
	}
	built, err := engine.Build(tasks, "")
	require.NoError(t, err)
	defer built.Close()
	var out [][][]float64
	for i := range names {
		var all [][]float64
		plain, err := engine.Plain(again[i])
		require.NoError(t, err)
		interp, err := engine.Interp(again[i])
		require.NoError(t, err)
		for workers := 1; workers < 3; workers++ {
			compiled, err := built.Run(i, workers)
			require.NoError(t, err)
			all = nil
			for k, want := range interp.Outputs {
				got := compiled.Outputs[k].Data
				require.Len(t, got, len(want.Data))
				for j := range got {
					tol := 1e-9 * (1 + math.Abs(want.Data[j]))
					require.InDelta(t, plain.Outputs[k].Data[j], want.Data[j], tol, "%s, result %d, element %d, simplified", names[i], k, j)
					require.InDelta(t, want.Data[j], got[j], tol, "%s, result %d, element %d, compiled", names[i], k, j)
				}
				all = append(all, got)
			}
		}
		out = append(out, all)
	}
	return out
}

func numbers(n int, seed int64) []float64 {
	r, out := rand.New(rand.NewSource(seed)), make([]float64, n)
	for i := range out {
		out[i] = r.NormFloat64()
	}
	return out
}

const fourier = `real f64
func fft(re [n], im [n], n dim) {
    if n == 1 { return re, im }
    a, b = fft(re[0::2], im[0::2], div(n, 2))
    c, d = fft(re[1::2], im[1::2], div(n, 2))
    wr[k in div(n, 2)] = cos(2 * pi * real(k) / n)
    wi[k in div(n, 2)] = -sin(2 * pi * real(k) / n)
    tr = wr * c - wi * d
    ti = wr * d + wi * c
    return concat(a + tr, a - tr), concat(b + ti, b - ti)
}
func energy(x, y, w) {
    a, b = fft(x, y, 256)
    return sum(w * (a^2 + b^2)^2) / 1e4
}
func Transform(x [256], y [256]) {
    a, b = fft(x, y, 256)
    return a, b
}
func Slope(x [256], y [256], w [256]) {
    e = energy(x, y, w)
    return e, grad(e, x, y)
}
func Second(x [256], y [256], w [256], v [256]) {
    e = energy(x, y, w)
    return jvp(e, x, v), hvp(e, x, v)
}
`

// dft is the transform by its definition.
func dft(x []complex128) []complex128 {
	n, out := len(x), make([]complex128, len(x))
	for k := range out {
		for j := range x {
			out[k] += x[j] * cmplx.Exp(complex(0, -2*math.Pi*float64(k*j%n)/float64(n)))
		}
	}
	return out
}

// The derivatives of Σ w·|X|⁴ by the real parts of x, and of them along v, in closed
// form: X = F·x gives the slope Re(Fᴴ·4w|X|²X).
func TestFourierByRecursion(t *testing.T) {
	const n = 256
	x, y, w, v := numbers(n, 1), numbers(n, 2), numbers(n, 3), numbers(n, 4)
	in := map[string]any{"x": x, "y": y, "w": w, "v": v}
	got := both(t, fourier, []string{"Transform", "Slope", "Second"}, []map[string]any{
		{"x": x, "y": y}, {"x": x, "y": y, "w": w}, in})
	z, along := make([]complex128, n), make([]complex128, n)
	for i := range z {
		z[i], along[i] = complex(x[i], y[i]), complex(v[i], 0)
	}
	f, fv := dft(z), dft(along)
	slope, curve := make([]complex128, n), make([]complex128, n)
	dot := 0.0
	for k := range f {
		require.InDelta(t, real(f[k]), got[0][0][k], 1e-9)
		require.InDelta(t, imag(f[k]), got[0][1][k], 1e-9)
		size, c := real(f[k]*cmplx.Conj(f[k])), complex(4*w[k]/1e4, 0)
		slope[k] = cmplx.Conj(c * complex(size, 0) * f[k])
		curve[k] = cmplx.Conj(c * (complex(size, 0)*fv[k] + complex(2*real(fv[k]*cmplx.Conj(f[k])), 0)*f[k]))
	}
	dx, ddx := dft(slope), dft(curve)
	for k := range dx {
		require.InDelta(t, real(dx[k]), got[1][1][k], 1e-8)
		require.InDelta(t, -imag(dx[k]), got[1][2][k], 1e-8)
		require.InDelta(t, real(ddx[k]), got[2][1][k], 1e-8)
		dot += real(dx[k]) * v[k]
	}
	require.InDelta(t, dot, got[2][0][0], 1e-7)
}
