package block

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph/ops"
	"github.com/gradgen/gradgen/graph/shape"
)

func c(n int64) shape.Dim               { return shape.Const(n) }
func v(name string) shape.Dim           { return shape.Var(name) }
func times(n int64, x string) shape.Dim { return v(x).Scale(n) }

func memory(name string, kind kernel.Kind, ext ...int64) *kernel.Buffer {
	b := &kernel.Buffer{Name: name, Kind: kind}
	for _, n := range ext {
		b.Shape = append(b.Shape, c(n))
	}
	return b
}

// at is an operand whose rows have the step s0 and whose columns have the step s1.
func at(b *kernel.Buffer, from shape.Dim, s0, s1 int64) kernel.Operand {
	return kernel.Operand{Buf: b, At: from, Strides: [2]shape.Dim{c(s0), c(s1)}}
}

// attention is y[h] = w[h] @ x[h], where w[h, i, j] = exp(s[h, i, j]) for j up to i, and
// s[h] = x[h] @ x[h]ᵀ, for two heads of 70 rows and 3 columns, in loops of their own.
type attention struct {
	x, s, w, y *kernel.Buffer
	p          *kernel.Program
}

func newAttention() *attention {
	a := &attention{memory("x", kernel.Input, 2, 70, 3), memory("s", kernel.Arena, 2, 70, 70),
		memory("w", kernel.Arena, 2, 70, 70), memory("y", kernel.Arena, 2, 70, 3), nil}
	a.y.Result = true
	place := kernel.Addr{Base: times(4900, ".i1").Add(times(70, ".i2")).Add(v(".i3"))}
	exp := &kernel.Apply{Op: ops.Table()["exp"], Args: []kernel.Expr{&kernel.Load{Buf: a.s, At: place}}}
	rows := &kernel.Loop{Var: ".i2", Hi: c(70), Body: []kernel.Stmt{
		&kernel.Zero{Slice: kernel.Slice{Buf: a.w, At: times(4900, ".i1").Add(times(70, ".i2")), Len: c(70)}},
		&kernel.Loop{Var: ".i3", Hi: shape.Min(c(70), v(".i2").AddInt(1)), Body: []kernel.Stmt{&kernel.Store{Buf: a.w, At: place, X: exp}}}}}
	first := &kernel.Loop{Var: ".i1", Hi: c(2), Body: []kernel.Stmt{
		&kernel.MatMul{C: at(a.s, times(4900, ".i1"), 70, 1), A: at(a.x, times(210, ".i1"), 3, 1), B: at(a.x, times(210, ".i1"), 1, 3), M: c(70), N: c(70), K: c(3)}, rows}}
	second := &kernel.Loop{Var: ".i2", Hi: c(2), Body: []kernel.Stmt{
		&kernel.MatMul{C: at(a.y, times(210, ".i2"), 3, 1), A: at(a.w, times(4900, ".i2"), 70, 1), B: at(a.x, times(210, ".i2"), 3, 1), M: c(70), N: c(3), K: c(70)}}}
	a.p = &kernel.Program{Buffers: []*kernel.Buffer{a.x, a.s, a.w, a.y}, Results: []kernel.Result{{Buffer: a.y}},
		Sections: []*kernel.Section{{Kernels: []*kernel.Kernel{{Body: []kernel.Stmt{first, second}}}}}}
	return a
}

func (a *attention) body() []kernel.Stmt { return a.p.Sections[0].Kernels[0].Body }

func (a *attention) products() (out []*kernel.MatMul) {
	kernel.Walk(a.body(), func(s kernel.Stmt) {
		if m, ok := s.(*kernel.MatMul); ok {
			out = append(out, m)
		}
	})
	return out
}

func TestHeadsAreJoinedAndCutIntoBlocks(t *testing.T) {
	a := newAttention()
	Program(a.p)
	require.NoError(t, kernel.Verify(a.p))
	require.Len(t, a.body(), 1)
	blocks := a.body()[0].(*kernel.Loop).Body[0].(*kernel.Loop)
	require.Equal(t, "3", blocks.Hi.String())
	for _, b := range []*kernel.Buffer{a.s, a.w} {
		require.Equal(t, "2240", b.Len().String(), "32 rows of %s", b.Name)
	}
	value := func(d shape.Dim, block int64) int64 { return d.Eval(func(*shape.Sym) int64 { return block }) }
	for _, m := range a.products() {
		wide := m.N
		if m.A.Buf == a.w {
			wide = m.K
		}
		for i, want := range []struct{ rows, columns int64 }{{32, 32}, {32, 64}, {6, 70}} {
			require.Equal(t, want.rows, value(m.M, int64(i)))
			require.Equal(t, want.columns, value(wide, int64(i)))
		}
	}
}

func TestWhatIsReadElsewhereStaysWhole(t *testing.T) {
	a := newAttention()
	a.p.Results = append(a.p.Results, kernel.Result{Buffer: a.w})
	a.w.Result = true
	Program(a.p)
	require.Equal(t, "9800", a.w.Len().String())
	require.Equal(t, "9800", a.s.Len().String(), "there is one product only")
}

func TestRowsOfOtherHeadsKeepLoopsApart(t *testing.T) {
	a := newAttention()
	other := a.products()[1]
	other.A.At = c(4900).Sub(other.A.At) // the weights of the other head
	Program(a.p)
	require.Len(t, a.body(), 2)
	require.Equal(t, "9800", a.w.Len().String())
}

func TestColumnsBehindTheOwnCountWhereTheyAreRead(t *testing.T) {
	a := newAttention()
	rows := a.body()[0].(*kernel.Loop).Body[1].(*kernel.Loop)
	rows.Body[1].(*kernel.Loop).Hi = c(70)
	Program(a.p)
	for _, m := range a.products() {
		require.True(t, m.N.Equal(c(70)) || m.K.Equal(c(70)))
	}
}

func TestUsedByOneRowIsKeptForOneRow(t *testing.T) {
	n := v("n")
	x, z, y := memory("x", kernel.Input), memory("z", kernel.Arena), memory("y", kernel.Arena)
	for _, b := range []*kernel.Buffer{x, z, y} {
		b.Shape = []shape.Dim{n, c(8)}
	}
	y.Result = true
	place := kernel.Addr{Base: times(8, ".i0").Add(v(".i1"))}
	each := func(to, from *kernel.Buffer) *kernel.Loop {
		return &kernel.Loop{Var: ".i1", Hi: c(8), Body: []kernel.Stmt{&kernel.Store{Buf: to, At: place, X: &kernel.Load{Buf: from, At: place}}}}
	}
	k := &kernel.Kernel{Rows: n, Grain: 2, Body: []kernel.Stmt{&kernel.Loop{Var: ".i0", Lo: lo, Hi: hi, Body: []kernel.Stmt{each(z, x), each(y, z)}}}}
	p := &kernel.Program{Buffers: []*kernel.Buffer{x, z, y}, Results: []kernel.Result{{Buffer: y}}, Sections: []*kernel.Section{{Kernels: []*kernel.Kernel{k}}}}
	Program(p)
	require.NoError(t, kernel.Verify(p))
	require.Equal(t, kernel.Own, z.Kind)
	require.Equal(t, "8", z.Len().String())
	store := k.Body[0].(*kernel.Loop).Body[0].(*kernel.Loop).Body[0].(*kernel.Store)
	require.Equal(t, ".i1", store.At.Base.String())
	require.Equal(t, kernel.Arena, y.Kind)
}
