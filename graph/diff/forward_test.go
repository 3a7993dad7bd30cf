package diff_test

import (
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/diff"
	"github.com/gradgen/gradgen/graph/graphtest"
	"github.com/gradgen/gradgen/graph/ops"
)

// Forward mode, reverse mode, and each over the other agree.
func TestBothModesAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := graphtest.Draw(t, rapid.IntRange(1, 8).Draw(t, "size"))
		r := rand.New(rand.NewSource(1))
		var tangents []*graph.Node
		for _, x := range g.Leaves {
			v := g.B.Leaf("input", "d"+x.Attr.String(), x.Type)
			g.Values[v.Attr.String()] = graphtest.Random(r, x.Type)
			tangents = append(tangents, v)
		}
		grads := diff.Grad(g.B, g.Y, g.Leaves)
		forward := diff.Push(g.B, []*graph.Node{g.Y}, g.Leaves, tangents)[0]
		reverse := dot(g.B, grads, tangents)
		over := diff.Push(g.B, grads, g.Leaves, tangents) // Hessian times tangent
		under := diff.Grad(g.B, forward, g.Leaves)
		out := g.Eval(t, append(append([]*graph.Node{forward, reverse}, over...), under...)...)
		graphtest.Close(t, out[0].Data, out[1].Data, 1e-9, text(g.Y))
		for i := range grads {
			graphtest.Close(t, out[2+i].Data, out[2+len(grads)+i].Data, 1e-7, g.Leaves[i].Attr, text(g.Y))
		}
	})
}

func dot(b *graph.Builder, xs, ys []*graph.Node) *graph.Node {
	sum := b.Real(0)
	for i, x := range xs {
		axes := make([]int, x.Type.Rank())
		for k := range axes {
			axes[k] = k
		}
		sum = b.Add(sum, b.Sum(b.Mul(x, ys[i]), axes...))
	}
	return sum
}

func TestWhatDoesNotMoveHasTangentZero(t *testing.T) {
	b := ops.NewBuilder(graph.New())
	x, y := b.Leaf("input", "x", graph.Type{}), b.Leaf("input", "y", graph.Type{})
	out := diff.Push(b, []*graph.Node{b.Map("sin", y), b.Map("floor", x), x}, []*graph.Node{x}, []*graph.Node{b.Real(2)})
	require.Equal(t, []float64{0, 0, 2}, value(t, 1, out...))
}
