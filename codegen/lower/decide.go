package lower

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// Costs, in additions, up to which a value is computed again where it is read.
const (
	cheap  = 4  // in all, where it is read again and again
	modest = 12 // read at more places than it has elements
	scalar = 32 // a scalar: loops compute it once
)

// decide says which nodes get memory: results, everything that is not computed
// element by element, operands of those, and element-wise values that cost more
// to compute again than to read.
func (p *pass) decide(roots []root) {
	p.keeps = map[*graph.Node]bool{}
	p.pure = p.elementwise(roots)
	results := map[*graph.Node]bool{}
	for _, r := range roots {
		results[owner(r.node)] = true
	}
	p.pairs = findPairs(p.nodes, results)
	defer p.findDemand(results)
	defer p.findZeros()
	cost, reads := map[*graph.Node]int{}, p.readings()
	for _, n := range p.nodes {
		own := p.costOf(n, cost)
		if !p.pairs.passing[n] && p.needed(n, results[n], own, own*(reads[n]-1)) {
			p.keeps[n] = true
			own = 0
		}
		cost[n] = own
	}
}

// many is where counting readings stops.
const many = 100

// readings counts by how many loops a node would be computed again if nothing
// element-wise were stored.
func (p *pass) readings() map[*graph.Node]int {
	reads := map[*graph.Node]int{}
	for i := len(p.nodes) - 1; i >= 0; i-- {
		n := p.nodes[i]
		sum := 0
		for _, u := range p.users[n] {
			if u.Op.Class == graph.Elementwise || u.Op.Class == graph.ViewOp {
				sum += reads[u]
			} else {
				sum++
			}
		}
		reads[n] = min(max(sum, 1), many)
	}
	return reads
}

// elementwise reports whether the program is one map over elements of one shape.
func (p *pass) elementwise(roots []root) bool {
	if len(roots) == 0 {
		return false
	}
	ext := roots[0].node.Type.Shape
	for _, r := range roots {
		if !shape.EqualShapes(r.node.Type.Shape, ext) {
			return false
		}
	}
	for _, n := range p.nodes {
		switch {
		case n.Op.Class == graph.Elementwise, n.Op.Class == graph.LeafOp:
		case n.Op.Class == graph.ViewOp && n.Args[0].Type.Rank() == 0:
		default:
			return false
		}
	}
	return true
}

func (p *pass) costOf(n *graph.Node, cost map[*graph.Node]int) int {
	sum := 0
	switch n.Op.Class {
	case graph.LeafOp, graph.ReshapeOp, graph.ResultOp:
		return 0
	case graph.Elementwise:
		sum = max(n.Op.Scalar.Cost, 1)
		if counted(n) {
			sum = 1 // one multiplication from the power before
		}
		if n.Type.Elem == graph.Bool && sum == 1 && ofPlaces(n) {
			return 0 // most loops are parted where it changes
		}
		if p.pairs.passing[n] && p.pairs.free(n) {
			sum = 0 // loops have it as their bounds
		}
	case graph.GatherOp:
		sum = 2
	case graph.ViewOp:
		sum = len(n.Attr.(graph.View).Map.Guard)
	}
	for _, a := range n.Args {
		sum += cost[a]
	}
	return sum
}

// ofPlaces reports a comparison of what the place alone decides, or its negation.
func ofPlaces(n *graph.Node) bool {
	for _, a := range n.Args {
		_, x := affine(a, identity(a.Type.Shape))
		if !x && (a.Type.Elem != graph.Bool || !ofPlaces(unviewed(a))) {
			return false
		}
	}
	return n.Op.Class == graph.Elementwise && len(n.Args) > 0
}

func (p *pass) needed(n *graph.Node, result bool, cost, again int) bool {
	switch n.Op.Class {
	case graph.ReshapeOp, graph.ResultOp:
		return false
	case graph.LeafOp:
		_, leaf := n.Attr.(graph.Leaf)
		_, table := n.Attr.(graph.Table)
		return !leaf && !table && (p.forced[n] || p.readWhole(n))
	case graph.Elementwise, graph.ViewOp:
	case graph.GatherOp:
		if n.Attr.(graph.Gather).Checked && !p.settled(n) {
			return true
		}
	default:
		return true
	}
	if result || p.forced[n] || p.readWhole(n) || p.marked(n) {
		return true
	}
	if p.pure || cost == 0 || n.Type.Rank() == 0 && cost <= scalar {
		return false
	}
	if placed(n) {
		return false
	}
	if cost > cheap && p.scattered(n) {
		return true
	}
	return n.Op.Class != graph.ViewOp && (again >= cheap && p.forks(n) || cost > modest && p.spread(n))
}

// settled reports a gather whose places loops alone decide, all of them inside.
func (p *pass) settled(n *graph.Node) bool {
	g, sc := n.Attr.(graph.Gather), p.scope()
	r, idx := p.reader(sc), place(n.Type.Shape, axisVar, sc)
	for k, ext := range n.Args[0].Type.Shape {
		if _, known := r.known(g, k, ext, n.Args[1:], idx); !known {
			return false
		}
	}
	return true
}

// placed reports a comparison that the place alone decides: a test is less than a read.
func placed(n *graph.Node) bool {
	differ := n.Op.Name == "ne" && n.Args[0].Type.Elem == graph.Int
	if comparison(n) == "" && !differ {
		return false
	}
	_, ok := affine(n.Args[0], identity(n.Type.Shape))
	_, also := affine(n.Args[1], identity(n.Type.Shape))
	return ok && also
}

// unviewed is what n is a view of.
func unviewed(n *graph.Node) *graph.Node {
	for n.Op.Class == graph.ViewOp {
		n = n.Args[0]
	}
	return n
}

// forks reports whether n is the place to store a value that is read again: it
// is read by several nodes, or by a view, which is not stored.
func (p *pass) forks(n *graph.Node) bool {
	us := p.users[n]
	return len(us) > 1 || len(us) == 1 && us[0].Op.Class == graph.ViewOp
}

// readWhole reports whether a user needs n in memory: a reshape, a sort, a
// function of matrices, a gather that looks places up in it.
func (p *pass) readWhole(n *graph.Node) bool {
	for _, u := range p.users[n] {
		switch u.Op.Class {
		case graph.ReshapeOp, graph.CallOp:
			return true
		case graph.RegionOp:
			if _, number := n.Attr.(graph.Number); !number {
				return true
			}
		case graph.RowOp:
			if calls[u.Op.Name] != "" {
				return true
			}
		case graph.GatherOp:
			if u.Args[0] == n {
				return true
			}
		}
	}
	return false
}

// scattered reports whether the elements of n are added up by place, which runs
// on its own: better that it does not compute them.
func (p *pass) scattered(n *graph.Node) bool {
	for _, u := range p.users[n] {
		if u.Op.Class == graph.ScatterOp && u.Args[0] == n {
			return true
		}
	}
	return false
}

// spread reports whether a user reads elements of n several times in a way that
// cannot be moved out of its loops: through a view whose subscripts are not the
// first indices in order.
func (p *pass) spread(n *graph.Node) bool {
	if n.Type.Rank() == 0 {
		return false
	}
	for _, u := range p.users[n] {
		v, ok := u.Attr.(graph.View)
		if !ok || u.Op.Class != graph.ViewOp || p.once[u] {
			continue
		}
		if u.Type.Rank() <= n.Type.Rank() && len(v.Map.Guard) == 0 {
			continue
		}
		for k, in := range v.Map.In {
			if !in.Equal(shape.Idx(k)) {
				return true
			}
		}
	}
	return false
}
