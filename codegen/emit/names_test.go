package emit

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

func TestNames(t *testing.T) {
	for path, want := range map[string]string{
		"h.W": "hW", "blocks[3].attn.Wq": "blocks3AttnWq", "len": "len_", "type": "type_", "my_x": "myX",
		"σ": "σ", "Δt": "δt", "W": "W", "Image": "image", "x_": "x", "_": "x", "3d": "x3d",
	} {
		assert.Equal(t, want, local(path), path)
	}
	for path, want := range map[string]string{"batch": "Batch", "σ": "Σ", "seq_len": "Seq_len", "_x": "X_x"} {
		assert.Equal(t, want, exported(path), path)
	}
	assert.Equal(t, map[string]string{"w": "W_", "W": "W", "b": "B"}, exportAll([]string{"w", "W", "b"}))
}

func TestLiterals(t *testing.T) {
	narrow, wide := &file{real: "float32", width: "32"}, &file{real: "float64", width: "64"}
	for _, c := range []struct {
		elem         graph.Elem
		v            float64
		narrow, wide string
	}{
		{graph.Real, 0.1, "0.1", "0.1"},
		{graph.Real, 1.0 / 3, "0.33333334", "0.3333333333333333"},
		{graph.Real, math.Inf(1), "float32(math.Inf(1))", "math.Inf(1)"},
		{graph.Real, 1e300, "float32(math.Inf(1))", "1e+300"},
		{graph.Real, math.NaN(), "float32(math.NaN())", "math.NaN()"},
		{graph.Real, math.Copysign(0, -1), "float32(math.Copysign(0, -1))", "math.Copysign(0, -1)"},
		{graph.Int, -3, "-3", "-3"},
		{graph.Bool, 1, "true", "true"},
	} {
		assert.Equal(t, c.narrow, narrow.literal(c.elem, c.v).s)
		assert.Equal(t, c.wide, wide.literal(c.elem, c.v).s)
	}
}

func TestParentheses(t *testing.T) {
	a, b, c := atom("a"), atom("b"), atom("c")
	for want, e := range map[string]expr{
		"a - b - c":   infix("-", infix("-", a, b), c),
		"a - (b - c)": infix("-", a, infix("-", b, c)),
		"a + (b + c)": infix("+", a, infix("+", b, c)),
		"(a + b) * c": infix("*", infix("+", a, b), c),
		"a * b + c":   infix("+", infix("*", a, b), c),
		"-(a + b)":    prefix("-", infix("+", a, b)),
		"-(-a)":       prefix("-", prefix("-", a)),
		"!(a < b)":    prefix("!", infix("<", a, b)),
		"a && !b":     infix("&&", a, prefix("!", b)),
	} {
		assert.Equal(t, want, e.s)
	}
}

func TestDims(t *testing.T) {
	dp := (&file{prefix: "f", need: map[string]bool{}}).goDims(func(n string) string { return n })
	n, m := shape.Var("n"), shape.Var("m")
	for want, d := range map[string]shape.Dim{
		"0":                   {},
		"m*n + 2*n + 1":       n.Mul(m).Add(n.Scale(2)).AddInt(1),
		"n - 1":               n.AddInt(-1),
		"-n":                  n.Scale(-1),
		"(n + 15) / 16":       shape.CeilDiv(n, shape.Const(16)),
		"(n + 1) / 2 - 3":     shape.Div(n.AddInt(-5), shape.Const(2)),
		"fFloorDiv(n - 5, m)": shape.Div(n.AddInt(-5), m),
		"min(m, n)":           shape.Min(m, n),
		"16*((n + 15) / 16)":  shape.CeilDiv(n, shape.Const(16)).Scale(16),
		"n % 3":               shape.Mod(n, shape.Const(3)),
	} {
		assert.Equal(t, want, dp.dim(d).s)
	}
}
