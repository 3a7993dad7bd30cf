package engine_test

import (
	"encoding/json"
	"maps"
	"math"
	"math/cmplx"
	"math/rand"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen"
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

const laplace = `real f64
func det(M [n, n]) {
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
func Slope(A [7, 7], V [7, 7]) {
    d = det(A)
    return d, grad(d, A), jvp(d, A, V)
}
func Curve(A [6, 6], V [6, 6]) {
    d = det(A)
    return hvp(d, A, V)
}
`

// determinant is by elimination with pivots.
func determinant(a []float64, n int) float64 {
	a, d := slices.Clone(a), 1.0
	for k := range n {
		p := k
		for i := k; i < n; i++ {
			if math.Abs(a[i*n+k]) > math.Abs(a[p*n+k]) {
				p = i
			}
		}
		if p != k {
			d = -d
			for j := range n {
				a[p*n+j], a[k*n+j] = a[k*n+j], a[p*n+j]
			}
		}
		d *= a[k*n+k]
		for i := k + 1; i < n; i++ {
			f := a[i*n+k] / a[k*n+k]
			for j := k; j < n; j++ {
				a[i*n+j] -= f * a[k*n+j]
			}
		}
	}
	return d
}

// slopes are the cofactors: the determinant is linear in each element.
func slopes(a []float64, n int) []float64 {
	out := make([]float64, n*n)
	for i := range out {
		up, down := slices.Clone(a), slices.Clone(a)
		up[i]++
		down[i]--
		out[i] = (determinant(up, n) - determinant(down, n)) / 2
	}
	return out
}

func TestDeterminantByRecursion(t *testing.T) {
	rows := func(a []float64, n int) [][]float64 { return slices.Collect(slices.Chunk(a, n)) }
	a, v, b, u := numbers(49, 1), numbers(49, 2), numbers(36, 3), numbers(36, 4)
	got := both(t, laplace, []string{"Slope", "Curve"}, []map[string]any{
		{"A": rows(a, 7), "V": rows(v, 7)}, {"A": rows(b, 6), "V": rows(u, 6)}})
	require.InDelta(t, determinant(a, 7), got[0][0][0], 1e-8)
	dot := 0.0
	for i, want := range slopes(a, 7) {
		require.InDelta(t, want, got[0][1][i], 1e-8)
		dot += want * v[i]
	}
	require.InDelta(t, dot, got[0][2][0], 1e-8)
	up, down := slices.Clone(b), slices.Clone(b)
	const h = 1e-4
	for i := range u {
		up[i] += h * u[i]
		down[i] -= h * u[i]
	}
	high, low := slopes(up, 6), slopes(down, 6)
	for i := range high {
		require.InDelta(t, (high[i]-low[i])/(2*h), got[1][0][i], 1e-5)
	}
}

// Functions that call one another, with what is captured and what is passed: a
// function, a number, an int, a loop with a limit inside, and what is not taken.
const mixed = `real f64
func even(x [n], k dim) {
    if k == 0 { return x }
    return odd(sin(x) * x, k - 1) + odd(cos(x), k - 1)
}
func odd(x [n], k dim) = even(x^2 / 4, k - 1) * 2 - even(flip(x), k - 1)
func Mutual(x [40]) {
    s = sum(even(x, 4) * even(x / 2, 4))
    return s, grad(s, x), hvp(s, x, x)
}
func root(x [n], f, i int, k dim) {
    if k == 0 {
        while(limit = 60) any(abs(x * x - 2) > 1e-9) {
            carry x = x
            x = (x + 2 / x) / 2
        }
        return f(x) * real(i)
    }
    return root(f(x) + 1, f, i + 1, k - 1) + root(x + 2, f, i, k - 1)
}
func Inside(x [30], i int) {
    y = root(x^2 + 1, sigmoid, i, 3)
    s = sum(y * x)
    return s, grad(s, x)
}
func Captured(x [30], w [30]) {
    func tree(y, k dim) {
        if k == 0 { return y * w }
        return tanh(tree(y + w, k - 1) * tree(y - w, k - 1)) + y
    }
    s = sum(tree(x, 4))
    return s, grad(s, x, w)
}
func halve(x [n], k dim) {
    if k == 0 { return x }
    return halve(x / 2, k - 1) + halve(sin(flip(x) * x), k - 1)
}
func Untaken(x [30], E [5], i [30] int) {
    y = halve(E[i] * x, 5)
    s = sum(where(i < 5 and flip(i) < 5, y, x^2))
    return s, grad(s, x, E)
}
func Stacked(x [30, 8]) {
    scan t in 0..8 {
        carry s = 0.0
        s = s * 0.9 + mean(halve(x[:, t] * 0.9, 5)) * (1 + sin(s))
    }
    return s, grad(s, x)
}
func Jacobian(x [6]) {
    y = sum(halve(halve(concat(x, x, x, x, x, x, x, x), 4), 3)[0:3])
    return hessian(y, x)
}
`

func TestFunctionsThatCallOneAnother(t *testing.T) {
	i := make([]int, 30)
	for k := range i {
		i[k] = (3 * k) % 7 // 5 and 6 are outside
	}
	x, w := numbers(40, 1), numbers(30, 2)
	columns := slices.Collect(slices.Chunk(numbers(240, 3), 8))
	names := []string{"Mutual", "Inside", "Captured", "Untaken", "Stacked", "Jacobian"}
	inputs := []map[string]any{{"x": x}, {"x": x[:30], "i": 2}, {"x": x[:30], "w": w}, {"x": x[:30], "E": w[:5], "i": i}, {"x": columns}, {"x": x[:6]}}
	calls(t, mixed, names)
	got := both(t, mixed, names, inputs)
	for k, name := range names[:5] {
		for r, arg := range map[string][]string{"Mutual": {"x"}, "Inside": {"x"}, "Captured": {"x", "w"}, "Untaken": {"x", "E"}, "Stacked": {"x"}}[name] {
			slope(t, mixed, name, inputs[k], arg, got[k][1+r])
		}
	}
}

// calls wants some calls to stay calls.
func calls(t *testing.T, src string, names []string) {
	t.Helper()
	res, list, err := codegen.Compile("m.grad", []byte(src), codegen.Options{Until: "emit"})
	require.NoError(t, err)
	require.False(t, list.HasErrors(), "%v", list)
	for _, f := range res.Unit.Funcs {
		if slices.Contains(names, f.Func.Name) {
			require.Greater(t, len(f.Program.Sections), 1, f.Func.Name)
		}
	}
}

// slope compares some elements of a gradient of the first result with differences.
func slope(t *testing.T, src, name string, in map[string]any, arg string, got []float64) {
	t.Helper()
	at := func(i int, h float64) float64 {
		moved := maps.Clone(in)
		switch x := in[arg].(type) {
		case []float64:
			x = slices.Clone(x)
			x[i] += h
			moved[arg] = x
		case [][]float64:
			x = slices.Clone(x)
			x[i/8] = slices.Clone(x[i/8])
			x[i/8][i%8] += h
			moved[arg] = x
		}
		text, err := json.Marshal(map[string]any{"inputs": moved})
		require.NoError(t, err)
		r, err := engine.Interp(lazyTask(t, 0, src, name, string(text)))
		require.NoError(t, err)
		return r.Outputs[0].Data[0]
	}
	for i := 0; i < len(got); i += 1 + len(got)/4 {
		const h = 1e-5
		want := (at(i, h) - at(i, -h)) / (2 * h)
		require.InDelta(t, want, got[i], 1e-5*(1+math.Abs(want)), "%s by %s, element %d", name, arg, i)
	}
}
