package diff_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/diff"
	"github.com/gradgen/gradgen/graph/eval"
	"github.com/gradgen/gradgen/graph/ops"
	"github.com/gradgen/gradgen/graph/rewrite"
	"github.com/gradgen/gradgen/graph/shape"
)

var (
	n, m = shape.Var("n"), shape.Var("m")
	i0   = shape.Idx(0)
	i1   = shape.Idx(1)
)

// singular are functions without a value, or with an infinite derivative, at
// some of x = [-1, 0, 1, 4].
var singular = map[string]func(b *graph.Builder, x *graph.Node) *graph.Node{
	"log":  func(b *graph.Builder, x *graph.Node) *graph.Node { return b.Map("log", x) },
	"sqrt": func(b *graph.Builder, x *graph.Node) *graph.Node { return b.Map("sqrt", x) },
	"stated": func(b *graph.Builder, x *graph.Node) *graph.Node {
		d := b.Mark(b.Like(0, x))
		return b.Op("stated", nil, b.Map("stop", b.Map("sqrt", x)), b.Div(d, b.Map("sqrt", x)), x, d)
	},
	"inverse": func(b *graph.Builder, x *graph.Node) *graph.Node { return b.Div(b.Like(1, x), x) },
	"pow":     func(b *graph.Builder, x *graph.Node) *graph.Node { return b.Map("pow", x, b.Like(1.5, x)) },
	"chain": func(b *graph.Builder, x *graph.Node) *graph.Node {
		return b.Map("log", b.Map("exp", b.Map("sin", b.Map("exp", b.Div(b.Like(1, x), x)))))
	},
	"broadcast": func(b *graph.Builder, x *graph.Node) *graph.Node {
		wide := b.View(b.Map("log", x), shape.Map{In: []shape.Dim{i0}}, 0, []shape.Dim{n, m})
		return b.Map("tanh", b.Sum(b.Map("sin", wide), 1))
	},
	"flip twice": func(b *graph.Builder, x *graph.Node) *graph.Node {
		flip := shape.Map{In: []shape.Dim{n.AddInt(-1).Sub(i0)}}
		back := b.View(b.Map("sqrt", b.View(x, flip, 0, []shape.Dim{n})), flip, 0, []shape.Dim{n})
		return b.Map("log", back)
	},
	"reshape": func(b *graph.Builder, x *graph.Node) *graph.Node {
		two := []shape.Dim{shape.Const(2), shape.Quotient(n, shape.Const(2))}
		return b.Reshape(b.Map("log", b.Reshape(b.Map("sqrt", x), two)), []shape.Dim{n})
	},
	"gather": func(b *graph.Builder, x *graph.Node) *graph.Node {
		at := graph.Gather{In: []shape.Dim{{}}, By: []int{0}, Checked: true}
		places := b.IndexValue(i0, []shape.Dim{n})
		return b.Op("gather", at, b.Map("log", b.Map("sqrt", x)), places)
	},
	"product over rows": func(b *graph.Builder, x *graph.Node) *graph.Node {
		wide := b.View(b.Map("log", x), shape.Map{In: []shape.Dim{i0}}, 0, []shape.Dim{n, m})
		return b.Reduce("prod", wide, 1)
	},
	"greatest of a row": func(b *graph.Builder, x *graph.Node) *graph.Node {
		wide := b.View(b.Map("sqrt", x), shape.Map{In: []shape.Dim{i0}}, 0, []shape.Dim{n, m})
		return b.Reduce("rmax", wide, 1)
	},
	"weighted sum": func(b *graph.Builder, x *graph.Node) *graph.Node {
		ext := []shape.Dim{n, m}
		w := b.Leaf("input", "w", graph.Type{Shape: []shape.Dim{m}})
		wide := b.View(b.Map("log", x), shape.Map{In: []shape.Dim{i0}}, 0, ext)
		return b.Sum(b.Mul(wide, b.View(w, shape.Map{In: []shape.Dim{i1}}, 0, ext)), 1)
	},
}

// env gives x places that are taken and places that are not.
var env = eval.Env{Dims: map[string]int64{"n": 4, "m": 2}, Leaf: func(_, name string) (graph.Tensor, bool) {
	if name == "w" {
		return graph.Tensor{Shape: []int{2}, Data: []float64{0.5, -2}}, true
	}
	return graph.Tensor{Shape: []int{4}, Data: []float64{-1, 0, 1, 4}}, true
}}

// taken is sum(where(x > 0.5, f(x), 0)) and x.
func taken(b *graph.Builder, f func(*graph.Builder, *graph.Node) *graph.Node) (y, x *graph.Node) {
	x = b.Leaf("input", "x", graph.Type{Shape: []shape.Dim{n}})
	return b.Sum(b.Where(b.Map("gt", x, b.Like(0.5, x)), f(b, x), b.Like(0, x)), 0), x
}

