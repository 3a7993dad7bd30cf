package vector

import (
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
)

// functions are the elementary functions, with a reference for float32.
var functions = []struct {
	name string
	f    func(float64) float64
}{
	{"exp", math.Exp}, {"expm1", math.Expm1}, {"log", math.Log}, {"log1p", math.Log1p}, {"tanh", math.Tanh},
	{"sigmoid", func(x float64) float64 {
		if x < 0 {
			return math.Exp(x) / (1 + math.Exp(x))
		}
		return 1 / (1 + math.Exp(-x))
	}},
	{"silu", func(x float64) float64 {
		if x < -200 {
			return 0
		}
		return x / (1 + math.Exp(-x))
	}},
	{"softplus", func(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }},
	{"erf", math.Erf}, {"erfc", math.Erfc},
	{"gelu", func(x float64) float64 {
		if x < -40 {
			return 0
		}
		return 0.5 * x * math.Erfc(-x/math.Sqrt2)
	}},
	{"sin", math.Sin}, {"cos", math.Cos}, {"sqrt", math.Sqrt}, {"rsqrt", func(x float64) float64 { return 1 / math.Sqrt(x) }},
	{"floor", math.Floor}, {"ceil", math.Ceil}, {"round", math.RoundToEven}, {"abs", math.Abs},
}

// tolerance is in units in the last place; wider where a function is made of
// others, and where one of those is below the normal range.
func tolerance(name string, x float64, wide bool) float64 {
	t, low := 2.0, -87.0
	if wide {
		t, low = 4, -708
	}
	switch name {
	case "silu", "softplus", "gelu", "erfc", "log1p":
		t *= 2.5
	}
	if name == "silu" && x < low || name == "gelu" && -x*x/2 < low {
		t = -2 * x
	}
	if name == "erfc" && -x*x < low {
		t = 10
	}
	return t
}

var specials = []float64{0, math.Copysign(0, -1), 1, -1, math.Inf(1), math.Inf(-1), math.NaN(), math.Pi, math.Pi / 2, 100 * math.Pi, 20000 * math.Pi, 65535, 0x1p-149, -0x1p-149, 0x1p-126,
	-0x1p-126, 0x1p-127, math.MaxFloat32, -math.MaxFloat32, 88, 88.7, 88.73, 89, 90, -87, -88, -103, -103.9, -104, -105, 0.5, -0.5, 9, 10,
	-9, -10, 20, -20, 0.70710677, 0.7071068, 1.4142135, 1.4142137, 5, 6, 14, 15, -5, -6, -14, -15, 1e-3, -1e-3}

// sweep is all over the range of float32, densely where functions move.
func sweep() []float64 {
	var out []float64
	for _, x := range specials {
		out = append(out, float64(float32(x)))
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range pick(emulator == "", 60000, 1500) {
		out = append(out, float64(math.Float32frombits(r.Uint32())), float64(float32(r.NormFloat64()*4)), float64(float32(r.Float64()*210-110)),
			float64(float32(math.Pi/2*float64(r.IntN(41000)))))
	}
	return out
}

// unary calls two loops of a function: of elements one after the other, and of rows
// of them, in which polynomials are evaluated otherwise.
func (l *laboratory) unary(t *testing.T, name string, xs []float64) []call {
	t.Helper()
	rows := loopTo(".i", n, store(buffer("y", graph.Real), i, apply(name, load(buffer("x", graph.Real), i.Scale(2)))))
	if _, ok := Build(rows, l.wide); !ok {
		rows = unaryLoop(name) // too little work
	}
	var out []call
	for _, loop := range []*kernel.Loop{unaryLoop(name), rows} {
		fn, _ := Build(loop, l.wide)
		var x []float64
		for _, v := range xs {
			if x = append(x, v); fn.Streams[0].Stride > 0 {
				x = append(x, 0)
			}
		}
		out = append(out, call{Fn: l.add(t, loop).Name, Ints: []int{len(xs)}, Bufs: [][]float64{x, make([]float64, len(xs))}})
	}
	return out
}

// compareFunction reports the worst of the values computed.
func compareFunction(t *testing.T, name string, xs, want, got []float64, wide bool) {
	t.Helper()
	worst, at, e := 0.0, 0.0, 0.0
	for i, x := range xs {
		if part := ulps(got[i], want[i], wide) / tolerance(name, x, wide); part > worst {
			worst, at, e = part, x, ulps(got[i], want[i], wide)
		}
	}
	t.Logf("%s: %.2f units in the last place, at %g", name, e, at)
	assert.LessOrEqual(t, worst, 1.0, "%s(%g): %g units in the last place", name, at, e)
}

func TestFunctionsInFloat32(t *testing.T) {
	lab := newLaboratory(t, false)
	var calls []call
	xs := sweep()
	for _, f := range functions {
		calls = append(calls, lab.unary(t, f.name, xs)...)
	}
	lab.build(t)
	lab.each(t, calls, func(k int, done call) {
		k /= 2
		var want []float64
		for i, x := range xs {
			y := functions[k].f(x)
			if r := float64(float32(y)); math.IsInf(r, 0) {
				y = r
			}
			if name := functions[k].name; (name == "sin" || name == "cos") && math.Abs(x) > 0x1p16 {
				assert.False(t, done.Results[0] <= 0x1p16)
				y = done.Bufs[1][i]
			}
			want = append(want, y)
		}
		compareFunction(t, functions[k].name, xs, want, done.Bufs[1], false)
	})
}

// TestFunctionsInFloat64 compares with values computed with 60 digits:
// testdata/functions.txt has lines of a function's name, x and f(x).
func TestFunctionsInFloat64(t *testing.T) {
	text, err := os.ReadFile("testdata/functions.txt")
	require.NoError(t, err)
	xs, want := map[string][]float64{}, map[string][]float64{}
	for _, l := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		fields := strings.Fields(l)
		require.Len(t, fields, 3)
		x, err := strconv.ParseFloat(fields[1], 64)
		require.NoError(t, err)
		y, err := strconv.ParseFloat(fields[2], 64)
		require.NoError(t, err)
		xs[fields[0]], want[fields[0]] = append(xs[fields[0]], x), append(want[fields[0]], y)
	}
	lab := newLaboratory(t, true)
	var calls []call
	var names []string
	for _, f := range functions {
		x, ok := xs[f.name]
		if !ok {
			continue
		}
		names = append(names, f.name)
		calls = append(calls, lab.unary(t, f.name, x)...)
	}
	require.Len(t, names, len(xs))
	lab.build(t)
	lab.each(t, calls, func(k int, done call) {
		k /= 2
		compareFunction(t, names[k], xs[names[k]], want[names[k]], done.Bufs[1], true)
	})
}
