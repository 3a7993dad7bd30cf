package diff

import (
	"slices"

	"github.com/gradgen/gradgen/graph"
)

// calm finds the loops that need no guards: neither in their bodies nor in what
// their operands are computed from is there a function without a finite value or
// derivative, so that an adjoint of 0 stays 0 whatever it is multiplied by, as
// long as leaves and products are finite. A guard carried from step to step
// costs a bool for each element of the state.
type calm struct {
	known  map[*graph.Node]bool
	bodies map[*graph.Region]bool
	body   bool // inside a loop asked about, whose operands are asked about apart
}

func newCalm() calm { return calm{map[*graph.Node]bool{}, map[*graph.Region]bool{}, false} }

// loop reports whether a loop is calm.
func (c calm) loop(n *graph.Node) bool {
	for _, a := range n.Args {
		if !c.node(a) {
			return false
		}
	}
	return c.regions(n)
}

// regions reports whether all that the regions of a node compute is calm.
func (c calm) regions(n *graph.Node) bool {
	return !slices.ContainsFunc(n.Regions, func(r *graph.Region) bool { return !c.region(r) })
}

func (c calm) region(r *graph.Region) bool {
	known, ok := c.bodies[r]
	if !ok {
		in := calm{map[*graph.Node]bool{}, c.bodies, true}
		known = !slices.ContainsFunc(r.Results, func(y *graph.Node) bool { return !in.node(y) })
		c.bodies[r] = known
	}
	return known
}

func (c calm) node(n *graph.Node) bool {
	if known, ok := c.known[n]; ok {
		return known
	}
	ok := c.operator(n) && c.regions(n)
	for _, a := range n.Args {
		ok = ok && c.node(a)
	}
	c.known[n] = ok
	return ok
}

func (c calm) operator(n *graph.Node) bool {
	switch n.Op.Class {
	case graph.RowOp, graph.CallOp, graph.CompositeOp, graph.DerivOp:
		return false
	case graph.LeafOp:
		return c.body || n.Op.Name != "arg"
	case graph.ReduceOp:
		return n.Op.Name != "prod"
	case graph.Elementwise:
		if n.Op.Name == "div" {
			d, isConst := n.Args[1].Attr.(graph.Number)
			return isConst && d != 0
		}
		return n.Type.Elem != graph.Real || n.Op.Name != "cbrt" && total(n)
	}
	return true
}
