package diff

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/ops"
)

// The weights of attention, a softmax of scores, are a square for each head, but what
// they are made of are a few columns. The tape keeps these, with the greatest score of
// each row and the sum, and the second loop computes the weights again:
//
//	w = softmax(q @ kᵀ)     keeps q, k, max(q @ kᵀ), Σ exp(q @ kᵀ - max)

// widely replaces, in what a derived loop computes, the composites of wide products
// by what they expand to, and notes these products.
func (x *walk) widely(d *derived) {
	roots := d.roots()
	x.wide = map[*graph.Node]bool{}
	composites, instead := map[*graph.Node]bool{}, map[*graph.Node]*graph.Node{}
	var expansions []*graph.Node
	for _, n := range graph.Reachable(roots...) {
		if e := x.expansion(n); e != nil {
			composites[n], instead[n] = true, e
			expansions = append(expansions, e)
		}
	}
	if len(instead) == 0 {
		return
	}
	now := map[*graph.Node]*graph.Node{} // what stays as it is
	for n, changes := range dependents(append(roots, expansions...), composites) {
		if !changes {
			now[n] = n
		}
	}
	out := x.w.CopyAll(roots, now, instead)
	for i := range d.carries {
		d.carries[i].next = out[i]
	}
	d.collects = out[len(d.carries):]
}

// roots lists what a derived loop computes: next carries, collects.
func (d derived) roots() (out []*graph.Node) {
	for _, c := range d.carries {
		out = append(out, c.next)
	}
	return append(out, d.collects...)
}

// expansion is what composite n of a wide product expands to, where only values
// that are much smaller than n are dear in it; else nil.
func (x *walk) expansion(n *graph.Node) *graph.Node {
	if n.Op.Class != graph.CompositeOp || n.Op.Expand == nil || len(n.Args) != 1 {
		return nil
	}
	products := wideProducts(n.Args[0])
	if len(products) == 0 {
		return nil
	}
	x.w.Span, x.w.Rule = n.Span, n.Rule
	out := n.Op.Expand(x.w, n)
	small := true
	walkDown([]*graph.Node{out}, func(e *graph.Node) bool {
		small = small && (e == n.Args[0] || !dear(e) || 8*ops.Elements(e) <= ops.Elements(n))
		return e != n.Args[0]
	})
	if !small {
		return nil
	}
	for _, p := range products {
		x.wide[p] = true
	}
	return out
}

// wideProducts lists the wide products that n is computed from element by element.
func wideProducts(n *graph.Node) (out []*graph.Node) {
	walkDown([]*graph.Node{n}, func(e *graph.Node) bool {
		if ops.Wide(e) {
			out = append(out, e)
		}
		return !dear(e)
	})
	return out
}
