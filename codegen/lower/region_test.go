package lower

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/ops"
	"github.com/gradgen/gradgen/graph/shape"
)

// body builds a region over parameters of the given types.
func body(types []graph.Type, f func(in *bench, args []*node) []*node) *graph.Region {
	in := &bench{Builder: ops.NewBuilder(graph.New())}
	var params []*node
	for i, t := range types {
		params = append(params, in.Arg(i, t))
	}
	return &graph.Region{Body: in.G, Params: params, Results: f(in, params)}
}

func typesOf(lists ...[]*node) (out []graph.Type) {
	for _, ns := range lists {
		for _, n := range ns {
			out = append(out, n.Type)
		}
	}
	return out
}

// scan runs f over the steps of a; f gets the step, carries, slices and captures.
func (b *bench) scan(a graph.Scan, inits, slices, captures []*node, f func(in *bench, args []*node) []*node) []*node {
	a.Carries, a.Slices = len(inits), len(slices)
	types := append([]graph.Type{{Elem: graph.Int}}, typesOf(inits)...)
	for _, s := range slices {
		types = append(types, graph.Type{Elem: s.Type.Elem, Shape: s.Type.Shape[1:]})
	}
	r := body(append(types, typesOf(captures)...), f)
	a.Collects = len(r.Results) - a.Carries
	args := append(append(append([]*node{}, inits...), slices...), captures...)
	return b.Results(b.Region("scan", a, graph.Type{Elem: graph.Bool}, []*graph.Region{r}, args...))
}

// recurrent is h = tanh(x[t] @ Wx + h @ Wh) over the first axis of x.
func (b *bench) recurrent(x, wx, wh *node, reverse bool) []*node {
	zero := b.Fill(0, graph.Type{Shape: append(x.Type.Shape[1:2:2], wh.Type.Shape[1])})
	a := graph.Scan{Trip: x.Type.Shape[0], Reverse: reverse}
	return b.scan(a, []*node{zero}, []*node{x}, []*node{wx, wh}, func(in *bench, p []*node) []*node {
		h := called("h", in.Op("tanh", nil, in.Add(in.matmul(p[2], p[3]), in.matmul(p[1], p[4]))))
		return []*node{h, in.Mul(h, in.ToReal(p[0]))}
	})
}

func TestScan(t *testing.T) {
	for _, reverse := range []bool{false, true} {
		b := newBench(t, map[string]int64{"T": 4, "batch": 3})
		x, wx, wh := b.real("input", "x", "T", "batch", 8), b.real("param", "Wx", 8, 16), b.real("param", "Wh", 16, 16)
		rs := b.recurrent(x, wx, wh, reverse)
		p := b.program(rs[0], rs[1])
		require.NotNil(t, p.Sections[0].Kernels[1].Repeat, text(p))
		p = b.train(b.mean(b.Mul(b.Add(rs[0], b.Sum(rs[1], 0)), rs[0])), []*node{wx, wh})
		t.Log(text(p))
	}
}

func TestScanOfScalarsSwaps(t *testing.T) {
	b := newBench(t, map[string]int64{"T": 5})
	x := b.real("param", "x", "T")
	u, v := b.real("param", "u"), b.real("param", "v")
	rs := b.scan(graph.Scan{Trip: dim("T")}, []*node{u, v}, []*node{x}, nil, func(in *bench, p []*node) []*node {
		return []*node{p[2], p[1], in.Mul(in.Add(p[1], p[3]), p[2])}
	})
	b.program(rs...)
	b.train(b.Sum(b.Mul(rs[2], rs[2]), 0), []*node{x, u, v})
}

func TestScanOfNothing(t *testing.T) {
	b := newBench(t, map[string]int64{"T": 0})
	u := b.real("param", "u", 3)
	rs := b.scan(graph.Scan{Trip: dim("T")}, []*node{u}, nil, nil, func(in *bench, p []*node) []*node {
		return []*node{in.Op("sin", nil, p[1])}
	})
	b.program(rs[0])
}

func TestScanInsideScan(t *testing.T) {
	b := newBench(t, map[string]int64{"T": 3, "S": 2})
	x, w := b.real("param", "x", "T", "S", 3), b.real("param", "w", 3)
	rs := b.scan(graph.Scan{Trip: dim("T")}, []*node{w}, []*node{x}, []*node{w}, func(in *bench, p []*node) []*node {
		inner := in.scan(graph.Scan{Trip: dim("S")}, []*node{p[1]}, []*node{p[2]}, []*node{p[3], p[0]}, func(in *bench, q []*node) []*node {
			step := in.ToReal(in.Op("iadd", nil, q[0], q[4]))
			h := in.Op("sin", nil, in.Add(in.Mul(q[1], q[3]), in.Mul(q[2], step)))
			return []*node{h, h}
		})
		return []*node{inner[0], inner[1]}
	})
	b.program(rs...)
	b.train(b.Sum(b.Mul(rs[1], rs[1]), 0, 1, 2), []*node{x, w})
}

// halve is x/2 until its norm is below 1.
func (b *bench) halve(x *node, a graph.While) []*node {
	a.Carries = 1
	cond := body(typesOf([]*node{x}), func(in *bench, p []*node) []*node {
		return []*node{in.Map("gt", in.Op("norm", graph.Axes{0}, p[0]), in.Real(1))}
	})
	step := body(typesOf([]*node{x}), func(in *bench, p []*node) []*node { return []*node{in.Scale(0.5, p[0])} })
	return b.Results(b.Region("while", a, graph.Type{Elem: graph.Bool}, []*graph.Region{cond, step}, x))
}

