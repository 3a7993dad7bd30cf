package rewrite

import (
	"fmt"
	"math/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/diff"
	"github.com/gradgen/gradgen/graph/eval"
	"github.com/gradgen/gradgen/graph/graphtest"
	"github.com/gradgen/gradgen/graph/ops"
	"github.com/gradgen/gradgen/graph/shape"
)

// letterType follows the convention of the tables.
func letterType(letter string) graph.Type {
	t := graph.Type{Shape: []shape.Dim{shape.Var("n"), shape.Var("m")}}
	switch letter {
	case "c", "d", "e":
		t.Elem = graph.Bool
	case "i", "j":
		t.Elem = graph.Int
	}
	return t
}

// instance builds a pattern over inputs; numbers get the type that fits.
func instance(b *graph.Builder, p *pattern, t graph.Type) *graph.Node {
	switch {
	case p.letter != "":
		return b.Leaf("input", p.letter, letterType(p.letter))
	case p.op == "":
		return b.Fill(p.number, t)
	}
	args := make([]*graph.Node, len(p.args))
	for i, a := range p.args {
		args[i] = instance(b, a, operandType(p.op, i))
	}
	if p.attr != "" {
		var c int
		fmt.Sscan(p.attr, &c)
		return b.Op(p.op, graph.Count(c), args...)
	}
	return b.Op(p.op, nil, args...)
}

func operandType(op string, i int) graph.Type {
	switch op {
	case "and", "or", "not":
		return letterType("c")
	case "iadd", "isub", "imul", "idiv", "imax", "imin", "ineg":
		return letterType("i")
	case "where":
		if i == 0 {
			return letterType("c")
		}
	}
	return letterType("x")
}

func values(r *rand.Rand) graphtest.Values {
	v := graphtest.Values{}
	for _, l := range []string{"c", "d", "e", "i", "j", "x", "y", "z", "w"} {
		v[l] = graphtest.Random(r, letterType(l))
	}
	return v
}

func TestPatternRulesKeepValues(t *testing.T) {
	for _, r := range Rules() {
		if r.From == "" {
			continue
		}
		t.Run(r.Name, func(t *testing.T) {
			b := ops.NewBuilder(graph.New())
			index()
			n := instance(b, r.from, letterType("x"))
			to := r.apply(b, n)
			require.NotNil(t, to, "does not match its own pattern")
			require.True(t, to.Type.Equal(n.Type))
			for seed := range int64(20) {
				got, err := eval.Run([]*graph.Node{n, to}, values(rand.New(rand.NewSource(seed))).Env())
				require.NoError(t, err)
				if r.Exact {
					equal(t, got[0].Data, got[1].Data)
				} else {
					loosely(t, got[0].Data, got[1].Data)
				}
			}
		})
	}
}

// equal is equality of numbers, for which 0 and -0 are one.
func equal(t require.TestingT, want, got []float64) { graphtest.Close(t, want, got, 0) }

// loosely skips places where the left side has no value: log(-1), 0/0.
func loosely(t require.TestingT, want, got []float64) {
	for i := range want {
		if want[i] != want[i] {
			got[i] = want[i]
		}
	}
	graphtest.Close(t, want, got, 1e-12)
}

func TestRulesAreUsedOnGraphs(t *testing.T) {
	for _, r := range Rules() {
		if r.From == "" {
			continue
		}
		b := ops.NewBuilder(graph.New())
		index()
		n := instance(b, r.from, letterType("x"))
		e := newEngine(false, true)
		for _, x := range graph.Reachable(n) {
			e.old(x)
		}
		out := e.results([]*graph.Node{n})[0]
		require.NotEqual(t, n.Op.Name+fmt.Sprint(n.Args), out.Op.Name+fmt.Sprint(out.Args), "%s is never used", r.Name)
	}
}

func TestRewritingKeepsValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := graphtest.Draw(t, rapid.IntRange(1, 10).Draw(t, "size"))
		roots := append([]*graph.Node{g.Y}, diff.Grad(g.B, g.Y, g.Leaves)...)
		expand, inexact := rapid.Bool().Draw(t, "expand"), rapid.Bool().Draw(t, "inexact")
		e := newEngine(expand, inexact)
		for _, n := range graph.Reachable(roots...) {
			e.old(n)
		}
		out := e.results(roots)
		require.NoError(t, graph.Verify(e.clean.G, out))
		want, got := g.Eval(t, roots...), g.Eval(t, out...)
		for i := range want {
			graphtest.Close(t, want[i].Data, got[i].Data, 1e-9)
		}
	})
}

func TestRewritingIsIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := graphtest.Draw(t, rapid.IntRange(1, 8).Draw(t, "size"))
		once := Nodes(append([]*graph.Node{g.Y}, diff.Grad(g.B, g.Y, g.Leaves)...), true, false)
		twice := Nodes(once, true, false)
		require.Equal(t, len(graph.Reachable(once...)), len(graph.Reachable(twice...)))
	})
}

