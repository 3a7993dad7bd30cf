package plan

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/ops"
	"github.com/gradgen/gradgen/graph/shape"
)

var (
	n   = shape.Var("n")
	row = shape.Var(".i0")
)

func buffer(name string, ext shape.Dim) *kernel.Buffer {
	return &kernel.Buffer{Name: name, Kind: kernel.Arena, Shape: []shape.Dim{ext}}
}

// step is a kernel that stores the sum of its operands element by element.
func step(to *kernel.Buffer, from ...*kernel.Buffer) *kernel.Kernel {
	at := kernel.Addr{Base: row}
	var x kernel.Expr = &kernel.Lit{V: 1}
	for _, b := range from {
		x = &kernel.Apply{Op: ops.Table()["add"], Args: []kernel.Expr{x, &kernel.Load{Buf: b, At: at}}}
	}
	return &kernel.Kernel{Name: to.Name, Rows: to.Len(), Grain: 1, Body: []kernel.Stmt{
		&kernel.Loop{Var: ".i0", Lo: shape.Var(".lo"), Hi: shape.Var(".hi"), Body: []kernel.Stmt{&kernel.Store{Buf: to, At: at, X: x}}}}}
}

func planned(bs []*kernel.Buffer, ks ...*kernel.Kernel) *kernel.Program {
	p := &kernel.Program{Buffers: bs, Sections: []*kernel.Section{{Kernels: ks}}}
	Program(p)
	return p
}

func TestDeadMemoryIsUsedAgain(t *testing.T) {
	a, b, c, d := buffer("a", n.Scale(16)), buffer("b", n.Scale(32)), buffer("c", n.Scale(16)), buffer("d", n.Scale(16))
	d.Result = true
	whole := func(k *kernel.Kernel) *kernel.Kernel { // reads more than its own elements
		k.Body = append(k.Body, &kernel.MatMul{A: kernel.Operand{Buf: a}, B: kernel.Operand{Buf: b}, C: kernel.Operand{Buf: c}})
		return k
	}
	p := planned([]*kernel.Buffer{a, b, c, d}, step(a), step(b), whole(step(c, a)), step(d, c))
	require.Equal(t, "0", a.Offset.String())
	require.Equal(t, "16*n", b.Offset.String())
	require.Equal(t, "48*n", c.Offset.String())
	require.Equal(t, c.Offset, d.Offset, "d is computed in place of c")
	require.Equal(t, "64*n", p.ArenaLen[graph.Real].String())
}

func TestInPlaceOnlyWhereNothingReadsLater(t *testing.T) {
	a, b, c := buffer("a", n.Scale(16)), buffer("b", n.Scale(16)), buffer("c", n.Scale(16))
	planned([]*kernel.Buffer{a, b, c}, step(a), step(b, a), step(c, a, b))
	require.NotEqual(t, a.Offset, b.Offset)
	require.Contains(t, []shape.Dim{a.Offset, b.Offset}, c.Offset)
}

func TestResultsAndWhatTheyMightOverlapLiveOn(t *testing.T) {
	a, b := buffer("a", n.Scale(16)), buffer("b", n.Scale(16))
	a.Result, b.Result = true, true
	planned([]*kernel.Buffer{a, b}, step(a), step(b, a))
	require.NotEqual(t, a.Offset, b.Offset)
}

func TestSizesThatCannotBeComparedStayApart(t *testing.T) {
	m := shape.Var("m")
	a, b, c := buffer("a", n), buffer("b", shape.Const(1)), buffer("c", m)
	planned([]*kernel.Buffer{a, b, c}, step(a), step(b, a), step(c, b))
	require.NotEqual(t, a.Offset, c.Offset)
}

func TestDeadSpaceGrows(t *testing.T) {
	a, b, c := buffer("a", n.Scale(16)), buffer("b", shape.Const(16)), buffer("c", n.Scale(48))
	p := planned([]*kernel.Buffer{a, b, c}, step(a), step(b, a), step(c, b))
	require.Equal(t, a.Offset, c.Offset)
	require.Equal(t, "48*n + 16", p.ArenaLen[graph.Real].String())
}

// A section that others call keeps out of the memory of all that may be under way.
func TestCalledSectionsHavePlacesOfTheirOwn(t *testing.T) {
	a, b, inner, deeper := buffer("a", n.Scale(16)), buffer("b", n.Scale(16)), buffer("inner", n.Scale(32)), buffer("deeper", n.Scale(48))
	given, gives := buffer("given", n.Scale(16)), buffer("gives", n.Scale(16))
	given.Kind, gives.Kind, b.Result = kernel.Passed, kernel.Passed, true
	slice := func(x *kernel.Buffer) []kernel.Slice { return []kernel.Slice{{Buf: x, Len: x.Len()}} }
	run := func(s *kernel.Section, from, to *kernel.Buffer) *kernel.Kernel {
		return &kernel.Kernel{Body: []kernel.Stmt{&kernel.Run{Section: s, Args: slice(from), To: slice(to)}}}
	}
	last := &kernel.Section{Name: "last", Kernels: []*kernel.Kernel{step(deeper)}, Yields: []*kernel.Buffer{deeper}}
	called := &kernel.Section{Name: "called", Params: []*kernel.Buffer{given}, Yields: []*kernel.Buffer{gives},
		Kernels: []*kernel.Kernel{step(inner), step(gives, given)}}
	p := &kernel.Program{Buffers: []*kernel.Buffer{a, b, inner, deeper, given, gives}, Sections: []*kernel.Section{
		{Kernels: []*kernel.Kernel{step(a), run(called, a, b)}}, last, called}}
	Program(p)
	require.Equal(t, []string{"0", "16*n", "80*n", "32*n"}, []string{a.Offset.String(), b.Offset.String(), inner.Offset.String(), deeper.Offset.String()})
	require.Equal(t, "112*n", p.ArenaLen[graph.Real].String())
}