func TestWhatIsNotTakenNeverPoisons(t *testing.T) {
	for name, f := range singular {
		t.Run(name, func(t *testing.T) {
			b := ops.NewBuilder(graph.New())
			y, x := taken(b, f)
			first := diff.Grad(b, y, []*graph.Node{x})[0]
			second := diff.Grad(b, b.Sum(b.Map("sin", first), 0), []*graph.Node{x})[0]
			roots := []*graph.Node{y, first, second}
			check := func(roots []*graph.Node) {
				out, err := eval.Run(roots, env)
				require.NoError(t, err)
				for _, v := range append(out[1].Data[:2:2], out[2].Data[:2]...) {
					require.Zero(t, v, "derivative where nothing is taken")
				}
				for _, o := range out {
					for _, v := range o.Data {
						require.Zero(t, v-v, "not finite: %v", o.Data)
					}
				}
				require.NotZero(t, out[1].Data[3])
			}
			check(roots)
			check(rewrite.Nodes(roots, true, false))
		})
	}
}

// A factor of a contraction has no value in rows of which nothing is taken.
func TestContractionsDoNotPoisonTheirOtherFactor(t *testing.T) {
	b := ops.NewBuilder(graph.New())
	ext := []shape.Dim{n, m}
	x := b.Leaf("input", "x", graph.Type{Shape: []shape.Dim{n}})
	w := b.Leaf("input", "w", graph.Type{Shape: []shape.Dim{m}})
	left := b.View(b.Map("log", x), shape.Map{In: []shape.Dim{i0}}, 0, ext)
	y := b.Sum(b.Mul(left, b.View(w, shape.Map{In: []shape.Dim{i1}}, 0, ext)), 1)
	loss := b.Sum(b.Where(b.Map("gt", x, b.Like(0.5, x)), y, b.Like(0, y)), 0)
	for _, roots := range [][]*graph.Node{diff.Grad(b, loss, []*graph.Node{w, x}), nil} {
		if roots == nil {
			roots = rewrite.Nodes(diff.Grad(b, loss, []*graph.Node{w, x}), true, false)
		}
		out, err := eval.Run(roots, env)
		require.NoError(t, err)
		require.InDeltaSlice(t, []float64{1.3862943611198906, 1.3862943611198906}, out[0].Data, 1e-12)
		require.InDeltaSlice(t, []float64{0, 0, -1.5, -0.375}, out[1].Data, 1e-12)
	}
}

// An inverse in a contraction has no value where its matrix is singular.
func TestSingularMatricesDoNotPoisonContractions(t *testing.T) {
	b := ops.NewBuilder(graph.New())
	ext := []shape.Dim{n, m, m}
	x := b.Leaf("input", "x", graph.Type{Shape: []shape.Dim{n}})
	w := b.Leaf("input", "w", graph.Type{Shape: []shape.Dim{m}})
	diagonal := shape.Map{In: []shape.Dim{i0}, Guard: []shape.Cond{{Kind: shape.Zero, E: i1.Sub(shape.Idx(2))}}}
	inverse := b.Op("inv", nil, b.View(x, diagonal, 0, ext))
	left, right := shape.Map{In: []shape.Dim{i0, i1, shape.Idx(2)}}, shape.Map{In: []shape.Dim{shape.Idx(2)}}
	domain := []shape.Dim{n, m, m, shape.Const(2)} // y[n, i, c] = Σ_k inverse[n, i, k]·w[k]
	y := b.Sum(b.Mul(b.View(inverse, left, 0, domain), b.View(w, right, 0, domain)), 2)
	taken := b.View(b.Map("gt", x, b.Like(0.5, x)), shape.Map{In: []shape.Dim{i0}}, 0, y.Type.Shape)
	loss := b.Sum(b.Where(taken, y, b.Like(0, y)), 0, 1, 2)
	out, err := eval.Run(diff.Grad(b, loss, []*graph.Node{w, x}), env)
	require.NoError(t, err)
	require.InDeltaSlice(t, []float64{2.5, 2.5}, out[0].Data, 1e-12)
	require.InDeltaSlice(t, []float64{0, 0, 3, 3. / 16}, out[1].Data, 1e-12)
}

// Contributions of both branches meet at x, where one of them has no value.
func TestBranchesMeet(t *testing.T) {
	b := ops.NewBuilder(graph.New())
	x := b.Leaf("input", "x", graph.Type{Shape: []shape.Dim{n}})
	y := b.Where(b.Map("gt", x, b.Like(0.5, x)), b.Map("log", x), b.Map("sqrt", b.Sub(b.Like(0.25, x), x)))
	g := diff.Grad(b, b.Sum(y, 0), []*graph.Node{x})
	out, err := eval.Run(g, env)
	require.NoError(t, err)
	require.InDeltaSlice(t, []float64{-0.5 / 1.118033988749895, -1, 1, 0.25}, out[0].Data, 1e-12)
}
