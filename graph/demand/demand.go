// Package demand makes checks lazy: an index or a divisor is checked for those
// elements only that some value takes. It runs before derivatives are taken, so
// that these never see what is not taken.
//
// In `e = E[tok]; y = where(tok >= 0, e, 0)`, with y an output, elements of e
// are needed where tok >= 0. The graph
//
//	%2 = gather %0 %1 {[@0] checked else 0} : real [n]
//	%4 = ge %1 %3 : bool [n]
//	%6 = where %4 %2 %5 : real [n]
//
// becomes
//
//	%2 = ge %1 %3 : bool [n]
//	%3 = gather %0 %1 %2 {[@0] checked masked else 0} : real [n]
//	%6 = where %2 %3 %5 : real [n]
//
// What is needed goes from results to operands, the other way than values: a
// view needs what it reads, a sum all elements it adds, where only what it takes.
// What several readers need is needed if one of them needs it. The values of
// loops, and what they carry, are needed entirely.
package demand

import (
	"fmt"
	"slices"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/ops"
	"github.com/gradgen/gradgen/graph/shape"
)

// Program spares checks in every graph of a program. Values that are computed
// by different calls do not need for one another.
func Program(p *graph.Program) {
	for _, at := range p.Places() {
		old := *at.G
		s := &sharing{ops.NewBuilder(graph.New()), map[*graph.Node]*graph.Node{}, map[string]*graph.Node{}}
		for _, group := range at.Groups {
			s.group(old, group)
		}
		*at.G = s.b.G
	}
}

// sharing is what the groups of one graph have in common.
type sharing struct {
	b     *graph.Builder
	clean map[*graph.Node]*graph.Node // copies of what needs no check
	marks map[string]*graph.Node
}

// group moves nodes, computed together, to the new graph. A leaf that stands for
// something declared may belong to no graph; it stays.
func (s *sharing) group(old *graph.Graph, at []**graph.Node) {
	var roots []*graph.Node
	for _, n := range at {
		if old.Owns(*n) {
			roots = append(roots, *n)
		}
	}
	a := newAnalysis(old)
	a.all(roots)
	a.run(graph.Reachable(roots...))
	r := newSparing(s, a)
	for _, n := range at {
		if old.Owns(*n) {
			*n = r.node(*n)
		}
	}
}

// sparing copies a graph, masking checks.
type sparing struct {
	*sharing
	a    *analysis
	now  map[*graph.Node]*graph.Node
	busy map[*graph.Node]bool // whose masks are being made
}

func newSparing(s *sharing, a *analysis) *sparing {
	return &sparing{s, a, map[*graph.Node]*graph.Node{}, map[*graph.Node]bool{}}
}

// node is n in the new graph.
func (r *sparing) node(n *graph.Node) *graph.Node {
	memo := r.now
	if !r.a.after(n) {
		memo = r.clean
	}
	if have := memo[n]; have != nil {
		return have
	}
	args := make([]*graph.Node, len(n.Args))
	for i, a := range n.Args {
		args[i] = r.node(a)
	}
	out := r.copy(n, args)
	if need := r.a.needs[n]; n.Op.Checks != nil && n.Op.Checks(n) && need != nil {
		if taken := r.taken(n, need, n.Type.Shape); taken != nil {
			r.b.Span, r.b.Rule = n.Span, n.Rule
			out = n.Op.Spare(r.b, out, taken)
			out.Name = n.Name
		}
	}
	memo[n] = out
	return out
}

func (r *sparing) copy(n *graph.Node, args []*graph.Node) *graph.Node {
	c := *n
	c.Regions = make([]*graph.Region, len(n.Regions))
	for i, in := range n.Regions {
		c.Regions[i] = r.region(in)
	}
	if n.Op.Name == "branch" {
		args = append(args, r.conditions(n)...)
	}
	if n.Op.Class != graph.MarkOp {
		return r.b.Copy(&c, args...)
	}
	// One mark stays one, in whatever groups it occurs.
	key := fmt.Sprint(n.ID)
	for _, a := range args {
		key += fmt.Sprint(" ", a.ID)
	}
	if r.marks[key] == nil {
		r.marks[key] = r.b.Copy(&c, args...)
	}
	return r.marks[key]
}

// conditions are what is needed of the values of a branch, for those parameters
// of its regions.
func (r *sparing) conditions(n *graph.Node) []*graph.Node {
	var out []*graph.Node
	for i, y := range n.Regions[0].Results {
		g := r.a.values[n][i]
		if r.a.inner[n.Regions[0]] == nil || len(g) == 0 || g.isAlways() {
			continue
		}
		c := r.taken(n, g, y.Type.Shape)
		if c == nil {
			c = r.b.Fill(1, graph.Type{Elem: graph.Bool, Shape: y.Type.Shape})
		}
		out = append(out, c)
	}
	return out
}

// region spares checks in a body.
func (r *sparing) region(old *graph.Region) *graph.Region {
	a := r.a.inner[old]
	if a == nil {
		return old
	}
	b := r.b.Inner(nil)
	in := newSparing(&sharing{b, map[*graph.Node]*graph.Node{}, map[string]*graph.Node{}}, a)
	var params, results []*graph.Node
	for _, p := range append(slices.Clone(old.Params), a.taken...) {
		params = append(params, in.node(p))
	}
	for _, n := range old.Results {
		results = append(results, in.node(n))
	}
	return b.Close(params, results, nil)
}

// taken is a guard as a node, nil where it always holds. A condition that depends
// on n itself, or on what waits for it, is left out: more is checked then.
func (r *sparing) taken(n *graph.Node, g guard, ext []shape.Dim) *graph.Node {
	if g.isAlways() {
		return nil
	}
	r.busy[n] = true
	defer delete(r.busy, n)
	var free guard
	for _, c := range g {
		var kept conj
		for _, l := range c {
			if !r.waits(l.n, map[*graph.Node]bool{}) {
				kept = append(kept, l)
			}
		}
		free = free.add(kept)
	}
	if free.isAlways() {
		return nil
	}
	return free.node(r.b, ext, r.node)
}

// waits reports whether n cannot be made before a mask that is being made.
func (r *sparing) waits(n *graph.Node, seen map[*graph.Node]bool) bool {
	if r.busy[n] {
		return true
	}
	if seen[n] || r.now[n] != nil || r.clean[n] != nil {
		return false
	}
	seen[n] = true
	for _, a := range n.Args {
		if r.waits(a, seen) {
			return true
		}
	}
	return false
}
