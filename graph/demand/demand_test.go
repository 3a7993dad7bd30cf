package demand_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/check"
	"github.com/gradgen/gradgen/graph/demand"
	"github.com/gradgen/gradgen/graph/diff"
	"github.com/gradgen/gradgen/graph/eval"
	"github.com/gradgen/gradgen/graph/rewrite"
	"github.com/gradgen/gradgen/parser"
)

// writer makes programs full of checks: of vectors (v), ints (k) and bools (c)
// of length n, and matrices (m) of [n, 3]. Ints are often no places.
type writer struct {
	r     *rand.Rand
	b     strings.Builder
	names map[byte][]string
	count int
	deep  bool // what is indexed may be computed, and have checks of its own
}

// table is what an index reads.
func (w *writer) table(kind byte) string {
	if w.deep {
		return w.name(kind)
	}
	return map[byte]string{'v': "x", 'k': "g", 'm': "A"}[kind]
}

func (w *writer) name(kind byte) string { return w.names[kind][w.r.IntN(len(w.names[kind]))] }

func (w *writer) bind(kind byte, format string, args ...any) {
	w.count++
	name := fmt.Sprintf("%c%d", kind, w.count)
	fmt.Fprintf(&w.b, "    %s = %s\n", name, fmt.Sprintf(format, args...))
	w.names[kind] = append(w.names[kind], name)
}

func (w *writer) statement() {
	v, u, k, l, c, d, m, m2 := w.name('v'), w.name('v'), w.name('k'), w.name('k'), w.name('c'), w.name('c'), w.name('m'), w.name('m')
	switch w.r.IntN(24) {
	case 0, 1:
		w.bind('v', "%s[%s]", w.table('v'), k)
	case 2:
		w.bind('k', "%s[%s]", w.table('k'), l)
	case 3:
		w.bind('k', "%s(%s, %s)", []string{"div", "mod"}[w.r.IntN(2)], k, l)
	case 4:
		w.bind('c', "%s %s %s", k, []string{">=", "<", "!="}[w.r.IntN(3)], []string{"0", "n", l}[w.r.IntN(3)])
	case 5:
		w.bind('c', "%s %s %s", c, []string{"and", "or"}[w.r.IntN(2)], d)
	case 6:
		w.bind('c', "not %s", c)
	case 7, 8, 9:
		w.bind('v', "where(%s, %s, %s)", c, v, u)
	case 10:
		w.bind('k', "where(%s, %s, %s)", c, k, l)
	case 11:
		w.bind('v', "cross_entropy(%s, %s)", m, k)
	case 12:
		w.bind('m', "%s[%s]", w.table('m'), k)
	case 13:
		w.bind('m', "array(i, j in 3: where(%s[i], %s[i, j], %s[i]))", c, m, v)
	case 14:
		w.bind('v', "%s", []string{"sum(" + m + ", axis = 1)", "softmax(" + m + ")[:, 0]", "logsumexp(" + m + ", axis = 1)"}[w.r.IntN(3)])
	case 15:
		w.bind('v', "array(i in n: sum(j if %s[j] == i and %s[j]: %s[j]))", k, c, v)
	case 16:
		w.bind('v', "array(i in n: sum(j if j <= i: %s[j]))", v)
	case 17:
		w.bind('v', "array(i in n: where(%s[i], sum(j in 3: %s[%s[i], j]), %s[i]))", c, w.table('m'), k, v)
	case 18:
		w.bind('v', "array(i in n: sum(j in 3: %s[i+j-1 ? 0] * %s[i, j]))", v, m)
	case 19:
		w.bind('v', "array(i in n: concat(%s, %s)[i] - concat(%s, %s)[i + n])", v, u, v, u)
	case 20:
		w.bind('v', "scatter(%s, %s, %s)", v, k, u)
	case 21:
		w.bind('v', "sin(%s) * %s", v, u)
	case 22:
		w.bind('m', "%s @ (%s' @ %s)", m, m2, m2)
	case 23:
		w.branch(c, v, u)
	}
}

// branch makes an if over values from outside.
func (w *writer) branch(c, v, u string) {
	w.count++
	name := fmt.Sprintf("v%d", w.count)
	fmt.Fprintf(&w.b, "    if any(%s) {\n        %s = %s + 1\n    } else {\n        %s = where(%s, %s, 2)\n    }\n", c, name, v, name, w.name('c'), u)
	w.names['v'] = append(w.names['v'], name)
}

func randomProgram(seed uint64, statements int) string {
	w := &writer{r: rand.New(rand.NewPCG(seed, 3)), deep: seed%2 == 1, names: map[byte][]string{
		'v': {"x", "y"}, 'k': {"g", "h"}, 'c': {"p"}, 'm': {"A"}}}
	w.b.WriteString("func F(x [n], y [n], g [n] int, h [n] int, A [n, 3], b [n] int) {\n    p = b == 1\n")
	for range statements {
		w.statement()
	}
	last := func(kind byte) string { return w.names[kind][len(w.names[kind])-1] }
	fmt.Fprintf(&w.b, "    u = where(%s, %s, 0)\n    s = sum(%s)\n    return u, s\n}\n", w.name('c'), last('v'), w.name('v'))
	return w.b.String()
}

func inputs(seed uint64) map[string]graph.Tensor {
	r := rand.New(rand.NewPCG(seed, 5))
	const n = 4
	of := func(size int, f func() float64) []float64 {
		out := make([]float64, size)
		for i := range out {
			out[i] = f()
		}
		return out
	}
	place := func() float64 { return float64(r.IntN(n+2)) - 1 }
	if seed%3 > 0 { // all of them places, and no zeros
		place = func() float64 { return float64(1 + r.IntN(2)) }
	}
	vector := func(f func() float64) graph.Tensor { return graph.Tensor{Shape: []int{n}, Data: of(n, f)} }
	rare := func() float64 {
		if r.IntN(9) == 0 {
			return -1
		}
		return place()
	}
	return map[string]graph.Tensor{
		"x": vector(r.NormFloat64), "y": vector(r.NormFloat64), "g": vector(rare), "h": vector(place),
		"A": {Shape: []int{n, 3}, Data: of(3*n, r.NormFloat64)},
		"b": vector(func() float64 { return float64(r.IntN(2)) }),
	}
}

