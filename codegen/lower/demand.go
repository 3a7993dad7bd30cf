package lower

import (
	"slices"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// A stored value that only reductions with limits read is stored within these:
// of a square of which sums over j <= i read the lower half, only that half.

// findDemand finds the limits that all readers of a stored value keep to.
func (p *pass) findDemand(results map[*graph.Node]bool) {
	p.demand = map[*graph.Node][]limit{}
	d := &demands{pass: p, read: map[*graph.Node]bool{}}
	for n := range results {
		d.note(n, nil, nil)
	}
	for i := len(p.nodes) - 1; i >= 0; i-- {
		n := p.nodes[i]
		own := identity(n.Type.Shape)
		switch {
		case !p.keeps[n] && n.Op.Class != graph.LeafOp && n.Op.Class != graph.ReshapeOp:
			continue
		case n.Op.Class == graph.Elementwise, n.Op.Class == graph.ViewOp:
			d.operands(n, own, append(p.demand[n], p.zeros[n]...))
		case n.Op.Class == graph.ReduceOp && !p.pairs.sparse[n]:
			d.operands(n, own, affineOnly(p.pairs.limits[n]))
		default:
			for _, a := range n.Args {
				d.visit(a, nil, nil)
			}
		}
	}
}

func affineOnly(lims []limit) (out []limit) {
	for _, l := range lims {
		if l.data == nil {
			out = append(out, l)
		}
	}
	return out
}

type demands struct {
	*pass
	limiter
	read map[*graph.Node]bool
}

// operands visits what n, at place, reads within lims.
func (d *demands) operands(n *graph.Node, place []shape.Dim, lims []limit) {
	to, through := place, seeThrough(n)
	if n.Op.Class == graph.ReduceOp && d.keeps[n] {
		to = identity(n.Args[0].Type.Shape)
	} else if place != nil {
		to = d.below(n, place)
	}
	for _, a := range n.Args {
		if slices.Contains(through, a) {
			d.visit(a, to, lims)
		} else {
			d.visit(a, nil, nil)
		}
	}
}

// visit goes down to stored values. Without a place all of n may be read.
func (d *demands) visit(n *graph.Node, place []shape.Dim, lims []limit) {
	if place == nil {
		lims = nil
	}
	if d.stored(n) {
		d.note(n, place, lims)
		return
	}
	d.operands(n, place, lims)
}

// note keeps of what is known of the readers of n what holds of this one too.
func (d *demands) note(n *graph.Node, place []shape.Dim, lims []limit) {
	back := map[int]int{} // index of the reader → axis of n
	for k, in := range place {
		for _, s := range in.Syms() {
			if in.Equal(shape.Of(s)) && s.Axis >= 0 {
				back[s.Axis] = k
			}
		}
	}
	var own []limit
	for _, l := range lims {
		if l, ok := l.renumbered(back); ok {
			own = append(own, l)
		}
	}
	if d.read[n] {
		own = slices.DeleteFunc(d.demand[n], func(l limit) bool {
			return !slices.ContainsFunc(own, func(o limit) bool { return placeKey(o.n, o.at) == placeKey(l.n, l.at) })
		})
	}
	d.read[n] = true
	if d.demand[n] = own; len(own) == 0 {
		delete(d.demand, n)
	}
}

// renumbered is l with other indices; ok is false where it mentions one without.
func (l limit) renumbered(to map[int]int) (limit, bool) {
	in := map[int]bool{}
	for _, e := range l.at {
		axesIn(e, in)
	}
	for k := range in {
		if _, ok := to[k]; !ok {
			return l, false
		}
	}
	move := func(s *shape.Sym) (shape.Dim, bool) {
		k, ok := to[s.Axis]
		return shape.Idx(k), ok && s.Axis >= 0
	}
	out := limit{n: l.n}
	for _, e := range l.at {
		out.at = append(out.at, e.Subst(move))
	}
	for _, c := range l.conds {
		c.E = c.E.Subst(move)
		out.conds = append(out.conds, c)
	}
	return out, true
}

// partly stores the elements of n that anything asks for.
func (p *pass) partly(n *graph.Node, out *kernel.Buffer) *stage {
	st, r, idx := p.newStage(n, out)
	conds := r.keep(p.demand[n], idx)
	x := r.value(n, idx)
	store := &kernel.Store{Buf: out, At: kernel.Addr{Base: address(n.Type.Shape, idx)}, X: x}
	loops := st.axisLoops(n.Type.Shape, 0, len(idx))
	st.depth = len(idx)
	st.body = p.bounded(loops, conds, nil, []kernel.Stmt{store})
	return st.done(r, n.Type.Shape, p.intern.dependences(x).cost)
}
