package plan

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph/shape"
)

func TestOwnMemoryOfARowIsUsedAgain(t *testing.T) {
	a, b, c, d := buffer("a", shape.Const(32)), buffer("b", shape.Const(32)), buffer("c", shape.Const(16)), buffer("d", shape.Const(16))
	for _, x := range []*kernel.Buffer{a, b, c, d} {
		x.Kind = kernel.Own
	}
	product := func(to, from, by *kernel.Buffer) kernel.Stmt {
		return &kernel.MatMul{C: kernel.Operand{Buf: to}, A: kernel.Operand{Buf: from}, B: kernel.Operand{Buf: by}}
	}
	in, w, out := buffer("in", n), buffer("w", n), buffer("out", n)
	in.Kind, w.Kind, out.Result = kernel.Input, kernel.Param, true
	rows := &kernel.Loop{Var: ".i0", Lo: shape.Var(".lo"), Hi: shape.Var(".hi"), Body: []kernel.Stmt{
		product(a, in, w), product(b, a, w), product(c, b, w), product(d, c, w), product(out, d, w)}}
	k := &kernel.Kernel{Rows: n, Grain: 1, Body: []kernel.Stmt{rows}}
	p := planned([]*kernel.Buffer{a, b, c, d, in, w, out}, k)
	require.Equal(t, "64", k.Own.String())
	require.Equal(t, a.Offset, c.Offset, "a is read before c is written")
	require.Equal(t, b.Offset, d.Offset)
	require.NotEqual(t, a.Offset, b.Offset)
	require.Len(t, p.ArenaLen, 1, "only the result is in the arena")
}
