package ops_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/diff"
	"github.com/gradgen/gradgen/graph/eval"
	"github.com/gradgen/gradgen/graph/ops"
	"github.com/gradgen/gradgen/graph/shape"
)

// References agree with the interpreter.
func TestReferences(t *testing.T) {
	for _, tr := range trials {
		w := newWorld(t, tr, 3)
		y := tr.build(w.b, w.xs)
		if y.Op.Reference == nil {
			continue
		}
		args := make([]graph.Tensor, len(y.Args))
		for i, a := range y.Args {
			args[i] = w.run(a)
		}
		want := w.run(y)
		got, err := y.Op.Reference(y, args, want.Shape, func(s *shape.Sym) int64 { return dims[s.Name] })
		require.NoError(t, err, tr.name)
		assert.Equal(t, want, got, tr.name)
	}
}

// apply runs an operator on rows of numbers of shape [1, len(x)].
func apply(name string, attr graph.Attr, x ...float64) []float64 {
	b := ops.NewBuilder(graph.New())
	in := b.Leaf("input", "x", graph.Type{Shape: ext(c(1), c(int64(len(x))))})
	y := b.Op(name, attr, in)
	out := make([]int, y.Type.Rank())
	for k, d := range y.Type.Shape {
		out[k] = int(d.Eval(nil))
	}
	v, err := y.Op.Reference(y, []graph.Tensor{{Shape: []int{1, len(x)}, Data: x}}, out, nil)
	if err != nil {
		return nil
	}
	return v.Data
}

func TestReferenceEdges(t *testing.T) {
	last, along := graph.Axes{1}, graph.Axis(1)
	for _, c := range []struct {
		op   string
		attr graph.Attr
		x    []float64
		want []float64
	}{
		{"sum", last, nil, []float64{0}},
		{"prod", last, nil, []float64{1}},
		{"rmax", last, nil, []float64{-inf}},
		{"rmin", last, nil, []float64{inf}},
		{"rmax", last, []float64{1, nan, 2}, []float64{nan}},
		{"rmin", last, []float64{1, nan, 2}, []float64{nan}},
		{"argmax", along, []float64{1, 3, 3, 2}, []float64{1}},
		{"argmin", along, []float64{2, 1, 1}, []float64{1}},
		{"argmax", along, []float64{1, nan, 3, nan}, []float64{1}},
		{"argmin", along, []float64{nan, 0}, []float64{0}},
		{"argmax", along, []float64{-inf, -inf}, []float64{0}},
		{"sort", nil, []float64{3, nan, 1, 2}, []float64{1, 2, 3, nan}},
		{"argsort", nil, []float64{2, 1, 2, 1}, []float64{1, 3, 0, 2}},
		{"cumsum", nil, []float64{1, 2, 3}, []float64{1, 3, 6}},
		{"cumprod", nil, []float64{1, 2, 3}, []float64{1, 2, 6}},
		{"softmax", nil, []float64{-inf, -inf}, []float64{0, 0}},
		{"softmax", nil, []float64{1000, -inf}, []float64{1, 0}},
		{"log_softmax", nil, []float64{-inf, -inf}, []float64{-inf, -inf}},
		{"logsumexp", last, []float64{-inf, -inf}, []float64{-inf}},
		{"logsumexp", last, []float64{inf, 1}, []float64{inf}},
		{"logsumexp", last, []float64{1000, -1000}, []float64{1000}},
		{"logsumexp", last, nil, []float64{-inf}},
		{"std", last, []float64{2, 2}, []float64{0}},
		{"var", last, []float64{1, 3}, []float64{1}},
		{"norm", last, []float64{3, -4}, []float64{5}},
	} {
		assert.Equal(t, fmt.Sprint(c.want), fmt.Sprint(apply(c.op, c.attr, c.x...)), "%s(%v)", c.op, c.x)
	}
}

// Expansions agree with references at the edges, and derivatives are as the
// language says there.
func TestCompositeEdges(t *testing.T) {
	last := graph.Axes{0}
	for _, c := range []struct {
		op    string
		attr  graph.Attr
		x     []float64
		slope []float64 // of the weighted result with weights 1, 2, ..
	}{
		{"softmax", nil, []float64{-inf, -inf}, []float64{0, 0}},
		{"softmax", nil, []float64{1000, -inf}, []float64{0, 0}},
		{"log_softmax", nil, []float64{1000, -1000}, []float64{-2, 2}},
		{"logsumexp", last, []float64{-inf, -inf}, []float64{0, 0}},
		{"logsumexp", last, []float64{1000, -inf}, []float64{1, 0}},
		{"norm", last, []float64{0, 0}, []float64{0, 0}},
		{"std", last, []float64{2, 2}, []float64{0, 0}},
		{"prod", last, []float64{0, 3, 2}, []float64{6, 0, 0}},
		{"prod", last, []float64{0, 3, 0}, []float64{0, 0, 0}},
		{"rmax", last, []float64{1, 3, 3}, []float64{0, 0.5, 0.5}},
		{"rmin", last, []float64{1, 1, 3}, []float64{0.5, 0.5, 0}},
		{"cumprod", nil, []float64{0, 3, 2}, []float64{1 + 6 + 18, 0, 0}},
		{"sort", nil, []float64{2, 1, 2}, []float64{2, 1, 3}},
	} {
		w := newWorld(t, trial{shapes: [][]shape.Dim{ext(shape.Const(int64(len(c.x))))}}, 1)
		copy(w.values["x0"].Data, c.x)
		y := w.b.Op(c.op, c.attr, w.xs[0])
		if y.Op.Expand != nil {
			assert.Equal(t, fmt.Sprint(w.run(y)), fmt.Sprint(w.run(y.Op.Expand(w.b, y))), "%s(%v)", c.op, c.x)
		}
		loss := w.weighted(y)
		for i := range w.values["x1"].Data {
			w.values["x1"].Data[i] = float64(i + 1)
		}
		assert.Equal(t, c.slope, w.run(diff.Grad(w.b, loss, w.xs)[0]).Data, "derivative of %s(%v)", c.op, c.x)
	}
}

// A label outside the classes is an error, not a wrong number.
func TestCrossEntropyChecksLabels(t *testing.T) {
	w := newWorld(t, trial{shapes: [][]shape.Dim{ext(c(2), c(3))}}, 1)
	y := w.b.Op("cross_entropy", nil, w.xs[0], places(w.b, 0, 3))
	for _, root := range []*graph.Node{y, y.Op.Expand(w.b, y)} {
		_, err := eval.Run([]*graph.Node{root}, eval.Env{Leaf: func(_, name string) (graph.Tensor, bool) {
			v, ok := w.values[name]
			return v, ok
		}})
		assert.ErrorContains(t, err, "index")
	}
}
