package lower

import (
	"fmt"
	"slices"

	"github.com/gradgen/gradgen/graph"
)

// withoutMade are roots without those that check what is checked for a value anyway, or
// nothing any more.
func withoutMade(roots []root) []root {
	made := map[string]bool{}
	var values []*graph.Node
	for _, r := range roots {
		if !r.checks {
			values = append(values, r.node)
		}
	}
	for _, n := range graph.Reachable(values...) {
		for _, k := range checksOf(n) {
			made[k] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(roots), func(r root) bool {
		if !r.checks || r.node.Op.Class == graph.ResultOp {
			return false
		}
		for _, n := range graph.Reachable(r.node) {
			if slices.ContainsFunc(checksOf(n), func(k string) bool { return !made[k] }) || len(n.Regions) > 0 {
				return false
			}
		}
		return true
	})
}

// checksOf are the checks of a node, equal ones being equal.
func checksOf(n *graph.Node) (out []string) {
	if n.Op.Checks == nil || !n.Op.Checks(n) {
		return nil
	}
	at, isGather := n.Attr.(graph.Gather)
	if !isGather {
		what := ""
		if p, ok := n.Attr.(graph.Place); ok {
			what = p.Ext.String()
		}
		return []string{checkKey(what, n.Args[0], n.Args[1:])}
	}
	ext, ints := n.Args[0].Type.Shape, n.Args[1:]
	if n.Op.Class == graph.ScatterOp {
		ext = n.Type.Shape
	}
	var mask []*graph.Node
	if at.Masked {
		mask = ints[len(ints)-1:]
	}
	for k, by := range at.By {
		if by >= 0 {
			out = append(out, checkKey(ext[k].String(), ints[by], mask))
		}
	}
	return out
}

func checkKey(what string, x *graph.Node, mask []*graph.Node) string {
	k := fmt.Sprint(what, " ", x.ID)
	for _, m := range mask {
		k += fmt.Sprint(" ", m.ID)
	}
	return k
}
