package ops_test

import (
	"testing"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/diff"
)

// push is forward mode: the tangent of y from those of leaves.
func push(b *graph.Builder, y *graph.Node, t map[*graph.Node]*graph.Node) *graph.Node {
	for _, n := range graph.Reachable(y) {
		tangents, some := make([]*graph.Node, len(n.Args)), false
		for i, a := range n.Args {
			tangents[i] = t[a]
			some = some || t[a] != nil
		}
		switch {
		case !some:
		case n.Op.Partials != nil:
			for i, partial := range n.Op.Partials {
				if tangents[i] != nil && partial != nil {
					term := b.Mul(tangents[i], partial(b, n.Args, n))
					if t[n] != nil {
						term = b.Add(t[n], term)
					}
					t[n] = term
				}
			}
		case n.Op.Pushforward != nil:
			t[n] = n.Op.Pushforward(b, n, tangents)
		}
	}
	return t[y]
}

// Forward and reverse rules are transposes: Σ u·ẏ = Σ x̄·ẋ where x̄ is the
// gradient of Σ u·y.
func TestForwardIsTransposedReverse(t *testing.T) {
	for _, tr := range trials {
		t.Run(tr.name, func(t *testing.T) {
			w := newWorld(t, tr, 5)
			y := tr.build(w.b, w.xs)
			for one := range len(w.xs) + 1 { // each operand alone, then all
				tangents := map[*graph.Node]*graph.Node{}
				for i, x := range w.xs {
					if i == one || one == len(w.xs) {
						tangents[x] = w.leaf(graph.Real, x.Type.Shape, nil)
					}
				}
				weights := w.leaf(graph.Real, y.Type.Shape, nil)
				reverse := w.b.Real(0)
				for i, g := range diff.Grad(w.b, w.total(w.b.Mul(weights, y)), w.xs) {
					if v := tangents[w.xs[i]]; v != nil {
						reverse = w.b.Add(reverse, w.total(w.b.Mul(g, v)))
					}
				}
				forward := w.total(w.b.Mul(weights, push(w.b, y, tangents)))
				close(t, w.run(reverse).Data[0], w.run(forward).Data[0], 1e-12, tr.name)
			}
		})
	}
}
