package lower

import (
	"slices"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// An operand of a product that is 0 wherever a comparison of places fails, as the
// weights of attention to what came before are, is computed where it holds only:
//
//	for i: for j: w[i, j] = where(j <= i, .., 0)
//
// clears the row and runs over j in 0..i+1. What it is made of is asked for there only.

// findZeros finds such operands and their limits.
func (p *pass) findZeros() {
	p.zeros = map[*graph.Node][]limit{}
	for _, n := range p.nodes {
		if n.Op.Class != graph.Elementwise || !p.keeps[n] || n.Type.Rank() < 2 || !p.multiplied(n) {
			continue
		}
		lims := slices.DeleteFunc(outside(n, identity(n.Type.Shape), 0, p.pairs.may), func(l limit) bool { return !l.ends(n.Type.Rank() - 1) })
		if len(lims) > 0 {
			p.zeros[n] = lims
		}
	}
}

// multiplied reports an operand of a product.
func (p *pass) multiplied(n *graph.Node) bool {
	return slices.ContainsFunc(p.users[n], func(u *graph.Node) bool { return u.Op == contractOp })
}

// ends reports a comparison of places that bounds the loop over axis k.
func (l limit) ends(k int) bool {
	in := map[int]bool{}
	for _, c := range l.conds {
		axesIn(c.E, in)
	}
	return l.data == nil && in[k]
}

// zeroed stores n, which is 0 outside its limits, row by row.
func (p *pass) zeroed(n *graph.Node, out *kernel.Buffer) *stage {
	st, r, idx := p.newStage(n, out)
	conds, last := r.keep(p.zeros[n], idx), len(idx)-1
	x := r.value(n, idx)
	store := &kernel.Store{Buf: out, At: kernel.Addr{Base: address(n.Type.Shape, idx)}, X: x}
	body := p.bounded(st.axisLoops(n.Type.Shape, last, last+1), conds, nil, []kernel.Stmt{store})
	body = append([]kernel.Stmt{st.clear(n, last, idx)}, body...)
	st.body, st.depth = st.loops(n.Type.Shape, 0, last, body), last
	return st.done(r, n.Type.Shape, p.intern.dependences(x).cost)
}

// keep lets r take limits for granted, and lists the conditions that make them so.
func (r *reader) keep(lims []limit, idx []shape.Dim) (conds []shape.Cond) {
	for _, l := range lims {
		for _, c := range l.conds {
			c.E = at(c.E, idx)
			conds = append(conds, c)
		}
		places := make([]shape.Dim, len(l.at))
		for k, e := range l.at {
			places[k] = at(e, idx)
		}
		r.holds[placeKey(l.n, places)] = true
	}
	return conds
}
