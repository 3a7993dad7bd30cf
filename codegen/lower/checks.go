package lower

import (
	"slices"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/ops"
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
		for _, k := range ops.CheckKeys(n) {
			made[k] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(roots), func(r root) bool {
		if !r.checks || r.node.Op.Class == graph.ResultOp {
			return false
		}
		for _, n := range graph.Reachable(r.node) {
			if slices.ContainsFunc(ops.CheckKeys(n), func(k string) bool { return !made[k] }) || len(n.Regions) > 0 {
				return false
			}
		}
		return true
	})
}
