package check

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// gather reads x where some subscript comes from data, or where an affine one
// could not be proved in a branch that need not be taken.
func (c *checker) gather(r *subscripts) val {
	domain := r.domain()
	attr := graph.Gather{In: r.lead(), Checked: r.pad == nil}
	if r.pad != nil {
		attr.Fill = *r.pad
	}
	for range attr.In {
		attr.By = append(attr.By, -1)
	}
	args := []*graph.Node{c.nodeOf(r.x)}
	for k, sub := range r.in {
		if sub.data != nil {
			attr.In, attr.By = append(attr.In, shape.Dim{}), append(attr.By, len(args)-1)
			args = append(args, c.spread(*sub.data, r, sub.axis, domain))
			continue
		}
		d := r.placed(sub)
		if ext := r.x.inner()[k]; !sub.proved && r.pad == nil && !c.atRun(d, ext) && !c.inside(d, ext, domain, r, sub) {
			return val{kind: kBad}
		}
		attr.In, attr.By = append(attr.In, d), append(attr.By, -1)
	}
	attr.Checked = attr.Checked && !decided(attr, args[1:], args[0].Type.Shape, domain)
	if mask, ok := c.mask(r.idx, r.inner); ok && attr.Checked {
		attr.Masked = true
		args = append(args, mask)
	}
	if len(args) == 1 {
		// In a branch nothing but the subscripts tells the domain.
		attr.By[0] = 0
		args = append(args, c.b.IndexValue(attr.In[0], domain))
	}
	t := graph.Type{Elem: r.x.elem(), Shape: domain}
	return tensor(c.b.Typed("gather", attr, t, args...), r.idx, r.e.At)
}

// spread stretches an int operand of a gather over the domain, its own axes
// standing at axis.
func (c *checker) spread(v val, r *subscripts, axis int, domain []shape.Dim) *graph.Node {
	m := shape.Map{}
	for _, b := range v.idx {
		m.In = append(m.In, shape.Idx(position(r.idx, b)))
	}
	for k := range v.inner() {
		m.In = append(m.In, shape.Idx(len(r.idx)+axis+k))
	}
	return c.b.View(c.nodeOf(v), m, 0, domain)
}

// mask is the conjunction of the conditions under which the current expression
// is taken, stretched over a domain; ok is false where there is none that fits.
func (c *checker) mask(idx []*binder, inner []shape.Dim) (*graph.Node, bool) {
	var out *graph.Node
	for _, v := range c.masks {
		if always, known := v.number(); known && always == 1 {
			continue
		}
		fits := len(union(idx, v.idx)) == len(idx)
		if len(v.inner()) > 0 {
			fits = fits && shape.EqualShapes(v.inner(), inner)
		}
		if !fits {
			continue
		}
		n := c.lift(v, idx, inner)
		if out == nil {
			out = n
		} else {
			out = c.b.Op("and", nil, out, n)
		}
	}
	return out, out != nil
}
