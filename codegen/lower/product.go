package lower

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// factor is one read inside a sum of products: node n of the old graph through
// a map on the domain of the sum.
type factor struct {
	n *graph.Node
	m shape.Map
}

// product is a sum's operand taken apart: number · Π scalars · Π factors, on the
// domain ext, of which the marked indices are summed.
type product struct {
	ext     []shape.Dim
	summed  []bool
	number  float64
	scalars []*graph.Node
	factors []factor
}

// takeApart flattens the operand of a sum; nil if it has fewer factors than asked for.
func takeApart(n *graph.Node, least int) *product {
	x, axes := n.Args[0], n.Attr.(graph.Axes)
	p := &product{ext: x.Type.Shape, summed: make([]bool, x.Type.Rank()), number: 1}
	for _, k := range axes {
		p.summed[k] = true
	}
	p.split(x, p.simplify(shape.Identity(x.Type.Rank())), true)
	if len(p.factors) < least {
		return nil
	}
	return p
}

// simplify puts 0 for indices whose extent is 1 and drops guards that hold.
func (p *product) simplify(m shape.Map) shape.Map {
	zero := func(s *shape.Sym) (shape.Dim, bool) {
		return shape.Dim{}, s.Axis >= 0 && p.ext[s.Axis].Is(1)
	}
	out := shape.Map{In: make([]shape.Dim, len(m.In)), Div: m.Div}
	for k, in := range m.In {
		out.In[k] = in.Subst(zero)
	}
	for _, g := range m.Guard {
		g.E = g.E.Subst(zero)
		out.Guard = append(out.Guard, g)
	}
	return out.Prune(p.ext)
}

func (p *product) split(n *graph.Node, m shape.Map, top bool) {
	switch n.Op.Name {
	case "mark", "stated":
		p.split(n.Args[0], m, top)
	case "view":
		v := n.Attr.(graph.View)
		if len(v.Map.Guard) > 0 && v.Fill != 0 {
			p.leaf(n, m)
			return
		}
		p.split(n.Args[0], p.simplify(shape.Compose(m, v.Map)), top)
	case "neg":
		p.number = -p.number
		p.split(n.Args[0], m, top)
	case "mul":
		if !top && p.together(n, m) {
			p.leaf(n, m)
			return
		}
		p.split(n.Args[0], m, false)
		p.split(n.Args[1], m, false)
	default:
		p.leaf(n, m)
	}
}

func (p *product) leaf(n *graph.Node, m shape.Map) {
	v, number := n.Attr.(graph.Number)
	switch {
	case len(m.Guard) > 0:
		p.factors = append(p.factors, factor{n, m})
	case number:
		p.number *= float64(v)
	case len(m.In) == 0:
		p.scalars = append(p.scalars, n)
	default:
		p.factors = append(p.factors, factor{n, m})
	}
}

// together reports whether a product inside the product is better stored as it
// is: when one operand reads all the indices that the other does, or is a scalar
// and the other one has to be stored anyway.
func (p *product) together(n *graph.Node, m shape.Map) bool {
	parts := [2]*product{}
	for i, a := range n.Args {
		parts[i] = &product{ext: p.ext, summed: p.summed, number: 1}
		parts[i].split(a, m, false)
		if len(parts[i].factors) == 0 {
			return n.Args[1-i].Op.Class == graph.Elementwise && len(m.Guard) == 0
		}
	}
	a, b := parts[0].used(), parts[1].used()
	return subset(a, b) || subset(b, a)
}

// used marks the indices that any factor reads.
func (p *product) used() []bool {
	out := make([]bool, len(p.ext))
	for _, f := range p.factors {
		for k, u := range f.used(len(p.ext)) {
			out[k] = out[k] || u
		}
	}
	return out
}

// used marks the indices that f reads, in subscripts or guards.
func (f factor) used(rank int) []bool {
	out := make([]bool, rank)
	for _, in := range f.m.In {
		mark(in, out)
	}
	for _, g := range f.m.Guard {
		mark(g.E, out)
	}
	return out
}

func mark(d shape.Dim, out []bool) {
	for k := range out {
		if mentions(d, k) {
			out[k] = true
		}
	}
}

func mentions(d shape.Dim, k int) bool {
	for _, s := range d.Syms() {
		if s.Axis == k {
			return true
		}
		for _, a := range s.Args {
			if mentions(a, k) {
				return true
			}
		}
	}
	return false
}

func subset(a, b []bool) bool {
	for k := range a {
		if a[k] && !b[k] {
			return false
		}
	}
	return true
}

// settleGuards leaves each guard with the factors that need it: one that reads
// its indices, so that the product is 0 where it fails, and those that would
// read outside without it. It reports whether that was possible.
func (p *product) settleGuards() bool {
	type use struct{ f, g int }
	byText := map[string][]use{}
	var order []string
	for i, f := range p.factors {
		for j, g := range f.m.Guard {
			if byText[g.String()] == nil {
				order = append(order, g.String())
			}
			byText[g.String()] = append(byText[g.String()], use{i, j})
		}
	}
	drop := map[use]bool{}
	for _, text := range order {
		kept := false
		for _, u := range byText[text] {
			f := p.factors[u.f]
			switch g := f.m.Guard[u.g]; {
			case p.reads(f, g) && (!kept || !p.inside(f)):
				kept = true
			case p.inside(f):
				drop[u] = true
			default:
				return false
			}
		}
		if !kept {
			return false
		}
	}
	for i := range p.factors {
		f := &p.factors[i]
		var keep []shape.Cond
		for j, g := range f.m.Guard {
			if !drop[use{i, j}] {
				keep = append(keep, g)
			}
		}
		f.m.Guard = keep
	}
	return true
}

// reads reports whether the subscripts of f mention all indices of g.
func (p *product) reads(f factor, g shape.Cond) bool {
	want, have := make([]bool, len(p.ext)), make([]bool, len(p.ext))
	mark(g.E, want)
	for _, in := range f.m.In {
		mark(in, have)
	}
	return subset(want, have)
}

// inside reports whether f stays inside its operand without its guards.
func (p *product) inside(f factor) bool {
	facts := shape.Facts{Ext: p.ext}
	for k, in := range f.m.In {
		if f.m.DivOf(k) != 1 || facts.NonNeg(in) != shape.Yes || facts.Less(in, f.n.Type.Shape[k]) != shape.Yes {
			return false
		}
	}
	return true
}
