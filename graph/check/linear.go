package check

import "github.com/gradgen/gradgen/graph"

// degree is how a node depends on the tangents in a stated derivative.
type degree uint8

const (
	still  degree = iota // not at all
	zero                 // it is 0
	linear               // twice the tangents give twice as much
)

// isLinear reports whether a stated tangent is linear in the placeholders, as
// far as that shows outside of loops and branches.
func isLinear(tangent *graph.Node, placeholders []*graph.Node) bool {
	of := map[*graph.Node]degree{}
	for _, p := range placeholders {
		of[p] = linear
	}
	for _, n := range graph.Reachable(tangent) {
		if _, known := of[n]; known {
			continue
		}
		d, ok := degreeOf(n, of)
		if !ok {
			return false
		}
		of[n] = d
	}
	return of[tangent] != still
}

func degreeOf(n *graph.Node, of map[*graph.Node]degree) (d degree, ok bool) {
	has := [3]bool{}
	for _, a := range n.Args {
		has[of[a]] = true
	}
	name := n.Op.Name
	switch {
	case n.Attr == graph.Number(0):
		return zero, true
	case name == "mul":
		return product(of[n.Args[0]], of[n.Args[1]])
	case n.Op.Class == graph.RegionOp || n.Op.Class == graph.DerivOp:
		return linearIf(has[linear]), true
	case n.Op.Class == graph.ResultOp || n.Op.Class == graph.CheckOp || n.Op.Stated:
		return of[n.Args[0]], true
	case !has[linear] && (!has[zero] || has[still]):
		return still, true
	case additive[name] || n.Op.Class == graph.ViewOp && n.Attr.(graph.View).Fill == 0:
		return max(linearIf(has[linear]), zero), !has[still]
	case name == "where":
		return max(of[n.Args[1]], of[n.Args[2]]), of[n.Args[0]] != linear && of[n.Args[1]] != still && of[n.Args[2]] != still
	}
	if k, some := linearIn[name]; some {
		for i, a := range n.Args {
			if i != k && of[a] == linear {
				return still, false
			}
		}
		return of[n.Args[k]], true
	}
	return still, !has[linear]
}

func linearIf(is bool) degree {
	if is {
		return linear
	}
	return still
}

// product is the degree of a product.
func product(a, b degree) (degree, bool) {
	if a == zero || b == zero {
		return zero, true
	}
	return max(a, b), a != linear || b != linear
}

// additive are the operators that are linear in all their operands together,
// linearIn those that are linear in one.
var (
	additive = map[string]bool{"add": true, "sub": true, "neg": true, "stop": true, "mark": true, "sum": true, "reshape": true,
		"concat": true, "cumsum": true}
	linearIn = map[string]int{"div": 0, "gather": 0, "scatter": 0, "solve": 1, "lower_solve": 1, "upper_solve": 1}
)
