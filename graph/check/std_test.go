package check_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/diff"
	"github.com/gradgen/gradgen/graph/eval"
	"github.com/gradgen/gradgen/parser"
	"github.com/gradgen/gradgen/parser/std"
)

// vectors are what other programs compute, by testdata/std/*.py.
type vectors struct {
	Import string
	Tol    float64
	Cases  []vector
}

type vector struct {
	Body  string
	Args  map[string]packed
	Want  []packed
	Fixed []string // what no derivative is compared for
	Tol   float64
	Step  float64 // of differences
}

type packed struct {
	Shape []int
	Int   bool
	Data  []number
}

// number is a JSON number, or "inf", "-inf", "nan".
type number float64

func (x *number) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseFloat(strings.Trim(string(b), `"`), 64)
	*x = number(v)
	return err
}

func (p packed) tensor() graph.Tensor {
	data := make([]float64, len(p.Data))
	for i, x := range p.Data {
		data[i] = float64(x)
	}
	return tensor(data, p.Shape...)
}

func (p packed) declared() string {
	if len(p.Shape) == 0 {
		return ""
	}
	return " " + strings.ReplaceAll(fmt.Sprint(p.Shape), " ", ", ")
}

func read[T any](t *testing.T, name string) (v T) {
	t.Helper()
	text, err := os.ReadFile("testdata/std/" + name + ".json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &v))
	return v
}

// source is a program whose function F has the case's body; args are in
// alphabetical order.
func (v vector) source(module, body string) string {
	var params []string
	for _, name := range slices.Sorted(maps.Keys(v.Args)) {
		p := v.Args[name]
		text := name + p.declared()
		if p.Int {
			text += " int"
		}
		params = append(params, text)
	}
	return fmt.Sprintf("real f64\nimport %q\nfunc F(%s) %s\n", module, strings.Join(params, ", "), body)
}

// block is the body as statements that end by returning expressions.
func (v vector) block() string {
	if strings.HasPrefix(v.Body, "{") {
		return v.Body
	}
	return "= " + v.Body
}

func (v vector) values() map[string]graph.Tensor {
	out := map[string]graph.Tensor{}
	for name, p := range v.Args {
		out[name] = p.tensor()
	}
	return out
}

func TestLibrary(t *testing.T) {
	for _, name := range []string{"geo", "nn", "ode", "opt", "prob"} {
		file := read[vectors](t, name)
		for i, v := range file.Cases {
			t.Run(fmt.Sprint(name, " ", i, " ", v.Body), func(t *testing.T) {
				if v.Tol == 0 {
					v.Tol = file.Tol
				}
				got := call(t, v.source(file.Import, v.block()), v.values(), nil)
				require.Len(t, got, len(v.Want))
				for i, w := range v.Want {
					same(t, w.tensor(), got[i], v.Tol)
				}
				v.derivatives(t, file.Import, got)
			})
		}
	}
}

// same compares values within tol, relative to those above 1.
func same(t *testing.T, want, got graph.Tensor, tol float64) {
	t.Helper()
	require.Equal(t, append([]int{}, want.Shape...), append([]int{}, got.Shape...))
	for i, w := range want.Data {
		if w == got.Data[i] || math.IsNaN(w) && math.IsNaN(got.Data[i]) {
			continue
		}
		require.InDelta(t, w, got.Data[i], tol*math.Max(1, math.Abs(w)), "element %d of %v", i, got.Data)
	}
}

// derivatives compares the gradient of a weighted sum of the results by each
// real argument with differences.
func (v vector) derivatives(t *testing.T, module string, results []graph.Tensor) {
	t.Helper()
	var names, grads, parts []string
	for _, name := range slices.Sorted(maps.Keys(v.Args)) {
		if !v.Args[name].Int && !slices.Contains(v.Fixed, name) {
			names, grads = append(names, name), append(grads, "grad(total, "+name+")")
		}
	}
	if len(names) == 0 {
		return
	}
	var bound []string
	for i := range results {
		bound = append(bound, fmt.Sprintf("r%d", i))
		parts = append(parts, fmt.Sprintf("sum(sin(r%d))", i))
	}
	src := fmt.Sprintf("{\n%s = results(%s)\ntotal = %s\nreturn total, %s\n}\nfunc results(%s) %s",
		strings.Join(bound, ", "), strings.Join(slices.Sorted(maps.Keys(v.Args)), ", "), strings.Join(parts, " + "), strings.Join(grads, ", "),
		strings.Join(slices.Sorted(maps.Keys(v.Args)), ", "), v.block())
	p, said := program(t, v.source(module, src))
	require.NotNil(t, p, said)
	require.Empty(t, said)
	diff.Program(p)
	at := v.values()
	got := run(t, roots(p), at)
	for i, name := range names {
		for k := range at[name].Data {
			require.InDelta(t, slope(t, roots(p)[:1], at, name, k, v.Step), got[i+1].Data[k], 1e-6*math.Max(1, math.Abs(got[i+1].Data[k])), "by %s[%d]", name, k)
		}
	}
}

func run(t *testing.T, nodes []*graph.Node, args map[string]graph.Tensor) []graph.Tensor {
	t.Helper()
	got, err := eval.Run(nodes, eval.Env{Dims: map[string]int64{"n": 2, "params": 4}, Leaf: func(_, name string) (graph.Tensor, bool) {
		v, ok := args[name]
		return v, ok
	}})
	require.NoError(t, err)
	return got
}

// slope is the derivative of a scalar by element k of an argument: central
// differences at h and h/2, extrapolated.
func slope(t *testing.T, y []*graph.Node, args map[string]graph.Tensor, name string, k int, h float64) float64 {
	t.Helper()
	if h == 0 {
		h = 1e-3
	}
	moved := maps.Clone(args)
	moved[name] = graph.Tensor{Shape: args[name].Shape, Data: slices.Clone(args[name].Data)}
	central := func(h float64) float64 {
		var ends [2]float64
		for i, d := range []float64{-h, h} {
			moved[name].Data[k] = args[name].Data[k] + d
			ends[i] = run(t, y, moved)[0].Data[0]
		}
		return (ends[1] - ends[0]) / (2 * h)
	}
	return (4*central(h/2) - central(h)) / 3
}

// Every name of the library is called by a vector, or by another function of it
// that is.
func TestAllOfTheLibraryIsTested(t *testing.T) {
	text := ""
	for _, name := range []string{"geo", "nn", "ode", "opt", "prob", "layers", "rules"} {
		vectors, err := os.ReadFile("testdata/std/" + name + ".json")
		require.NoError(t, err)
		text += string(vectors)
	}
	for _, name := range std.Names() {
		src, _ := std.Source(name)
		code := regexp.MustCompile(`//.*`).ReplaceAll(src, nil)
		for _, m := range regexp.MustCompile(`(?m)^(func|layer|optimizer) (\w+)`).FindAllSubmatch(src, -1) {
			fn := regexp.QuoteMeta(string(m[2]))
			used := regexp.MustCompile(`\b` + name + `\.` + fn + `\b`).MatchString(text)
			inside := len(regexp.MustCompile(`\b`+fn+`\b`).FindAll(code, -1)) > 1
			require.True(t, used || inside, "%s.%s", name, fn)
		}
	}
}

// What is wrong inside the library is said of the call that led there, once.
func TestErrorsInTheLibraryAreTheCallers(t *testing.T) {
	_, said := program(t, `import "nn"
import "ode"
model M {
    dim n
    input x [n, 5, 10]
    y = nn.MultiHeadAttention(x, 3)
    output y
}
func F(x) {
    func f(t) = t
    return ode.rk4(f, x, 0, 1, 10)
}
`)
	require.Equal(t, 2, strings.Count(said, "error["), said)
	require.Contains(t, said, "test.grad:6:9: error[G0311]: the division leaves a remainder")
	require.Contains(t, said, "it is 10/3")
	require.Contains(t, said, "test.grad:11:12: error[G0208]: f takes one argument")
	require.Contains(t, said, "  ode.grad:")
}

// Library files are written as the formatter writes them.
func TestLibraryIsFormatted(t *testing.T) {
	for _, name := range std.Names() {
		src, _ := std.Source(name)
		got, list := parser.FormatSource(name+".grad", src)
		require.False(t, list.HasErrors())
		require.Equal(t, string(got), string(src), name)
	}
}
