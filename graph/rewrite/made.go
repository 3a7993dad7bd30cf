package rewrite

import (
	"cmp"
	"slices"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/ops"
)

// made drops, of ints that a loop collects for what is checked with them, checks
// that the body makes anyway.
func (l *loop) made() {
	keys := map[string]bool{}
	var places []*graph.Node
	for _, n := range graph.Reachable(l.roots()...) {
		if _, isPlace := n.Attr.(graph.Place); isPlace {
			places = append(places, n)
			continue
		}
		for _, k := range ops.CheckKeys(n) {
			keys[k] = true
		}
	}
	gone := map[*graph.Node]bool{}
	for _, n := range places {
		gone[n] = slices.ContainsFunc(ops.CheckKeys(n), func(k string) bool { return keys[k] })
	}
	for i, c := range l.collects {
		if c.node.Type.Equal(graph.Type{Elem: graph.Int}) {
			l.collects[i].node = cmp.Or(l.without(c.node, gone), c.node)
		}
	}
}

// without is the greatest of some ints without those that are gone; nil where all
// are.
func (l *loop) without(n *graph.Node, gone map[*graph.Node]bool) *graph.Node {
	switch n.Op.Name {
	case "imax":
		x, y := l.without(n.Args[0], gone), l.without(n.Args[1], gone)
		if x == nil || y == nil {
			return cmp.Or(x, y)
		}
		return l.w.Op("imax", nil, x, y)
	case "irmax":
		if l.without(n.Args[0], gone) == nil {
			return nil
		}
	case "place":
		if gone[n] {
			return nil
		}
	}
	return n
}
