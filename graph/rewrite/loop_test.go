package rewrite_test

import (
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
	"github.com/gradgen/gradgen/graph/rewrite"
	"github.com/gradgen/gradgen/parser"
)

func loopProgram(t require.TestingT, body string) *graph.Program {
	file, list := parser.Parse("t.grad", graphtest.LoopFunc(body))
	require.False(t, list.HasErrors(), "%v", list)
	p, list := check.Check(file, check.Options{})
	require.False(t, list.HasErrors(), "%s\n%v", body, list)
	diff.Program(p)
	return p
}

func loopValues(t require.TestingT, p *graph.Program) []graph.Tensor {
	in := graphtest.LoopInputs()
	var roots []*graph.Node
	for _, v := range p.Funcs[0].Results {
		roots = append(roots, v.Node)
	}
	require.NoError(t, graph.Verify(p.Funcs[0].G, roots))
	out, err := eval.Run(roots, eval.Env{Dims: graphtest.LoopDims,
		Leaf: func(_, name string) (graph.Tensor, bool) { v, ok := in[name]; return v, ok }})
	require.NoError(t, err)
	return out
}

func TestRewritingPreservesLoops(t *testing.T) {
	for name, body := range graphtest.Loops {
		for _, end := range []string{
			"\nreturn y, grad(y, x, W, v, s)",
			"\na, b, c, d = grad(y, x, W, v, s)\nz = sum(sin(a)) + sum(b^2) + sum(c * v) + d^2\nreturn z, grad(z, x, W, v, s)",
		} {
			t.Run(name, func(t *testing.T) {
				p := loopProgram(t, body+end)
				want := loopValues(t, p)
				rewrite.Program(p)
				compare(t, want, loopValues(t, p), body)
				rewrite.Expand(p)
				compare(t, want, loopValues(t, p), body)
			})
		}
	}
}

func TestRewritingPreservesRandomLoops(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := graphtest.LoopBody(t) + "\nreturn y, grad(y, x, W, v, s)"
		p := loopProgram(t, body)
		want := loopValues(t, p)
		rewrite.Program(p)
		rewrite.Expand(p)
		compare(t, want, loopValues(t, p), body)
	})
}

func compare(t require.TestingT, want, got []graph.Tensor, body string) {
	for i, w := range want {
		size := 1.0
		for _, v := range w.Data {
			size = max(size, math.Abs(v))
		}
		require.Equal(t, w.Shape, got[i].Shape, body)
		require.InDeltaSlice(t, w.Data, got[i].Data, 1e-11*size, body)
	}
}

// products counts the contractions in bodies and around them.
func products(roots ...*graph.Node) (inside, outside int) {
	for _, n := range graph.Reachable(roots...) {
		if n.Op.Name == "sum" && len(n.Attr.(graph.Axes)) > 0 {
			outside++
		}
		for _, r := range n.Regions {
			in, out := products(r.Results...)
			inside += in + out
		}
	}
	return inside, outside
}

const cell = `scan t in 0..n {
 carry h [k] = 0, c [k] = 0
 i = sigmoid(x[t] @ W + h @ W)
 f = sigmoid(x[t] @ W + h @ W + 1)
 o = sigmoid(x[t] @ W + h @ W)
 c = f * c + i * tanh(x[t] @ W + h @ W)
 h = o * tanh(c)
}
y = sum(h)`

// Of a recurrent cell one product a step stays in each of the two loops.
func TestLoopProductsMove(t *testing.T) {
	p := loopProgram(t, cell+"\nreturn grad(y, W)")
	rewrite.Program(p)
	inside, outside := products(p.Funcs[0].Results[0].Node)
	require.Equal(t, 2, inside, graph.Text(p.Funcs[0].Results[0].Node))
	require.Equal(t, 3, outside, graph.Text(p.Funcs[0].Results[0].Node)) // x·W for all steps, and dW by x and by h
}

// Each of these depends on the step through x[t] and t only.
var hoistable = []string{
	"sum(x[t])", "prod(x[t] + 2)", "max(x[t])", "norm(x[t])", "logsumexp(x[t])", "softmax(x[t])[0]",
	"sum(cumsum(x[t]) * v)", "sum(sort(x[t]) * v)", "sum(x[t] @ W)", "real(argmax(x[t] * s))", "std(x[t])",
	"sum(outer(x[t], v) @ W)", "logdet(W + eye(3) * (3 + real(t)))", "sum(solve(W + eye(3) * (4 + x[t, 0]), v))",
	"sum(concat(x[t], v) ^ 2)", "sum(flatten(outer(x[t], x[t])) ^ 2)", "sum(scatter(zeros([3]), [2, 0, 2], x[t]) * v)",
	"sum(x[mod(t * 2, 5)] * v)", "sum(W[mod(t, 3)] * v)", "sum(j in k if j <= t: x[t, j])", "sum(x[t-1 ? 2] * v)",
	"cross_entropy(x[t], mod(t, 3))", "sum(one_hot(mod(t, 3), 3) * v)", "sum(transpose(outer(v, x[t]), [1, 0]) @ v)",
}

func TestWhatNoCarryEntersIsHoisted(t *testing.T) {
	for _, e := range hoistable {
		t.Run(e, func(t *testing.T) {
			p := loopProgram(t, "scan t in 0..n {\n carry h = s\n h = sin(h) + "+e+"\n }\n return h")
			want := loopValues(t, p)
			rewrite.Program(p)
			compare(t, want, loopValues(t, p), e)
			for _, n := range graph.Reachable(p.Funcs[0].Results[0].Node) {
				for _, r := range n.Regions {
					for _, m := range graph.Reachable(r.Results...) {
						require.Contains(t, []graph.Class{graph.LeafOp, graph.Elementwise, graph.ViewOp}, m.Op.Class, graph.Text(n))
					}
				}
			}
			rewrite.Expand(p)
			compare(t, want, loopValues(t, p), e)
		})
	}
}

// With remat nothing is stored for all steps that need not be.
func TestRematKeepsProductsInside(t *testing.T) {
	p := loopProgram(t, strings.Replace(cell, "scan t", "scan(remat = 5) t", 1)+"\nreturn grad(y, W)")
	rewrite.Program(p)
	_, outside := products(p.Funcs[0].Results[0].Node)
	require.Zero(t, outside)
}
