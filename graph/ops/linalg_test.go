package ops_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/diff"
	"github.com/gradgen/gradgen/graph/ops"
	"github.com/gradgen/gradgen/graph/shape"
)

// onMatrices runs an operator on 2×2 matrices and columns.
func onMatrices(t *testing.T, name string, data ...[]float64) []float64 {
	t.Helper()
	tr := trial{}
	for _, d := range data {
		tr.shapes = append(tr.shapes, ext(c(2), c(int64(len(d)/2))))
	}
	w := newWorld(t, tr, 1)
	for i, d := range data {
		copy(w.values[fmt.Sprint("x", i)].Data, d)
	}
	return w.run(w.b.Op(name, nil, w.xs...)).Data
}

func TestMatrixReferences(t *testing.T) {
	turn, m, rank1, wide := []float64{0, 2, 1, 0}, []float64{4, 1, 3, 5}, []float64{1, 2, 2, 4}, []float64{nan, 1, 1, 2}
	col := []float64{8, 12}
	for _, c := range []struct {
		op   string
		args [][]float64
		want []float64
	}{
		{"inv", [][]float64{turn}, []float64{0, 1, 0.5, 0}},
		{"inv", [][]float64{rank1}, []float64{nan, nan, nan, nan}},
		{"inv", [][]float64{wide}, []float64{nan, nan, nan, nan}},
		{"det", [][]float64{turn}, []float64{-2}},
		{"det", [][]float64{rank1}, []float64{0}},
		{"det", [][]float64{m}, []float64{17}},
		{"cofactor", [][]float64{m}, []float64{5, -3, -1, 4}},
		{"cofactor", [][]float64{rank1}, []float64{4, -2, -2, 1}},
		{"cofactor_along", [][]float64{rank1, m}, []float64{5, -3, -1, 4}},
		{"logdet", [][]float64{turn}, []float64{math.Log(2)}},
		{"logdet", [][]float64{rank1}, []float64{-inf}},
		{"solve", [][]float64{turn, col}, []float64{12, 4}},
		{"solve", [][]float64{rank1, col}, []float64{nan, nan}},
		{"lower_solve", [][]float64{m, col}, []float64{2, 1.2}},
		{"upper_solve", [][]float64{m, {8, 20}}, []float64{1, 4}},
		{"upper_solve", [][]float64{turn, col}, []float64{nan, nan}},
		{"cholesky", [][]float64{m}, []float64{2, 0, 1, 2}},
		{"cholesky", [][]float64{rank1}, []float64{nan, 0, nan, nan}},
		{"cholesky", [][]float64{turn}, []float64{nan, 0, nan, nan}},
	} {
		got := onMatrices(t, c.op, c.args...)
		require.Len(t, got, len(c.want), "%s(%v)", c.op, c.args)
		for i := range got {
			if got[i] != c.want[i] {
				close(t, c.want[i], got[i], 1e-14, c.op, c.args, got)
			}
		}
	}
}

// A matrix of which nothing is taken may be singular: neither the derivatives
// nor those of the derivatives see it.
func TestSingularUntakenMatrices(t *testing.T) {
	for _, op := range ops.All {
		if op.Class != graph.CallOp {
			continue
		}
		tr := trial{shapes: [][]shape.Dim{ext(c(2), n, n), ext(c(2), n, n)}}
		if !op.Call.Variadic {
			tr.shapes = [][]shape.Dim{ext(c(2), n, n), ext(c(2), n, m)}[:op.Arity]
		}
		w := newWorld(t, tr, 1)
		a := w.values["x0"].Data
		clear(a[9:])
		for i := range 3 {
			a[4*i] += 5
		}
		y := w.b.Op(op.Name, nil, w.xs...)
		taken := w.b.Map("lt", w.b.IndexValue(i0, y.Type.Shape), w.b.Fill(1, graph.Type{Elem: graph.Int, Shape: y.Type.Shape}))
		loss := w.weighted(w.b.Map("atan", w.b.Where(taken, y, w.b.Like(0, y))))
		second := w.b.Real(0)
		first := diff.Grad(w.b, loss, w.xs)
		for _, g := range first {
			second = w.b.Add(second, w.weighted(w.b.Map("sin", g)))
		}
		for _, g := range append(first, diff.Grad(w.b, second, w.xs)...) {
			v := w.run(g).Data
			for i := range v {
				assert.False(t, math.IsNaN(v[i]) || math.IsInf(v[i], 0), "%s: %v", op.Name, v)
			}
			assert.NotZero(t, v[0], op.Name)
			assert.Zero(t, v[len(v)-1], op.Name)
		}
	}
}
