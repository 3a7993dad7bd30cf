package lower

import (
	"slices"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// What a step of a loop changes of a carry is changed in place: of
//
//	h = where(row == t, v, h)      h = h + scatter(v, t)
//
// the row t is set or added to once all of the step has been computed.

// patch is one such change: v at row t along an axis, or added up by place.
type patch struct {
	r    root
	v    *graph.Node // a row, or all rows, of what is put in place; what is added
	axis int
	t    *graph.Node
	adds *graph.Node // the scatter
	span *graph.Node
	// an index out of range is an error where the scatter it comes from is checked
	checked *graph.Node
}

// patches takes the roots that only change their carries in part off the list, and
// puts what the changes are made of on it.
func (p *pass) patches(roots []root) ([]root, []patch) {
	if !p.inner {
		return roots, nil
	}
	c := &patcher{pass: p, uses: map[*graph.Node]int{}, over: map[*kernel.Buffer]bool{}}
	var all []*graph.Node
	for _, r := range roots {
		c.uses[r.node]++
		all = append(all, r.node)
		if r.over != nil {
			c.over[r.over] = true
		}
	}
	for _, n := range graph.Reachable(all...) {
		for _, a := range n.Args {
			c.uses[a]++
		}
	}
	var rest []root
	var out []patch
	for _, r := range roots {
		if r.over == nil || r.node.Type.Rank() == 0 {
			rest = append(rest, r)
		} else if ps, ok := c.changes(r, r.node); ok && len(ps) > 0 {
			out = append(out, merged(ps)...)
		} else {
			rest = append(rest, r)
		}
	}
	for _, ch := range out {
		for _, n := range []*graph.Node{ch.v, ch.t} {
			if n != nil && n.Op.Class != graph.LeafOp {
				rest = append(rest, root{node: n})
			}
		}
	}
	return rest, out
}

// merged sets rows to what was added to them after they were set to 0, where the steps
// tell the rows of the changes between apart.
func merged(ps []patch) []patch {
	for i := 0; i < len(ps); i++ {
		for k := i - 1; k >= 0 && ps[i].adds != nil; k-- {
			axis, row := ps[i].row()
			if sets := ps[k]; row && sets.zeroes() && sets.t == ps[i].t && sets.axis == axis {
				sets.v, sets.checked, sets.span = ps[i].v, ps[i].adds, ps[i].span
				ps[i] = sets
				ps = slices.Delete(ps, k, k+1)
				i--
			} else if other, also := sets.row(); !row || !also || other != axis || !sets.apart(ps[i].t) {
				break
			}
		}
	}
	return ps
}

// row is the axis along which a change is of one row.
func (ch patch) row() (axis int, ok bool) {
	if ch.adds == nil {
		return ch.axis, true
	}
	axis = slices.IndexFunc(ch.adds.Attr.(graph.Gather).By, func(by int) bool { return by >= 0 })
	return axis, axis >= 0 && isRow(ch.adds, axis, ch.t)
}

// zeroes reports a change that sets a row to 0.
func (ch patch) zeroes() bool {
	v, number := ch.v.Attr.(graph.Number)
	return ch.adds == nil && number && v == 0
}

// apart reports a change of another row than t, along the same axis.
func (ch patch) apart(t *graph.Node) bool {
	x, known := affine(ch.t, nil)
	y, also := affine(t, nil)
	d, fixed := x.Sub(y).IsConst()
	return known && also && fixed && d != 0
}

type patcher struct {
	*pass
	uses map[*graph.Node]int
	over map[*kernel.Buffer]bool
}

// changes lists what n, the next value of a carry, changes of it.
func (c *patcher) changes(r root, n *graph.Node) ([]patch, bool) {
	if n.Op.Name == "arg" {
		return nil, c.leaves(n) == r.over
	}
	if c.uses[n] != 1 {
		return nil, false
	}
	switch n.Op.Name {
	case "where":
		axis, t, ok := graph.ChosenRow(n.Args[0])
		if !ok || !c.lasts(t) || n.Type.Shape[axis].Is(1) {
			return nil, false
		}
		ch := patch{r: r, v: n.Args[1], axis: axis, t: t, span: n}
		if s := ch.v; s.Op.Class == graph.ScatterOp && c.uses[s] == 1 && isRow(s, axis, t) {
			ch.v, ch.checked = s.Args[0], s
		}
		return c.before(r, n.Args[2], ch)
	case "add":
		for i, s := range n.Args {
			if s.Op.Class == graph.ScatterOp && c.uses[s] == 1 {
				return c.scattered(r, n.Args[1-i], s)
			}
		}
	}
	return nil, false
}

// before puts a change behind those that x makes.
func (c *patcher) before(r root, x *graph.Node, ch patch) ([]patch, bool) {
	ps, ok := c.changes(r, x)
	return append(ps, ch), ok && c.lasts(ch.v)
}

// scattered adds s to what x changes.
func (c *patcher) scattered(r root, x, s *graph.Node) ([]patch, bool) {
	t := graph.Repeated(s.Args[1])
	if len(s.Args) != 2 || t == nil || !c.lasts(t) {
		return nil, false
	}
	return c.before(r, x, patch{r: r, v: s.Args[0], adds: s, t: t, span: s})
}

// lasts reports whether n is still there when the step has been computed.
func (c *patcher) lasts(n *graph.Node) bool {
	n = owner(n)
	return n.Op.Name != "arg" || !c.over[c.leaves(n)]
}

// isRow reports whether s is v at row t along axis and 0 elsewhere.
func isRow(s *graph.Node, axis int, t *graph.Node) bool {
	g := s.Attr.(graph.Gather)
	if len(s.Args) != 2 || g.By[axis] != 0 || graph.Repeated(s.Args[1]) != t {
		return false
	}
	next := 0
	for k, in := range g.In {
		if k == axis {
			continue
		}
		if g.By[k] >= 0 || !in.Equal(shape.Idx(next)) {
			return false
		}
		next++
	}
	return true
}

// change makes the stage of a patch.
func (p *pass) change(ch patch) *stage {
	st := &stage{node: ch.span, out: ch.r.over}
	ext := ch.r.over.Shape
	if ch.adds != nil {
		ext = ch.v.Type.Shape
	}
	sc := p.scope()
	idx := place(ext, axisVar, sc)
	r := p.reader(sc)
	loops := st.axisLoops(ext, 0, len(idx))
	var body []kernel.Stmt
	if ch.adds != nil {
		f := r.lookup(ch.adds, ch.r.over.Shape, ch.adds.Args[1:], idx)
		body = []kernel.Stmt{&kernel.Store{Buf: st.out, At: f.addr, X: r.read(ch.v, idx), Add: true}}
		if ch.adds.Attr.(graph.Gather).Checked {
			checks := r.checks(ch.adds, ch.r.over.Shape, ch.adds.Args[1:], idx)
			body, st.fails = append(checks, body...), len(checks) > 0
		} else if f.inside != nil {
			body = []kernel.Stmt{&kernel.If{Cond: f.inside, Then: body}}
		}
		st.body = nested(loops, body)
		return st.done(r, ext, 2)
	}
	row, known := affine(ch.t, nil)
	if known = known && r.within(row, ext[ch.axis]); known {
		loops = slices.DeleteFunc(loops, func(l *kernel.Loop) bool { return l.Var == axisVar(ch.axis) })
		idx[ch.axis] = row
	}
	t := r.read(ch.t, nil)
	for _, l := range loops {
		if l.Var == axisVar(ch.axis) {
			l.From, l.To = []kernel.Bound{{X: t}}, []kernel.Bound{{X: t, Plus: shape.Const(1)}}
		}
	}
	from := idx
	if ch.checked != nil {
		from = append(append([]shape.Dim{}, idx[:ch.axis]...), idx[ch.axis+1:]...)
	}
	body = []kernel.Stmt{&kernel.Store{Buf: st.out, At: kernel.Addr{Base: address(ext, idx)}, X: r.read(ch.v, from)}}
	st.body = nested(loops, body)
	if !known && ch.checked != nil && ch.checked.Attr.(graph.Gather).Checked {
		check := &kernel.Check{X: t, Limit: ext[ch.axis], What: "index", Span: ch.checked.Span}
		st.body, st.fails = append([]kernel.Stmt{check}, st.body...), true
	}
	return st.done(r, ext[1:], 2)
}
