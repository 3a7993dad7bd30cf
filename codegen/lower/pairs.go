package lower

import (
	"slices"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// pairs knows which reductions run over few of the places of their domain, as
//
//	Σ j in off[b]..off[b+1]: exp(s[j] - m[b])
//
// does, where row b has few of all j, and which values belong to such pairs
// (b, j) and are asked for at these places only: they are never stored, but
// computed inside of the loops over the pairs.
type pairs struct {
	limits  map[*graph.Node][]limit
	sparse  map[*graph.Node]bool // reductions
	passing map[*graph.Node]bool

	may, near map[*graph.Node]bool // depend on comparisons; are read by reductions with limits
}

// findPairs looks at nodes in order; results are stored whatever reads them.
func findPairs(nodes []*graph.Node, results map[*graph.Node]bool) *pairs {
	p := &pairs{map[*graph.Node][]limit{}, map[*graph.Node]bool{}, map[*graph.Node]bool{}, compared(nodes), map[*graph.Node]bool{}}
	asked := map[*graph.Node]bool{}
	for _, n := range nodes {
		if n.Op.Class != graph.ReduceOp {
			continue
		}
		lims := limitsOf(n, p.may)
		if len(lims) > 0 {
			p.limits[n] = lims
			p.approach(n.Args[0])
		}
		for _, c := range couples(lims) {
			p.sparse[n] = true
			a := asker{limiter{seen: map[string]bool{}}, c, asked}
			a.visit(n.Args[0], identity(n.Args[0].Type.Shape))
		}
	}
	p.pass(nodes, results, asked)
	return p
}

// approach marks what the operand of a reduction with limits is made of.
func (p *pairs) approach(n *graph.Node) {
	if !p.near[n] {
		p.near[n] = true
		for _, a := range seeThrough(n) {
			p.approach(a)
		}
	}
}

// free reports whether n costs nothing where limits hold: comparisons, and what
// they choose.
func (p *pairs) free(n *graph.Node) bool {
	switch {
	case !p.may[n]:
		return false
	case n.Op.Class == graph.ViewOp:
		return p.free(n.Args[0])
	case n.Op.Name == "where":
		_, number := n.Args[2].Attr.(graph.Number)
		return number && p.free(n.Args[0])
	case n.Op.Name == "and":
		return p.free(n.Args[0]) && p.free(n.Args[1])
	}
	return comparison(n) != ""
}

// couple is an axis and those on which its few places depend.
type couple struct {
	axis int
	on   map[int]bool
}

// couples lists the axes that limits leave few places of: one, or a row of them.
func couples(lims []limit) (out []couple) {
	low, high := map[int]bool{}, map[int]bool{}
	for _, l := range lims {
		if l.data == nil || len(l.on) == 0 {
			continue
		}
		low[l.axis], high[l.axis] = low[l.axis] || l.low, high[l.axis] || l.high
	}
	for _, l := range lims {
		if l.data != nil && low[l.axis] && high[l.axis] && len(l.on) > 0 {
			out = append(out, couple{l.axis, l.on})
		}
	}
	return out
}

// asker marks the values of pairs that an operand of a reduction is made of.
type asker struct {
	limiter
	couple couple
	asked  map[*graph.Node]bool
}

func (a *asker) visit(n *graph.Node, place []shape.Dim) {
	key := placeKey(n, place)
	if a.seen[key] || !inlined(n) {
		return
	}
	a.seen[key] = true
	if !a.paired(place) {
		a.lookups(n)
		return
	}
	a.asked[n] = true
	if comparison(n) != "" {
		return
	}
	to := a.below(n, place)
	for _, x := range seeThrough(n) {
		a.visit(x, to)
	}
}

// lookups marks gathers of rows, and what is little work on their way: rows are better
// looked up again where they are read than copied. It reports whether n is one.
func (a *asker) lookups(n *graph.Node) (found bool) {
	switch {
	case n.Op.Class == graph.GatherOp:
		by := n.Attr.(graph.Gather).By
		found = by[len(by)-1] < 0
	case n.Op.Class == graph.ViewOp, n.Op.Class == graph.Elementwise && n.Op.Scalar.Cost <= 1:
		for _, x := range seeThrough(n) {
			found = a.lookups(x) || found
		}
	}
	a.asked[n] = a.asked[n] || found
	return found
}

// paired reports a place that both the bounded axis and what bounds it decide.
func (a *asker) paired(place []shape.Dim) bool {
	in := map[int]bool{}
	for _, d := range place {
		axesIn(d, in)
	}
	for k := range a.couple.on {
		if in[k] && in[a.couple.axis] {
			return true
		}
	}
	return false
}

// inlined reports whether the reader can compute n where it is read.
func inlined(n *graph.Node) bool {
	switch n.Op.Class {
	case graph.Elementwise, graph.ViewOp, graph.ReduceOp, graph.GatherOp, graph.MarkOp:
		return true
	}
	return false
}

// pass marks the values that only sparse reductions and other such values read, and
// the conditions that only reductions with limits read.
func (p *pairs) pass(nodes []*graph.Node, results, asked map[*graph.Node]bool) {
	within := map[*graph.Node]bool{}
	readers := map[*graph.Node][]*graph.Node{}
	for _, n := range nodes {
		for _, a := range n.Args {
			readers[a] = append(readers[a], n)
		}
	}
	for i := len(nodes) - 1; i >= 0; i-- {
		n := nodes[i]
		ok, in := asked[n] && !results[n], p.near[n] && !results[n]
		for _, u := range readers[n] {
			ok = ok && (p.sparse[u] || p.passing[u] && seen(u, n))
			in = in && (len(p.limits[u]) > 0 || within[u] && seen(u, n))
		}
		within[n] = in
		p.passing[n] = ok || in && p.free(n) || p.sparse[n] && !results[n] && addedUp(n, readers[n])
	}
}

// addedUp reports whether rows of sums are only added to others, by place.
func addedUp(n *graph.Node, readers []*graph.Node) bool {
	if len(readers) != 1 || n.Op.Name != "sum" || n.Type.Rank() < 2 {
		return false
	}
	u := readers[0]
	return u.Op.Class == graph.ScatterOp && u.Args[0] == n && !slices.Contains(u.Args[1:], n) && !u.Attr.(graph.Gather).Checked
}

// seen reports whether u's elements depend on those of n one by one only.
func seen(u, n *graph.Node) bool {
	for _, a := range u.Args {
		if a == n {
			for _, b := range seeThrough(u) {
				if b == n {
					return true
				}
			}
			return false
		}
	}
	return false
}
