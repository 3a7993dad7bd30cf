package check

import (
	"sort"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// A sum of a product of three tensors or more, as written in index notation, is
// computed two at a time where that takes fewer multiplications:
//
//	y[i, c] = sum(j, e: a[i, j] * v[j, e] * W[e, c])
//
// is (Σ_j a·v) · W. The next pair is the one that is cheapest to multiply.

// read is a tensor inside a product, read along distinct indices of the domain:
// own axis k runs along index at[k].
type read struct {
	n  *graph.Node
	at []int
}

// sumProduct is the sum of x over axes.
func (c *checker) sumProduct(x *graph.Node, axes []int) *graph.Node {
	ext := x.Type.Shape
	var reads []read
	if !factors(x, shape.Identity(len(ext)), &reads) || len(reads) < 3 {
		return c.b.Sum(x, axes...)
	}
	p := &pairing{c: c, ext: ext, summed: make([]bool, len(ext)), reads: reads}
	for _, a := range axes {
		p.summed[a] = true
	}
	total := int64(0)
	plan := *p
	plan.reads = append([]read{}, reads...)
	for plan.c = nil; len(plan.reads) > 2; {
		total += plan.step()
	}
	if 2*(total+plan.cost(0, 1)) > extent(ext) {
		return c.b.Sum(x, axes...)
	}
	for len(p.reads) > 2 {
		p.step()
	}
	return p.last()
}

// factors collects the tensors multiplied in n, read through m; false where one
// is read in another way than along indices of its own.
func factors(n *graph.Node, m shape.Map, out *[]read) bool {
	v, isView := n.Attr.(graph.View)
	switch {
	case n.Op.Name == "mul":
		return factors(n.Args[0], m, out) && factors(n.Args[1], m, out)
	case isView && len(v.Map.Guard) == 0 && v.Map.Div == nil:
		return factors(n.Args[0], shape.Compose(m, v.Map), out)
	}
	r := read{n: n}
	for _, in := range m.In {
		s := in.Syms()
		if len(s) != 1 || s[0].Axis < 0 || !in.Equal(shape.Idx(s[0].Axis)) || contains(r.at, s[0].Axis) {
			return false
		}
		r.at = append(r.at, s[0].Axis)
	}
	*out = append(*out, r)
	return true
}

func contains(list []int, k int) bool {
	for _, x := range list {
		if x == k {
			return true
		}
	}
	return false
}

// nominal stands for extents that only the run knows.
const nominal = 64

func extent(ext []shape.Dim) int64 {
	return shape.Product(ext).Eval(func(*shape.Sym) int64 { return nominal })
}

// pairing multiplies reads on a domain two at a time. Without a checker it only
// counts.
type pairing struct {
	c      *checker
	ext    []shape.Dim
	summed []bool
	reads  []read
}

// union lists the indices of two reads, ascending.
func (p *pairing) union(i, j int) []int {
	out := append([]int{}, p.reads[i].at...)
	for _, k := range p.reads[j].at {
		if !contains(out, k) {
			out = append(out, k)
		}
	}
	sort.Ints(out)
	return out
}

func (p *pairing) extents(at []int) []shape.Dim {
	out := make([]shape.Dim, len(at))
	for i, k := range at {
		out[i] = p.ext[k]
	}
	return out
}

func (p *pairing) cost(i, j int) int64 { return extent(p.extents(p.union(i, j))) }

// step replaces the cheapest pair by its product, summed over the indices that
// no other read and not the result needs, and gives its cost.
func (p *pairing) step() int64 {
	bi, bj, best := 0, 1, int64(-1)
	for i := range p.reads {
		for j := i + 1; j < len(p.reads); j++ {
			if k := p.cost(i, j); best < 0 || k < best {
				bi, bj, best = i, j, k
			}
		}
	}
	at := p.union(bi, bj)
	var kept, gone []int
	for pos, k := range at {
		if p.summed[k] && !p.needed(k, bi, bj) {
			gone = append(gone, pos)
		} else {
			kept = append(kept, k)
		}
	}
	next := read{at: kept}
	if p.c != nil {
		next.n = p.c.b.Sum(p.c.b.Mul(p.along(p.reads[bi], at), p.along(p.reads[bj], at)), gone...)
	}
	p.reads[bi] = next
	p.reads = append(p.reads[:bj], p.reads[bj+1:]...)
	return best
}

// needed reports whether a read besides i and j runs along index k.
func (p *pairing) needed(k, i, j int) bool {
	for q, r := range p.reads {
		if q != i && q != j && contains(r.at, k) {
			return true
		}
	}
	return false
}

// along views a read on the domain of the given indices.
func (p *pairing) along(r read, at []int) *graph.Node {
	m := shape.Map{}
	for _, k := range r.at {
		for pos, q := range at {
			if q == k {
				m.In = append(m.In, shape.Idx(pos))
			}
		}
	}
	return p.c.b.View(r.n, m, 0, p.extents(at))
}

// last multiplies the two reads that are left, on the indices of the result and
// those still to be summed.
func (p *pairing) last() *graph.Node {
	var at, gone []int
	left := p.union(0, 1)
	for k := range p.ext {
		switch {
		case !p.summed[k]:
			at = append(at, k)
		case contains(left, k):
			gone = append(gone, len(at))
			at = append(at, k)
		}
	}
	return p.c.b.Sum(p.c.b.Mul(p.along(p.reads[0], at), p.along(p.reads[1], at)), gone...)
}