func TestExpansionLeavesNoComposite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := graphtest.Draw(t, 8)
		for _, n := range graph.Reachable(Nodes([]*graph.Node{g.Y}, true, false)...) {
			require.NotEqual(t, graph.CompositeOp, n.Op.Class, n.Op.Name)
			require.NotEqual(t, graph.MarkOp, n.Op.Class)
		}
	})
}

func TestProgramsAreRebuilt(t *testing.T) {
	leaf := func(b *graph.Builder, kind, name string) *graph.Node { return b.Leaf(kind, name, letterType("x")) }
	predict, train, rule, start := ops.NewBuilder(graph.New()), ops.NewBuilder(graph.New()), ops.NewBuilder(graph.New()), ops.NewBuilder(graph.New())
	in, w := leaf(predict, "input", "x"), leaf(predict, "param", "w")
	soft := train.Op("softmax", nil, train.Mark(leaf(train, "input", "x")))
	m := &graph.Model{
		Inputs:  []*graph.Value{{Name: "x", Node: in}},
		Params:  []*graph.Param{{Path: "w", Node: w, Init: graph.Init{Value: start.Add(start.Like(1, w), start.Like(2, w))}}},
		Predict: &graph.Body{G: predict.G, Outputs: []*graph.Value{{Node: predict.Mark(in)}}},
		Train:   &graph.Body{G: train.G, Losses: []*graph.Value{{Node: train.Sum(soft, 0, 1)}}, Grads: []*graph.Value{{Node: soft}}},
		Rules:   []*graph.Rule{{G: rule.G, P: rule.Sub(leaf(rule, "param", "p"), rule.Like(0, w))}},
	}
	p := &graph.Program{Models: []*graph.Model{m}}
	Program(p)
	require.Equal(t, "softmax", m.Train.Grads[0].Node.Op.Name)
	Expand(p)
	require.Equal(t, m.Inputs[0].Node, m.Predict.Outputs[0].Node)
	require.NoError(t, graph.Verify(m.Predict.G, []*graph.Node{m.Inputs[0].Node, m.Params[0].Node}))
	require.NoError(t, graph.Verify(m.Train.G, []*graph.Node{m.Train.Losses[0].Node, m.Train.Grads[0].Node}))
	require.Equal(t, "mul", m.Train.Grads[0].Node.Op.Name)
	require.Equal(t, graph.Number(3), m.Params[0].Init.Value.Attr)
	require.Equal(t, "param", m.Rules[0].P.Op.Name)
}

// deep is a chain of layers like a transformer's: products, a softmax, a
// normalisation, residual sums.
func deep(b *graph.Builder, layers int) (y *graph.Node, params []*graph.Node) {
	n, k := shape.Var("n"), shape.Const(64)
	x := b.Leaf("input", "x", graph.Type{Shape: []shape.Dim{n, k}})
	product := func(x, w *graph.Node, rows []shape.Dim, j, c shape.Dim, right shape.Map) *graph.Node {
		ext := append(append([]shape.Dim{}, rows...), j, c)
		left := shape.Map{In: []shape.Dim{shape.Idx(0), shape.Idx(2)}}
		return b.Sum(b.Mul(b.View(x, left, 0, ext), b.View(w, right, 0, ext)), 2)
	}
	into := shape.Map{In: []shape.Dim{shape.Idx(2), shape.Idx(1)}}
	across := shape.Map{In: []shape.Dim{shape.Idx(1), shape.Idx(2)}}
	for l := range layers {
		var h [4]*graph.Node
		for i := range h {
			w := b.Leaf("param", fmt.Sprintf("w%d.%d", l, i), graph.Type{Shape: []shape.Dim{k, k}})
			params = append(params, w)
			h[i] = product(x, w, []shape.Dim{n}, k, k, into)
		}
		att := b.Op("softmax", nil, product(h[0], h[1], []shape.Dim{n}, n, k, across))
		x = b.Add(x, product(att, h[2], []shape.Dim{n}, k, n, into))
		mean := b.Mul(b.Sum(x, 1), b.Div(b.Real(1), b.ToReal(b.Dim(k))))
		x = b.Sub(x, b.Restore(mean, graph.Axes{1}, x.Type.Shape))
		x = b.Add(x, b.Map("gelu", h[3]))
	}
	return b.Sum(x, 0, 1), params
}

func TestTwelveLayersTakeLittleTime(t *testing.T) {
	b := ops.NewBuilder(graph.New())
	start := time.Now()
	y, params := deep(b, 12)
	built := time.Now()
	roots := append([]*graph.Node{y}, diff.Grad(b, y, params)...)
	differentiated := time.Now()
	out := Nodes(Nodes(roots, false, false), true, false)
	done := time.Now()
	t.Logf("built %v, differentiated %v, rewritten twice %v: %d nodes become %d", built.Sub(start),
		differentiated.Sub(built), done.Sub(differentiated), len(b.G.Nodes), len(graph.Reachable(out...)))
	require.Less(t, done.Sub(differentiated), 2*time.Second)
}
