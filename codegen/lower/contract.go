package lower

import (
	"fmt"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// contraction is what a contract node computes: on the domain Ext, of which the
// first Rank indices are the result's and the others are summed,
// result[r] = Σ A[a]·B[b] with subscripts A and B that go up evenly with indices.
type contraction struct {
	Ext  []shape.Dim
	Rank int
	A, B []shape.Dim
}

func (c contraction) String() string {
	return fmt.Sprintf("%s -> %d: %s %s", shape.Format(c.Ext), c.Rank, shape.Format(c.A), shape.Format(c.B))
}

// tiny is the number of multiplications below which a product stays a loop nest.
const tiny = 64

// nominal stands for extents that are known at run time only.
const nominal = 64

func size(ext []shape.Dim) int64 { return nominalValue(shape.Product(ext)) }

func nominalValue(d shape.Dim) int64 { return d.Eval(func(*shape.Sym) int64 { return nominal }) }

// contraction turns a sum of a product of two reads into a contract node with
// what can be taken out of the sum around it; nil where it is none.
func (pr *preparer) contraction(n *graph.Node) *graph.Node {
	p := takeApart(n, 2)
	if p == nil || !p.settleGuards() {
		return nil
	}
	outer := p.takeOut()
	if !pr.merge(p) {
		return nil
	}
	less := pr.sumAlone(p)
	var inner *graph.Node
	switch {
	case p.runs():
		inner = pr.running(p)
	case p.worthwhile():
		if inner = pr.windowed(p); inner == nil {
			inner = pr.contract(p)
		}
	case less:
		inner = pr.plainSum(p)
	default:
		return nil
	}
	return pr.epilogue(p, inner, outer, n)
}

// takeOut removes the factors that read result indices only.
func (p *product) takeOut() (outer []factor) {
	var kept []factor
	for _, f := range p.factors {
		if len(f.m.Guard) == 0 && !meets(f.used(len(p.ext)), p.summed) {
			outer = append(outer, f)
		} else {
			kept = append(kept, f)
		}
	}
	p.factors = kept
	return outer
}

func meets(a, b []bool) bool {
	for k := range a {
		if a[k] && b[k] {
			return true
		}
	}
	return false
}

// merge multiplies factors into others that read all their indices until two
// are left.
func (pr *preparer) merge(p *product) bool {
	for len(p.factors) > 2 {
		if !pr.mergeOne(p) {
			return false
		}
	}
	return len(p.factors) == 2
}

func (pr *preparer) mergeOne(p *product) bool {
	for i, f := range p.factors {
		for j, g := range p.factors {
			if i == j || !subset(f.used(len(p.ext)), g.used(len(p.ext))) {
				continue
			}
			axes := p.listed(g)
			x := pr.b.Mul(pr.patch(p, g, axes), pr.patch(p, f, axes))
			p.factors[j] = factor{x, shape.Map{In: indices(axes)}}
			p.factors = append(p.factors[:i], p.factors[i+1:]...)
			return true
		}
	}
	return false
}

func indices(axes []int) []shape.Dim {
	out := make([]shape.Dim, len(axes))
	for i, k := range axes {
		out[i] = shape.Idx(k)
	}
	return out
}

// sumAlone sums a factor over the summed indices that only it reads; it reports
// whether there were any.
func (pr *preparer) sumAlone(p *product) (found bool) {
	for i, f := range p.factors {
		other := p.factors[1-i].used(len(p.ext))
		if s, ok := pr.summedOver(p, f, func(k int) bool { return p.summed[k] && !other[k] }); ok {
			p.factors[i], found = s, true
		}
	}
	return found
}

// summedOver is f, summed over those of the indices it reads that are asked for, if
// there are any.
func (pr *preparer) summedOver(p *product, f factor, asked func(k int) bool) (factor, bool) {
	used := f.used(len(p.ext))
	var stay, axes, sums []int
	for _, k := range p.listed(f) {
		if used[k] && asked(k) {
			sums = append(sums, len(axes))
		} else {
			stay = append(stay, k)
		}
		axes = append(axes, k)
	}
	if len(sums) == 0 {
		return f, false
	}
	x := pr.node(pr.b.Sum(pr.patch(p, f, axes), sums...))
	return factor{x, shape.Map{In: indices(stay)}}, true
}

// plainSum is the sum as it stands, over the indices that are read.
func (pr *preparer) plainSum(p *product) *graph.Node {
	ext, number, rank := p.numbered()
	terms := pr.b.Mul(pr.read(p.factors[0], number, ext), pr.read(p.factors[1], number, ext))
	var axes []int
	for k := rank; k < len(ext); k++ {
		axes = append(axes, k)
	}
	return pr.b.Sum(terms, axes...)
}

func (pr *preparer) read(f factor, number []int, ext []shape.Dim) *graph.Node {
	return pr.b.View(pr.node(f.n), renumber(f.m, number), 0, ext)
}

// numbered lists the extents of the kept indices, the result's first, and the
// place of each in the list.
func (p *product) numbered() (ext []shape.Dim, number []int, rank int) {
	kept := p.kept()
	number = make([]int, len(p.ext))
	for _, summed := range []bool{false, true} {
		for k, e := range p.ext {
			if kept[k] && p.summed[k] == summed {
				number[k] = len(ext)
				ext = append(ext, e)
			}
		}
		if !summed {
			rank = len(ext)
		}
	}
	return ext, number, rank
}

// kept marks the indices of a contract node: those that are read, and result
// axes of extent 1, so that results keep their shape.
func (p *product) kept() []bool {
	out := p.used()
	for k, e := range p.ext {
		out[k] = out[k] || !p.summed[k] && e.Is(1)
	}
	return out
}

// worthwhile reports whether the product of the two factors is a matrix product
// of some size, each summed index read by both.
func (p *product) worthwhile() bool {
	rank := len(p.ext)
	a, b := p.factors[0].used(rank), p.factors[1].used(rank)
	work, batch, rows, cols := int64(1), false, false, false
	for k, e := range p.ext {
		if !a[k] && !b[k] {
			if p.summed[k] && !e.Is(1) {
				return false
			}
			continue
		}
		if p.summed[k] && !(a[k] && b[k]) {
			return false
		}
		inBatch := !p.summed[k] && a[k] && b[k]
		batch = batch || inBatch
		rows, cols = rows || a[k] && !b[k], cols || b[k] && !a[k]
		if !inBatch {
			work *= size([]shape.Dim{e})
		}
	}
	if batch && !(rows && cols) {
		return false
	}
	return (rows || cols) && work >= tiny
}

// listed orders the indices that f reads for a tensor that holds its elements:
// those that lead through the operand, then window indices, then what comes
// after the last subscript that has any, so that windows and channels end up
// next to each other whatever is summed.
func (p *product) listed(f factor) []int {
	var lead, window, tail []int
	seen := make([]bool, len(p.ext))
	for _, in := range f.m.In {
		main, others := p.mainIndex(in)
		if main >= 0 && !seen[main] {
			seen[main] = true
			tail = append(tail, main)
		}
		if len(others) > 0 {
			lead, tail = append(lead, tail...), nil
		}
		for _, k := range others {
			if !seen[k] {
				seen[k] = true
				window = append(window, k)
			}
		}
	}
	out := append(append(lead, window...), tail...)
	for k, u := range f.used(len(p.ext)) {
		if u && !seen[k] {
			out = append(out, k)
		}
	}
	return out
}

// mainIndex is the index of the largest extent in a subscript (run-time extents
// count as large), and the others.
func (p *product) mainIndex(in shape.Dim) (main int, others []int) {
	main = -1
	for k := range p.ext {
		if !mentions(in, k) {
			continue
		}
		switch {
		case main < 0:
			main = k
		case p.larger(k, main):
			others = append(others, main)
			main = k
		default:
			others = append(others, k)
		}
	}
	return main, others
}

func (p *product) larger(j, k int) bool {
	_, jc := p.ext[j].IsConst()
	_, kc := p.ext[k].IsConst()
	if jc != kc {
		return kc
	}
	return size(p.ext[j:j+1]) > size(p.ext[k:k+1])
}

// patch is a tensor over the listed indices with the elements f reads.
func (pr *preparer) patch(p *product, f factor, axes []int) *graph.Node {
	number := make([]int, len(p.ext))
	ext := make([]shape.Dim, len(axes))
	for i, k := range axes {
		number[k], ext[i] = i, p.ext[k]
	}
	return pr.b.View(pr.node(f.n), renumber(f.m, number), 0, ext)
}

func renumber(m shape.Map, number []int) shape.Map {
	to := make([]shape.Dim, len(number))
	for k, i := range number {
		to[k] = shape.Idx(i)
	}
	out := shape.Map{In: make([]shape.Dim, len(m.In)), Div: m.Div}
	for k, in := range m.In {
		out.In[k] = at(in, to)
	}
	for _, g := range m.Guard {
		g.E = at(g.E, to)
		out.Guard = append(out.Guard, g)
	}
	return out
}

// operand is a stored node and subscripts for a factor: the factor's own node, or
// that between zeros, where it slides, else a tensor of the elements it reads.
func (pr *preparer) operand(p *product, f factor) (x *graph.Node, in []shape.Dim) {
	if p.slides(f) {
		x, in = pr.slide(p, f)
	} else {
		axes := p.listed(f)
		x, in = pr.patch(p, f, axes), indices(axes)
	}
	pr.forced[x] = true
	return x, in
}

// plain reports whether f reads without guards or divisions, each subscript
// going up with one index at most.
func (p *product) plain(f factor) bool {
	if len(f.m.Guard) > 0 || f.m.Div != nil {
		return false
	}
	for _, in := range f.m.In {
		count := 0
		for k := range p.ext {
			coef, _, ok := in.Linear(shape.IdxSym(k))
			if !ok || (shape.Facts{}).NonNeg(coef) != shape.Yes {
				return false
			}
			if !coef.Is(0) {
				count++
			}
		}
		if count > 1 {
			return false
		}
	}
	return true
}

// contract makes the contract node of the two factors, over the result indices
// that they read.
func (pr *preparer) contract(p *product) *graph.Node {
	a, ain := pr.operand(p, p.factors[0])
	b, bin := pr.operand(p, p.factors[1])
	ext, number, rank := p.numbered()
	c := contraction{Ext: ext, Rank: rank}
	c.A, c.B = renumber(shape.Map{In: ain}, number).In, renumber(shape.Map{In: bin}, number).In
	return pr.joined(c, a, b)
}

// epilogue multiplies by what was taken out of the sum, in the sum's own shape.
func (pr *preparer) epilogue(p *product, inner *graph.Node, outer []factor, n *graph.Node) *graph.Node {
	number := make([]int, len(p.ext)) // domain index → result axis
	used := p.kept()
	var in []shape.Dim
	rank := 0
	for k := range p.ext {
		if p.summed[k] {
			continue
		}
		number[k] = rank
		if used[k] {
			in = append(in, shape.Idx(rank))
		}
		rank++
	}
	return pr.times(pr.b.View(inner, shape.Map{In: in}, 0, n.Type.Shape), p, outer, number, n)
}

// times multiplies x, in the shape of the sum n, by what was taken out of it; number
// tells which axis of it an index is.
func (pr *preparer) times(x *graph.Node, p *product, outer []factor, number []int, n *graph.Node) *graph.Node {
	for _, f := range outer {
		x = pr.b.Mul(x, pr.b.View(pr.node(f.n), renumber(f.m, number), 0, n.Type.Shape))
	}
	for _, s := range p.scalars {
		x = pr.b.Mul(x, pr.node(s))
	}
	if p.number != 1 {
		x = pr.b.Scale(p.number, x)
	}
	return x
}
