package diff_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/diff"
	"github.com/gradgen/gradgen/graph/graphtest"
)

// text lists the operators a node depends on, for messages.
func text(n *graph.Node) string {
	var b strings.Builder
	for _, x := range graph.Reachable(n) {
		b.WriteString(x.Op.Name + " ")
	}
	return b.String()
}

func TestGradientsAgreeWithDifferences(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := graphtest.Draw(t, rapid.IntRange(1, 10).Draw(t, "size"))
		for i, d := range diff.Grad(g.B, g.Y, g.Leaves) {
			want := g.Differences(t, g.Y, g.Leaves[i])
			graphtest.Close(t, want, g.Eval(t, d)[0].Data, graphtest.Tolerance, g.Leaves[i].Attr, text(g.Y))
		}
	})
}

func TestSecondDerivativesAgreeWithDifferences(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := graphtest.Draw(t, rapid.IntRange(1, 6).Draw(t, "size"))
		x := g.Leaves[0]
		first := diff.Grad(g.B, g.Y, []*graph.Node{x})[0]
		slope := g.B.Sum(g.B.Map("sin", first), 0, 1)
		for i, d := range diff.Grad(g.B, slope, g.Leaves) {
			want := g.Differences(t, slope, g.Leaves[i])
			graphtest.Close(t, want, g.Eval(t, d)[0].Data, graphtest.Tolerance, g.Leaves[i].Attr, text(g.Y))
		}
	})
}
