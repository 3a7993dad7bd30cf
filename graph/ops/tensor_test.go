package ops_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/diff"
	"github.com/gradgen/gradgen/graph/eval"
	"github.com/gradgen/gradgen/graph/ops"
	"github.com/gradgen/gradgen/graph/shape"
)

// trial is an operator, or a use of one, to be differentiated at random places.
type trial struct {
	name   string
	shapes [][]shape.Dim // of the real operands
	build  func(b *graph.Builder, x []*graph.Node) *graph.Node
	draw   func(r *rand.Rand) float64 // of an element; nil: normal
}

// The named dims of the trials.
var (
	n, m = shape.Var("n"), shape.Var("m")
	dims = map[string]int64{"n": 3, "m": 2}
	i0   = shape.Idx(0)
	i1   = shape.Idx(1)
	i2   = shape.Idx(2)
)

func ext(ds ...shape.Dim) []shape.Dim { return ds }

func c(v int64) shape.Dim { return shape.Const(v) }

// op is a trial of one operator on one operand.
func op(name string, attr graph.Attr, s ...[]shape.Dim) trial {
	label := name
	if attr != nil {
		label += " " + attr.String()
	}
	return trial{name: label, shapes: s, build: func(b *graph.Builder, x []*graph.Node) *graph.Node {
		return b.Op(name, attr, x...)
	}}
}

// drawn is tr with elements from f.
func (tr trial) drawn(f func(r *rand.Rand) float64) trial {
	tr.draw = f
	return tr
}

// world is a graph over leaves with values.
type world struct {
	t      *testing.T
	b      *graph.Builder
	xs     []*graph.Node
	values map[string]graph.Tensor
	r      *rand.Rand
}

func newWorld(t *testing.T, tr trial, seed uint64) *world {
	w := &world{t: t, b: ops.NewBuilder(graph.New()), values: map[string]graph.Tensor{}, r: rand.New(rand.NewPCG(seed, 7))}
	for _, s := range tr.shapes {
		w.xs = append(w.xs, w.leaf(graph.Real, s, tr.draw))
	}
	return w
}

// leaf is a new input with random elements.
func (w *world) leaf(e graph.Elem, s []shape.Dim, draw func(r *rand.Rand) float64) *graph.Node {
	if draw == nil {
		draw = (*rand.Rand).NormFloat64
	}
	v := graph.Tensor{}
	size := 1
	for _, d := range s {
		v.Shape = append(v.Shape, int(d.Bind(dims).Eval(nil)))
		size *= v.Shape[len(v.Shape)-1]
	}
	for range size {
		v.Data = append(v.Data, draw(w.r))
	}
	name := fmt.Sprintf("x%d", len(w.values))
	w.values[name] = v
	return w.b.Leaf("input", name, graph.Type{Elem: e, Shape: s})
}

func (w *world) run(root *graph.Node) graph.Tensor {
	out, err := eval.Run([]*graph.Node{root}, eval.Env{Dims: dims, Leaf: func(_, name string) (graph.Tensor, bool) {
		v, ok := w.values[name]
		return v, ok
	}})
	require.NoError(w.t, err)
	return out[0]
}

// total is the sum of all elements.
func (w *world) total(y *graph.Node) *graph.Node {
	all := make([]int, y.Type.Rank())
	for k := range all {
		all[k] = k
	}
	return w.b.Sum(y, all...)
}

// weighted is Σ u·y with random u.
func (w *world) weighted(y *graph.Node) *graph.Node {
	return w.total(w.b.Mul(w.leaf(graph.Real, y.Type.Shape, nil), y))
}

// compare compares the gradients of a scalar y with differences, element by element.
func (w *world) compare(what string, y *graph.Node) []*graph.Node {
	grads := diff.Grad(w.b, y, w.xs)
	for i, x := range w.xs {
		leaf := w.values[string(x.Attr.(graph.Leaf))]
		got := w.run(grads[i])
		require.Equal(w.t, leaf.Shape, got.Shape)
		for k := range leaf.Data {
			f := func(v []float64) float64 {
				old := leaf.Data[k]
				defer func() { leaf.Data[k] = old }()
				leaf.Data[k] = v[0]
				return w.run(y).Data[0]
			}
			close(w.t, slope(f, []float64{leaf.Data[k]}, 0), got.Data[k], 1e-6, what, "by operand", i, "element", k)
		}
	}
	return grads
}

// guardedLoss takes some elements of the result; functions before and after
// meet the guards.
func (w *world) guardedLoss(tr trial) *graph.Node {
	inner := make([]*graph.Node, len(w.xs))
	for i, x := range w.xs {
		inner[i] = w.b.Map("asinh", x)
	}
	y := tr.build(w.b, inner)
	mask := w.leaf(graph.Bool, y.Type.Shape, coin)
	return w.weighted(w.b.Where(mask, w.b.Map("tanh", y), w.b.Like(0, y)))
}

