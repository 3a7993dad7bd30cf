package engine_test

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen/engine"
)

const products = `func Segments(x [e], w [v], dst [e] int) {
    p[j in v] = prod(i if dst[i] == j: x[i])
    y = sum(w * p)
    return p, grad(y, x)
}
func Dense(x [n], v [n], w [n]) {
    y = prod(x)
    g = grad(y, x)
    h = hvp(y, x, v)
    return y, g, h, jvp(h, x, w), grad(sum(h * w), x)
}
func Running(x [n], v [n]) {
    y = sum(cumprod(x) * v)
    g = grad(y, x)
    return g, jvp(g, x, v), grad(sum(g * v), x)
}
`

// productSlopes are the derivatives of Π x along directions, at the elements: each
// direction and the derivative take another factor away.
func productSlopes(x []float64, along ...[]float64) []float64 {
	out := make([]float64, len(x))
	var choose func(gone map[int]bool, weight float64, k int)
	choose = func(gone map[int]bool, weight float64, k int) {
		for i := range x {
			if gone[i] {
				continue
			}
			gone[i] = true
			if k < len(along) {
				choose(gone, weight*along[k][i], k+1)
			} else {
				rest := weight
				for j, v := range x {
					if !gone[j] {
						rest *= v
					}
				}
				out[i] += rest
			}
			delete(gone, i)
		}
	}
	choose(map[int]bool{}, 1, 0)
	return out
}

func runningSlopes(x, weights []float64, along ...[]float64) []float64 {
	out := make([]float64, len(x))
	for k := range x {
		var ds [][]float64
		for _, d := range along {
			ds = append(ds, d[:k+1])
		}
		for i, v := range productSlopes(x[:k+1], ds...) {
			out[i] += weights[k] * v
		}
	}
	return out
}

// The slope of a product is the product of the others, though that of all be too
// great or too small for a number, and to any order whichever factors are 0.
func TestSlopesOfProducts(t *testing.T) {
	v := []float64{1, -2, 3, 0.5, 2, -1, 0.25, 4, 1.5, -3}
	w := []float64{2, 1, -1, 3, 0.5, 1, -2, 1, 0.75, 1}
	var runs []engineRun
	for _, zeros := range [][]int{nil, {3}, {3, 8}, {0, 4, 9}, {1, 2, 3, 4}} {
		x := []float64{1.5, -0.5, 2, 0.75, 1, 3, -1.25, 0.5, 2, 1}
		all := 1.0
		for _, k := range zeros {
			x[k] = 0
		}
		for _, f := range x {
			all *= f
		}
		third := productSlopes(x, v, w)
		runs = append(runs,
			engineRun{"Dense", fmt.Sprintf(`{"x": %s, "v": %s, "w": %s}`, list(x), list(v), list(w)),
				[][]float64{{all}, productSlopes(x), productSlopes(x, v), third, third}},
			engineRun{"Running", fmt.Sprintf(`{"x": %s, "v": %s}`, list(x), list(v)),
				[][]float64{runningSlopes(x, v), runningSlopes(x, v, v), runningSlopes(x, v, v)}})
	}
	compareRuns(t, "real f64\n"+products, runs, 1e-12)
	compareRuns(t, products, runs, 1e-4)
	for _, wide := range []struct {
		head  string
		power float64
		close float64
	}{{"real f64\n", 1, 1e-12}, {"", 1. / 8, 1e-4}} {
		f := func(e float64) float64 { return math.Pow(10, math.Round(e*wide.power)) }
		x := []float64{f(-240), -f(-200), f(120), -f(120), f(120), 0, f(-120), -f(-120), 3}
		inputs := fmt.Sprintf(`{"x": %s, "w": [%g, %g, %g, 2], "dst": [0, 0, 1, 1, 1, 2, 2, 2, 3]}`, list(x), f(200), 1/f(240), f(240))
		compareRuns(t, wide.head+products, []engineRun{{"Segments", inputs, [][]float64{nil, {-1, f(-40), -1, 1, -1, -1, 0, 0, 2}}}}, wide.close)
	}
}

type engineRun struct {
	name, inputs string
	want         [][]float64 // nil: anything
}

// compareRuns compares the outputs of both engines with numbers.
func compareRuns(t *testing.T, src string, runs []engineRun, tolerance float64) {
	t.Helper()
	var tasks []*engine.Task
	for i, r := range runs {
		tasks = append(tasks, lazyTask(t, i, src, r.name, `{"inputs": `+r.inputs+`}`))
	}
	built, err := engine.Build(tasks, "")
	require.NoError(t, err)
	defer built.Close()
	for i, r := range runs {
		interp, err := engine.Interp(lazyTask(t, i, src, r.name, `{"inputs": `+r.inputs+`}`))
		require.NoError(t, err)
		compiled, err := built.Run(i, 0)
		require.NoError(t, err)
		for engine, got := range map[string]*engine.Result{"interp": interp, "compiled": compiled} {
			for k, want := range r.want {
				for j, v := range want {
					if math.IsNaN(v) {
						require.True(t, math.IsNaN(got.Outputs[k].Data[j]), "%s %s: result %d of %s", engine, r.name, k, r.inputs)
						continue
					}
					require.InDelta(t, v, got.Outputs[k].Data[j], tolerance*math.Max(1, math.Abs(v)), "%s %s: result %d of %s", engine, r.name, k, r.inputs)
				}
			}
		}
	}
}

// A zero that the program says keeps what is no number, in straight-line code too.
func TestZeroTimesNaN(t *testing.T) {
	nan := math.NaN()
	const src = `func Scaled(x [2], y) {
    z = 0 * x[0] + y * 0.0 + x[1]
    return z, [0 * x[1], 0 * x[0]], grad(z^2, x)
}
`
	compareRuns(t, "real f64\n"+src, []engineRun{
		{"Scaled", `{"x": ["NaN", 2], "y": 1}`, [][]float64{{nan}, {0, nan}}},
		{"Scaled", `{"x": [1, 2], "y": "Infinity"}`, [][]float64{{nan}, {0, 0}}},
		{"Scaled", `{"x": [1, 2], "y": 3}`, [][]float64{{2}, {0, 0}, {0, 4}}},
	}, 1e-14)
}

// list writes numbers as JSON.
func list(x []float64) string {
	text, _ := json.Marshal(x)
	return string(text)
}