func TestWhile(t *testing.T) {
	b := newBench(t, map[string]int64{"n": 40})
	x := b.Scale(3, b.real("input", "x", "n"))
	b.program(b.halve(x, graph.While{})...)
}

func TestWhileThatGoesOnTooLong(t *testing.T) {
	b := newBench(t, map[string]int64{"n": 40})
	x := b.Scale(100, b.real("input", "x", "n"))
	rs := b.halve(x, graph.While{Limited: true, Limit: dim(2)})
	p := lowerFunc(&graph.Func{Name: "F", G: b.G, Results: []*graph.Value{{Name: "y", Node: rs[0]}}}).Program
	require.NoError(t, kernel.Verify(p))
	require.ErrorContains(t, b.machine(b.memory()).Run(p.Sections[0]), "more than 2 steps")
}

func TestBranch(t *testing.T) {
	for _, limit := range []float64{-100, 100} {
		b := newBench(t, map[string]int64{"n": 4})
		x := b.real("param", "x", "n")
		cond := b.Map("gt", b.Sum(x, 0), b.Real(limit))
		types := typesOf([]*node{x})
		yes := body(types, func(in *bench, p []*node) []*node { return []*node{in.Op("sin", nil, p[0]), p[0]} })
		no := body(types, func(in *bench, p []*node) []*node { return []*node{p[0], in.Op("cumsum", nil, p[0])} })
		rs := b.Results(b.Region("branch", nil, graph.Type{Elem: graph.Bool}, []*graph.Region{yes, no}, cond, x))
		b.program(rs...)
		b.train(b.Sum(b.Mul(rs[0], rs[1]), 0), []*node{x})
	}
}

// Rows whose numbers the steps decide are read and replaced where they are, without
// a check, if they are certainly there.
func TestRowsByStep(t *testing.T) {
	for _, known := range []bool{true, false} {
		b := newBench(t, map[string]int64{"b": 4})
		s, whole := b.real("param", "s", 9, "b"), func(in *bench, v float64) *node { return in.Fill(v, graph.Type{Elem: graph.Int}) }
		rs := b.scan(graph.Scan{Trip: shape.Const(4)}, []*node{s}, nil, nil, func(in *bench, p []*node) []*node {
			wide := dims("b")
			at := in.Map("isub", in.Map("imul", p[0], whole(in, 2)), whole(in, -1))
			if !known {
				at = in.Map("imin", at, whole(in, 8))
			}
			row := in.Broadcast(at, wide)
			g := graph.Gather{In: []shape.Dim{{}, idx(0)}, By: []int{0, -1}, Checked: true}
			h := called("h", in.Op("gather", g, p[1], row))
			v := in.Add(h, in.ToReal(row))
			to := graph.Type{Shape: dims(9, "b")}
			is := in.Map("eq", in.IndexValue(idx(0), dims(9)), in.Broadcast(at, dims(9)))
			put := in.Typed("scatter", g, to, v, row)
			next := in.Where(in.View(is, shape.Map{In: []shape.Dim{idx(0)}}, 0, to.Shape), put, p[1])
			return []*node{next, in.Mul(h, h)}
		})
		p := b.program(rs...)
		require.Equal(t, !known, strings.Contains(text(p), "check "), text(p))
		if known {
			require.Contains(t, text(p), "[i1 + 2*s0*b + b] = ", text(p))
		}
		p = b.train(b.mean(b.Mul(rs[0], b.Broadcast(b.Sum(rs[1], 0), rs[0].Type.Shape))), []*node{s})
		require.Equal(t, known, strings.Contains(text(p), "[i1 + 2*s0*b + b] = dh[i1]"), text(p))
	}
}

// What a step reads of a carry some of whose rows it has replaced: the carry, if the
// steps say that it reads other rows, and what is new if not.
func TestRowsBesideOthers(t *testing.T) {
	for apart, beside := range map[float64]bool{1: true, 0: false, -1: true, 2: true} {
		b := newBench(t, map[string]int64{"b": 4})
		s, v := b.real("param", "s", 12, "b"), b.real("param", "v", "b")
		rs := b.scan(graph.Scan{Trip: shape.Const(4)}, []*node{s}, nil, []*node{v}, func(in *bench, p []*node) []*node {
			place := func(k float64) *node {
				twice := in.Map("imul", in.Fill(2, graph.Type{Elem: graph.Int}), p[0])
				return in.Map("iadd", twice, in.Fill(k, graph.Type{Elem: graph.Int}))
			}
			to := p[1].Type
			is := in.Map("eq", in.IndexValue(idx(0), dims(12)), in.Broadcast(place(1), dims(12)))
			row := in.View(p[2], shape.Map{In: []shape.Dim{idx(1)}}, 0, to.Shape)
			next := in.Where(in.View(is, shape.Map{In: []shape.Dim{idx(0)}}, 0, to.Shape), row, p[1])
			g := graph.Gather{In: []shape.Dim{{}, idx(0)}, By: []int{0, -1}, Checked: true}
			h := in.Op("gather", g, next, in.Broadcast(place(1+apart), dims("b")))
			return []*node{next, in.Op("tanh", nil, h)}
		})
		p := b.program(rs...)
		require.Equal(t, beside, !strings.Contains(text(p), "where"), text(p)) // it is not stored
		b.train(b.mean(b.Mul(rs[0], b.Broadcast(b.Sum(rs[1], 0), rs[0].Type.Shape))), []*node{s, v})
	}
}
