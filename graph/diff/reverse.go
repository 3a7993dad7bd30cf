package diff

import (
	"github.com/gradgen/gradgen/graph"
)

// owner hands the cotangents of the values of a loop or branch, by number, to
// its operands.
func (s *sweep) owner(n *graph.Node, cts map[int]graph.Cotangent) {
	span, rule := s.b.Span, s.b.Rule
	switch n.Op.Name {
	case "branch":
		s.pullBranch(n, cts)
	case "call":
		s.pullCall(n, cts)
	default:
		s.pullLoop(n, cts)
	}
	s.b.Span, s.b.Rule = span, rule
}

// split separates the cotangents of last carries from those of collects.
func split(n *graph.Node, cts map[int]graph.Cotangent, carries int) (last, collects map[int]graph.Cotangent) {
	last, collects = map[int]graph.Cotangent{}, map[int]graph.Cotangent{}
	first := carries
	if _, isWhile := n.Attr.(graph.While); isWhile {
		first++
	}
	for k, ct := range cts {
		if k < carries {
			last[k] = ct
		} else if k >= first {
			collects[k-first] = ct
		}
	}
	return last, collects
}

// reverse is a reverse loop being found: which carries have an adjoint, and
// which of these have a guard, shows only when the body has been swept.
type reverse struct {
	*walk
	s              *sweep
	last, collects map[int]graph.Cotangent
	live, guarded  []bool
	bare           bool
	d              derived
	inner          *sweep
}

func (s *sweep) pullLoop(n *graph.Node, cts map[int]graph.Cotangent) {
	carries := len(n.Parts().Inits)
	live, guarded := make([]bool, carries), make([]bool, carries)
	bare := s.bare || s.calm.loop(n)
	for k, ct := range cts {
		if bare {
			cts[k] = graph.Cotangent{Value: ct.Value}
		}
	}
	last, collects := split(n, cts, carries)
	for j, ct := range last {
		live[j], guarded[j] = true, ct.Guard != nil
	}
	for {
		r := &reverse{walk: newWalk(s.b, n, s.names), s: s, last: last, collects: collects, live: live, guarded: guarded, bare: bare}
		if r.sweep(); !r.settled() {
			continue
		}
		r.give()
		return
	}
}

// parameter is a value of the derived body with its guard.
func (r *reverse) parameter(like *graph.Node, guarded bool) graph.Cotangent {
	ct := graph.Cotangent{Value: r.arg(like)}
	ct.Value.Name = ""
	if guarded {
		ct.Guard = r.typed(graph.Type{Elem: graph.Bool, Shape: like.Type.Shape})
	}
	return ct
}

// sweep differentiates the body, from adjoints of next carries and collects.
func (r *reverse) sweep() {
	moving := r.moving(func(n *graph.Node) bool { return r.s.active[n] })
	var roots, targets []*graph.Node
	var seeds []graph.Cotangent
	for j, p := range r.carries {
		if r.live[j] && moving[p] {
			ct := r.parameter(p, r.guarded[j])
			roots, seeds = append(roots, r.results[j]), append(seeds, ct)
			first := r.last[j]
			if first.Value == nil {
				first = graph.Cotangent{Value: r.b.Fill(0, p.Type), Guard: r.b.Fill(0, boolean(p))}
			}
			r.carry(ct.Value, first.Value)
			if ct.Guard != nil {
				r.carry(ct.Guard, r.orTrue(first.Guard, p))
			}
		}
	}
	for k, y := range r.walk.collects() {
		if of, ok := r.collects[k]; ok {
			ct := r.parameter(y, of.Guard != nil)
			roots, seeds = append(roots, y), append(seeds, ct)
			r.d.slices = append(r.d.slices, operand{ct.Value, of.Value})
			if ct.Guard != nil {
				r.d.slices = append(r.d.slices, operand{ct.Guard, of.Guard})
			}
		}
	}
	for _, p := range r.params() {
		if moving[p] {
			targets = append(targets, p)
		}
	}
	r.inner = newSweep(r.w, roots, targets)
	r.inner.names, r.inner.bare = r.names, r.bare
	r.inner.run(roots, seeds)
}