// coin is a fair bool.
func coin(r *rand.Rand) float64 { return float64(r.IntN(2)) }

// No operator with rules of its own goes untried.
func TestTrialsAreComplete(t *testing.T) {
	tried := map[string]bool{}
	for _, tr := range trials {
		w := newWorld(t, tr, 1)
		for _, n := range graph.Reachable(tr.build(w.b, w.xs)) {
			tried[n.Op.Name] = true
		}
	}
	for _, op := range ops.All {
		assert.True(t, tried[op.Name] || op.Pullback == nil && (op.Class != graph.CompositeOp || op.Partials == nil), op.Name)
	}
}

// Reverse rules agree with differences: plain, a second time, and under a guard.
func TestPullbacks(t *testing.T) {
	for _, tr := range trials {
		t.Run(tr.name, func(t *testing.T) {
			for seed := range uint64(2) {
				w := newWorld(t, tr, seed)
				y := tr.build(w.b, w.xs)
				loss := w.weighted(w.b.Map("tanh", y))
				grads := w.compare("first", loss)
				second := w.b.Real(0)
				for _, g := range grads {
					second = w.b.Add(second, w.weighted(g))
				}
				w.compare("second", second)
				w.compare("guarded", w.guardedLoss(tr))
			}
		})
	}
}

// What is not taken keeps infinities of local derivatives away. Operands are
// square roots; those elements on which no taken element of the result depends
// are roots of 0, whose derivative is infinite.
func TestUntakenDoesNotPoison(t *testing.T) {
	for _, tr := range trials {
		if tr.name == "matrix product" {
			continue // there untaken counts as 0 and factors have to be finite
		}
		t.Run(tr.name, func(t *testing.T) {
			never := checkPoison(t, tr, func(*rand.Rand) float64 { return 0 })
			assert.NotZero(t, never)
			if tr.name == "sort" {
				return // a root of 0 would move to another, taken place
			}
			if ops.Table()[tr.name] != nil && ops.Table()[tr.name].Class == graph.CallOp {
				return // as in matrix products
			}
			for in := range 5 {
				checkPoison(t, tr, func(r *rand.Rand) float64 { return float64(r.IntN(in+2) / (in + 1)) })
			}
		})
	}
}

// checkPoison takes the elements that draw chooses and returns the number of
// operand elements they leave free.
func checkPoison(t *testing.T, tr trial, draw func(*rand.Rand) float64) (free int) {
	w := newWorld(t, tr.drawn(func(r *rand.Rand) float64 { return 0.5 + r.Float64() }), 1)
	roots := make([]*graph.Node, len(w.xs))
	for i, x := range w.xs {
		roots[i] = w.b.Map("sqrt", x)
	}
	y := tr.build(w.b, roots)
	taken := w.leaf(graph.Bool, y.Type.Shape, draw)
	masked := w.b.Where(taken, y, w.b.Like(0, y))
	grads := diff.Grad(w.b, w.weighted(masked), w.xs)
	baseline := w.run(masked)
	zero := make([][]int, len(w.xs))
	for i, x := range w.xs {
		leaf := w.values[string(x.Attr.(graph.Leaf))]
		for k, v := range leaf.Data {
			leaf.Data[k] = nan
			if assert.ObjectsAreEqual(baseline, w.run(masked)) {
				zero[i] = append(zero[i], k)
			}
			leaf.Data[k] = v
		}
	}
	for i, x := range w.xs {
		for _, k := range zero[i] {
			w.values[string(x.Attr.(graph.Leaf))].Data[k] = 0
		}
		free += len(zero[i])
	}
	for i, g := range grads {
		got := w.run(g)
		for _, k := range zero[i] {
			assert.Zero(t, got.Data[k], "operand %d, element %d, with mask %v", i, k, w.values[string(taken.Attr.(graph.Leaf))])
		}
		for _, v := range got.Data {
			assert.False(t, math.IsNaN(v) || math.IsInf(v, 0))
		}
	}
	return free
}

// The absolute value of ints has no derivative and no trial.
func TestIntAbs(t *testing.T) {
	w := newWorld(t, trial{}, 1)
	y := w.b.Op("iabs", nil, places(w.b, -2, 0, 3))
	assert.Equal(t, []float64{2, 0, 3}, w.run(y).Data)
	assert.Equal(t, []float64{2, 0, 3}, w.run(y.Op.Expand(w.b, y)).Data)
}

// Composites expand to what their references compute.
func TestExpandIsReference(t *testing.T) {
	for _, tr := range trials {
		w := newWorld(t, tr, 1)
		y := tr.build(w.b, w.xs)
		if y.Op.Class != graph.CompositeOp {
			continue
		}
		want, got := w.run(y), w.run(y.Op.Expand(w.b, y))
		require.Equal(t, want.Shape, got.Shape, tr.name)
		for k := range want.Data {
			close(t, want.Data[k], got.Data[k], 1e-13, tr.name, k)
		}
	}
}
