package demand

import (
	"slices"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// some is where a guard over ext, the last axes of which are axes, holds for
// some index along these. What does not depend on them stays apart.
func (a *analysis) some(g guard, ext []shape.Dim, axes graph.Axes) guard {
	if len(axes) == 0 {
		return g
	}
	kept := ext[:len(ext)-len(axes)]
	var out guard
	for _, c := range g {
		d, ok := conj{}, true
		var rest conj
		for _, l := range c {
			n := a.narrow(l.n, kept)
			if n == nil {
				rest = append(rest, l)
			} else if d, ok = d.with(literal{n, l.not}); !ok {
				break
			}
		}
		if len(rest) > 0 && ok {
			any := a.b.Reduce("any", guard{rest}.node(a.b, ext, nil), axes...)
			d, ok = d.with(literal{any, false})
		}
		if ok {
			out = out.add(d)
		}
	}
	return out
}

// narrow is n without its last axes, nil where it depends on them.
func (a *analysis) narrow(n *graph.Node, kept []shape.Dim) *graph.Node {
	t := graph.Type{Elem: n.Type.Elem, Shape: kept}
	switch at := n.Attr.(type) {
	case graph.Number:
		return a.b.Fill(float64(at), t)
	case graph.Index:
		if within(at.E, len(kept)) {
			return a.b.IndexValue(at.E, kept)
		}
		return nil
	case graph.View:
		for _, d := range at.Map.In {
			if !within(d, len(kept)) {
				return nil
			}
		}
		for _, c := range at.Map.Guard {
			if !within(c.E, len(kept)) {
				return nil
			}
		}
		return a.b.View(n.Args[0], at.Map, at.Fill, kept)
	}
	if n.Op.Class != graph.Elementwise {
		return nil
	}
	args := make([]*graph.Node, len(n.Args))
	for i, x := range n.Args {
		if args[i] = a.narrow(x, kept); args[i] == nil {
			return nil
		}
	}
	return a.b.Typed(n.Op.Name, n.Attr, t, args...)
}

// within reports whether d depends on the first axes only.
func within(d shape.Dim, axes int) bool {
	return !slices.ContainsFunc(d.Syms(), func(s *shape.Sym) bool { return s.Axis >= axes })
}

// node is a guard as a bool of shape ext, its literals being what to makes of
// them.
func (g guard) node(b *graph.Builder, ext []shape.Dim, to func(*graph.Node) *graph.Node) *graph.Node {
	t := graph.Type{Elem: graph.Bool, Shape: ext}
	var out *graph.Node
	for _, c := range g {
		all := b.Fill(1, t)
		for i, l := range c {
			n := l.n
			if to != nil {
				n = to(n)
			}
			if l.not {
				n = b.Op("not", nil, n)
			}
			if i > 0 {
				n = b.Op("and", nil, all, n)
			}
			all = n
		}
		if out == nil {
			out = all
		} else {
			out = b.Op("or", nil, out, all)
		}
	}
	if out == nil {
		return b.Fill(0, t)
	}
	return out
}
