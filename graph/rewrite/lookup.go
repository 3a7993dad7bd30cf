package rewrite

import (
	"github.com/gradgen/gradgen/graph"
)

// lookupOfChosen reads through where(row == t, x, z) at row t: that is x.
func lookupOfChosen(b *graph.Builder, n *graph.Node) *graph.Node {
	g, x := n.Attr.(graph.Gather), n.Args[0]
	if x.Op.Name != "where" || len(n.Args) != 2 {
		return nil
	}
	axis, t, ok := graph.ChosenRow(x.Args[0])
	if !ok || g.By[axis] != 0 || graph.Repeated(n.Args[1]) != t {
		return nil
	}
	return b.Typed("gather", g, n.Type, x.Args[1], n.Args[1])
}
