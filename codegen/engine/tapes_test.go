package engine_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen"
	"github.com/gradgen/gradgen/codegen/engine"
	"github.com/gradgen/gradgen/codegen/values"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/graphtest"
)

// Every loop, with its first and second derivatives, computes in Go what the
// interpreter computes, also those of which only the run knows the steps.
func TestCompiledLoopsAgreeWithTheInterpreter(t *testing.T) {
	bodies := []string{outerSlice, noStep, eachCount}
	for _, name := range slices.Sorted(maps.Keys(graphtest.Loops)) {
		if body := graphtest.Loops[name]; strings.Contains(body, "while") || strings.Contains(body, "int(") {
			bodies = append(bodies, body)
		}
	}
	for _, body := range bodies {
		src := string(graphtest.LoopFunc(body + "\na, b, c, d = grad(y, x, W, v, s)\n" +
			"z = sum(sin(a)) + sum(b^2) + sum(c * v) + d^2\np, q = grad(z, v, s)\nreturn y, a, b, c, d, p, q, jvp(d, s, 1.0)"))
		want, got := loopResult(t, src, engine.Interp), loopResult(t, src, engine.Compiled)
		require.NoError(t, (&expected{value: want, moved: want}).same(got, 1e-9, 0), src)
	}
}

// outerSlice has second derivatives whose inner loop reads the same slices in
// every step of the outer one; noStep has a while and a scan that make none;
// eachCount reads numbers of steps, and a condition, out of tensors step by step.
const (
	outerSlice = "scan c in 0..3 {\n carry h [k] = v\n scan t in 0..n {\n carry g [k] = h\n g = sin(g @ W + x[t])\n }\n h = g * s\n }\n y = sum(h^2)"
	noStep     = "while r < 0 {\n carry r = 1 + s^2\n r = r * sin(r)\n }\n scan t in 0..int(s) {\n carry h [k] = v\n h = tanh(h @ W) * s\n }\n y = sum(h^2) * r + sum(x) * sum(W)"
	eachCount  = "f = x[:, 0] > 0\nscan t in 0..n {\n carry h [k] = v\n while(limit = 60) g < 2 {\n carry g = 0.3 + sum(h^2)\n g = g * (1.5 + s^2)\n }\n if f[t] { h = sin(g) + v } else { h = v }\n }\n y = sum(h) + sum(x) * sum(W)"
)

func loopResult(t *testing.T, src string, e engine.Engine) *engine.Result {
	res, list, err := codegen.Compile("m.grad", []byte(src), codegen.Options{Until: "diff", Real: "f64"})
	require.NoError(t, err)
	require.False(t, list.HasErrors(), "%v\n%s", list, src)
	x := &engine.Task{Program: res.Program, Func: res.Program.Funcs[0],
		Args: &values.Args{Inputs: graphtest.LoopInputs(), Params: map[string]graph.Tensor{}, Dims: map[string]int64{"n": 5, "k": 3}}}
	r, err := e(x)
	require.NoError(t, err, src)
	return r
}
