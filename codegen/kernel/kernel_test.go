package kernel_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/ops"
	"github.com/gradgen/gradgen/graph/shape"
)

var (
	batch = shape.Var("batch")
	row   = shape.Var(".i0")
)

// twice is y = x + x over rows.
func twice() (*kernel.Program, *kernel.Store) {
	x := &kernel.Buffer{Name: "x", Kind: kernel.Input, Shape: []shape.Dim{batch}}
	y := &kernel.Buffer{Name: "y", Kind: kernel.Arena, Shape: []shape.Dim{batch}}
	load := &kernel.Load{Buf: x, At: kernel.Addr{Base: row}}
	store := &kernel.Store{Buf: y, At: kernel.Addr{Base: row},
		X: &kernel.Apply{Op: ops.Table()["add"], Elem: graph.Real, Args: []kernel.Expr{load, load}}}
	loop := &kernel.Loop{Var: ".i0", Lo: shape.Var(".lo"), Hi: shape.Var(".hi"), Body: []kernel.Stmt{store}}
	return &kernel.Program{Name: "predict", Buffers: []*kernel.Buffer{x, y},
		Results:  []kernel.Result{{Name: "y", Kind: "output", Buffer: y}},
		Sections: []*kernel.Section{{Name: "predict", Kernels: []*kernel.Kernel{{Name: "y", Rows: batch, Grain: 8, Body: []kernel.Stmt{loop}}}}}}, store
}

func TestPrint(t *testing.T) {
	p, _ := twice()
	var out bytes.Buffer
	kernel.Print(&out, p)
	require.Equal(t, `program predict
  input x : real [batch]
  arena y : real [batch]
  output y = y
section predict
kernel y rows 0..batch by 8
    for i0 in lo..hi
        y[i0] = add(x[i0], x[i0])
`, out.String())
}

func TestVerify(t *testing.T) {
	p, _ := twice()
	require.NoError(t, kernel.Verify(p))
	for name, c := range map[string]struct {
		spoil func(p *kernel.Program, s *kernel.Store)
		want  string
	}{
		"variable": {func(p *kernel.Program, s *kernel.Store) { s.At.Base = shape.Var(".i1") }, "loop variable .i1"},
		"ref":      {func(p *kernel.Program, s *kernel.Store) { s.X = &kernel.Ref{Name: "t"} }, "t is used outside"},
		"unwritten": {func(p *kernel.Program, s *kernel.Store) {
			s.X = &kernel.Load{Buf: s.Buf, At: s.At}
		}, "y is read before"},
		"unlisted": {func(p *kernel.Program, s *kernel.Store) { p.Buffers = p.Buffers[1:] }, "x is not listed"},
		"grain":    {func(p *kernel.Program, s *kernel.Store) { p.Sections[0].Kernels[0].Grain = 0 }, "no grain"},
		"result":   {func(p *kernel.Program, s *kernel.Store) { p.Sections = nil }, "y is not written"},
	} {
		p, s := twice()
		c.spoil(p, s)
		require.ErrorContains(t, kernel.Verify(p), c.want, name)
	}
}

func TestMapDims(t *testing.T) {
	_, s := twice()
	kernel.MapDims(s, func(d shape.Dim) shape.Dim { return d.Scale(3) })
	require.Len(t, kernel.Dims(s), 2) // the store and the load, which is shared
	for _, d := range kernel.Dims(s) {
		require.True(t, d.Equal(row.Scale(3)))
	}
}
