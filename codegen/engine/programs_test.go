package engine_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen"
	"github.com/gradgen/gradgen/codegen/engine"
)

// writer makes random programs over vectors [n] (kind v), matrices [n, 3] (kind
// m) and scalars (kind s). Functions are chosen to stay in a range where
// rounding does not decide.
type writer struct {
	r     *rand.Rand
	b     strings.Builder
	names map[byte][]string
	count int
}

func (w *writer) pick(list ...string) string { return list[w.r.IntN(len(list))] }

func (w *writer) name(kind byte) string { return w.pick(w.names[kind]...) }

func (w *writer) bind(kind byte, format string, args ...any) {
	w.count++
	name := fmt.Sprintf("%c%d", kind, w.count)
	fmt.Fprintf(&w.b, "    %s = %s\n", name, fmt.Sprintf(format, args...))
	w.names[kind] = append(w.names[kind], name)
}

// statement adds a definition of a random kind.
func (w *writer) statement() {
	smooth := []string{"tanh", "sin", "sigmoid", "softplus", "gelu", "cos", "atan", "erf"}
	kinked := append(smooth, "relu", "abs")
	v, u, m, m2, s := w.name('v'), w.name('v'), w.name('m'), w.name('m'), w.name('s')
	f := w.pick(kinked...)
	switch w.r.IntN(26) {
	case 0:
		w.bind('v', "%s(%s) %s %s", f, v, w.pick("+", "-", "*"), u)
	case 1:
		w.bind('m', "%s(%s) %s %s", f, m, w.pick("+", "-", "*"), m2)
	case 2:
		w.bind('v', "%s / (1 + %s^2)", v, u)
	case 3:
		w.bind('v', "where(%s > %s, log(1 + abs(%s)), %s)", v, u, v, s)
	case 4:
		w.bind('v', "%s(%s, axis = 1)", w.pick("sum", "mean", "max", "min", "logsumexp", "norm", "var"), m)
	case 5:
		w.bind('m', "softmax(%s) * %s", m, s)
	case 6:
		w.bind('m', "%s @ (%s' @ %s) / 8", m, m2, m)
	case 7:
		w.bind('v', "%s @ (%s' @ %s) / 8", m, m2, u)
	case 8:
		w.bind('s', "%s(%s) / 4", w.pick("sum", "max", "min", "mean", "norm"), w.pick(v, m))
	case 9:
		w.bind('v', "array(i in n: sum(d in 3: %s[i+d-1 ? 0]) * %s[i])", v, u)
	case 10:
		w.bind('v', "array(i in n: sum(j if j <= i: %s[j]) / n)", v)
	case 11:
		w.bind('m', "array(i, j: %s[i, j] * sum(l: %s[i, l] * %s[l])) / 4", m, m2, w.bound(m))
	case 12:
		w.bind('v', "%s[k]", v)
	case 13:
		w.bind('m', "%s[k] - %s", m, m2)
	case 14:
		w.bind('m', "array(i, j in 3: %s[k[i], j] * %s[i])", m, v)
	case 15:
		w.bind('v', "cumsum(%s) / n", v)
	case 16:
		w.bind('v', "%s(%s)", w.pick("sort", "flip"), v)
	case 17:
		w.bind('v', "concat(%s[1:], stack(%s))", v, s)
	case 18:
		w.bind('m', "stack(%s, %s, %s, axis = 1)", v, u, v)
	case 19:
		w.bind('s', "argument(%s, %s)", v, s)
	case 20:
		w.scan(v, u, s)
	case 21:
		w.slope(v, w.pick(smooth...))
	case 22:
		w.bind('m', "nn.LayerNorm(%s)", m)
	case 23:
		w.bind('m', "nn.Dense(%s, 3, %s)", m, w.pick("tanh", "gelu", "relu", "nn.elu"))
	case 24:
		w.bind('v', "log_softmax(%s)[:, %d]", m, w.r.IntN(3))
	case 25:
		w.bind('v', "scatter(%s, k, %s) / 2", v, u)
	}
}

// bound is a vector [3] made of a matrix.
func (w *writer) bound(m string) string {
	w.count++
	name := fmt.Sprintf("c%d", w.count)
	fmt.Fprintf(&w.b, "    %s = mean(%s, axis = 0)\n", name, m)
	return name
}

func (w *writer) scan(v, u, s string) {
	w.count++
	c := w.count
	fmt.Fprintf(&w.b, "    scan t in 0..n {\n        carry h%d = %s\n        h%d = tanh(0.5 * h%d + %s[t]) + 0.1 * %s[t]\n        collect v%d = h%d\n    }\n", c, s, c, c, v, u, c, c)
	w.names['v'] = append(w.names['v'], fmt.Sprintf("v%d", c))
	w.names['s'] = append(w.names['s'], fmt.Sprintf("h%d", c))
}

