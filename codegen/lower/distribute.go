package lower

import (
	"slices"

	"github.com/gradgen/gradgen/graph"
)

// A sum of sums of products, as in the adjoint of what is subtracted from every row
// before a product,
//
//	μ̄[c] = Σ n: (Σ r: ē[n, r]·L[r, c]) + ȳ[n, c]
//
// is taken term by term where a factor does not know an index of the outer sum: with
// Σ r: (Σ n: ē[n, r])·L[r, c] there are so many products fewer.

// distributed is n, a sum, term by term, where that saves products of what nothing
// else reads; nil where it does not.
func (pr *preparer) distributed(n *graph.Node) *graph.Node {
	x := n.Args[0]
	if x.Op.Name != "add" && x.Op.Name != "sub" || pr.readers[x] > 1 {
		return nil
	}
	terms := []*graph.Node{pr.merged(n, x.Args[0]), pr.merged(n, x.Args[1])}
	if terms[0] == nil && terms[1] == nil {
		return nil
	}
	for i, t := range terms {
		if t != nil {
			terms[i] = pr.node(t)
		} else {
			terms[i] = pr.factored(pr.b.Sum(x.Args[i], n.Attr.(graph.Axes)...))
		}
	}
	return pr.b.Op(x.Op.Name, nil, terms...)
}

// merged is the sum n of x, a sum of products itself, as one sum; nil where that saves
// no products.
func (pr *preparer) merged(n, x *graph.Node) *graph.Node {
	if x.Op.Name != "sum" || pr.readers[x] > 1 {
		return nil
	}
	inner, outer := x.Attr.(graph.Axes), n.Attr.(graph.Axes)
	axes, more, kept := slices.Clone([]int(inner)), make([]bool, x.Args[0].Type.Rank()), 0
	for k := range more {
		if inner.Has(k) {
			continue
		}
		if more[k] = outer.Has(kept); more[k] {
			axes = append(axes, k)
		}
		kept++
	}
	slices.Sort(axes)
	out := pr.b.Sum(x.Args[0], axes...)
	p := takeApart(out, 2)
	if p == nil || !slices.ContainsFunc(p.factors, func(f factor) bool { return !meets(f.used(len(more)), more) }) {
		return nil
	}
	return out
}

// factored is n, a sum, with those factors of a product outside of it that do not know
// its indices.
func (pr *preparer) factored(n *graph.Node) *graph.Node {
	p := takeApart(n, 2)
	if p == nil || !p.settleGuards() {
		return pr.node(n)
	}
	outer := p.takeOut()
	if len(outer) == 0 || len(p.factors) != 1 || !subset(p.summed, p.used()) {
		return pr.node(n)
	}
	f, found := pr.summedOver(p, p.factors[0], func(k int) bool { return p.summed[k] })
	if !found {
		return pr.node(n)
	}
	number, rank := make([]int, len(p.ext)), 0
	for k, s := range p.summed {
		if number[k] = rank; !s {
			rank++
		}
	}
	out := pr.b.View(f.n, renumber(f.m, number), 0, n.Type.Shape)
	return pr.times(out, p, outer, number, n)
}
