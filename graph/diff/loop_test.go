package diff_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/check"
	"github.com/gradgen/gradgen/graph/diff"
	"github.com/gradgen/gradgen/graph/eval"
	"github.com/gradgen/gradgen/parser"
)

// loops are function bodies that compute a scalar y from x [n, k], W [k, k],
// v [k] and s; n = 5, k = 3.
var loops = map[string]string{
	"recurrent": "scan t in 0..n {\n carry h [k] = 0\n h = tanh(x[t] @ W + h @ W' + v)\n }\n y = sum(h^2)",
	"collects":  "scan t in 0..n {\n carry h [k] = v\n h = sin(x[t] * h) + s\n collect hs = h * s\n collect q = sum(h)\n }\n y = sum(hs^2) + sum(sin(q))",
	"gru": `scan t in 0..n {
 carry h [k] = 0
 z = sigmoid(x[t] @ W + h * v)
 r = sigmoid(x[t] + h @ W)
 c = tanh(x[t] @ W' + (r * h) @ W)
 h = (1 - z) * h + z * c
 collect hs = h
}
y = sum(hs @ v)`,
	"lstm": `scan t in 0..n {
 carry h [k] = 0, c [k] = 0
 i = sigmoid(x[t] @ W + h @ W)
 f = sigmoid(x[t] @ W + h @ W' + 1)
 g = tanh(x[t] + h @ W)
 o = sigmoid(x[t] * v + h @ W)
 c = f * c + i * g
 h = o * tanh(c)
}
y = sum(h * v) + sum(c)`,
	"columns":       "scan t in 0..k {\n carry h [n] = 1\n h = h * cos(x[:, t]) + s\n }\n y = sum(h^2)",
	"neighbours":    "scan t in 1..n-1 {\n carry h = s\n h = h * sin(sum(x[t-1] * x[t+1])) + x[t, 0]\n }\n y = h",
	"by data":       "scan t in 0..n {\n carry h = s\n h = sin(h) * W[mod(t, 3), 1] + x[mod(2 * t, 5), 0]\n }\n y = h",
	"nested":        "scan t in 0..n {\n carry h = s\n scan j in 0..k {\n carry g = h * s\n g = sin(g * x[t, j]) + v[j]\n }\n h = g + h\n }\n y = h^2",
	"triangle":      "scan t in 0..n {\n carry h = s\n scan j in 0..t {\n carry g = h\n g = sin(g + x[j, 0]) * s\n }\n h = g + x[t, 1]\n }\n y = h^2",
	"under index":   "q = array(a in 3: {\n scan t in 0..n {\n carry h = v[a]\n h = h * x[t, a] + W[a, 0] * s\n }\n return h\n })\ny = sum(q^2)",
	"no step":       "scan t in 0..0 {\n carry h [k] = v\n h = h * s\n collect hs = h\n }\n y = sum(h^2) + sum(hs)",
	"while":         "while(limit = 99) abs(h) < 20 {\n carry h = 1 + s^2\n h = h * (1.6 + s^2) + sin(v[0] * h)\n }\n y = h",
	"newton":        "while(limit = 50) abs(r * r - s) > 1e-13 {\n carry r = 1\n r = (r + s / r) / 2\n }\n y = r + s",
	"while in scan": "scan t in 0..n {\n carry h = s\n while(limit = 99) g < 3 + real(t) {\n carry g = 1 + h^2\n g = g * (1.6 + s^2) + x[t, 0]^2 + 0.1\n }\n h = 0.4 * h + sin(g) * s\n }\n y = h",
	"scan in while": "while c < 3 {\n carry c int = 0, h [k] = v\n scan t in 0..n {\n carry g [k] = h\n g = sin(g @ W + x[t])\n }\n h = g * s\n c = c + 1\n }\n y = sum(h^2)",
	"if":            "if s > 0 {\n q = sum((x @ W)^2) * s\n p = v\n } else {\n q = s\n p = v * s\n }\n y = sin(q) + sum(p^2)",
	"if in scan":    "scan t in 0..n {\n carry h [k] = v\n if mod(t, 2) == 0 {\n h = tanh(h @ W) + x[t]\n } else {\n h = h * sin(x[t])\n }\n }\n y = sum(h * v)",
	"scan in if":    "if s > 0 {\n scan t in 0..n {\n carry h [k] = v\n h = tanh(h @ W + x[t])\n }\n q = sum(h)\n } else {\n q = s\n }\n y = q * s",
	"int bounds":    "scan t in 0..int(10 * abs(s)) {\n carry h [k] = v\n h = tanh(h @ W) * s\n }\n y = sum(h^2)",
	"masked":        "scan t in 0..n {\n carry h [k] = v\n h = where(x[t] > 0, tanh(h @ W) + x[t], h)\n }\n y = sum(h * v)",
	"unused carry":  "scan t in 0..n {\n carry h [k] = v, g = s\n h = tanh(h @ W) + x[t]\n g = g * s + sum(h)\n }\n y = sum(h)",
	"penalty":       "scan t in 0..n {\n carry h [k] = v\n e = sum(sin(h * x[t]) * W[0])\n d = grad(e, h)\n h = h - s * d\n }\n y = sum(h^2)",
	"bufferred":     "scan t in 0..n {\n carry b [n] = 0\n b = update(b, t, sin(b[t-1 ? 1] + x[t, 0]))\n }\n y = sum(b^2)",
	"cumulative":    "scan t in 0..n {\n carry h [k] = v\n h = cumsum(softmax(h + x[t])) * s\n }\n y = sum(h^2)",
}

