package ops_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/diff"
	"github.com/gradgen/gradgen/graph/ops"
)

var (
	inf = math.Inf(1)
	nan = math.NaN()
)

// At singular points derivatives are what the language says.
func TestKinks(t *testing.T) {
	for _, c := range []struct {
		op   string
		attr graph.Attr
		x    []float64
		want []float64 // derivative by each operand; NaN: not tested
	}{
		{"relu", nil, []float64{0}, []float64{0}},
		{"abs", nil, []float64{0}, []float64{0}},
		{"sign", nil, []float64{0}, []float64{0}},
		{"floor", nil, []float64{2}, []float64{0}},
		{"ceil", nil, []float64{2}, []float64{0}},
		{"round", nil, []float64{0.5}, []float64{0}},
		{"sqrt", nil, []float64{0}, []float64{inf}},
		{"max", nil, []float64{1, 1}, []float64{0.5, 0.5}},
		{"min", nil, []float64{1, 1}, []float64{0.5, 0.5}},
		{"max", nil, []float64{2, 1}, []float64{1, 0}},
		{"min", nil, []float64{2, 1}, []float64{0, 1}},
		{"atan2", nil, []float64{0, 0}, []float64{0, 0}},
		{"atan2", nil, []float64{1e200, 1e200}, []float64{0.5e-200, -0.5e-200}},
		{"hypot", nil, []float64{0, 0}, []float64{0, 0}},
		{"mod", nil, []float64{6, 3}, []float64{1, -2}},
		{"mod", nil, []float64{-0.5, 3}, []float64{1, 1}},
		{"pow", nil, []float64{0, 0}, []float64{0, 0}},
		{"pow", nil, []float64{0, 1}, []float64{1, 0}},
		{"pow", nil, []float64{0, 2}, []float64{0, 0}},
		{"pow", nil, []float64{-2, 3}, []float64{12, nan}},
		{"powi", graph.Count(0), []float64{0}, []float64{0}},
		{"powi", graph.Count(1), []float64{0}, []float64{1}},
		{"powi", graph.Count(3), []float64{-2}, []float64{12}},
		{"expm1", nil, []float64{-40}, []float64{math.Exp(-40)}},
		{"gelu", nil, []float64{-inf}, []float64{nan}},
		{"tanh", nil, []float64{inf}, []float64{0}},
		{"sigmoid", nil, []float64{-inf}, []float64{0}},
		{"softplus", nil, []float64{1000}, []float64{1}},
		{"stop", nil, []float64{3}, []float64{0}},
	} {
		b := ops.NewBuilder(graph.New())
		xs, _ := operands(b, b.Lookup(c.op))
		for i, g := range diff.Grad(b, b.Op(c.op, c.attr, xs...), xs) {
			if !math.IsNaN(c.want[i]) {
				assert.Equal(t, c.want[i], scalarFunc(t, g)(c.x), "%s by operand %d at %v", c.op, i, c.x)
			}
		}
	}
}

// Values at the edges of the real line.
func TestEdges(t *testing.T) {
	for _, c := range []struct {
		op   string
		x    []float64
		want float64
	}{
		{"relu", []float64{nan}, nan},
		{"max", []float64{nan, 1}, nan},
		{"max", []float64{1, nan}, nan},
		{"min", []float64{nan, 1}, nan},
		{"min", []float64{1, nan}, nan},
		{"pow", []float64{0, 0}, 1},
		{"powi", []float64{0, 0}, 1},
		{"powi", []float64{-2, 3}, -8},
		{"powi", []float64{2, -2}, 0.25},
		{"round", []float64{0.5}, 0},
		{"round", []float64{1.5}, 2},
		{"mod", []float64{-1, 3}, 2},
		{"mod", []float64{1, -3}, -2},
		{"idiv", []float64{-1, 3}, -1},
		{"imod", []float64{-1, 3}, 2},
		{"idiv", []float64{1, 0}, 0},
		{"imod", []float64{1, 0}, 0},
		{"ipow", []float64{-3, 5}, -243},
		{"ipow", []float64{0, 0}, 1},
		{"ipow", []float64{3, 21}, 1870418611},
		{"int", []float64{-1.7}, -1},
		{"silu", []float64{-inf}, 0},
		{"gelu", []float64{-inf}, 0},
		{"softplus", []float64{1000}, 1000},
		{"sigmoid", []float64{-1000}, 0},
		{"isnan", []float64{nan}, 1},
		{"isfinite", []float64{inf}, 0},
		{"where", []float64{0, nan, 2}, 2},
		{"not", []float64{1}, 0},
		{"ne", []float64{nan, nan}, 1},
	} {
		got := ops.Table()[c.op].Scalar.Eval(c.x)
		assert.Equal(t, fmt.Sprint(c.want), fmt.Sprint(got), "%s(%v)", c.op, c.x)
	}
}
