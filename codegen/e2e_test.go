package codegen

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/eval"
)

// modelFiles are the programs of testdata/models.
func modelFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/models/*.grad")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	return files
}

func compileFile(t *testing.T, path string, opt Options) Result {
	t.Helper()
	res, list, err := File(path, opt)
	require.NoError(t, err)
	require.False(t, list.HasErrors(), "%v", list)
	return res
}

// tensors are named concrete values.
type tensors map[string]graph.Tensor

// sample draws values for leaves, the same for the same name.
type sample struct {
	dims  map[string]int64
	limit map[string]int64 // of int inputs
}

func (s sample) tensor(name string, typ graph.Type) graph.Tensor {
	count, ext := 1, make([]int, len(typ.Shape))
	for i, d := range typ.Shape {
		n, _ := d.Bind(s.dims).IsConst()
		ext[i] = int(n)
		count *= ext[i]
	}
	seed := uint64(7)
	for _, r := range name {
		seed = seed*131 + uint64(r)
	}
	rnd := rand.New(rand.NewPCG(seed, 1))
	out := make([]float64, count)
	for i := range out {
		switch typ.Elem {
		case graph.Real:
			out[i] = float64(float32(rnd.NormFloat64()))
		case graph.Int:
			out[i] = float64(rnd.Int64N(max(1, s.limit[name])))
		default:
			out[i] = float64(rnd.IntN(2))
		}
	}
	return graph.Tensor{Shape: ext, Data: out}
}

// draw makes a value for the request and the interpreter.
func (s sample) draw(to map[string][]float64, leaves tensors, name string, typ graph.Type) {
	leaves[name] = s.tensor(name, typ)
	to[name] = leaves[name].Data
}

// stored makes values for parameters: the request names the tensors that these
// stand for.
func (s sample) stored(to map[string][]float64, leaves tensors, ps []*graph.Param) {
	for _, p := range ps {
		leaves[p.Path] = s.tensor(p.Path, p.Node.Type)
	}
	for _, p := range graph.Members(ps) {
		to[p.Path] = leaves[p.Param.Path].Data[p.At:][:p.Size()]
	}
}

// members divides values by paths of parameters among the tensors of these.
func members(ps []*graph.Param, values map[string][]float64) map[string][]float64 {
	out := map[string][]float64{}
	for _, p := range graph.Members(ps) {
		if all, ok := values[p.Param.Path]; ok {
			out[p.Path] = all[p.At:][:p.Size()]
		}
	}
	return out
}

// interpret evaluates roots with the sample.
func (s sample) interpret(t *testing.T, roots []*graph.Value, leaves tensors) map[string][]float64 {
	t.Helper()
	nodes := make([]*graph.Node, len(roots))
	for i, v := range roots {
		nodes[i] = v.Node
	}
	ts, err := eval.Run(nodes, eval.Env{Dims: s.dims, Leaf: func(kind, name string) (graph.Tensor, bool) {
		x, ok := leaves[name]
		return x, ok
	}})
	require.NoError(t, err)
	out := map[string][]float64{}
	for i, v := range roots {
		out[v.Name] = ts[i].Data
	}
	return out
}

func assertNear(t *testing.T, want, got map[string][]float64, tolerance float64) {
	t.Helper()
	for name, w := range want {
		g := got[name]
		if !assert.Len(t, g, len(w), name) {
			continue
		}
		for i := range w {
			if math.IsNaN(w[i]) && math.IsNaN(g[i]) || w[i] == g[i] {
				continue
			}
			assert.InDelta(t, w[i], g[i], tolerance*max(1, math.Abs(w[i])), "%s[%d]", name, i)
		}
	}
}

// TestCompiledAgreesWithInterpreter runs the generated code of every program
// beside the interpreter, for several sizes and numbers of workers.
func TestCompiledAgreesWithInterpreter(t *testing.T) {
	for _, path := range modelFiles(t) {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".grad"), func(t *testing.T) {
			t.Parallel()
			whole := compileFile(t, path, Options{})
			plain := compileFile(t, path, Options{Until: "diff"}).Program
			b, err := BuildGo(whole, Options{}, path)
			require.NoError(t, err)
			defer func() { require.NoError(t, b.Close()) }()
			for _, n := range []int64{1, 3, 20} {
				for _, m := range plain.Models {
					compareModel(t, b, m, n, 2e-4)
				}
				for _, f := range plain.Funcs {
					compareFunc(t, b, f, n, 2e-4)
				}
			}
		})
	}
}

func sizes(names []string, n int64) sample {
	s := sample{dims: map[string]int64{}, limit: map[string]int64{"label": 3, "i": n, "tokens": 3, "src": n, "dst": n}}
	for k, d := range names {
		s.dims[d] = n + int64(k)
	}
	return s
}

func compareModel(t *testing.T, b *Build, m *graph.Model, n int64, tolerance float64) {
	t.Helper()
	var free []string
	for _, d := range m.Dims {
		if !d.Fixed {
			free = append(free, d.Name)
		}
	}
	s := sizes(free, n)
	q := Request{Model: m.Name, Dims: s.dims, Seed: 1, Training: true, Workers: 1,
		Inputs: map[string][]float64{}, Params: map[string][]float64{}, States: map[string][]float64{}}
	number := func(x float64) graph.Tensor { return graph.Tensor{Shape: []int{}, Data: []float64{x}} }
	leaves := tensors{"seed.low": number(float64(q.Seed)), "seed.high": number(0), "step": number(1), "seed.batch": number(0)}
	for _, in := range m.Inputs {
		s.draw(q.Inputs, leaves, in.Name, in.Node.Type)
	}
	s.stored(q.Params, leaves, m.Params)
	s.stored(q.States, leaves, m.States)
	for _, c := range m.Predict.Carries {
		first := s.interpret(t, []*graph.Value{{Name: c.Name, Node: c.Init}}, leaves)[c.Name]
		leaves[c.Name] = graph.Tensor{Shape: s.tensor(c.Name, c.Leaf.Type).Shape, Data: first}
	}
	a, err := b.Run(q)
	require.NoError(t, err)
	if m.Predict != nil {
		assertNear(t, s.interpret(t, m.Predict.Outputs, leaves), a.Outputs, tolerance)
	}
	if m.Train != nil && len(m.Train.Losses) > 0 {
		assertNear(t, s.interpret(t, m.Train.Metrics, leaves), a.Metrics, tolerance)
		for _, want := range s.interpret(t, m.Train.Losses[:1], leaves) {
			assertNear(t, map[string][]float64{"loss": want}, map[string][]float64{"loss": a.Loss}, tolerance)
		}
		var own []*graph.Value
		for _, g := range m.Train.Grads {
			if g.Loss == m.Train.Losses[0].Name {
				own = append(own, g)
			}
		}
		assertNear(t, s.interpret(t, own, leaves), a.Grads, tolerance)
	}
	if m.Train != nil && len(m.Train.Losses) > 0 && len(m.Train.Carries) == 0 {
		q.Steps = 1
		moved, err := b.Run(q)
		require.NoError(t, err)
		assertNear(t, members(m.Params, afterStep(t, s, m, leaves)), moved.Params, tolerance)
		assertNear(t, members(m.States, s.interpret(t, m.Train.Updates, leaves)), moved.Params, tolerance)
	}
	q.Steps = 3
	one, err := b.Run(q)
	require.NoError(t, err)
	for _, workers := range []int{2, 7} {
		q.Workers = workers
		many, err := b.Run(q)
		require.NoError(t, err)
		require.Equal(t, fmt.Sprint(one), fmt.Sprint(many), "%d workers", workers) // as text NaN is NaN
	}
}

// afterStep interprets the update rules of the first loss.
func afterStep(t *testing.T, s sample, m *graph.Model, leaves tensors) map[string][]float64 {
	t.Helper()
	var own []*graph.Value
	for _, g := range m.Train.Grads {
		if g.Loss == m.Train.Losses[0].Name {
			own = append(own, g)
		}
	}
	grads, norm := s.interpret(t, own, leaves), 0.0
	for _, g := range own {
		for _, x := range grads[g.Name] {
			norm += x * x
		}
	}
	scalar := func(x float64) graph.Tensor { return graph.Tensor{Shape: []int{}, Data: []float64{x}} }
	out := map[string][]float64{}
	for _, r := range m.Rules {
		for _, i := range r.Params {
			path := m.Params[i].Path
			g, ok := grads[path]
			if !ok || r.Loss != m.Train.Losses[0].Name {
				continue
			}
			for _, p := range graph.Members([]*graph.Param{m.Params[i]}) {
				ext, n := leaves[path].Shape[len(p.Stack):], p.Size()
				if r.Flat {
					ext = []int{n}
				}
				rule := sample{dims: map[string]int64{"params": int64(n)}}
				env := tensors{"p": {Shape: ext, Data: leaves[path].Data[p.At:][:n]}, "g": {Shape: ext, Data: g[p.At:][:n]}, "t": scalar(1), "gnorm": scalar(math.Sqrt(norm))}
				for _, h := range r.Hyper {
					env[h.Name] = scalar(h.Default)
				}
				for _, st := range r.States {
					x := rule.tensor(st.Name, st.Next.Type)
					for k := range x.Data {
						x.Data[k] = st.Init
					}
					env[st.Name] = x
				}
				out[path] = append(out[path], rule.interpret(t, []*graph.Value{{Name: path, Node: r.P}}, env)[path]...)
			}
		}
	}
	return out
}

func compareFunc(t *testing.T, b *Build, f *graph.Func, n int64, tolerance float64) {
	t.Helper()
	s := sizes(f.Dims, n)
	number := func(x float64) graph.Tensor { return graph.Tensor{Shape: []int{}, Data: []float64{x}} }
	q, leaves := Request{Func: f.Name, Dims: s.dims, Seed: 1<<33 + 5, Inputs: map[string][]float64{}}, tensors{"seed.low": number(5), "seed.high": number(2)}
	for _, a := range f.Args {
		s.draw(q.Inputs, leaves, a.Name, a.Node.Type)
	}
	a, err := b.Run(q)
	require.NoError(t, err)
	roots := make([]*graph.Value, len(f.Results))
	for i, r := range f.Results {
		roots[i] = &graph.Value{Name: fmt.Sprint(i), Node: r.Node}
	}
	assertNear(t, s.interpret(t, roots, leaves), a.Outputs, tolerance)
}

// TestErrorLeavesOutput: a file with an error leaves what was generated before.
func TestErrorLeavesOutput(t *testing.T) {
	dir := t.TempDir()
	model := filepath.Join(dir, "m.grad")
	require.NoError(t, os.WriteFile(model, []byte("func Twice(x) = 2 * x\n"), 0o644))
	list, err := Generate(model, "", Options{Version: "test"})
	require.NoError(t, err)
	require.Empty(t, list)
	before, err := os.ReadFile(OutputPath(model))
	require.NoError(t, err)
	require.Contains(t, string(before), "// Code generated by gradgen test from m.grad; DO NOT EDIT.")
	require.NoError(t, os.WriteFile(model, []byte("func Twice(x) = 2 * y\n"), 0o644))
	list, err = Generate(model, "", Options{Version: "test"})
	require.NoError(t, err)
	require.True(t, list.HasErrors())
	after, err := os.ReadFile(OutputPath(model))
	require.NoError(t, err)
	require.Equal(t, string(before), string(after))
}
