package ops_test

import (
	"math/rand/v2"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// Elements with many zeros and ties.
func fewValues(r *rand.Rand) float64 { return float64(r.IntN(3)) }

// spread elements are apart, so that differences do not cross a kink.
func spread() func(r *rand.Rand) float64 {
	k := 0.0
	return func(r *rand.Rand) float64 {
		k++
		if r.IntN(2) == 0 {
			return -k / 3
		}
		return k / 3
	}
}

// view is a trial of a view with result shape s.
func view(name string, operand, s []shape.Dim, mp shape.Map, fill float64) trial {
	return trial{name: "view: " + name, shapes: [][]shape.Dim{operand},
		build: func(b *graph.Builder, x []*graph.Node) *graph.Node { return b.View(x[0], mp, fill, s) }}
}

// at is a map without guards.
func at(in ...shape.Dim) shape.Map { return shape.Map{In: in} }

func nonNeg(e shape.Dim) shape.Cond { return shape.Cond{Kind: shape.NonNegative, E: e} }

// places is an int table of shape [len(v)].
func places(b *graph.Builder, v ...float64) *graph.Node {
	return b.Typed("table", graph.Table(v), graph.Type{Elem: graph.Int, Shape: ext(c(int64(len(v))))})
}

var trials = []trial{
	op("sum", graph.Axes{0}, ext(n)), op("sum", graph.Axes{0, 2}, ext(n, m, c(2))),
	op("prod", graph.Axes{0}, ext(n)), op("prod", graph.Axes{0, 2}, ext(c(2), n, c(2))),
	op("prod", graph.Axes{0}, ext(c(4), m)).drawn(fewValues),
	op("others", graph.Axes{0}, ext(n)), op("others", graph.Axes{0}, ext(c(9))).drawn(fewValues),
	op("others", graph.Axes{0, 2}, ext(n, m, n)), op("others", graph.Axes{0, 2}, ext(c(2), n, c(2))).drawn(fewValues),
	taking("prod").drawn(fewValues), taking("others").drawn(fewValues), taking("others"),
	op("rmax", graph.Axes{1}, ext(m, n)).drawn(spread()), op("rmin", graph.Axes{0, 1}, ext(m, n)).drawn(spread()),
	op("cumsum", nil, ext(m, n)), op("cumprod", nil, ext(m, n)), op("cumprod", nil, ext(c(5))).drawn(fewValues),
	op("recurrence", nil, ext(m, n), ext(m, n)), op("recurrence", nil, ext(c(5)), ext(c(5))).drawn(fewValues),
	op("sort", nil, ext(m, n)).drawn(spread()),
	op("softmax", nil, ext(m, n)), op("log_softmax", nil, ext(m, n)), op("logsumexp", graph.Axes{1}, ext(m, n)),
	op("logsumexp", graph.Axes{0, 2}, ext(m, c(2), n)),
	op("norm", graph.Axes{0}, ext(n, m)), op("var", graph.Axes{1}, ext(m, n)), op("var", graph.Axes{0, 1}, ext(c(2), c(3))),
	op("std", graph.Axes{1}, ext(m, n)), op("mark", nil, ext(n)),

	view("transpose", ext(m, n), ext(n, m), at(i1, i0), 0),
	view("broadcast", ext(n), ext(m, n), at(i1), 0),
	view("every second", ext(c(6)), ext(c(3)), at(i0.Scale(2)), 0),
	view("flip", ext(n), ext(n), at(n.AddInt(-1).Sub(i0)), 0),
	view("diagonal", ext(n, n), ext(n), at(i0, i0), 0),
	view("windows", ext(n.AddInt(1)), ext(n, c(2)), at(i0.Add(i1)), 0),
	view("padded windows", ext(n, m), ext(n, c(3), m), shape.Map{In: []shape.Dim{i0.Add(i1).AddInt(-1), i2},
		Guard: []shape.Cond{nonNeg(i0.Add(i1).AddInt(-1)), nonNeg(n.Sub(i0).Sub(i1))}}, 0.5),
	view("zeros between", ext(c(3)), ext(c(5)), shape.Map{In: []shape.Dim{i0}, Div: []int64{2},
		Guard: []shape.Cond{{Kind: shape.Multiple, E: i0, Mod: 2}}}, 0),
	view("rows of a vector", ext(n.Mul(m)), ext(m, n), at(i0.Mul(n).Add(i1)), 0),
	view("symbolic stride, guarded", ext(n.Mul(m)), ext(m), shape.Map{In: []shape.Dim{i0.Mul(n)},
		Guard: []shape.Cond{nonNeg(i0.AddInt(-1))}}, 2),
	view("symbolic stride, halved", ext(n.Mul(m)), ext(m), shape.Map{In: []shape.Dim{i0.Mul(n)}, Div: []int64{2},
		Guard: []shape.Cond{{Kind: shape.Multiple, E: i0.Mul(n), Mod: 2}}}, 0),
	view("symbolic stride, two places", ext(n.Mul(m)), ext(m, m), shape.Map{In: []shape.Dim{i0.Mul(n)},
		Guard: []shape.Cond{{Kind: shape.Zero, E: i0.Sub(i1)}}}, 0),
	{name: "reshape", shapes: [][]shape.Dim{ext(m, n)}, build: func(b *graph.Builder, x []*graph.Node) *graph.Node {
		return b.Reshape(x[0], ext(n.Mul(m)))
	}},
	{name: "concat", shapes: [][]shape.Dim{ext(m, n), ext(m, c(1)), ext(m, m)}, build: func(b *graph.Builder, x []*graph.Node) *graph.Node {
		return b.Op("concat", graph.Axis(1), x...)
	}},
	{name: "gather rows", shapes: [][]shape.Dim{ext(n, m)}, build: func(b *graph.Builder, x []*graph.Node) *graph.Node {
		rows := b.View(places(b, 2, 0, 2, 1), at(i0), 0, ext(c(4), m))
		return b.Op("gather", graph.Gather{In: []shape.Dim{{}, i1}, By: []int{0, -1}, Checked: true}, x[0], rows)
	}},
	{name: "gather, masked and outside", shapes: [][]shape.Dim{ext(n, n)}, build: func(b *graph.Builder, x []*graph.Node) *graph.Node {
		row, col := places(b, 0, 9, 2, 2), places(b, 1, 1, 2, -1)
		return b.Op("gather", graph.Gather{In: make([]shape.Dim, 2), By: []int{0, 1}, Masked: true, Fill: 0.5},
			x[0], row, col, b.Map("ne", row, col))
	}},
	{name: "scatter", shapes: [][]shape.Dim{ext(c(4), m)}, build: func(b *graph.Builder, x []*graph.Node) *graph.Node {
		rows := b.View(places(b, 2, 0, 2, 7), at(i0), 0, ext(c(4), m))
		return b.Typed("scatter", graph.Gather{In: []shape.Dim{{}, i1}, By: []int{0, -1}},
			graph.Type{Shape: ext(n, m)}, x[0], rows)
	}},
	{name: "matrix product", shapes: [][]shape.Dim{ext(m, n), ext(n, c(2))}, build: func(b *graph.Builder, x []*graph.Node) *graph.Node {
		domain := ext(m, c(2), n)
		return b.Sum(b.Mul(b.View(x[0], at(i0, i2), 0, domain), b.View(x[1], at(i2, i1), 0, domain)), 2)
	}},
	regular("inv", ext(m, n, n)), regular("det", ext(m, n, n)), regular("logdet", ext(n, n)),
	regular("cofactor", ext(m, n, n)), regular("det", ext(c(1), c(1))), regular("det", ext(m, c(2), c(2))),
	regular("det", ext(c(4), c(4))), regular("cofactor_along", ext(m, n, n), ext(m, n, n)),
	regular("cofactor_along", ext(n, n), ext(n, n), ext(n, n)),
	regular("cholesky", ext(m, n, n)), regular("solve", ext(m, n, n), ext(m, n, c(2))),
	regular("lower_solve", ext(m, n, n), ext(m, n, c(2))), regular("upper_solve", ext(n, n), ext(n, c(1))),
	{name: "where", shapes: [][]shape.Dim{ext(c(4)), ext(c(4))}, build: func(b *graph.Builder, x []*graph.Node) *graph.Node {
		return b.Where(b.Map("lt", places(b, 0, 1, 2, 3), places(b, 1, 1, 3, 3)), x[0], b.Mul(x[1], x[1]))
	}},
	{name: "cross_entropy", shapes: [][]shape.Dim{ext(c(4), n)}, build: func(b *graph.Builder, x []*graph.Node) *graph.Node {
		return b.Op("cross_entropy", nil, x[0], places(b, 2, 0, 2, 1))
	}},
	{name: "bce", shapes: [][]shape.Dim{ext(n, m), ext(n, m)}, build: func(b *graph.Builder, x []*graph.Node) *graph.Node {
		return b.Op("bce", nil, x...)
	}},
}

// taking is a trial over the elements that take part, as data says: the lesser ones.
func taking(name string) trial {
	return trial{name: name, shapes: [][]shape.Dim{ext(m, c(5))}, build: func(b *graph.Builder, x []*graph.Node) *graph.Node {
		c := b.Map("lt", x[0], b.Like(1.5, x[0]))
		y := b.Typed("where", nil, x[0].Type, c, x[0], b.Like(1, x[0]))
		if name == "prod" {
			return b.Reduce(name, y, 1)
		}
		return b.Typed(name, graph.Axes{1}, y.Type, y)
	}}
}

// regular is a trial of a function of matrices, the first of which is moved
// away from singular ones.
func regular(name string, shapes ...[]shape.Dim) trial {
	return trial{name: name, shapes: shapes, build: func(b *graph.Builder, x []*graph.Node) *graph.Node {
		s := x[0].Type.Shape
		r := len(s)
		diagonal := shape.Map{Guard: []shape.Cond{{Kind: shape.Zero, E: shape.Idx(r - 1).Sub(shape.Idx(r - 2))}}}
		return b.Op(name, nil, append([]*graph.Node{b.Add(x[0], b.View(b.Real(5), diagonal, 0, s))}, x[1:]...)...)
	}}
}
