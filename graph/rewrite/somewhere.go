package rewrite

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// somewhere answers any where it can name a place: some j of 0..n has j <= i,
// and some place of what is padded is inside.
func somewhere(b *graph.Builder, n *graph.Node) *graph.Node {
	if holdsSomewhere(n.Args[0], n.Attr.(graph.Axes)) {
		return b.Fill(1, n.Type)
	}
	return nil
}

// holdsSomewhere looks for a place along axes at which x is true for all values
// of the other indices.
func holdsSomewhere(x *graph.Node, axes graph.Axes) bool {
	if x.Op.Name == "or" {
		return holdsSomewhere(x.Args[0], axes) || holdsSomewhere(x.Args[1], axes)
	}
	holds, conds, ok := statement(x)
	if !ok {
		return false
	}
	f := shape.Facts{Ext: x.Type.Shape}
	found := false
	places(f, axes, conds, map[int]shape.Dim{}, 64, func(at func(*shape.Sym) (shape.Dim, bool)) bool {
		found = found || holds(f, at)
		return !found
	})
	return found
}

// point replaces index symbols by the coordinates of a place.
type point = func(*shape.Sym) (shape.Dim, bool)

// statement is the truth of x as a function of the place, and expressions that
// are zero where it changes.
func statement(x *graph.Node) (holds func(shape.Facts, point) bool, edges []shape.Dim, ok bool) {
	if v, isView := x.Attr.(graph.View); isView {
		c, isConst := number(x.Args[0])
		for _, g := range v.Map.Guard {
			edges = append(edges, g.E)
		}
		return func(f shape.Facts, at point) bool {
			for _, g := range v.Map.Guard {
				if g.Kind != shape.NonNegative || f.NonNeg(g.E.Subst(at)) != shape.Yes {
					return false
				}
			}
			return true
		}, edges, isConst && c == 1
	}
	p, ok := polynomials(x.Args)
	if !ok || len(p) != 2 {
		return nil, nil, false
	}
	return func(f shape.Facts, at point) bool {
		return compared(f, x.Op.Name, p[0].Subst(at), p[1].Subst(at)) == shape.Yes
	}, []shape.Dim{p[0].Sub(p[1])}, true
}

// places calls f, until it returns false, with combinations of an end or an edge
// along each axis, no more than budget of them.
func places(f shape.Facts, axes graph.Axes, edges []shape.Dim, at map[int]shape.Dim, budget int, visit func(point) bool) int {
	if len(axes) == 0 {
		if budget > 0 && !visit(func(s *shape.Sym) (shape.Dim, bool) { d, ok := at[s.Axis]; return d, ok }) {
			return 0
		}
		return budget - 1
	}
	k := axes[0]
	last := f.Ext[k].AddInt(-1)
	candidates := []shape.Dim{{}, last}
	for _, e := range edges {
		coef, rest, ok := e.Linear(shape.IdxSym(k))
		if c, isConst := coef.IsConst(); ok && isConst && (c == 1 || c == -1) {
			candidates = append(candidates, rest.Scale(-c))
		}
	}
	for _, d := range candidates {
		if budget <= 0 {
			return budget
		}
		if f.NonNeg(d) == shape.Yes && f.NonNeg(last.Sub(d)) == shape.Yes {
			at[k] = d
			budget = places(f, axes[1:], edges, at, budget, visit)
		}
	}
	delete(at, k)
	return budget
}
