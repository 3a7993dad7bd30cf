package codegen

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// raggedSizes are dims to try: no edges, one of all, and more of each than of others.
var raggedSizes = []map[string]int64{
	{"v": 1, "e": 1, "b": 1, "n": 1, "c": 1, "d": 1},
	{"v": 5, "e": 17, "b": 4, "n": 11, "c": 3, "d": 2},
	{"v": 12, "e": 7, "b": 9, "n": 6, "c": 2, "d": 5},
}

// raggedInputs draws inputs of f: places, some outside, ends of rows that are now in
// order and now not, so that rows overlap, are empty or the wrong way round.
func raggedInputs(f *graph.Func, dims map[string]int64, seed uint64) tensors {
	rnd := rand.New(rand.NewPCG(seed, 5))
	out := tensors{}
	for _, a := range f.Args {
		x := sample{dims: dims}.tensor(a.Name, a.Node.Type)
		for i := range x.Data {
			switch a.Name {
			case "dst":
				x.Data[i] = float64(rnd.Int64N(dims["v"]+3) - 1)
			case "src", "b":
				x.Data[i] = float64(rnd.Int64N(dims["n"] + 2))
			case "len":
				x.Data[i] = float64(rnd.Int64N(dims["n"]+4) - 2)
			case "off", "inner":
				x.Data[i] = math.Floor(float64(dims["n"]) * float64(i) / float64(len(x.Data)-1))
				if seed%2 == 1 {
					x.Data[i] = float64(rnd.Int64N(dims["n"]+5) - 2)
				}
			default:
				x.Data[i] = rnd.NormFloat64()
			}
		}
		out[a.Name] = x
	}
	return out
}

// TestRaggedProgramsAgree compares the generated code of reductions with conditions,
// in both widths, with the interpreter, which tries every element.
func TestRaggedProgramsAgree(t *testing.T) {
	for width, tolerance := range map[string]float64{"f32": 2e-3, "f64": 1e-11} {
		t.Run(width, func(t *testing.T) {
			const path = "testdata/ragged.grad"
			plain := compileFile(t, path, Options{Until: "diff", Real: width}).Program
			b, err := BuildGo(compileFile(t, path, Options{Real: width}), Options{}, path)
			require.NoError(t, err)
			defer func() { require.NoError(t, b.Close()) }()
			for _, f := range plain.Funcs {
				for k, dims := range raggedSizes {
					for seed := range uint64(4) {
						raggedCase(t, b, f, dims, seed+10*uint64(k), tolerance)
					}
				}
			}
		})
	}
}

func raggedCase(t *testing.T, b *Build, f *graph.Func, dims map[string]int64, seed uint64, tolerance float64) {
	t.Helper()
	s, leaves := sample{dims: dims}, raggedInputs(f, dims, seed)
	q := Request{Func: f.Name, Dims: dims, Inputs: map[string][]float64{}}
	for name, x := range leaves {
		q.Inputs[name] = x.Data
	}
	a, err := b.Run(q)
	require.NoError(t, err, "%s %v", f.Name, dims)
	roots := make([]*graph.Value, len(f.Results))
	for i, r := range f.Results {
		roots[i] = &graph.Value{Name: fmt.Sprint(i), Node: r.Node}
	}
	want := s.interpret(t, roots, leaves)
	if !assert.Len(t, a.Outputs, len(want), f.Name) {
		return
	}
	assertNear(t, want, a.Outputs, tolerance)
	if naive := naiveRagged[f.Name]; naive != nil {
		assertNear(t, map[string][]float64{"0": naive(dims, leaves)}, a.Outputs, tolerance)
	}
	if t.Failed() {
		t.Fatalf("%s of %v, seed %d", f.Name, dims, seed)
	}
}

// naiveRagged computes first results with loops as one would write them.
var naiveRagged = map[string]func(dims map[string]int64, in tensors) []float64{
	"Segments": func(dims map[string]int64, in tensors) []float64 {
		c := int(dims["c"])
		out := make([]float64, int(dims["v"])*c)
		for e, v := range in["dst"].Data {
			for k := range c {
				if v >= 0 && v < float64(dims["v"]) {
					out[int(v)*c+k] += in["x"].Data[e*c+k]
				}
			}
		}
		return out
	},
	"Products": func(dims map[string]int64, in tensors) []float64 {
		dst, out := in["dst"].Data, make([]float64, dims["e"])
		for i := range out {
			if dst[i] < 0 || dst[i] >= float64(dims["v"]) {
				continue
			}
			out[i] = in["w"].Data[int(dst[i])]
			for j, x := range in["x"].Data {
				if in["b"].Data[j] < 3 {
					x = 0
				}
				if j != i && dst[j] == dst[i] {
					out[i] *= x
				}
			}
		}
		return out
	},
	"Softmax": func(dims map[string]int64, in tensors) []float64 {
		out := make([]float64, dims["v"])
		for e, v := range in["dst"].Data {
			if v >= 0 && v < float64(dims["v"]) {
				out[int(v)] += math.Exp(in["s"].Data[e])
			}
		}
		for v := range out {
			out[v] = math.Log(out[v])
		}
		return out
	},
	"Rows": func(dims map[string]int64, in tensors) []float64 {
		c, off := int(dims["c"]), in["off"].Data
		out := make([]float64, int(dims["b"])*c)
		for b := range int(dims["b"]) {
			for j := max(0, int(off[b])); j < min(int(dims["n"]), int(off[b+1])); j++ {
				for k := range c {
					out[b*c+k] += in["x"].Data[j*c+k]
				}
			}
		}
		return out
	},
	"Triangles": func(dims map[string]int64, in tensors) []float64 {
		n, c := int(dims["n"]), int(dims["c"])
		out := make([]float64, n*c)
		for i := range n {
			for j := range i + 1 {
				for k := range c {
					out[i*c+k] += in["x"].Data[i*n+j] * in["v"].Data[j*c+k]
				}
			}
		}
		return out
	},
}

// Work and memory of ragged reductions and of their derivatives grow with the data, not
// with the number of pairs: no loop goes through all pairs, no buffer holds them.
func TestRaggedProgramsAreSparse(t *testing.T) {
	res := compileFile(t, "testdata/ragged.grad", Options{})
	checked := 0
	for _, f := range res.Unit.Funcs {
		if !slices.Contains([]string{"Segments", "Softmax", "Inside", "Rows", "Attend", "Steps", "Both", "Products"}, f.Func.Name) {
			continue // dense in part
		}
		checked++
		for _, b := range f.Program.Buffers {
			assert.False(t, squared(b.Len()), "%s: %s holds %s", f.Func.Name, b.Name, b.Len())
		}
		for _, k := range kernel.All(f.Program.Sections[0].Kernels) {
			assert.False(t, squared(k.Flops), "%s: %s takes %s", f.Func.Name, k.Name, k.Flops)
		}
	}
	require.Equal(t, 8, checked)
}

// squared reports a term with the number of nodes and edges or of rows and words.
func squared(d shape.Dim) bool {
	return slices.ContainsFunc(d.Terms(), func(x shape.Term) bool {
		has := func(name string) bool { return slices.Contains(x.Syms, shape.VarSym(name)) }
		edges := slices.DeleteFunc(slices.Clone(x.Syms), func(s *shape.Sym) bool { return s != shape.VarSym("e") })
		return has("v") && has("e") || has("b") && has("n") || len(edges) > 1
	})
}
