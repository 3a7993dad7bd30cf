package plan

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph/shape"
)

// TestProductsWithOneParameterAreCounted has products in a loop over rows, inside of a
// loop of kernels of 3 steps.
func TestProductsWithOneParameterAreCounted(t *testing.T) {
	row, step := shape.Var(".i0"), shape.Var(".s0")
	w, written, x, y := buffer("w", n), buffer("v", n), buffer("x", n), buffer("y", n)
	w.Kind, written.Kind, x.Kind, y.Result = kernel.Param, kernel.Param, kernel.Input, true
	product := func(by *kernel.Buffer, at shape.Dim) *kernel.MatMul {
		return &kernel.MatMul{C: kernel.Operand{Buf: y}, A: kernel.Operand{Buf: x}, B: kernel.Operand{Buf: by, At: at}}
	}
	for _, c := range []struct {
		what   string
		s      *kernel.MatMul
		inLoop bool
		want   string
	}{
		{"in each step", product(w, shape.Dim{}), false, "3"},
		{"of each step", product(w, step), false, "0"},
		{"by the piece", product(w, shape.Var(".lo")), false, "0"},
		{"for each row, in each step", product(w, shape.Dim{}), true, n.Scale(3).String()},
		{"for each row, of each step", product(w, step), true, n.String()},
		{"of each row", product(w, row), true, "0"},
		{"no parameter", product(x, shape.Dim{}), true, "0"},
		{"not the same", product(written, shape.Dim{}), true, "0"},
	} {
		body := []kernel.Stmt{c.s}
		if c.inLoop {
			body = []kernel.Stmt{&kernel.Loop{Var: ".i0", Lo: shape.Var(".lo"), Hi: shape.Var(".hi"), Body: body}}
		}
		body = append(body, &kernel.Zero{Slice: kernel.Slice{Buf: written, Len: n}})
		k := &kernel.Kernel{Rows: n, Grain: 1, Body: body}
		planned([]*kernel.Buffer{w, written, x, y}, &kernel.Kernel{Repeat: &kernel.Repeat{Var: ".s0", Trip: shape.Const(3), Kernels: []*kernel.Kernel{k}}})
		require.Equal(t, c.want, c.s.Again.String(), c.what)
	}
}
