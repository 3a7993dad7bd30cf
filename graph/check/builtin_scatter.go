package check

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// rows are the operands of scatter or update, with the indices they stand under
// as first axes: x, the numbers of its rows, and what goes to these.
type rows struct {
	b       *bcall
	idx     []*binder
	x, i, v *graph.Node
	lead, n int // axes of indices, and axes of i besides
}

func (b *bcall) rowed() (*rows, bool) {
	i := b.integer(1)
	x, v := b.numbers(0, 2)
	if !x.ok() || !i.ok() || !v.ok() {
		return nil, false
	}
	if len(x.inner()) == 0 {
		b.c.errorf("G0308", b.at, "a scalar has no rows")
		return nil, false
	}
	i, inside := b.row(i, x.inner()[0])
	if !inside {
		return nil, false
	}
	own := append(append([]shape.Dim{}, i.inner()...), x.inner()[1:]...)
	if _, ok := b.c.broadcastTwo(own, v.inner(), b.at); !ok || len(v.inner()) > len(own) {
		b.c.errorf("G0302", b.args[2].at, "the rows have shape %s, the values %s", shape.Format(own), v.shapeText())
		return nil, false
	}
	idx := union(x.idx, i.idx, v.idx)
	return &rows{b: b, idx: idx, lead: len(idx), n: len(i.inner()),
		x: b.c.lift(x, idx, x.inner()), i: b.c.lift(i, idx, i.inner()), v: b.c.lift(v, idx, own)}, true
}

// row is the number of a row where it is written: one below 0 counts from the end.
func (b *bcall) row(i val, ext shape.Dim) (val, bool) {
	if b.args[1].val.kind != kUntyped {
		return i, true
	}
	d := *i.aff
	if e := b.args[1].expr; e != nil {
		d = fromEnd(b.s, e, d, ext)
		i.node, i.aff = nil, &d
	}
	return i, b.c.require(d, i.at, "row "+short(i.at)+" of "+ext.String()) &&
		b.c.require(ext.AddInt(-1).Sub(d), i.at, "row "+short(i.at)+" of "+ext.String())
}

// sums adds v up in the rows of zeros of type t.
func (r *rows) sums(v *graph.Node, t graph.Type) *graph.Node {
	attr := graph.Gather{Checked: true}
	for k := range t.Shape {
		in, by := shape.Idx(k), -1
		switch {
		case k == r.lead:
			in, by = shape.Dim{}, 0
		case k > r.lead:
			in = shape.Idx(k - 1 + r.n)
		}
		attr.In, attr.By = append(attr.In, in), append(attr.By, by)
	}
	at := r.b.c.b.View(r.i, shape.Identity(r.lead+r.n), 0, v.Type.Shape)
	return r.b.c.b.Typed("scatter", attr, t, v, at)
}

func (r *rows) result(n *graph.Node) val { return tensor(n, r.idx, r.b.at) }

// scatterCall is x with v[k] added into row i[k].
func scatterCall(b *bcall) val {
	r, ok := b.rowed()
	if !ok {
		return b.bad()
	}
	sums := r.sums(r.v, r.x.Type)
	if r.x.Type.Elem == graph.Int {
		return r.result(b.c.b.Map("iadd", r.x, sums))
	}
	return r.result(b.c.b.Add(r.x, sums))
}

// updateCall is x with the rows i replaced: 0 where a row is hit, plus the new
// rows. Of a row named twice the last one counts.
func updateCall(b *bcall) val {
	r, ok := b.rowed()
	if !ok {
		return b.bad()
	}
	g, ext := b.c.b, r.x.Type.Shape
	if r.n == 0 {
		row := g.IndexValue(shape.Idx(r.lead), ext)
		hit := g.Map("eq", row, g.View(r.i, shape.Identity(r.lead), 0, ext))
		return r.result(g.Where(hit, r.sums(r.v, r.x.Type), r.x))
	}
	v := g.Where(g.View(r.last(), shape.Identity(r.lead+r.n), 0, r.v.Type.Shape), r.v, g.Fill(0, r.v.Type))
	counts := r.sums(g.Fill(1, r.i.Type), graph.Type{Elem: graph.Int, Shape: ext[:r.lead+1]})
	hit := g.Map("gt", g.View(counts, shape.Identity(r.lead+1), 0, ext), g.Fill(0, graph.Type{Elem: graph.Int, Shape: ext}))
	return r.result(g.Where(hit, r.sums(v, r.x.Type), r.x))
}

// last tells which elements of i are not named again by a later one.
func (r *rows) last() *graph.Node {
	g, ext := r.b.c.b, r.i.Type.Shape
	k := shape.Product(ext[r.lead:])
	flat := g.Reshape(r.i, append(ext[:r.lead:r.lead], k))
	pairs := append(ext[:r.lead:r.lead], k, k)
	along := func(axis int) *graph.Node {
		m := shape.Identity(r.lead + 1)
		m.In[r.lead] = shape.Idx(r.lead + axis)
		return g.View(flat, m, 0, pairs)
	}
	again := g.Map("and", g.Map("eq", along(0), along(1)), r.b.compareAxes("lt", pairs, r.lead, r.lead+1))
	return g.Reshape(g.Map("not", g.Reduce("any", again, r.lead+1)), ext)
}
