package unroll

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/codegen/kernel/exec"
	"github.com/gradgen/gradgen/graph/shape"
)

// polynomials are y[i] = Σ j: c[j]·x[i]^j, and its adjoint b[g, j] += y[i]·x[i]^j in
// groups of rows.
func polynomials(c, x, y, b *kernel.Buffer) (forward, backward *kernel.Kernel) {
	i, j, k, n, m := shape.Var(".i0"), shape.Var(".i1"), shape.Var(".k1"), shape.Var("n"), shape.Var("m")
	ref := func(name string) kernel.Expr { return &kernel.Ref{Name: name} }
	load := func(b *kernel.Buffer, d shape.Dim) kernel.Expr { return &kernel.Load{Buf: b, At: at(d)} }
	rows := func(body ...kernel.Stmt) []kernel.Stmt {
		return []kernel.Stmt{&kernel.Loop{Var: ".i0", Lo: shape.Var(".lo"), Hi: shape.Var(".hi"), Body: body}}
	}
	steps := func(body ...kernel.Stmt) kernel.Stmt {
		return &kernel.Loop{Var: ".i1", Lo: shape.Const(1), Hi: m, Body: append(body, &kernel.Set{Name: "q", X: apply("mul", ref("q"), ref("base"))})}
	}
	forward = &kernel.Kernel{Name: "forward", Rows: n, Grain: 700, Body: rows(
		&kernel.Let{Name: "base", X: apply("mul", load(x, i), &kernel.Lit{V: 0.5})},
		&kernel.Accumulator{Name: "s", Init: load(x, i)}, &kernel.Accumulator{Name: "q", Init: &kernel.Lit{V: 1}},
		steps(&kernel.Let{Name: "term", X: apply("mul", load(c, j), ref("q"))}, &kernel.Set{Name: "s", X: apply("add", ref("s"), ref("term"))}),
		&kernel.Store{Buf: y, At: at(i), X: apply("sub", ref("s"), ref("base"))})}
	from := i.Scale(512)
	group := &kernel.Loop{Var: ".k1", Hi: shape.Min(shape.Const(512), n.Sub(from)), Body: []kernel.Stmt{
		&kernel.Let{Name: "base", X: load(x, from.Add(k))}, &kernel.Accumulator{Name: "q", Init: load(y, from.Add(k))},
		steps(&kernel.Store{Buf: b, At: at(i.Mul(m).Add(j)), X: ref("q"), Add: true})}}
	backward = &kernel.Kernel{Name: "backward", Rows: shape.CeilDiv(n, shape.Const(512)), Grain: 1,
		Body: rows(&kernel.Zero{Slice: kernel.Slice{Buf: b, At: i.Mul(m), Len: m}}, group)}
	return forward, backward
}

func TestInterchange(t *testing.T) {
	buffer := func(name string, kind kernel.Kind, ext ...shape.Dim) *kernel.Buffer {
		return &kernel.Buffer{Name: name, Kind: kind, Shape: ext}
	}
	n, m := shape.Var("n"), shape.Var("m")
	c, x, y := buffer("c", kernel.Input, m), buffer("x", kernel.Input, n), buffer("y", kernel.Arena, n)
	b := buffer("b", kernel.Arena, shape.CeilDiv(n, shape.Const(512)), m)
	run := func(ks []*kernel.Kernel, dims map[string]int64) [][]float64 {
		memory := map[*kernel.Buffer][]float64{}
		m := exec.Machine{Dims: dims, Memory: func(b *kernel.Buffer) []float64 {
			if memory[b] == nil {
				size, _ := b.Len().Bind(dims).IsConst()
				memory[b] = make([]float64, size)
				for k := range memory[b] {
					memory[b][k] = float64(k%13)/8 - 0.75
				}
			}
			return memory[b]
		}}
		require.NoError(t, m.Run(&kernel.Section{Kernels: ks}))
		return [][]float64{memory[y], memory[b]}
	}
	for _, dims := range []map[string]int64{{"n": 1, "m": 1}, {"n": 3, "m": 4}, {"n": 512, "m": 9}, {"n": 1500, "m": 6}} {
		f, g := polynomials(c, x, y, b)
		want := run([]*kernel.Kernel{f, g}, dims)
		f, g = polynomials(c, x, y, b)
		prog := &kernel.Program{Buffers: []*kernel.Buffer{c, x, y, b}}
		for _, k := range []*kernel.Kernel{f, g} {
			before := len(prog.Buffers)
			k.Body = lanes(prog, k, k.Body, nil, true)
			assert.Greater(t, len(prog.Buffers), before, k.Name)
		}
		assert.InDeltaSlice(t, want[0], run([]*kernel.Kernel{f, g}, dims)[0], 1e-12)
		assert.InDeltaSlice(t, want[1], run([]*kernel.Kernel{f, g}, dims)[1], 1e-12)
	}
}
