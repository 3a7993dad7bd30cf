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
// loops, and what they carry, are needed entirely. What a derivative is taken of
// is needed where the derivative is; since nobody computes it, what it checks is
// kept beside the results.
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
		s := newSharing(ops.NewBuilder(graph.New()), new(graph.Trips).See(old))
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
	trips *graph.Trips
}

func newSharing(b *graph.Builder, trips *graph.Trips) *sharing {
	return &sharing{b, map[*graph.Node]*graph.Node{}, map[string]*graph.Node{}, trips}
}

// group moves nodes, computed together, to the new graph. A leaf that stands for
// something declared may belong to no graph; it stays.
func (s *sharing) group(old *graph.Graph, at []graph.Root) {
	var roots []*graph.Node
	for _, root := range at {
		if old.Owns(*root.At) {
			roots = append(roots, *root.At)
		}
	}
	a := newAnalysis(old)
	a.all(roots)
	a.run(graph.Reachable(roots...))
	r := newSparing(s, a, newAlive(roots))
	for _, root := range at {
		if old.Owns(*root.At) {
			*root.At = r.node(*root.At)
			if root.Checks != nil {
				*root.Checks = append(*root.Checks, r.lost...)
			}
			r.lost = nil
		}
	}
}

// sparing copies a graph, masking checks.
type sparing struct {
	*sharing
	a     *analysis
	alive *alive
	now   map[*graph.Node]*graph.Node
	busy  map[*graph.Node]bool // whose masks are being made
	lost  []*graph.Node        // checks of what nobody computes
}

func newSparing(s *sharing, a *analysis, live *alive) *sparing {
	return &sparing{s, a, live, map[*graph.Node]*graph.Node{}, map[*graph.Node]bool{}, nil}
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
		taken := r.taken(n, need, n.Type.Shape)
		r.b.Span, r.b.Rule = n.Span, n.Rule
		if taken != nil {
			out = n.Op.Spare(r.b, out, taken)
			out.Name = n.Name
		}
		if !r.alive.nodes[n] {
			r.lose(out)
		}
	}
	memo[n] = out
	return out
}

func (r *sparing) copy(n *graph.Node, args []*graph.Node) *graph.Node {
	if len(n.Regions) > 0 && r.a.inner[n.Regions[0]] != nil {
		return r.owner(n, args)
	}
	c := *n
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
		if len(g) == 0 || g.isAlways() {
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

// owner copies a loop or branch.
func (r *sparing) owner(n *graph.Node, args []*graph.Node) *graph.Node {
	c, bodies := *n, make([]*body, len(n.Regions))
	for i, in := range n.Regions {
		bodies[i] = r.body(in)
	}
	more := r.yield(&c, bodies)
	c.Regions = nil
	for _, y := range bodies {
		c.Regions = append(c.Regions, y.b.Close(y.params, y.results, nil))
	}
	if n.Op.Name == "branch" {
		args = append(args, r.conditions(n)...)
	}
	out := r.b.Copy(&c, args...)
	if more >= 0 {
		r.lost = append(r.lost, r.b.Result(out, more))
	}
	return out
}

// body spares checks in a region.
func (r *sparing) body(old *graph.Region) *body {
	a, out := r.a.inner[old], &body{b: r.b.Inner(nil)}
	in := newSparing(newSharing(out.b, r.trips), a, r.alive)
	for _, p := range append(slices.Clone(old.Params), a.taken...) {
		out.params = append(out.params, in.node(p))
	}
	for _, n := range old.Results {
		out.results = append(out.results, in.node(n))
	}
	out.lost = in.lost
	return out
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
