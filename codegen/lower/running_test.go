package lower

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// A sum of multiples of what is summed already is a multiple of that sum.
func TestSumsOfMultiples(t *testing.T) {
	b := newBench(t, map[string]int64{"n": 5000})
	x, w := b.real("param", "x", "n"), b.real("param", "w", 1)
	ext := dims("n")
	e := b.Map("exp", x)
	total := b.Sum(e, 0)
	share := b.Mul(e, b.View(b.Map("div", b.View(w, shape.Map{In: dims(0)}, 0, nil), total), shape.Map{}, 0, ext))
	loss := b.Mul(b.Sum(share, 0), b.Sum(b.Mul(share, share), 0))
	p := b.train(loss, []*node{w})
	require.Equal(t, 3, strings.Count(text(p), "0..min(4096,"), text(p)) // of e, of the squares, and for w
}

// The product of a vector and a matrix of powers keeps no matrix, forward or backward.
func TestPolynomials(t *testing.T) {
	b := newBench(t, map[string]int64{"n": 1030, "m": 5})
	x, c := b.real("input", "x", "n"), b.real("param", "c", "m")
	ext := dims("n", "m")
	powers := b.Map("powd", b.View(x, shape.Map{In: []shape.Dim{idx(0)}}, 0, ext), b.IndexValue(idx(1), ext))
	y := b.Sum(b.Mul(b.View(c, shape.Map{In: []shape.Dim{idx(1)}}, 0, ext), powers), 1)
	p := b.train(b.mean(b.Mul(y, y)), []*node{c})
	require.NotContains(t, text(p), "[n, m]")
	require.NotContains(t, text(p), "powd")
}

// Powers of a number are a table, not computed again and again.
func TestPowersOfNumbers(t *testing.T) {
	b := newBench(t, map[string]int64{"n": 9})
	x, ext := b.real("param", "x", "n", 6), dims("n", 6)
	signs := b.View(b.Map("powd", b.Fill(-1, graph.Type{Shape: dims(6)}), b.IndexValue(idx(0), dims(6))), shape.Map{In: []shape.Dim{idx(1)}}, 0, ext)
	y := b.Sum(b.Mul(signs, x), 1)
	p := b.train(b.mean(b.Mul(b.Op("exp", nil, y), y)), []*node{x})
	require.Contains(t, text(p), "powd : real [6]")
}