// slope binds a gradient, so that the gradient of the loss is a second one.
func (w *writer) slope(v, f string) {
	w.count++
	c := w.count
	fmt.Fprintf(&w.b, "    z%d = %s + 0\n    y%d = sum(%s(z%d) * z%d)\n    v%d = grad(y%d, z%d)\n", c, v, c, f, c, c, c, c, c)
	w.names['v'] = append(w.names['v'], fmt.Sprintf("v%d", c))
}

// randomProgram is a model with as many statements, each an output.
func randomProgram(seed uint64, statements int) string {
	w := &writer{r: rand.New(rand.NewPCG(seed, 7)), names: map[byte][]string{'v': {"x", "w"}, 'm': {"A", "W"}, 's': {"a"}}}
	w.b.WriteString("import \"nn\"\nfunc argument(y [l], b) = sum(y * b) / l\nmodel M {\n    dim n = 5\n    input x [n]\n    input A [n, 3]\n    input k [n] int\n" +
		"    param w [n] ~ normal(0, 1)\n    param W [n, 3] ~ normal(0, 1)\n    param a = 0.5\n    p = A[k] + W\n")
	for range statements {
		w.statement()
	}
	total := "sum(p) / 9"
	for _, kind := range "vms" {
		for i, name := range w.names[byte(kind)] {
			if i >= 1 && name != "w" && name != "W" {
				fmt.Fprintf(&w.b, "    output out_%s = %s\n", name, name)
				total += fmt.Sprintf(" + sum(sin(%s))", name)
			}
		}
	}
	fmt.Fprintf(&w.b, "    loss %s\n    train nn.SGD\n}\n", total)
	return w.b.String()
}

// TestRandomPrograms compares the generated code of random programs, in both
// widths, with the interpreter, before and after rewriting. GRADGEN_PROGRAMS sets how many.
func TestRandomPrograms(t *testing.T) {
	count := 2
	if s := os.Getenv("GRADGEN_PROGRAMS"); s != "" {
		n, err := strconv.Atoi(s)
		require.NoError(t, err)
		count = n
	}
	first := uint64(1)
	if s := os.Getenv("GRADGEN_FIRST"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		require.NoError(t, err)
		first = n
	}
	for seed := first; seed < first+uint64(count); seed++ {
		src := randomProgram(seed, 14)
		want := run(t, src, "f64", "diff", engine.Interp, seed)
		// Rewriting keeps values; float64 code rounds in another order; float32
		// carries some 14 operations of which each may grow an error by a few.
		sameResults(t, src, want, run(t, src, "f64", "rewrite", engine.Interp, seed), 1e-9)
		sameResults(t, src, want, run(t, src, "f64", "diff", engine.Compiled, seed), 1e-9)
		sameResults(t, src, want, run(t, src, "f32", "diff", engine.Compiled, seed), 3e-3)
	}
}

func run(t *testing.T, src, real, until string, e engine.Engine, seed uint64) *engine.Result {
	t.Helper()
	res, list, err := codegen.Compile("m.grad", []byte(src), codegen.Options{Until: until, Real: real})
	require.NoError(t, err, src)
	require.False(t, list.HasErrors(), "%v\n%s", list, src)
	x := &engine.Task{Program: res.Program, Model: res.Program.Models[0], Grad: true}
	require.NoError(t, engine.Draw(x, seed), src)
	out, err := e(x)
	require.NoError(t, err, src)
	return out
}

func sameResults(t *testing.T, src string, want, got *engine.Result, tol float64) {
	t.Helper()
	require.Len(t, got.Outputs, len(want.Outputs), src)
	require.Len(t, got.Grads, len(want.Grads), src)
	for i, w := range append(append(want.Outputs, want.Losses...), want.Grads...) {
		g := append(append(got.Outputs, got.Losses...), got.Grads...)[i]
		require.Equal(t, w.Name, g.Name)
		size := 1.0
		for _, x := range w.Tensor.Data {
			size = max(size, math.Abs(x))
		}
		for j, x := range w.Tensor.Data {
			y := g.Tensor.Data[j]
			if d := math.Abs(x - y); !(d <= tol*size) && !(math.IsNaN(x) && math.IsNaN(y)) && x != y {
				require.Failf(t, "results differ", "%s[%d]: want %g, got %g\n%s", w.Name, j, x, y, src)
			}
		}
	}
}
