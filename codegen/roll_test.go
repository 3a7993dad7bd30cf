package codegen

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/graph"
)

// loops are models whose for loops stay loops; a line with an empty block is
// where an if that needs the index forces them to be unrolled.
var loops = map[string]string{
	"transformer": `
import "nn"
layer Block(x [n, t, d]) {
    x = x + dropout(nn.MultiHeadAttention(nn.LayerNorm(x), heads = 2, causal = true), 0.25)
    wide = nn.Dense(nn.LayerNorm(x), 2 * d, gelu)
    return x + dropout(nn.Dense(wide, d), 0.25)
}
model M {
    dim n
    input x [n, 5, 4]
    h = x
    for i in 0..3 { {}
        h = Block(h) / (i + 1) + dropout(h, 0.5 * i / 3)
    }
    loss mean(h^2)
    train nn.SGD(lr = 0.1)
}`,
	"states and shared layers": `
import "nn"
optimizer Scaled(lr = 1e-2) {
    state m = 0.5
    m <- 0.9 * m + 0.1 * g
    p <- p - lr * m * norm(p) / (1 + norm(m))
}
model M {
    dim n
    input x [n, 4]
    shared = layer nn.Dense(out = 4, act = tanh)
    h = x
    total = 0
    for i in 2..5 { {}
        h = nn.BatchNorm(shared(h) + nn.Dense(h, 4))
        for j in 0..2 { h = h + nn.Dense(h, 4, tanh) }
        total = total + mean(h^2)
    }
    loss mean(h) + total
    train Scaled()
    train nn.SGD(lr = 0.1) for ..b, shared
}`,
	"second derivatives": `
import "nn"
model M {
    dim n
    input x [n, 4]
    z = x
    h = z
    for i in 0..3 { {}
        h = nn.Dense(h, 4, tanh)
        slope = nn.Dense(h, 1)
        h = h + grad(sum(slope^2), slope)
    }
    y = mean(h^2)
    force = grad(y, z)
    loss y + sum(force^2)
    train nn.Adam()
}`,
	"recomputed": `
import "nn"
model M {
    dim n
    input x [n, 4]
    h = x
    for (remat = 2) i in 0..5 { {}
        h = h + nn.Dense(nn.Dense(h, 6, gelu), 4)
    }
    loss mean(h^2)
    train nn.Adam()
}`,
}

// compiled is a program with its build, and its text after the checker.
func compiled(t *testing.T, source string) (*graph.Program, *Build, string) {
	t.Helper()
	checked, list, err := Compile("m.grad", []byte(source), Options{Dump: "check", Real: "f64"})
	require.NoError(t, err)
	require.False(t, list.HasErrors(), "%v", list)
	plain, _, err := Compile("m.grad", []byte(source), Options{Until: "diff", Real: "f64"})
	require.NoError(t, err)
	whole, _, err := Compile("m.grad", []byte(source), Options{Real: "f64"})
	require.NoError(t, err)
	b, err := BuildGo(whole, Options{}, "m.grad")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, b.Close()) })
	return plain.Program, b, checked.Dump
}

// A loop over layers means what it means unrolled: tensors of the same names with
// the same initial values, the same random numbers, the same training. Both agree
// with the interpreter.
func TestLoopsAreTheirUnrolledSelves(t *testing.T) {
	const tolerance = 1e-9
	for name, source := range loops {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, rolled, text := compiled(t, strings.ReplaceAll(source, "{ {}", "{"))
			require.Contains(t, text, "= scan")
			flat := strings.ReplaceAll(strings.ReplaceAll(source, "{ {}", "{ if i >= 0 {"), "\n    }\n", "\n    } }\n")
			q, unrolled, _ := compiled(t, flat)
			require.Greater(t, len(q.Models[0].Params), len(p.Models[0].Params), "the outer loop is not unrolled")
			compareModel(t, rolled, p.Models[0], 4, tolerance)
			compareModel(t, unrolled, q.Models[0], 4, tolerance)
			require.Equal(t, paths(q.Models[0].Params), paths(p.Models[0].Params))
			require.Equal(t, paths(q.Models[0].States), paths(p.Models[0].States))
			in := sample{dims: map[string]int64{"n": 4}}.tensor("x", p.Models[0].Inputs[0].Node.Type)
			r := Request{Model: "M", Dims: map[string]int64{"n": 4}, Seed: 3, Training: true, Inputs: map[string][]float64{"x": in.Data}}
			for _, r.Steps = range []int{0, 1, 5} {
				a, err := rolled.Run(r)
				require.NoError(t, err)
				b, err := unrolled.Run(r)
				require.NoError(t, err)
				assertNear(t, map[string][]float64{"loss": b.Loss}, map[string][]float64{"loss": a.Loss}, tolerance)
				assertNear(t, members(q.Models[0].Params, b.Grads), members(p.Models[0].Params, a.Grads), tolerance)
				if r.Steps == 0 {
					require.Equal(t, b.Params, a.Params)
				}
				assertNear(t, b.Params, a.Params, tolerance)
			}
		})
	}
}

func paths(ps []*graph.Param) []string {
	var out []string
	for _, p := range graph.Members(ps) {
		out = append(out, p.Path)
	}
	return out
}
