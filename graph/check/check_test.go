package check_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/check"
	"github.com/gradgen/gradgen/graph/diff"
	"github.com/gradgen/gradgen/graph/eval"
	"github.com/gradgen/gradgen/graph/rewrite"
	"github.com/gradgen/gradgen/parser"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
	"github.com/gradgen/gradgen/parser/std"
)

func load(_ *diag.File, path string) (*ast.File, diag.List) {
	src, ok := std.Source(path)
	if !ok {
		return nil, nil
	}
	return parser.Parse(path+".grad", src)
}

// program checks a source text; said is what there was to say about it.
func program(t *testing.T, src string) (p *graph.Program, said string) {
	t.Helper()
	f, list := parser.Parse("test.grad", []byte(src))
	if !list.HasErrors() {
		p, list = check.Check(f, check.Options{Load: load})
	}
	var b strings.Builder
	list.Render(&b)
	return p, b.String()
}

func tensor(data []float64, ext ...int) graph.Tensor { return graph.Tensor{Shape: ext, Data: data} }

func scalar(x float64) graph.Tensor { return graph.Tensor{Data: []float64{x}} }

// call evaluates the exported function F of a source text, before and after
// derivatives and rewrites.
func call(t *testing.T, src string, args map[string]graph.Tensor, dims map[string]int64) []graph.Tensor {
	t.Helper()
	p, said := program(t, src)
	require.NotNil(t, p, said)
	diff.Program(p)
	env := eval.Env{Dims: dims, Leaf: func(kind, name string) (graph.Tensor, bool) {
		v, ok := args[name]
		return v, ok
	}}
	plain, err := eval.Run(roots(p), env)
	require.NoError(t, err)
	rewrite.Program(p)
	rewrite.Expand(p)
	after, err := eval.Run(roots(p), env)
	require.NoError(t, err)
	for i := range plain {
		require.Equal(t, plain[i].Shape, after[i].Shape)
		require.InDeltaSlice(t, plain[i].Data, after[i].Data, 1e-9)
	}
	return plain
}

func roots(p *graph.Program) []*graph.Node {
	var out []*graph.Node
	for _, v := range p.Funcs[len(p.Funcs)-1].Results {
		out = append(out, v.Node)
	}
	return out
}

// What any evaluation of a definition reads is used: that of another call, of
// training, of an update rule's arguments, or of the way through an if that
// does not bind the name again.
func TestWhatIsReadAnywhereIsUsed(t *testing.T) {
	_, said := program(t, `
import "nn"

model A {
    dim k = 3
    input x, z
    param w = 1
    if training {
        y = x + z
    } else {
        y = x
    }
    output q = y
    loss w^2 * y
    train nn.SGD(lr = 1 / k)
}

func f(x, n dim) {
    y = 2 * x
    if n == 0 {
        return x
    }
    return y
}

func F(x) {
    lost = 3
    a = x
    if x > 0 {
        a = 2 * x
    }
    return f(x, 0) + f(x, 1) + a
}
`)
	require.Equal(t, 1, strings.Count(said, "G0213"), said)
	require.Contains(t, said, "lost is never used")
}

func TestStatedDerivativesAreLinear(t *testing.T) {
	for tangent, fine := range map[string]bool{
		"2 * x * dx": true, "where(x > 0, dx, 0) - dx[0] / 2": true, "concat(dx[1:], zeros([1])) + sum(i: x[i] * dx[i])": true,
		"0": true, "0 * dx": true, "solve(outer(x, x) + eye(3), dx)": true, "cumsum(dx)": true,
		"dx^2": false, "dx + 1": false, "x": false, "abs(dx)": false, "x / dx": false, "dx * sum(dx)": false,
		"where(dx > 0, dx, 0)": false, "pad(dx[1:], [1, 0], value = 2)": false, "max(dx, 0)": false, "inv(outer(dx, x)) @ x": false,
	} {
		_, said := program(t, "func f(x [3]) = x^2 derivative(dx) = "+tangent+"\nfunc F(x [3]) = f(x)\n")
		require.Equal(t, fine, !strings.Contains(said, "G0607"), "%s: %s", tangent, said)
	}
}

func TestExtentsOfFunctionsAreCheckedAtEntry(t *testing.T) {
	p, said := program(t, "func F(x [n]) = sum(zeros([n - 3])) + sum(x)\nmodel M {\n    dim n\n    input x [n]\n    output y = sum(zeros([n - 3])) + sum(x)\n}\n")
	require.NotNil(t, p, said)
	require.Len(t, p.Funcs[0].Checks, 1)
	require.Equal(t, "n - 3 must not be negative", p.Funcs[0].Checks[0].Message)
	require.Len(t, p.Models[0].Checks, 1)
}

func TestArgmaxIsNamedWhereItHasNoElement(t *testing.T) {
	p, said := program(t, "func F(x [n]) = argmax(x[2:])\nfunc G(x [n]) = argmin(i in 1..n: x[i])\n")
	require.NotNil(t, p, said)
	require.Equal(t, "n - 2 >= 1, since argmax needs an element", p.Funcs[0].Checks[1].Message)
	require.Equal(t, "n - 1 >= 1, since argmin needs an element", p.Funcs[1].Checks[0].Message)
}

func TestMetricsWithoutALossAreNotComputed(t *testing.T) {
	_, said := program(t, "model M {\n    input x\n    output y = x\n    metric z = x + 1\n}\n")
	require.Contains(t, said, "the metric z is never computed")
}