func parse(t *testing.T, src string) *graph.Func {
	t.Helper()
	f, list := parser.Parse("test.grad", []byte(src))
	require.False(t, list.HasErrors(), "%v\n%s", list, src)
	p, list := check.Check(f, check.Options{})
	require.False(t, list.HasErrors(), "%v\n%s", list, src)
	return p.Funcs[0]
}

// byNeed gives the results of a function element by element, or the error.
func byNeed(f *graph.Func, in map[string]graph.Tensor, dims map[string]int64) (out [][]float64, err error) {
	z := newLazy(f.G, in, dims)
	for _, r := range f.Results {
		var data []float64
		err := each(z.extents(r.Node.Type.Shape), func(place []int) error {
			v, err := z.value(r.Node, place)
			data = append(data, v)
			return err
		})
		if err != nil {
			return nil, err
		}
		out = append(out, data)
	}
	return out, nil
}

func spared(t *testing.T, f *graph.Func, in map[string]graph.Tensor, dims map[string]int64) ([]graph.Tensor, error) {
	p := &graph.Program{Funcs: []*graph.Func{f}}
	demand.Program(p)
	var roots []*graph.Node
	for _, r := range f.Results {
		roots = append(roots, r.Node)
	}
	require.NoError(t, graph.Verify(f.G, roots))
	return run(roots, in, dims)
}

// What is computed by demand has the values, and fails exactly where, as an
// evaluation that never looks at what is not taken. Only elements that nothing
// chooses, but no index happens to name, are checked all the same, and those
// whose need depends on other elements of the same tensor.
func TestChecksAreThoseOfWhatIsTaken(t *testing.T) {
	dims := map[string]int64{"n": 4}
	failed, saved, stricter := 0, 0, [2]int{}
	for seed := range uint64(1500) {
		src := randomProgram(seed, 14)
		f, in := parse(t, src), inputs(seed)
		want, wanted := byNeed(f, in, dims)
		var roots []*graph.Node
		for _, r := range f.Results {
			roots = append(roots, r.Node)
		}
		_, eager := run(roots, in, dims)
		got, err := spared(t, f, in, dims)
		if wanted != nil {
			failed++
			require.Error(t, err, "%d: %s", seed, src)
			continue
		}
		if err != nil {
			stricter[seed%2]++
			continue
		}
		if eager != nil {
			saved++
		}
		for i, w := range want {
			for k, v := range w {
				g := got[i].Data[k]
				require.True(t, math.Abs(g-v) <= 1e-9*max(1, math.Abs(v)) || v != v && g != g || v == g, "%d: %g, want %g: %s", seed, g, v, src)
			}
		}
	}
	t.Log(failed, "fail,", saved, "fail only if everything is looked at,", stricter, "though nothing takes it")
	require.Zero(t, stricter[0])
	require.Less(t, stricter[1], 5)
	require.Greater(t, failed, 200)
	require.Greater(t, saved, 50)
}

// Derivatives fail exactly where what they are taken of does.
func TestDerivativesCheckWhatTheyAreOf(t *testing.T) {
	dims, failed := map[string]int64{"n": 4}, 0
	forms := []string{"grad(z, x)", "jvp(z, x, x)", "grad(z, y), hvp(z, x, y)", "jvp(d, y, x)"}
	for seed := range uint64(400) {
		src, in := randomProgram(seed, 10), inputs(seed)
		_, want := spared(t, parse(t, strings.Replace(src, "return u, s", "return sum(u) + s", 1)), in, dims)
		of := "z = sum(u) + s + sum(x^2 * y)\n    d = grad(z, x)\n    return " + forms[seed%4]
		f := parse(t, strings.Replace(src, "return u, s", of, 1))
		p := &graph.Program{Funcs: []*graph.Func{f}}
		demand.Program(p)
		diff.Program(p)
		rewrite.Program(p)
		var roots []*graph.Node
		for _, r := range f.Results {
			roots = append(append(roots, r.Node), r.Checks...)
		}
		_, err := run(roots, in, dims)
		require.Equal(t, want == nil, err == nil, "%d: %v, want %v: %s", seed, err, want, src)
		if want != nil {
			failed++
		}
	}
	require.Greater(t, failed, 50)
}

func run(roots []*graph.Node, in map[string]graph.Tensor, dims map[string]int64) ([]graph.Tensor, error) {
	return eval.Run(roots, eval.Env{Dims: dims, Leaf: func(_, name string) (graph.Tensor, bool) {
		v, ok := in[name]
		return v, ok
	}})
}

// A row number outside of x is no error under the indices whose result nothing takes.
func TestRowsAreSparedUnderEachIndex(t *testing.T) {
	f := parse(t, "func F(x [n], k [n] int) {\n    y[a] = where(k[a] < 2, scatter(x[:2], k[a], 1), x[:2])\n    return y\n}\n")
	in := map[string]graph.Tensor{"x": {Shape: []int{3}, Data: []float64{5, 6, 7}}, "k": {Shape: []int{3}, Data: []float64{1, 9, 0}}}
	got, err := spared(t, f, in, map[string]int64{"n": 3})
	require.NoError(t, err)
	require.Equal(t, []float64{5, 7, 5, 6, 6, 6}, got[0].Data)
}
