package lower

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// A long vector is reduced in pieces of fixed length.
func TestLongVectorsAreReducedInPieces(t *testing.T) {
	for _, n := range []int{1, 4095, 4096, 4097, 9000} {
		b := newBench(t, map[string]int64{"n": int64(n)})
		x, y := b.real("input", "x", "n"), b.real("input", "y", "n")
		d := b.Sub(x, y)
		p := b.program(b.Sum(b.Mul(d, d), 0), b.Reduce("rmax", x, 0), b.Reduce("all", b.Map("lt", x, b.Like(9, x)), 0))
		require.True(t, shape.CeilDiv(dim("n"), shape.Const(piece)).Equal(p.Sections[0].Kernels[0].Rows), text(p))
	}
}

// What is stored of a long vector and summed as well is read by the sums while it is made.
func TestVectorsThatAreSummedAreStoredInPieces(t *testing.T) {
	for _, n := range []any{"n", 4097, 9000} {
		for _, run := range []int64{1, 4095, 4096, 4097, 9000} {
			b := newBench(t, map[string]int64{"n": run})
			x, y := b.real("input", "x", n), b.real("input", "y", n)
			e := b.Op("exp", nil, b.Sub(x, y))
			share := b.Map("div", e, b.Broadcast(b.Sum(e, 0), e.Type.Shape))
			flipped := b.View(e, shape.Map{In: []shape.Dim{e.Type.Shape[0].AddInt(-1).Sub(shape.Idx(0))}}, 0, e.Type.Shape)
			p := b.program(share, b.Reduce("rmax", e, 0), b.Mul(e, flipped), e)
			k := p.Sections[0].Kernels[0]
			require.True(t, shape.CeilDiv(dim(n), shape.Const(piece)).Equal(k.Rows), text(p))
			require.Len(t, k.Body[0].(*kernel.Loop).Body, 5, "two sums around a loop\n%s", text(p))
		}
	}
}

// Many long rows are added to by pieces that own them.
func TestScattersAreSharedOutByOwner(t *testing.T) {
	for _, width := range []any{40, "d"} {
		b := newBench(t, map[string]int64{"n": 5, "m": 9, "d": 33})
		v, i, c := b.real("input", "v", "n", "m", width), b.ints("i", 50, "n", "m"), b.ints("c", 2, "n", "m")
		wide := func(x *node) *node {
			return b.View(x, shape.Map{In: []shape.Dim{shape.Idx(0), shape.Idx(1)}}, 0, v.Type.Shape)
		}
		at := graph.Gather{In: []shape.Dim{{}, shape.Idx(2)}, By: []int{0, -1}, Checked: true}
		out := graph.Type{Shape: dims(100, width)}
		plain := b.Typed("scatter", at, out, v, wide(i))
		at.Checked, at.Masked = false, true
		far := b.Map("imul", i, b.Fill(3, i.Type)) // some outside
		masked := b.Typed("scatter", at, out, v, wide(far), wide(b.Map("eq", c, b.Fill(1, c.Type))))
		p := b.program(plain, b.Map("sin", masked))
		for _, k := range p.Sections[0].Kernels {
			if k.Rows.Is(100) {
				require.GreaterOrEqual(t, k.Grain, int64(100/owners), text(p))
				require.Less(t, k.Grain, int64(100), text(p))
				return
			}
		}
		require.Fail(t, "it is one piece", text(p))
	}
}
