// Package diff differentiates graphs: one reverse sweep that knows no operator
// by name. What an operator's derivative is stands in its declaration.
//
// For y = sum(x * x) the sweep from y to x makes the graph
//
//	%0 = input {x} : real [n]
//	%3 = const {1} : real
//	%4 = view %3 {[]} : real [n]     // adjoint of sum
//	%5 = mul %4 %0 : real [n]        // adjoint of mul, by each of its operands
//	%6 = add %5 %5 : real [n]
//
// Derivatives are graphs again, so that derivatives of derivatives need no
// further code.
package diff

import (
	"github.com/gradgen/gradgen/graph"
)

// Grad adds to b's graph the gradients of the real scalar y by each of xs, and
// returns them, shaped like xs. What y does not depend on has the constant 0.
func Grad(b *graph.Builder, y *graph.Node, xs []*graph.Node) []*graph.Node {
	return Pull(b, y, b.Real(1), xs)
}

// Pull is reverse mode: from the cotangent u of y, shaped like y, the cotangents
// of xs.
func Pull(b *graph.Builder, y, u *graph.Node, xs []*graph.Node) []*graph.Node {
	return pull(b, y, u, xs, newCommon(b.G))
}

func pull(b *graph.Builder, y, u *graph.Node, xs []*graph.Node, names *common) []*graph.Node {
	s := newSweep(b, []*graph.Node{y}, xs)
	s.names = names
	s.from(y, graph.Cotangent{Value: u})
	out := make([]*graph.Node, len(xs))
	for i, x := range xs {
		if out[i] = s.adjoint(x).Value; out[i] == nil {
			out[i] = b.Fill(0, x.Type)
		}
	}
	return out
}

// from starts from the cotangent of y.
func (s *sweep) from(y *graph.Node, ct graph.Cotangent) {
	span, rule := s.b.Span, s.b.Rule
	defer func() { s.b.Span, s.b.Rule = span, rule }()
	s.run([]*graph.Node{y}, []graph.Cotangent{ct})
}

// sweep is one pass from a result back to its targets.
type sweep struct {
	b      *graph.Builder
	order  []*graph.Node        // what y depends on, operands first
	active map[*graph.Node]bool // depends on a target
	parts  map[*graph.Node][]graph.Cotangent
	total  map[*graph.Node]graph.Cotangent
	guards guards
	owners map[*graph.Node]map[int]graph.Cotangent // of the values of loops and branches
	names  *common
	calm   calm
	bare   bool // in a calm loop: without guards
}

func newSweep(b *graph.Builder, ys, xs []*graph.Node) *sweep {
	s := &sweep{
		b: b, order: graph.Reachable(ys...),
		active: map[*graph.Node]bool{},
		parts:  map[*graph.Node][]graph.Cotangent{},
		total:  map[*graph.Node]graph.Cotangent{},
		guards: newGuards(b),
		owners: map[*graph.Node]map[int]graph.Cotangent{},
		calm:   newCalm(),
	}
	for _, x := range xs {
		s.active[x] = true
	}
	for _, n := range s.order {
		for _, a := range n.Args {
			s.active[n] = s.active[n] || s.active[a]
			s.guards.use(a, n)
		}
	}
	s.guards.findFactors(s.order)
	return s
}

// run starts from the cotangents of ys.
func (s *sweep) run(ys []*graph.Node, seeds []graph.Cotangent) {
	for i, y := range ys {
		s.give(y, seeds[i])
	}
	for i := len(s.order) - 1; i >= 0; i-- {
		n := s.order[i]
		if len(s.parts[n]) == 0 && s.owners[n] == nil {
			continue
		}
		s.b.Span, s.b.Rule = n.Span, "adjoint of "+n.Op.Name
		switch {
		case s.owners[n] != nil:
			s.owner(n, s.owners[n])
		case n.Op.Class == graph.ResultOp:
			s.value(n)
		case len(n.Args) == 0:
			s.adjoint(n)
		case s.guards.factor[n] && n.Op.Class == graph.ViewOp:
			// Contributions to a factor are products each, and stay apart.
			for _, ct := range s.parts[n] {
				s.pull(n, ct)
			}
		default:
			s.pull(n, s.adjoint(n))
		}
	}
}

// value notes the cotangent of one of the values of a loop or branch.
func (s *sweep) value(n *graph.Node) {
	of := s.owners[n.Args[0]]
	if of == nil {
		of = map[int]graph.Cotangent{}
		s.owners[n.Args[0]] = of
	}
	of[int(n.Attr.(graph.Count))] = s.adjoint(n)
}

// give adds a contribution to n's adjoint where a target may see it.
func (s *sweep) give(n *graph.Node, ct graph.Cotangent) {
	if ct.Value == nil || !s.active[n] || n.Type.Elem != graph.Real || isConst(ct.Value, 0) {
		return
	}
	if s.bare {
		ct.Guard = nil
	}
	s.parts[n] = append(s.parts[n], ct)
}

// adjoint is the sum of the contributions to n, under the or of their guards.
func (s *sweep) adjoint(n *graph.Node) graph.Cotangent {
	if ct, ok := s.total[n]; ok {
		return ct
	}
	var sum graph.Cotangent
	for i, ct := range s.parts[n] {
		switch {
		case i == 0:
			sum = ct
			continue
		case sum.Guard == nil || ct.Guard == nil:
			sum.Guard = nil
		case sum.Guard != ct.Guard:
			sum.Guard = s.b.Map("or", sum.Guard, ct.Guard)
		}
		sum.Value = s.b.Add(sum.Value, ct.Value)
	}
	if v := sum.Value; v != nil && v.Name == "" && v.Rule != "" && n.Name != "" {
		v.Name = "d" + n.Name
	}
	s.total[n] = sum
	return sum
}

// pull hands n's cotangent to its operands.
func (s *sweep) pull(n *graph.Node, ct graph.Cotangent) {
	switch {
	case n.Op.Stated:
		s.stated(n, ct)
	case n.Op.Partials != nil:
		s.chain(n, ct)
	case n.Op.Pullback != nil:
		for i, c := range n.Op.Pullback(s.b, n, ct) {
			s.give(n.Args[i], c)
		}
	}
}

// chain is the chain rule of an element-wise operator: adjoint · partial, and
// certainly 0 where the adjoint is, whatever the partial.
func (s *sweep) chain(n *graph.Node, ct graph.Cotangent) {
	for i, partial := range n.Op.Partials {
		a := n.Args[i]
		if partial == nil || !s.active[a] || a.Type.Elem != graph.Real {
			continue
		}
		p := partial(s.b, n.Args, n)
		switch {
		case p == nil || isConst(p, 0):
		case isConst(p, 1):
			s.give(a, ct)
		default:
			s.give(a, graph.Cotangent{Value: s.guards.product(n, ct, p), Guard: ct.Guard})
		}
	}
}

func isConst(n *graph.Node, v float64) bool {
	c, ok := n.Attr.(graph.Number)
	return ok && float64(c) == v
}
