package lower

import (
	"maps"
	"slices"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// Limits become bounds of loops. Where data bounds an axis of the result by what is
// summed over, the loops change places and the elements are folded in memory:
//
//	for v: for e: if dst[e] == v: out[v] += msg[e]
//
// is for e: for v in dst[e]..dst[e]+1: out[v] += msg[e].

// axisLoop is a loop over an axis of the operand.
type axisLoop struct {
	*kernel.Loop
	axis int
}

// keepsTo reports whether the loops should keep to limits: where few places take
// part, where what is read is there for these only, and where that spares a
// test or much work. Where all of the operand is stored anyway the loop that makes
// it can do with the sum in it.
func (r *reduction) keepsTo(lims []limit) bool {
	if len(lims) == 0 || r.pairs.sparse[r.n] {
		return len(lims) > 0
	}
	t := r.trial(lims)
	if slices.ContainsFunc(t.reads, func(a access) bool { return r.demand[a.n] != nil }) {
		return true
	}
	x := r.n.Args[0]
	with, without := t.read(x, r.from), r.reader.pass.reader(maps.Clone(r.sc)).read(x, r.from)
	return !r.stored(unviewed(x)) && (with != without || r.intern.dependences(with).cost > modest)
}

// limited makes the stage of a reduction with limits.
func (r *reduction) limited() *stage {
	lims, st := r.pairs.limits[r.n], r.st
	trial := r.trial(lims)
	across := !r.wholly(r.n, r.axes) && r.across(trial)
	first, sparse := len(r.idx), r.pairs.sparse[r.n]
	outer := r.outer(lims, trial)
	switch {
	case sparse && (r.crossed(lims) || across || r.partial(trial)):
		first = r.leading(lims, outer)
		if first == 0 && r.bounds(lims, 0) {
			st.rows = shape.Dim{}
		}
	case across:
		first, outer = r.first(), nil
	default:
		outer = nil
	}
	loops := r.order(lims, first, outer)
	r.hold(lims, first, loops)
	r.read()
	if first < len(r.idx) {
		r.rowwise(first, bare(loops))
	} else {
		r.accumulate(bare(loops))
		if !sparse {
			st.reach = reach(r.axes, len(r.idx))
		}
	}
	st.fails = st.fails || failsEarly(r.early)
	return st.done(r.reader, r.domain(lims), r.cost)
}

func failsEarly(es []early) (found bool) {
	for _, e := range es {
		kernel.Walk(e.body, func(s kernel.Stmt) {
			_, check := s.(*kernel.Check)
			found = found || check
		})
	}
	return found
}

// trial reads the operand as if all limits held, to see what it reads.
func (r *reduction) trial(lims []limit) *reader {
	t := r.reader.pass.reader(maps.Clone(r.sc))
	t.here = r.from
	for _, l := range lims {
		t.holds[placeKey(l.n, r.places(l.at))] = true
	}
	t.read(r.n.Args[0], r.from)
	return t
}

// places puts the loops' variables for indices of the domain.
func (r *reduction) places(idx []shape.Dim) []shape.Dim {
	out := make([]shape.Dim, len(idx))
	for k, d := range idx {
		out[k] = at(d, r.from)
	}
	return out
}

// keptAxis is the axis of the result that axis k of the operand is; -1 if it is
// reduced.
func (r *reduction) keptAxis(k int) int {
	if r.axes.Has(k) {
		return -1
	}
	kept := k
	for _, a := range r.axes {
		if a < k {
			kept--
		}
	}
	return kept
}

// across is as that of a reader, but by what both kinds of axes step through: what
// the other stands still in is no trouble in any order.
func (r *reduction) across(trial *reader) bool {
	both := &reader{pass: r.pass}
	for _, a := range trial.reads {
		where := address(a.n.Type.Shape, a.idx)
		steps := func(idx shape.Dim) bool { return !idx.Is(0) && !stride(where, idx).Is(0) }
		kept, summed := slices.ContainsFunc(r.idx, steps), false
		for _, k := range r.axes {
			summed = summed || steps(r.from[k])
		}
		if kept && summed {
			both.reads = append(both.reads, a)
		}
	}
	if both.reads == nil {
		return trial.across(r.idx, r.axes)
	}
	return both.across(r.idx, r.axes)
}

// crossed reports whether data that is summed over bounds an axis of the result.
func (r *reduction) crossed(lims []limit) bool {
	return slices.ContainsFunc(lims, func(l limit) bool {
		if l.data == nil || r.axes.Has(l.axis) {
			return false
		}
		return slices.ContainsFunc(r.axes, func(k int) bool { return l.on[k] })
	})
}

// bounds reports whether data bounds axis k of the result.
func (r *reduction) bounds(lims []limit, k int) bool {
	return slices.ContainsFunc(lims, func(l limit) bool { return l.data != nil && r.keptAxis(l.axis) == k })
}

// outer marks the axes of the result whose loops are better outside: bounds and
// inner reductions depend on them.
func (r *reduction) outer(lims []limit, trial *reader) map[int]bool {
	out := map[int]bool{}
	for k := range r.from {
		for _, l := range lims {
			if l.data != nil && l.on[k] && !r.axes.Has(k) {
				out[r.keptAxis(k)] = true
			}
		}
	}
	for k, d := range r.idx {
		for _, e := range trial.early {
			if !d.Is(0) && e.vars[axisVar(k)] {
				out[k] = true
			}
		}
	}
	return out
}

// partial reports an inner reduction that does not depend on all axes of the
// result: it should not be done again for each place of these.
func (r *reduction) partial(trial *reader) bool {
	for _, e := range trial.early {
		for k, d := range r.idx {
			if !d.Is(0) && !e.vars[axisVar(k)] {
				return true
			}
		}
	}
	return false
}

// leading is the number of result axes whose loops can stand around everything.
func (r *reduction) leading(lims []limit, outer map[int]bool) int {
	for k := range r.idx {
		if r.bounds(lims, k) || !outer[k] {
			return k
		}
	}
	return len(r.idx)
}

// order lists the loops inside of those over the first axes of the result: outer
// ones, those that are summed over, the others; each after those that its
// bounds depend on.
func (r *reduction) order(lims []limit, first int, outer map[int]bool) []axisLoop {
	var groups [3][]axisLoop
	ext := r.n.Args[0].Type.Shape
	for k, e := range ext {
		if e.Is(1) {
			continue
		}
		switch kept := r.keptAxis(k); {
		case kept < 0:
			l := reduceLoops(ext, []int{k}, sumVar(len(r.idx)))[0]
			groups[1] = append(groups[1], axisLoop{l, k})
		case kept >= first:
			l := r.st.axisLoops(r.n.Type.Shape, kept, kept+1)[0]
			g := either(outer[kept], 0, 2)
			groups[g] = append(groups[g], axisLoop{l, k})
		}
	}
	return sorted(slices.Concat(groups[:]...), lims)
}

// sorted puts each loop behind those that its bounds depend on, as far as possible.
func sorted(left []axisLoop, lims []limit) (out []axisLoop) {
	for len(left) > 0 {
		i := max(0, slices.IndexFunc(left, func(l axisLoop) bool { return free(l, lims, left) }))
		out = append(out, left[i])
		left = slices.Delete(left, i, i+1)
	}
	return out
}

// free reports whether the bounds of l depend on none of the loops left.
func free(l axisLoop, lims []limit, left []axisLoop) bool {
	for _, lim := range lims {
		if lim.data == nil || lim.axis != l.axis {
			continue
		}
		if slices.ContainsFunc(left, func(o axisLoop) bool { return lim.on[o.axis] }) {
			return false
		}
	}
	return true
}

// hold makes the loops keep to the limits, as far as their order allows it.
func (r *reduction) hold(lims []limit, first int, loops []axisLoop) {
	r.here = append(r.here, r.from...)
	for _, lim := range lims {
		if lim.data != nil && !r.bind(lim, first, loops) {
			continue
		}
		for _, c := range lim.conds {
			c.E = at(c.E, r.from)
			r.conds = append(r.conds, c)
			loopVars(c.E, r.taken)
		}
		r.holds[placeKey(lim.n, r.places(lim.at))] = true
	}
}

// bind bounds the loop over the axis of lim, if what the bound depends on is known
// before it.
func (r *reduction) bind(lim limit, first int, loops []axisLoop) bool {
	known := map[int]bool{}
	for k := range r.from {
		known[k] = !r.axes.Has(k) && r.keptAxis(k) < first
	}
	for _, l := range loops {
		if l.axis == lim.axis {
			for k := range lim.on {
				if !known[k] {
					return false
				}
			}
			x := r.reader.read(lim.data, r.places(lim.at))
			plus := at(lim.rest, r.from).Scale(-1)
			r.taken[l.Var] = true
			if lim.low {
				l.From = append(l.From, kernel.Bound{X: x, Plus: plus.AddInt(lim.less[0])})
			}
			if lim.high {
				l.To = append(l.To, kernel.Bound{X: x, Plus: plus.AddInt(lim.less[1])})
			}
			return true
		}
		known[l.axis] = true
	}
	return false
}

// domain is the extents that the loops run over, about: rows of ragged domains
// count as short.
func (r *reduction) domain(lims []limit) []shape.Dim {
	ext := append([]shape.Dim{}, r.n.Args[0].Type.Shape...)
	if !r.pairs.sparse[r.n] {
		return ext
	}
	for _, l := range lims {
		switch {
		case l.data == nil || len(l.on) == 0:
		case l.low && l.high:
			ext[l.axis] = shape.Const(1)
		default:
			ext[l.axis] = shape.Const(nominal)
		}
	}
	return ext
}

// scatterPairs adds by place what a sparse reduction sums: element by element, so
// that no sums are stored.
func (p *pass) scatterPairs(n *graph.Node, out *kernel.Buffer) *stage {
	st, x := &stage{node: n, out: out}, n.Args[0]
	sc := p.scope()
	r := &reduction{reader: p.reader(sc), n: x, axes: x.Attr.(graph.Axes), st: st, idx: place(x.Type.Shape, axisVar, sc)}
	r.from = p.operandPlace(r.reader, x.Args[0].Type.Shape, r.axes, r.idx)
	lims := p.pairs.limits[x]
	trial := r.trial(lims)
	outer, through := r.outer(lims, trial), trial.lookup(n, n.Type.Shape, n.Args[1:], r.idx).through()
	for k := range r.idx {
		outer[k] = outer[k] || axisVar(k) != through
	}
	loops := r.order(lims, 0, outer)
	r.hold(lims, 0, loops)
	r.read()
	f := r.lookup(n, n.Type.Shape, n.Args[1:], r.idx)
	body := []kernel.Stmt{&kernel.Store{Buf: out, At: f.addr, X: r.v, Add: true}}
	if f.mask != nil {
		f.inside = r.and(f.inside, f.mask)
	}
	if f.inside != nil {
		body = []kernel.Stmt{&kernel.If{Cond: f.inside, Then: body}}
	}
	st.fails = failsEarly(r.early)
	body = r.bounded(bare(loops), r.conds, r.early, body)
	st.body = append([]kernel.Stmt{&kernel.Zero{Slice: kernel.Slice{Buf: out, Len: out.Len()}}}, body...)
	return st.done(r.reader, r.domain(lims), r.cost)
}

// bare are the loops alone.
func bare(loops []axisLoop) []*kernel.Loop {
	out := make([]*kernel.Loop, len(loops))
	for i, l := range loops {
		out[i] = l.Loop
	}
	return out
}
