package lower

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// x^j for j counted by a loop is the power before times x; where the exponent may
// be negative it is not.
func TestPowersRun(t *testing.T) {
	for _, c := range []struct {
		from int64
		runs bool
	}{{0, true}, {3, true}, {-2, false}} {
		b := newBench(t, map[string]int64{"n": 5, "m": 9})
		x := b.real("param", "x", "n")
		ext := dims("n", "m")
		base := b.View(x, shape.Map{In: []shape.Dim{idx(0)}}, 0, ext)
		y := called("y", b.Map("powd", base, b.IndexValue(idx(1).AddInt(c.from), ext)))
		w := b.real("param", "w", "m", 2)
		z := b.matmul(y, w)
		p := b.train(b.mean(b.Mul(z, z)), []*node{w})
		require.Equal(t, c.runs, !strings.Contains(text(p), "powd(x, int(i1"), text(p))
	}
}

// The nearest of k points, as the mean of the distances to it: what the loop over
// points carries is kept in its result, and the adjoint tests which points were
// nearest before it goes into their elements. Here several often are.
func TestNearest(t *testing.T) {
	b := newBench(t, map[string]int64{"n": 7, "k": 4})
	corner := func(kind, name, rows string) *node {
		draws := 0
		return b.leafOf(kind, name, graph.Type{Elem: graph.Real, Shape: dims(rows, 3)}, func() float64 {
			draws++
			return float64(draws * draws % 7 % 2)
		})
	}
	points, centres := corner("input", "points", "n"), corner("param", "centres", "k")
	ext := dims("n", "k", 3)
	d := b.Sub(b.View(points, shape.Map{In: []shape.Dim{idx(0), idx(2)}}, 0, ext), b.View(centres, shape.Map{In: []shape.Dim{idx(1), idx(2)}}, 0, ext))
	near := b.Reduce("rmin", b.Sum(b.Op("powi", graph.Count(2), d), 2), 1)
	p := b.train(b.mean(near), []*node{centres})
	require.NotContains(t, text(p), "var rmin")
	require.Contains(t, text(p), "zero sum_4[3*lo") // the sum over points walks through centres in order
	require.Contains(t, text(p), "if eq[")
}

// Gradients of biases: sums over rows are products with a row of ones.
func TestSumsOfColumns(t *testing.T) {
	b := newBench(t, map[string]int64{"n": 20})
	x, w, v := b.real("input", "x", "n", 9, 10, 3), b.real("param", "w", 3, 6), b.real("param", "v", "n", 6)
	ext := dims("n", 9, 10, 6)
	y := b.Op("exp", nil, b.matmul(x, w))
	each := b.Sum(y, 1, 2)   // [n, 6]: of the places of each row
	all := b.Sum(y, 0, 1, 2) // [6]
	some := b.Sum(y, 0, 3)   // [9, 10]: not of columns
	first := b.Sum(y, 1)     // [n, 10, 6]
	var total []*node
	for _, z := range []*node{each, all, some, first, b.Mul(y, b.View(v, shape.Map{In: []shape.Dim{idx(0), idx(3)}}, 0, ext))} {
		total = append(total, b.mean(b.Mul(z, z)))
	}
	loss := total[0]
	for _, l := range total[1:] {
		loss = b.Add(loss, l)
	}
	p := b.train(loss, []*node{w, v})
	require.Contains(t, text(p), "= one[0, 0 0] @", text(p))
}

// Distances are computed for neighbouring points at the same time, from a turned copy
// of these, if each is read often.
func TestTurnedOperands(t *testing.T) {
	for _, c := range []struct {
		n      any
		op     string
		turned bool
	}{{"n", "abs", true}, {20, "abs", true}, {4, "abs", false}, {"n", "exp", false}} {
		b := newBench(t, map[string]int64{"n": 6, "k": 5, "d": 7})
		p, q, w := b.real("param", "p", c.n, "d"), b.real("param", "q", "k", "d"), b.real("param", "w", "k")
		ext := dims(c.n, "k", "d")
		diff := b.Sub(b.View(p, shape.Map{In: []shape.Dim{idx(0), idx(2)}}, 0, ext), b.View(q, shape.Map{In: []shape.Dim{idx(1), idx(2)}}, 0, ext))
		d := b.Sum(b.Mul(b.Op(c.op, nil, diff), b.View(w, shape.Map{In: []shape.Dim{idx(1)}}, 0, ext)), 2)
		prog := b.program(d, b.Reduce("rmax", d, 1))
		require.Equal(t, c.turned, strings.Contains(text(prog), "[i0*k + i1] = q[i0 + i1*d]"), text(prog))
		b.train(b.mean(b.Mul(d, d)), []*node{p, q, w})
	}
}

// What two sums add where the same reals are equal is found once.
func TestRareSumsTogether(t *testing.T) {
	b := newBench(t, map[string]int64{"n": 6, "k": 5, "d": 3})
	x, y, w := b.real("input", "x", "n", "k"), b.real("input", "y", "k", "d"), b.real("input", "w", "n")
	least := b.Reduce("rmin", x, 1)
	over := func(v *node) *node { return b.View(v, shape.Map{In: []shape.Dim{idx(0)}}, 0, dims("n", "k")) }
	part := b.Where(b.Map("eq", x, over(least)), over(w), b.Fill(0, graph.Type{Shape: dims("n", "k")}))
	ext := dims("n", "k", "d")
	rows := b.Mul(b.View(part, shape.Map{In: []shape.Dim{idx(0), idx(1)}}, 0, ext), b.View(y, shape.Map{In: []shape.Dim{idx(1), idx(2)}}, 0, ext))
	apart := b.Map("add", x, b.Fill(1, x.Type)) // equal to least elsewhere, if at all
	other := b.Where(b.Map("eq", apart, over(least)), over(w), b.Fill(0, x.Type))
	p := b.program(b.Sum(rows, 0), b.Sum(b.Scale(3, part), 0), b.Sum(other, 0))
	require.Equal(t, 1, strings.Count(text(p), "if eq("), text(p))
	require.Equal(t, 1, strings.Count(text(p), "(eq("), text(p))
}

// The adjoint of every second row, or third, asks nothing of the rows.
func TestRowsInTurn(t *testing.T) {
	for _, c := range []struct {
		rows  any
		mod   int64
		turns bool
	}{{"n", 2, true}, {12, 3, true}, {"n", 3, true}, {13, 3, false}, {12, 6, false}} {
		b := newBench(t, map[string]int64{"n": 12, "m": 5})
		x, w := b.real("param", "x", c.rows, "m"), b.real("input", "w", "m")
		every := func(first int64) *node {
			rows := shape.Quotient(x.Type.Shape[0], shape.Const(c.mod))
			if n, fixed := x.Type.Shape[0].IsConst(); fixed {
				rows = shape.Const(n / c.mod)
			}
			ext := []shape.Dim{rows, x.Type.Shape[1]}
			v := b.View(x, shape.Map{In: []shape.Dim{idx(0).Scale(c.mod).AddInt(first), idx(1)}}, 0, ext)
			return b.Op("tanh", nil, b.Mul(v, b.View(w, shape.Map{In: []shape.Dim{idx(1)}}, 0, ext)))
		}
		y := b.Mul(every(0), every(c.mod-1))
		p := b.train(b.mean(b.Mul(y, y)), []*node{x})
		require.Equal(t, !c.turns, strings.Contains(text(p), " % "), text(p))
	}
}
