package unroll

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/codegen/kernel/exec"
	"github.com/gradgen/gradgen/codegen/vector"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// guarded are loops over pieces of n rows that are inside of their conditions in some rows only.
func guarded() map[string]func(x, y *kernel.Buffer) kernel.Stmt {
	i, n := shape.Var(".i0"), shape.Var("n")
	loop := func(body ...kernel.Stmt) kernel.Stmt {
		return &kernel.Loop{Var: ".i0", Lo: shape.Var(".lo"), Hi: shape.Var(".hi"), Body: body}
	}
	inside := func(x *kernel.Buffer, by int64) kernel.Expr {
		conds := []shape.Cond{{E: i.AddInt(by)}, {E: n.AddInt(-1 - by).Sub(i)}}
		return &kernel.Guard{Conds: conds, X: &kernel.Load{Buf: x, At: at(i.AddInt(by))}, Fill: 7}
	}
	is := func(d shape.Dim) kernel.Expr {
		a := apply("eq", &kernel.IndexExpr{E: i}, &kernel.IndexExpr{E: d}).(*kernel.Apply)
		a.Elem = graph.Bool
		return a
	}
	return map[string]func(x, y *kernel.Buffer) kernel.Stmt{
		"neighbours": func(x, y *kernel.Buffer) kernel.Stmt {
			return loop(&kernel.Store{Buf: y, At: at(i), X: apply("add", inside(x, -1), apply("mul", inside(x, 1), inside(x, -2)))})
		},
		"first and last": func(x, y *kernel.Buffer) kernel.Stmt {
			first := &kernel.Let{Name: "first", Elem: graph.Bool, X: is(shape.Dim{})}
			choice := &kernel.Select{Cond: &kernel.Ref{Name: "first", Elem: graph.Bool}, X: &kernel.Lit{V: 3}, Y: inside(x, -1)}
			return loop(first, &kernel.Store{Buf: y, At: at(i), X: &kernel.Select{Cond: is(n.AddInt(-1)), X: &kernel.Lit{V: 5}, Y: choice}})
		},
		"a sum for one row": func(x, y *kernel.Buffer) kernel.Stmt {
			only := &kernel.Guard{Conds: []shape.Cond{{Kind: shape.Zero, E: i.Scale(-1)}}, X: &kernel.Lit{Elem: graph.Bool, V: 1}, Elem: graph.Bool}
			sum := &kernel.Ref{Name: "sum"}
			return loop(&kernel.Accumulator{Name: "sum", Init: &kernel.Lit{}},
				&kernel.If{Cond: only, Then: []kernel.Stmt{&kernel.Loop{Var: ".j", Hi: n, Body: []kernel.Stmt{
					&kernel.Set{Name: "sum", X: apply("add", sum, &kernel.Load{Buf: x, At: at(shape.Var(".j"))})}}}}},
				&kernel.Store{Buf: y, At: at(i), X: apply("add", sum, &kernel.Load{Buf: x, At: at(i)})})
		},
	}
}

func TestPeel(t *testing.T) {
	n := shape.Var("n")
	for name, build := range guarded() {
		x := &kernel.Buffer{Name: "x", Kind: kernel.Input, Shape: []shape.Dim{n}}
		y := &kernel.Buffer{Name: "y", Kind: kernel.Arena, Shape: []shape.Dim{n}}
		run := func(body []kernel.Stmt, rows int) []float64 {
			memory := map[*kernel.Buffer][]float64{x: make([]float64, rows), y: make([]float64, rows)}
			for k := range rows {
				memory[x][k] = float64(k*k%11) - 2.5
			}
			m := exec.Machine{Dims: map[string]int64{"n": int64(rows)}, Memory: func(b *kernel.Buffer) []float64 { return memory[b.Root()] }}
			require.NoError(t, m.Run(&kernel.Section{Kernels: []*kernel.Kernel{{Name: "y", Rows: n, Grain: 3, Body: body}}}), name)
			return memory[y]
		}
		parts := peel([]kernel.Stmt{build(x, y)}, true)
		fast := 0
		for _, s := range parts {
			if _, ok := vector.Build(s.(*kernel.Loop), true); ok {
				fast++
			}
		}
		assert.Equal(t, 1, fast, name)
		for rows := 1; rows < 11; rows++ {
			assert.Equal(t, run([]kernel.Stmt{build(x, y)}, rows), run(parts, rows), fmt.Sprint(name, rows))
		}
	}
}

// What is a number in all steps of a part is no variable there, in inner loops too.
func TestWhatPeelingDecidesIsNotDeclared(t *testing.T) {
	i, j, n := shape.Var(".i0"), shape.Var(".j"), shape.Var("n")
	x := &kernel.Buffer{Name: "x", Kind: kernel.Input, Shape: []shape.Dim{n}}
	y := &kernel.Buffer{Name: "y", Kind: kernel.Arena, Shape: []shape.Dim{n}}
	early := &kernel.Guard{Conds: []shape.Cond{{E: shape.Const(2).Sub(i)}, {Kind: shape.Zero, E: j.AddInt(-1)}}, X: &kernel.Load{Buf: x, At: at(j)}}
	sum := &kernel.Ref{Name: "sum"}
	steps := &kernel.Loop{Var: ".j", Hi: n, Body: []kernel.Stmt{
		&kernel.Let{Name: "part", X: early},
		&kernel.Set{Name: "sum", X: apply("add", sum, apply("add", &kernel.Ref{Name: "part"}, apply("mul", &kernel.Load{Buf: x, At: at(i)}, &kernel.Load{Buf: x, At: at(j)})))},
	}}
	l := &kernel.Loop{Var: ".i0", Hi: n, Body: []kernel.Stmt{
		&kernel.Accumulator{Name: "sum", Init: &kernel.Lit{}}, steps, &kernel.Store{Buf: y, At: at(i), X: sum}}}
	parts := peel([]kernel.Stmt{l}, true)
	require.Len(t, parts, 2)
	lets := 0
	kernel.Walk(parts, func(s kernel.Stmt) {
		if _, ok := s.(*kernel.Let); ok {
			lets++
		}
	})
	require.Equal(t, 1, lets)
}
