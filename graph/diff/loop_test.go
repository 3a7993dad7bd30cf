package diff_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/check"
	"github.com/gradgen/gradgen/graph/diff"
	"github.com/gradgen/gradgen/graph/eval"
	"github.com/gradgen/gradgen/graph/graphtest"
	"github.com/gradgen/gradgen/parser"
)

// compiled are the results of a function with that body, all derivatives taken.
func compiled(t require.TestingT, body string) []*graph.Node {
	file, list := parser.Parse("t.grad", graphtest.LoopFunc(body))
	require.False(t, list.HasErrors(), "%v", list)
	p, list := check.Check(file, check.Options{})
	require.False(t, list.HasErrors(), "%s\n%v", body, list)
	diff.Program(p)
	rs := results(p)
	require.NoError(t, graph.Verify(p.Funcs[0].G, rs), body)
	return rs
}

func loopRun(t require.TestingT, roots []*graph.Node, in map[string]graph.Tensor) []graph.Tensor {
	out, err := eval.Run(roots, eval.Env{Dims: graphtest.LoopDims,
		Leaf: func(_, name string) (graph.Tensor, bool) { v, ok := in[name]; return v, ok }})
	require.NoError(t, err)
	return out
}

// slopes are differences, of fourth order, of the scalar y by every argument.
func slopes(t require.TestingT, y *graph.Node) [][]float64 {
	const h = 1e-4
	var out [][]float64
	for _, name := range graphtest.LoopArgs {
		in := graphtest.LoopInputs()
		data := in[name].Data
		d := make([]float64, len(data))
		for i, x := range data {
			at := func(k float64) float64 {
				data[i] = x + k*h
				return loopRun(t, []*graph.Node{y}, in)[0].Data[0]
			}
			d[i] = (8*(at(1)-at(-1)) - (at(2) - at(-2))) / (12 * h)
			data[i] = x
		}
		out = append(out, d)
	}
	return out
}

func agree(t require.TestingT, body string) {
	roots := compiled(t, body)
	got := loopRun(t, roots, graphtest.LoopInputs())
	for i, want := range slopes(t, roots[0]) {
		require.InDeltaSlice(t, want, got[i+1].Data, 1e-6*(1+norm(want)), "by %s in\n%s", graphtest.LoopArgs[i], body)
	}
}

func norm(x []float64) float64 {
	m := 0.0
	for _, v := range x {
		m = max(m, math.Abs(v))
	}
	return m
}

func TestGradientsOfLoopsAgreeWithDifferences(t *testing.T) {
	for name, body := range graphtest.Loops {
		t.Run(name, func(t *testing.T) { agree(t, body+"\nreturn y, grad(y, x, W, v, s)") })
	}
}

func TestSecondDerivativesOfLoopsAgreeWithDifferences(t *testing.T) {
	for name, body := range graphtest.Loops {
		t.Run(name, func(t *testing.T) {
			agree(t, body+"\na, b, c, d = grad(y, x, W, v, s)\nz = sum(sin(a)) + sum(b^2) + sum(c * v) + d^2\nreturn z, grad(z, x, W, v, s)")
		})
	}
}

func TestGradientsOfRandomLoops(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		agree(t, graphtest.LoopBody(t)+"\nreturn y, grad(y, x, W, v, s)")
	})
}

func TestRematChangesNoGradient(t *testing.T) {
	for name, body := range graphtest.Loops {
		if !strings.Contains(body, "scan t in") || strings.Contains(body, "int(") {
			continue
		}
		plain := loopRun(t, compiled(t, body+"\nreturn y, grad(y, x, W, v, s)"), graphtest.LoopInputs())
		for _, k := range []int{1, 2, 5, 7} {
			remat := strings.Replace(body, "scan t in", fmt.Sprintf("scan(remat = %d) t in", k), 1)
			got := loopRun(t, compiled(t, remat+"\nreturn y, grad(y, x, W, v, s)"), graphtest.LoopInputs())
			for i := range plain {
				require.InDeltaSlice(t, plain[i].Data, got[i].Data, 1e-12*(1+norm(plain[i].Data)), "%s, remat %d", name, k)
			}
		}
	}
}

// Forward mode agrees with reverse mode, alone and over it.
func TestTangentsOfLoopsAgreeWithGradients(t *testing.T) {
	const ends = `
a, b, c, d = grad(y, x, W, v, s)
p = jvp(y, x, sin(x)) + jvp(y, W, W) + jvp(y, v, v * v) + jvp(y, s, 2.0)
q = sum(a * sin(x)) + sum(b * W) + sum(c * v^2) + d * 2
e = sum(a) + sum(c)
g, h = grad(e, W, s)
u = hvp(y, x, sin(x))
r = sum(a * stop(sin(x)))
w = grad(r, x)
return p - q, jvp(e, W, cos(W)) + jvp(e, s, 3.0) - sum(g * cos(W)) - 3 * h, sum(abs(u - w))
`
	for name, body := range graphtest.Loops {
		t.Run(name, func(t *testing.T) {
			for _, r := range loopRun(t, compiled(t, body+ends), graphtest.LoopInputs()) {
				require.InDelta(t, 0, r.Data[0], 1e-9, body)
			}
		})
	}
}
