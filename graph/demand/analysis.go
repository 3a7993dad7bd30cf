package demand

import (
	"slices"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/ops"
	"github.com/gradgen/gradgen/graph/shape"
)

// analysis finds what is needed in one graph. Guards are made of nodes of that
// graph, to which it adds some.
type analysis struct {
	b       *graph.Builder
	needs   map[*graph.Node]guard
	checked map[*graph.Node]bool // nodes that checks come before
	inner   map[*graph.Region]*analysis
	values  map[*graph.Node]map[int]guard // what is needed of the values of a loop or branch
	taken   []*graph.Node                 // parameters for guards of the results of a region
	calls   *int                          // looked into so far
}

func newAnalysis(g *graph.Graph) *analysis {
	return &analysis{b: ops.NewBuilder(g), needs: map[*graph.Node]guard{}, checked: map[*graph.Node]bool{},
		inner: map[*graph.Region]*analysis{}, values: map[*graph.Node]map[int]guard{}, calls: new(int)}
}

// all needs everything of some nodes.
func (a *analysis) all(ns []*graph.Node) {
	for _, n := range ns {
		a.give(n, always)
	}
}

// after reports whether checks come before n, or n is one.
func (a *analysis) after(n *graph.Node) bool {
	known, ok := a.checked[n]
	if !ok {
		known = checks(n) || slices.ContainsFunc(n.Args, a.after)
		a.checked[n] = known
	}
	return known
}

// checks reports whether a node or a body of it checks anything.
func checks(n *graph.Node) bool {
	if n.Op.Checks != nil && n.Op.Checks(n) {
		return true
	}
	if _, isCall := n.Attr.(graph.Callee); isCall {
		return false
	}
	return slices.ContainsFunc(n.Regions, func(r *graph.Region) bool {
		return slices.ContainsFunc(r.Body.Nodes, checks)
	})
}

// run hands what is needed from the last node to the first.
func (a *analysis) run(nodes []*graph.Node) {
	for _, n := range slices.Backward(nodes) {
		if g := a.needs[n]; g != nil {
			a.b.Span, a.b.Rule = n.Span, n.Rule
			a.pass(n, g)
		}
	}
}

// most is how many conjunctions a guard may have before it becomes one.
const most = 6

// give notes that elements of n are needed; of a node that none are given, even
// if it is none of its elements, checks are left as they are.
func (a *analysis) give(n *graph.Node, g guard) {
	if !a.after(n) {
		return
	}
	if n.Op.Class == graph.ScatterOp {
		g = g.without(chosen)
	}
	g = append(guard{}, a.needs[n].or(g)...)
	if len(g) > most {
		g = guard{conj{{g.node(a.b, n.Type.Shape, nil), false}}}
	}
	a.needs[n] = g
}

// chosen reports whether a condition chooses a place by a computed index, like
// that of `update`, which is where(row == i, scatter(.., i, v), x). It says
// nothing about whether an index is inside.
func chosen(n *graph.Node) bool {
	if n.Op.Name != "eq" || n.Args[1].Op.Class != graph.ViewOp || n.Args[1].Args[0].Type.Rank() > 0 {
		return false
	}
	_, place := n.Args[0].Attr.(graph.Index)
	return place
}

// pass hands the elements needed of n to its operands.
func (a *analysis) pass(n *graph.Node, g guard) {
	switch n.Op.Class {
	case graph.RegionOp:
		a.owner(n)
		return
	case graph.ResultOp:
		if a.values[n.Args[0]] == nil {
			a.values[n.Args[0]] = map[int]guard{}
		}
		a.values[n.Args[0]][int(n.Attr.(graph.Count))] = g
	}
	for k, x := range n.Args {
		named := n.Op.Class == graph.DerivOp && k%2 == 1 || n.Op.Stated && k > 1
		if !named && a.after(x) {
			a.give(x, a.operand(n, k, g))
		}
	}
}

// operand is what n needs of operand k.
func (a *analysis) operand(n *graph.Node, k int, g guard) guard {
	x := n.Args[k]
	if takes := n.Op.Takes; takes != nil {
		if c, truth := takes(n, k); c != nil {
			return g.under(literal{c, !truth})
		}
	}
	switch n.Op.Class {
	case graph.Elementwise, graph.CheckOp, graph.MarkOp:
		return g
	case graph.DerivOp:
		return a.whole(g, n.Type.Shape, graph.AllAxes(n.Type.Rank()), x.Type.Shape)
	case graph.ReduceOp:
		return a.stretch(g, n.Attr.(graph.Axes), x.Type.Shape)
	case graph.ArgReduceOp:
		return a.stretch(g, graph.Axes{int(n.Attr.(graph.Axis))}, x.Type.Shape)
	case graph.ViewOp:
		return a.view(n, g)
	case graph.RowOp:
		last := x.Type.Rank() - 1
		return a.whole(g, n.Type.Shape, graph.Axes{last}, x.Type.Shape)
	case graph.CallOp:
		if r := n.Type.Rank(); r >= 2 && r == x.Type.Rank() {
			return a.whole(g, n.Type.Shape, graph.Axes{r - 2, r - 1}, x.Type.Shape)
		}
	case graph.CompositeOp:
		return a.composite(n, x, g)
	case graph.GatherOp:
		return a.gather(n, k, g)
	case graph.ScatterOp:
		if k > 0 { // an index outside belongs to no element
			return a.whole(g, n.Type.Shape, graph.AllAxes(n.Type.Rank()), x.Type.Shape)
		}
		return a.back(n, k, g)
	case graph.ReshapeOp, graph.ConcatOp:
		return a.back(n, k, g)
	}
	return always
}

