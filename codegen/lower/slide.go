package lower

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// A factor slides if its place in memory goes up evenly with every index, once
// its operand is surrounded by zeros as far as its guards ask for. The windows of
// a convolution
//
//	y[n, p, f] = Σ (d, c): x[n, p+d-1, c ? 0]·K[d, c, f]
//
// are read in place then, from x between zeros: no window is ever gathered.

// slides reports whether f slides.
func (p *product) slides(f factor) bool {
	for k, in := range f.m.In {
		if _, ok := p.span(in); !ok || f.m.DivOf(k) != 1 {
			return false
		}
	}
	for _, g := range f.m.Guard {
		if p.bound(f, g) < 0 {
			return false
		}
	}
	return true
}

// span is the range of a subscript: its least and greatest value. It is none
// where the subscript goes down with an index.
func (p *product) span(in shape.Dim) (out [2]shape.Dim, ok bool) {
	rest := in
	for k, e := range p.ext {
		coef, r, ok := rest.Linear(shape.IdxSym(k))
		if !ok || (shape.Facts{}).NonNeg(coef) != shape.Yes || p.mentionsAny(coef) {
			return out, false
		}
		out[1] = out[1].Add(coef.Mul(e.AddInt(-1)))
		rest = r
	}
	if p.mentionsAny(rest) {
		return out, false
	}
	return [2]shape.Dim{rest, out[1].Add(rest)}, true
}

func (p *product) mentionsAny(d shape.Dim) bool {
	for k := range p.ext {
		if mentions(d, k) {
			return true
		}
	}
	return false
}

// bound is the axis of the operand of f that g keeps f inside of, -1 if there is
// none.
func (p *product) bound(f factor, g shape.Cond) int {
	for k, in := range f.m.In {
		last := f.n.Type.Shape[k].AddInt(-1)
		if g.Kind == shape.NonNegative && (g.E.Equal(in) || g.E.Equal(last.Sub(in))) {
			return k
		}
	}
	return -1
}

// slide is the operand of f, which slides, between zeros where it has guards, and
// its subscripts.
func (pr *preparer) slide(p *product, f factor) (*graph.Node, []shape.Dim) {
	x := pr.node(f.n)
	if len(f.m.Guard) == 0 {
		return x, f.m.In
	}
	m := shape.Map{In: make([]shape.Dim, len(f.m.In))}
	ext, in := append([]shape.Dim{}, x.Type.Shape...), append([]shape.Dim{}, f.m.In...)
	for k, s := range f.m.In {
		m.In[k] = shape.Idx(k)
		if span, _ := p.span(s); p.guarded(f, k) {
			ext[k] = span[1].Sub(span[0]).AddInt(1)
			in[k] = s.Sub(span[0])
			m.In[k] = shape.Idx(k).Add(span[0])
			m.Guard = append(m.Guard, shape.Cond{Kind: shape.NonNegative, E: m.In[k]},
				shape.Cond{Kind: shape.NonNegative, E: x.Type.Shape[k].AddInt(-1).Sub(m.In[k])})
		}
	}
	return pr.b.View(x, m.Prune(ext), 0, ext), in
}

// guarded reports whether a guard of f keeps it inside axis k.
func (p *product) guarded(f factor, k int) bool {
	for _, g := range f.m.Guard {
		if p.bound(f, g) == k {
			return true
		}
	}
	return false
}