const loopSignature = "real f64\nfunc F(x [n, k], W [k, k], v [k], s) {\n"

var loopArgs = []string{"x", "W", "v", "s"}

func loopInputs() map[string]graph.Tensor {
	t := map[string]graph.Tensor{
		"x": {Shape: []int{5, 3}}, "W": {Shape: []int{3, 3}}, "v": {Shape: []int{3}, Data: []float64{0.7, -0.4, 0.9}},
		"s": {Shape: []int{}, Data: []float64{0.43}},
	}
	for i := range 15 {
		x := t["x"]
		x.Data = append(x.Data, math.Sin(float64(3*i+1)))
		t["x"] = x
	}
	for i := range 9 {
		w := t["W"]
		w.Data = append(w.Data, 0.8*math.Cos(float64(5*i+2)))
		t["W"] = w
	}
	return t
}

// compiled are the results of a function with that body, all derivatives taken.
func compiled(t *testing.T, body string) []*graph.Node {
	t.Helper()
	file, list := parser.Parse("t.grad", []byte(loopSignature+body+"\n}\n"))
	require.False(t, list.HasErrors(), "%v", list)
	p, list := check.Check(file, check.Options{})
	require.False(t, list.HasErrors(), "%s\n%v", body, list)
	diff.Program(p)
	rs := results(p)
	require.NoError(t, graph.Verify(p.Funcs[0].G, rs), body)
	return rs
}

func loopRun(t *testing.T, roots []*graph.Node, in map[string]graph.Tensor) []graph.Tensor {
	t.Helper()
	out, err := eval.Run(roots, eval.Env{Dims: map[string]int64{"n": 5, "k": 3},
		Leaf: func(_, name string) (graph.Tensor, bool) { v, ok := in[name]; return v, ok }})
	require.NoError(t, err)
	return out
}

// slopes are differences, of fourth order, of the scalar y by every argument.
func slopes(t *testing.T, y *graph.Node) [][]float64 {
	t.Helper()
	const h = 1e-4
	var out [][]float64
	for _, name := range loopArgs {
		in := loopInputs()
		data := in[name].Data
		d := make([]float64, len(data))
		for i, x := range data {
			at := func(k float64) float64 {
				data[i] = x + k*h
				return loopRun(t, []*graph.Node{y}, in)[0].Data[0]
			}
			d[i] = (8*(at(1)-at(-1)) - (at(2) - at(-2))) / (12 * h)
			data[i] = x
		}
		out = append(out, d)
	}
	return out
}

func agree(t *testing.T, body string) {
	t.Helper()
	roots := compiled(t, body)
	got := loopRun(t, roots, loopInputs())
	for i, want := range slopes(t, roots[0]) {
		require.InDeltaSlice(t, want, got[i+1].Data, 1e-6*(1+norm(want)), "by %s in\n%s", loopArgs[i], body)
	}
}

func norm(x []float64) float64 {
	m := 0.0
	for _, v := range x {
		m = max(m, math.Abs(v))
	}
	return m
}

func TestGradientsOfLoopsAgreeWithDifferences(t *testing.T) {
	for name, body := range loops {
		t.Run(name, func(t *testing.T) { agree(t, body+"\nreturn y, grad(y, x, W, v, s)") })
	}
}

func TestSecondDerivativesOfLoopsAgreeWithDifferences(t *testing.T) {
	for name, body := range loops {
		t.Run(name, func(t *testing.T) {
			agree(t, body+"\na, b, c, d = grad(y, x, W, v, s)\nz = sum(sin(a)) + sum(b^2) + sum(c * v) + d^2\nreturn z, grad(z, x, W, v, s)")
		})
	}
}

func TestRematChangesNoGradient(t *testing.T) {
	for name, body := range loops {
		if !strings.Contains(body, "scan t in") || strings.Contains(body, "int(") {
			continue
		}
		plain := loopRun(t, compiled(t, body+"\nreturn y, grad(y, x, W, v, s)"), loopInputs())
		for _, k := range []int{1, 2, 5, 7} {
			remat := strings.Replace(body, "scan t in", fmt.Sprintf("scan(remat = %d) t in", k), 1)
			got := loopRun(t, compiled(t, remat+"\nreturn y, grad(y, x, W, v, s)"), loopInputs())
			for i := range plain {
				require.InDeltaSlice(t, plain[i].Data, got[i].Data, 1e-12*(1+norm(plain[i].Data)), "%s, remat %d", name, k)
			}
		}
	}
}
