package lower

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// windowed computes a convolution the other way round where that is less work:
// every element of the operand that is read through windows meets the kernel
// first, and the products are then added up over the windows. For the adjoint
// of a convolution
//
//	dx[n, y, c] = Σ (d, f) dout[n, y-d, f]·K[d, c, f]
//
// that is P[n, y', d, c] = Σ f: dout[n, y', f]·K[d, c, f] and
// dx[n, y, c] = Σ d: P[n, y-d, d, c]. It returns nil where gathering the windows is
// as good, or the sum has another form.
func (pr *preparer) windowed(p *product) *graph.Node {
	for i, f := range p.factors {
		if p.slides(f) {
			continue
		}
		if w := p.window(f, p.factors[1-i]); w != nil && w.gain() {
			return pr.scattered(w)
		}
	}
	return nil
}

// window is a product whose factor f has subscripts that mix result and summed
// indices, while the other factor g has plain ones. The indices of the first
// product are: one for each subscript of f, then the summed indices in windows
// and the indices of g alone.
type window struct {
	p      *product
	f, g   factor
	ext    []shape.Dim // domain of the first product
	number []int       // domain index of p → index of the first product, -1: none
	moved  []bool      // subscript k of f is a window
}

func (p *product) window(f, g factor) *window {
	rank := len(p.ext)
	w := &window{p: p, f: f, g: g, number: make([]int, rank), moved: make([]bool, len(f.m.In))}
	for k := range w.number {
		w.number[k] = -1
	}
	if !p.plain(g) || !w.subscripts() {
		return nil
	}
	for _, k := range p.listed(g) {
		if w.number[k] < 0 {
			w.number[k] = len(w.ext)
			w.ext = append(w.ext, p.ext[k])
		}
	}
	return w
}

// subscripts classifies the subscripts of f; there has to be a window, and the
// windows' result indices must not occur elsewhere.
func (w *window) subscripts() bool {
	found := false
	for k, in := range w.f.m.In {
		w.ext = append(w.ext, w.f.n.Type.Shape[k])
		var kept, summed int
		only := -1
		for j := range w.p.ext {
			if !mentions(in, j) {
				continue
			}
			only = j
			if w.p.summed[j] {
				summed++
			} else {
				kept++
			}
		}
		switch {
		case kept == 1 && summed > 0 && w.p.leads(in):
			w.moved[k], found = true, true
		case kept+summed == 1 && in.Equal(shape.Idx(only)) && w.f.m.DivOf(k) == 1 && w.number[only] < 0 &&
			w.p.ext[only].Equal(w.f.n.Type.Shape[k]):
			w.number[only] = k
		default:
			return false
		}
	}
	return found && w.apart()
}

// leads reports whether the largest index of a subscript is a result index.
func (p *product) leads(in shape.Dim) bool {
	main, _ := p.mainIndex(in)
	return !p.summed[main]
}

// apart checks that g reads no result index of a window.
func (w *window) apart() bool {
	g := w.g.used(len(w.p.ext))
	for k, in := range w.f.m.In {
		for j := range w.p.ext {
			if w.moved[k] && mentions(in, j) && (w.number[j] >= 0 || !w.p.summed[j] && g[j] || w.p.summed[j] && !g[j]) {
				return false
			}
		}
	}
	return true
}

// gain compares the sizes of the two intermediate tensors.
func (w *window) gain() bool {
	gathered := int64(1)
	for k, u := range w.f.used(len(w.p.ext)) {
		if u {
			gathered *= size(w.p.ext[k : k+1])
		}
	}
	products := int64(1)
	for i, e := range w.ext {
		if !w.sumsOut(i) {
			products *= size([]shape.Dim{e})
		}
	}
	return products < gathered
}

// sumsOut reports whether index i of the first product is summed in it: it is a
// summed index of p that stands alone.
func (w *window) sumsOut(i int) bool {
	for k, n := range w.number {
		if n == i && w.p.summed[k] {
			return i < len(w.f.m.In) && !w.moved[i]
		}
	}
	return false
}

// scattered builds the first product and the sum over windows.
func (pr *preparer) scattered(w *window) *graph.Node {
	first := &product{ext: w.ext, summed: make([]bool, len(w.ext)), number: 1}
	place := make([]int, len(w.ext)) // index of the first product → axis of its result
	rank := 0
	for i := range w.ext {
		first.summed[i] = w.sumsOut(i)
		place[i] = rank
		if !first.summed[i] {
			rank++
		}
	}
	first.factors = []factor{
		{w.f.n, shape.Identity(len(w.f.m.In))},
		{w.g.n, renumber(w.g.m, fallback(w.number))},
	}
	products := pr.contract(first)
	if u := pr.overlapping(w, first, products, place); u != nil {
		return u
	}
	return pr.gatherWindows(w, first, products, place)
}

func fallback(number []int) []int {
	out := append([]int{}, number...)
	for k, i := range out {
		out[k] = max(i, 0)
	}
	return out
}

// gatherWindows reads the products where the windows point and sums over what
// is left of the summed indices.
func (pr *preparer) gatherWindows(w *window, first *product, products *graph.Node, place []int) *graph.Node {
	used := w.p.kept()
	axis := make([]int, len(w.p.ext)) // domain index → axis of the read
	var ext []shape.Dim
	var sums []int
	for _, summed := range []bool{false, true} {
		for k, e := range w.p.ext {
			i := w.number[k]
			if !used[k] || w.p.summed[k] != summed || i >= 0 && first.summed[i] {
				continue
			}
			axis[k] = len(ext)
			if summed {
				sums = append(sums, len(ext))
			}
			ext = append(ext, e)
		}
	}
	m := shape.Map{In: make([]shape.Dim, products.Type.Rank()), Div: make([]int64, products.Type.Rank())}
	for i := range m.Div {
		m.Div[i] = 1
	}
	f := renumber(w.f.m, axis)
	for k := range w.f.m.In {
		if w.moved[k] {
			m.In[place[k]], m.Div[place[k]] = f.In[k], w.f.m.DivOf(k)
		}
	}
	for k, i := range w.number {
		if i >= 0 && !first.summed[i] {
			m.In[place[i]] = shape.Idx(axis[k])
		}
	}
	m.Guard = f.Guard
	return pr.b.Sum(pr.b.View(products, tidied(m), 0, ext), sums...)
}

func tidied(m shape.Map) shape.Map {
	for _, d := range m.Div {
		if d != 1 {
			return m
		}
	}
	m.Div = nil
	return m
}