func boolean(n *graph.Node) graph.Type { return graph.Type{Elem: graph.Bool, Shape: n.Type.Shape} }

// orTrue is a guard, or true where there is none.
func (r *reverse) orTrue(guard, like *graph.Node) *graph.Node {
	if guard == nil {
		return r.b.Fill(1, boolean(like))
	}
	return guard
}

func (r *reverse) carry(arg, init *graph.Node) {
	r.d.carries = append(r.d.carries, carried{arg: arg, init: init})
}

// settled notes carries that turn out to have adjoints or guards.
func (r *reverse) settled() bool {
	ok := true
	for j, p := range r.carries {
		ct := r.inner.adjoint(p)
		if ct.Value == nil {
			continue
		}
		if !r.live[j] || ct.Guard != nil && !r.guarded[j] {
			r.live[j], r.guarded[j] = true, r.guarded[j] || ct.Guard != nil
			ok = false
		}
	}
	return ok
}

// give builds the loop and hands out its values.
func (r *reverse) give() {
	r.d.reverse = true
	r.nextCarries()
	captures := r.sums()
	slices := r.stacks()
	out := r.derive(r.d)
	at := 0
	take := func(guarded bool) graph.Cotangent {
		ct := graph.Cotangent{Value: out[at]}
		at++
		if guarded {
			ct.Guard = out[at]
			at++
		}
		return ct
	}
	for j, p := range r.parts.Inits {
		if r.has(j) {
			r.s.give(p, take(r.guarded[j]))
		}
	}
	for _, i := range captures {
		r.s.give(r.parts.Captures[i], take(r.inner.adjoint(r.captures[i]).Guard != nil))
	}
	for _, i := range slices {
		r.s.give(r.parts.Slices[i], take(r.inner.adjoint(r.slices[i]).Guard != nil))
	}
}

// has reports whether carry j has an adjoint carry.
func (r *reverse) has(j int) bool {
	return r.live[j] && r.inner.active[r.carries[j]]
}

func (r *reverse) nextCarries() {
	at := 0
	for j, p := range r.carries {
		if !r.has(j) {
			continue
		}
		ct := r.inner.adjoint(p)
		if ct.Value == nil {
			ct = graph.Cotangent{Value: r.w.Fill(0, p.Type), Guard: r.w.Fill(0, boolean(p))}
		}
		r.d.carries[at].next = ct.Value
		at++
		if r.guarded[j] {
			if ct.Guard == nil {
				ct.Guard = r.w.Fill(1, boolean(p))
			}
			r.d.carries[at].next = ct.Guard
			at++
		}
	}
}

// sums carries the sum of the adjoints of each capture that has some.
func (r *reverse) sums() []int {
	var out []int
	for i, p := range r.captures {
		ct := r.inner.adjoint(p)
		if ct.Value == nil {
			continue
		}
		out = append(out, i)
		sum := r.typed(p.Type)
		r.d.carries = append(r.d.carries, carried{sum, r.b.Fill(0, p.Type), r.w.Add(sum, ct.Value)})
		if ct.Guard != nil {
			any := r.typed(boolean(p))
			r.d.carries = append(r.d.carries, carried{any, r.b.Fill(0, boolean(p)), r.w.Map("or", any, ct.Guard)})
		}
	}
	return out
}

// stacks collects the adjoints of the slices that have some.
func (r *reverse) stacks() []int {
	var out []int
	for i, p := range r.slices {
		ct := r.inner.adjoint(p)
		if ct.Value == nil {
			continue
		}
		out = append(out, i)
		r.d.collects = append(r.d.collects, ct.Value)
		if ct.Guard != nil {
			r.d.collects = append(r.d.collects, ct.Guard)
		}
	}
	return out
}
