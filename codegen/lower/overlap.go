package lower

import (
	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// overlapOp adds up windows that overlap: it exists inside this package only.
var overlapOp = &graph.Op{Name: "overlap", Arity: 1, Class: graph.CompositeOp, Given: true}

// overlap is what an overlap node computes: element d of the operand is added to
// place To(d) of the result, which begins as zeros.
type overlap struct{ To []shape.Dim }

func (o overlap) String() string { return shape.Format(o.To) }

// overlapping is the sum over windows as an overlap node, which walks through the
// products in order:
//
//	u[n, s*y+d, c] += P[n, y, d, c],  dx[n, i, c] = u[n, i+pad, c]
//
// It returns nil where the windows are not evenly spaced.
func (pr *preparer) overlapping(w *window, first *product, products *graph.Node, place []int) *graph.Node {
	used := w.p.kept()
	var to, ext, in, result []shape.Dim // of u; of dx
	for k, e := range w.p.ext {
		if !used[k] || w.p.summed[k] {
			continue
		}
		if i := w.number[k]; i >= 0 {
			if first.summed[i] {
				return nil
			}
			to, ext, in = append(to, shape.Idx(place[i])), append(ext, e), append(in, shape.Idx(len(result)))
			result = append(result, e)
			continue
		}
		f := w.windowOf(k)
		if f < 0 {
			return nil
		}
		at, size, pad, ok := w.spread(f, k, first, place)
		if !ok {
			return nil
		}
		to, ext, in = append(to, at), append(ext, size), append(in, shape.Idx(len(result)).Add(pad))
		result = append(result, e)
	}
	u := pr.b.Typed(overlapOp.Name, overlap{to}, graph.Type{Elem: graph.Real, Shape: ext}, products)
	m := shape.Map{In: in}
	for k := range in {
		m.Guard = append(m.Guard, shape.Cond{Kind: shape.NonNegative, E: in[k]}, shape.Cond{Kind: shape.NonNegative, E: ext[k].AddInt(-1).Sub(in[k])})
	}
	return pr.b.View(u, m.Prune(result), 0, result)
}

// windowOf is the moved subscript that mentions the kept index k alone of its
// kind, -1 if there is none or more than one.
func (w *window) windowOf(k int) int {
	found := -1
	for f, in := range w.f.m.In {
		if w.moved[f] && mentions(in, k) {
			if found >= 0 {
				return -1
			}
			found = f
		}
	}
	return found
}

// spread turns subscript f of the factor, (k + pad - Σ a·d)/s for the kept index
// k, round: place s·y + Σ a·d belongs to element y of window d. It gives that
// place, the extent of all places, and pad.
func (w *window) spread(f, k int, first *product, place []int) (to, ext, pad shape.Dim, ok bool) {
	s := w.f.m.DivOf(f)
	coef, rest, _ := w.f.m.In[f].Linear(shape.IdxSym(k))
	to, ext = shape.Idx(place[f]).Scale(s), w.ext[f].AddInt(-1).Scale(s)
	for d := range w.p.ext {
		c, r, linear := rest.Linear(shape.IdxSym(d))
		if c = c.Scale(-1); !linear || !c.Is(0) && w.number[d] < 0 || (shape.Facts{}).NonNeg(c) != shape.Yes {
			return to, ext, pad, false
		}
		if !c.Is(0) {
			to, ext = to.Add(c.Mul(shape.Idx(place[w.number[d]]))), ext.Add(c.Mul(w.p.ext[d].AddInt(-1)))
		}
		rest = r
	}
	return to, ext.AddInt(1), rest, coef.Is(1) && !w.p.mentionsAny(rest) && w.onlyBounds(f)
}

// onlyBounds reports whether the guards on subscript f say no more than that it
// lies inside its axis and is whole.
func (w *window) onlyBounds(f int) bool {
	in, s := w.f.m.In[f], w.f.m.DivOf(f)
	last := w.f.n.Type.Shape[f].AddInt(-1).Scale(s)
	for _, g := range w.f.m.Guard {
		if !shareIndex(g.E, in, len(w.p.ext)) {
			continue
		}
		switch {
		case g.Kind == shape.NonNegative && (g.E.Equal(in) || g.E.Equal(last.Sub(in)) || g.E.Equal(last.AddInt(s-1).Sub(in))):
		case g.Kind == shape.Multiple && g.Mod == s && (g.E.Equal(in) || g.E.Equal(in.Scale(-1))):
		default:
			return false
		}
	}
	return true
}

func shareIndex(a, b shape.Dim, rank int) bool {
	for k := range rank {
		if mentions(a, k) && mentions(b, k) {
			return true
		}
	}
	return false
}

// overlap makes the stage of an overlap node: it clears a row of the result and
// adds the windows of that row.
func (p *pass) overlap(n *graph.Node, out *kernel.Buffer) *stage {
	x, to := n.Args[0], n.Attr.(overlap).To
	dom, ext := x.Type.Shape, n.Type.Shape
	st, sc, first := &stage{node: n, out: out}, p.scope(), 0
	if to[0].Equal(shape.Idx(0)) && dom[0].Equal(ext[0]) {
		first = 1
		if !dom[0].Is(1) {
			st.rows = dom[0]
		}
	}
	idx := place(dom, axisVar, sc)
	r := p.reader(sc)
	where := make([]shape.Dim, len(to))
	for k, d := range to {
		where[k] = at(d, idx)
	}
	store := &kernel.Store{Buf: out, At: kernel.Addr{Base: address(ext, where)}, X: r.read(x, idx), Add: true}
	row := append(idx[:first:first], make([]shape.Dim, len(ext)-first)...)
	body := append([]kernel.Stmt{st.clear(n, first, row)}, st.loops(dom, first, len(dom), []kernel.Stmt{store})...)
	st.body, st.depth = st.loops(dom, 0, first, body), first
	return st.done(r, dom, 2)
}