// gather needs, of what it reads, what it reads under its mask, and its indices
// there.
func (a *analysis) gather(n *graph.Node, k int, g guard) guard {
	last := len(n.Args) - 1
	masked := n.Attr.(graph.Gather).Masked
	switch {
	case k == 0:
		return a.back(n, k, g)
	case masked && k < last:
		return g.under(literal{n.Args[last], false})
	}
	return g
}

// back asks an operator that moves elements for the way back.
func (a *analysis) back(n *graph.Node, k int, g guard) guard {
	if g.isAlways() {
		return g
	}
	c := g.node(a.b, n.Type.Shape, nil)
	out := n.Op.Pullback(a.b, n, graph.Cotangent{Value: a.b.ToReal(c), Guard: c})[k].Guard
	if out == nil {
		return always
	}
	return guard{conj{}}.under(literal{out, false})
}

// view needs the elements that it reads for those needed of it.
func (a *analysis) view(n *graph.Node, g guard) guard {
	if g.isAlways() {
		return g
	}
	ext, operand := n.Type.Shape, n.Args[0].Type.Shape
	t, free, ok := n.Attr.(graph.View).Map.Transpose(ext, operand)
	if !ok {
		return a.back(n, 0, g)
	}
	full := append(slices.Clone(operand), free...)
	axes := graph.AllAxes(len(full))[len(operand):]
	wide := a.through(g, t, full)
	if len(t.Guard) > 0 {
		inside := a.b.View(a.b.Fill(1, graph.Type{Elem: graph.Bool, Shape: ext}), t, 0, full)
		wide = wide.under(literal{inside, false})
	}
	return a.some(wide, full, axes)
}

// through reads a guard through a map; what lies outside is not needed.
func (a *analysis) through(g guard, m shape.Map, ext []shape.Dim) guard {
	var out guard
	for _, c := range g {
		d, ok := conj{}, true
		for _, l := range c {
			fill := 0.0
			if l.not {
				fill = 1
			}
			if d, ok = d.with(literal{a.b.View(l.n, m, fill, ext), l.not}); !ok {
				break
			}
		}
		if ok {
			out = out.add(d)
		}
	}
	return out
}

// stretch is a guard of a reduction over axes, for the operand of shape ext.
func (a *analysis) stretch(g guard, axes graph.Axes, ext []shape.Dim) guard {
	m := shape.Map{}
	for k := range ext {
		if !axes.Has(k) {
			m.In = append(m.In, shape.Idx(k))
		}
	}
	return a.through(g, m, ext)
}

// whole needs everything along axes where something along them is needed; ext
// is the shape of the operand, which has the other axes in front.
func (a *analysis) whole(g guard, from []shape.Dim, axes graph.Axes, ext []shape.Dim) guard {
	if g.isAlways() {
		return g
	}
	kept := shape.Map{}
	for k := range len(from) - len(axes) {
		kept.In = append(kept.In, shape.Idx(k))
	}
	return a.through(a.some(g, from, axes), kept, ext)
}

// composite needs rows where its expansion adds up or compares, single elements
// where it does not.
func (a *analysis) composite(n, x *graph.Node, g guard) guard {
	last := graph.Axes{x.Type.Rank() - 1}
	if axes, ok := n.Attr.(graph.Axes); ok {
		return a.stretch(g, axes, x.Type.Shape)
	}
	if x.Type.Rank() > n.Type.Rank() {
		return a.stretch(g, last, x.Type.Shape)
	}
	if slices.ContainsFunc(n.Args, func(y *graph.Node) bool { return y.Type.Rank() > n.Type.Rank() }) {
		return g // one for each row of the other
	}
	own := graph.Reachable(n.Args...)
	for _, y := range graph.Reachable(n.Op.Expand(a.b, n)) {
		if y.Op.Class == graph.ReduceOp && !slices.Contains(own, y) {
			return a.whole(g, n.Type.Shape, last, x.Type.Shape)
		}
	}
	return g
}
