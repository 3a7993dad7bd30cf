package demand

import (
	"slices"

	"github.com/gradgen/gradgen/graph"
)

// Of what only derivatives are taken of, the value is never computed, and what it
// checks would not be either. In `y = w[i]^2; return grad(y, w)` the place i is
// checked all the same: what gradients are of has to be there.

// alive are the nodes that results need as they are, in their graph and in the
// bodies in it.
type alive struct {
	nodes  map[*graph.Node]bool
	params map[*graph.Node]param // of bodies that run
}

// param is a parameter of the bodies of a node, by its number.
type param struct {
	owner *graph.Node
	at    int
}

func newAlive(roots []*graph.Node) *alive {
	a := &alive{map[*graph.Node]bool{}, map[*graph.Node]param{}}
	for _, n := range roots {
		a.need(n)
	}
	return a
}

func (a *alive) need(n *graph.Node) {
	if a.nodes[n] {
		return
	}
	a.nodes[n] = true
	args := n.Args
	switch {
	case n.Op.Class == graph.DerivOp:
		args = args[min(2, len(args)):] // of what products multiply with
	case n.Op.Name == "call": // the body has no checks of its own
	case n.Op.Class == graph.ResultOp && n.Args[0].Op.Name == "call":
	case n.Op.Class == graph.ResultOp:
		a.run(n.Args[0])
		a.result(n.Args[0], int(n.Attr.(graph.Count)))
		return
	case n.Op.Stated:
		args = n.Args[:1]
	}
	for _, x := range args {
		a.need(x)
	}
	if p, ok := a.params[n]; ok {
		a.operand(p)
	}
}

// run needs what decides whether the bodies of a loop or branch run.
func (a *alive) run(n *graph.Node) {
	if a.nodes[n] {
		return
	}
	a.nodes[n] = true
	for _, r := range n.Regions {
		for i, p := range r.Params {
			a.params[p] = param{n, i}
		}
	}
	p := n.Parts()
	for _, x := range []*graph.Node{p.Count, p.Cond} {
		if x != nil {
			a.need(x)
		}
	}
	if _, isWhile := n.Attr.(graph.While); isWhile {
		a.need(n.Regions[0].Results[0])
	}
}

// result needs value k of a loop or branch.
func (a *alive) result(n *graph.Node, k int) {
	bodies := n.Regions
	if at, isWhile := n.Attr.(graph.While); isWhile {
		if bodies = bodies[1:]; k == at.Carries {
			return
		} else if k > at.Carries {
			k--
		}
	}
	for _, r := range bodies {
		a.need(r.Results[k])
	}
}

// operand needs what a parameter stands for: at the first step, and at the others.
func (a *alive) operand(p param) {
	if x := argument(p.owner, p.at); x != nil {
		a.need(x)
	}
	carry := p.at
	switch at := p.owner.Attr.(type) {
	case graph.Scan:
		if carry--; carry >= 0 && carry < at.Carries {
			a.result(p.owner, carry)
		}
	case graph.While:
		if carry < at.Carries {
			a.result(p.owner, carry)
		}
	}
}

// lose notes what a node checks that will not be computed.
func (r *sparing) lose(n *graph.Node) {
	if n.Op.Conditions == nil {
		r.lost = append(r.lost, n)
	} else {
		r.lost = append(r.lost, n.Op.Conditions(r.b, n)...)
	}
}

// body is a region being copied.
type body struct {
	b                     *graph.Builder
	params, results, lost []*graph.Node
}

// yield makes one more value of a loop or branch of what is lost in its bodies, so
// that it is lost around it instead. It returns the number of the value, -1 where
// nothing is lost.
func (r *sparing) yield(n *graph.Node, bodies []*body) int {
	some := func(y *body) bool { return len(y.lost) > 0 }
	if !slices.ContainsFunc(bodies, some) {
		return -1
	}
	value := len(n.ResultTypes())
	switch at := n.Attr.(type) {
	case graph.Scan:
		at.Collects++
		n.Attr = at
	case graph.While:
		if bodies = bodies[1:]; !some(bodies[0]) {
			return at.Carries // all that is lost is in the condition, which runs with the rest
		}
		if at.Collects++; at.Trips == "" {
			at.Trips = r.trips.Next()
		}
		n.Attr = at
	}
	for _, y := range bodies {
		y.results = append(y.results, together(y.b, y.lost))
	}
	return value
}

// together is an int that is computed with all that is lost.
func together(b *graph.Builder, lost []*graph.Node) *graph.Node {
	all := b.Fill(0, graph.Type{Elem: graph.Int})
	for _, n := range lost {
		all = b.Map("imax", all, b.Reduce("irmax", n, graph.AllAxes(n.Type.Rank())...))
	}
	return all
}
