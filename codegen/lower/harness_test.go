package lower

import (
	"bytes"
	"math"
	"math/rand"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/codegen/kernel/exec"
	"github.com/gradgen/gradgen/codegen/plan"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/eval"
	"github.com/gradgen/gradgen/graph/ops"
	"github.com/gradgen/gradgen/graph/shape"
)

type node = graph.Node

// bench builds a graph and compares its kernels with the interpreter.
type bench struct {
	*graph.Builder
	t    require.TestingT
	dims map[string]int64
	leaf map[string]graph.Tensor
	rnd  *rand.Rand
}

func newBench(t require.TestingT, dims map[string]int64) *bench {
	return &bench{ops.NewBuilder(graph.New()), t, dims, map[string]graph.Tensor{}, rand.New(rand.NewSource(1))}
}

// dim makes a dimension of a number or a name.
func dim(x any) shape.Dim {
	switch x := x.(type) {
	case int:
		return shape.Const(int64(x))
	case string:
		return shape.Var(x)
	}
	return x.(shape.Dim)
}

func dims(xs ...any) []shape.Dim {
	out := make([]shape.Dim, len(xs))
	for i, x := range xs {
		out[i] = dim(x)
	}
	return out
}

// real is a leaf with random elements.
func (b *bench) real(kind, name string, xs ...any) *node {
	return b.leafOf(kind, name, graph.Type{Shape: dims(xs...)}, func() float64 { return b.rnd.NormFloat64() })
}

// ints is an int input with elements below n.
func (b *bench) ints(name string, n int, xs ...any) *node {
	return b.leafOf("input", name, graph.Type{Elem: graph.Int, Shape: dims(xs...)}, func() float64 { return float64(b.rnd.Intn(n)) })
}

func (b *bench) leafOf(kind, name string, t graph.Type, draw func() float64) *node {
	v := graph.Tensor{}
	n := int64(1)
	for _, d := range t.Shape {
		e := d.Bind(b.dims).Eval(nil)
		v.Shape = append(v.Shape, int(e))
		n *= e
	}
	v.Data = make([]float64, n)
	for i := range v.Data {
		v.Data[i] = draw()
	}
	b.leaf[name] = v
	return b.Leaf(kind, name, t)
}

// called gives a node a source name.
func called(name string, n *node) *node {
	n.Name = name
	return n
}

// matmul is a[.., i, k] @ b[k, j].
func (b *bench) matmul(x, w *node) *node {
	r := x.Type.Rank()
	ext := append(append([]shape.Dim{}, x.Type.Shape[:r-1]...), w.Type.Shape[1], w.Type.Shape[0])
	mx := shape.Map{}
	for k := range r - 1 {
		mx.In = append(mx.In, shape.Idx(k))
	}
	mx.In = append(mx.In, shape.Idx(r))
	mw := shape.Map{In: []shape.Dim{shape.Idx(r), shape.Idx(r - 1)}}
	return b.Sum(b.Mul(b.View(x, mx, 0, ext), b.View(w, mw, 0, ext)), r)
}

func (b *bench) mean(x *node) *node {
	axes := make([]int, x.Type.Rank())
	n := b.Real(1)
	for k, d := range x.Type.Shape {
		axes[k] = k
		n = b.Mul(n, b.ToReal(b.Dim(d)))
	}
	return b.Div(b.Sum(x, axes...), n)
}

// values computes nodes by the interpreter.
func (b *bench) values(roots ...*node) []graph.Tensor {
	out, err := eval.Run(roots, eval.Env{Dims: b.dims, Leaf: func(kind, name string) (graph.Tensor, bool) {
		v, ok := b.leaf[name]
		return v, ok
	}})
	require.NoError(b.t, err)
	return out
}

// program lowers the roots as an exported function and compares.
func (b *bench) program(roots ...*node) *kernel.Program {
	f := &graph.Func{Name: "F", G: b.G}
	for i, r := range roots {
		f.Results = append(f.Results, &graph.Value{Name: "r" + string(rune('0'+i)), Node: r})
	}
	p := lowerFunc(f).Program
	require.NoError(b.t, kernel.Verify(p))
	b.matches(p, b.values(roots...))
	return p
}

// matches runs all sections of p, each buffer in memory of its own and then
// as planned, and compares its results.
func (b *bench) matches(p *kernel.Program, want []graph.Tensor) {
	b.run(p, b.memory(), want)
	plan.Program(p)
	b.run(p, b.planned(p), want)
}

func (b *bench) run(p *kernel.Program, memory exec.Memory, want []graph.Tensor) {
	m := b.machine(memory)
	for _, s := range p.Sections {
		require.NoError(b.t, m.Run(s), "%s", text(p))
	}
	require.Len(b.t, p.Results, len(want))
	for i, r := range p.Results {
		same(b.t, want[i].Data, m.Memory(r.Buffer), "result %s\n%s", r.Name, text(p))
	}
}

func (b *bench) machine(memory exec.Memory) *exec.Machine {
	return &exec.Machine{Dims: b.dims, Memory: memory}
}

// planned puts arena buffers where the plan says.
func (b *bench) planned(p *kernel.Program) exec.Memory {
	arena := map[graph.Elem][]float64{}
	for e, n := range p.ArenaLen {
		arena[e] = nans(n.Bind(b.dims).Eval(nil))
	}
	rest, place := b.memory(), map[*kernel.Buffer][]float64{}
	return func(k *kernel.Buffer) []float64 {
		if k.Kind != kernel.Arena {
			return rest(k)
		}
		if place[k] == nil {
			at := k.Offset.Bind(b.dims).Eval(nil)
			place[k] = arena[k.Elem][at : at+k.Len().Bind(b.dims).Eval(nil)]
		}
		return place[k]
	}
}

func nans(n int64) []float64 {
	d := make([]float64, n)
	for i := range d {
		d[i] = math.NaN()
	}
	return d
}

func same(t require.TestingT, want, got []float64, msg ...any) {
	require.Len(t, got, len(want), msg...)
	for i := range want {
		if want[i] == got[i] || math.IsNaN(want[i]) && math.IsNaN(got[i]) {
			continue
		}
		require.InDelta(t, want[i], got[i], 1e-9*max(1, math.Abs(want[i])), msg...)
	}
}

func text(p *kernel.Program) string {
	var out bytes.Buffer
	kernel.Print(&out, p)
	return out.String()
}

// memory gives leaves their values and others NaNs to start with.
func (b *bench) memory() exec.Memory {
	data := map[*kernel.Buffer][]float64{}
	return func(k *kernel.Buffer) []float64 {
		if d, ok := data[k]; ok {
			return d
		}
		if k.Kind == kernel.Const {
			data[k] = k.Data
		} else if v, ok := b.leaf[k.Name]; ok && k.Kind != kernel.Arena {
			data[k] = append([]float64{}, v.Data...)
		} else {
			data[k] = nans(k.Len().Bind(b.dims).Eval(nil))
		}
		return data[k]
	}
}
