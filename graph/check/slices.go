package check

import (
	"slices"

	"github.com/gradgen/gradgen/graph/shape"
)

// atSteps resolves the subscripts that mention the step of a scan. What is bound
// outside that scan is read once, for all steps: in x[:, t] axis 1 moves to the
// front, and each step sees its slice, so that the adjoint of a step is the
// adjoint of its slice. What is left are subscripts of the slice. Other reads at
// steps become reads by data. ok is false after an error.
func (c *checker) atSteps(r *subscripts) (ok bool) {
	var front []*region
	for k := range r.in {
		sub := &r.in[k]
		if sub.aff == nil || len(steps(*sub.aff)) == 0 {
			continue
		}
		loops, fits := c.sliceable(r, *sub, r.x.inner()[k])
		if !fits {
			c.unrollOutside(r, sub, r.x.inner()[k])
			v := c.places(r, *sub)
			sub.aff, sub.data = nil, &v
			continue
		}
		for _, l := range loops {
			if !slices.Contains(front, l) {
				front = append(front, l)
			}
		}
	}
	if len(front) == 0 {
		return true
	}
	slices.SortFunc(front, func(a, b *region) int {
		if a.inside(b) {
			return 1
		}
		return -1
	})
	return c.sliceFront(r, front)
}

// places are the ints that an affine subscript consists of.
func (c *checker) places(r *subscripts, sub subscript) val {
	v := tensor(c.affineNode(*sub.aff, sub.idx), sub.idx, sub.at)
	if !sub.slice {
		return v
	}
	own := c.b.IndexValue(shape.Idx(0).Scale(sub.step), []shape.Dim{r.inner[sub.axis]})
	return c.elementwise("iadd", sub.at, v, tensor(own, nil, sub.at))
}

// sliceable lists the scans whose steps a subscript mentions, if x is bound
// outside all of them and the subscript stays inside x at every step.
func (c *checker) sliceable(r *subscripts, sub subscript, ext shape.Dim) ([]*region, bool) {
	var loops []*region
	home := c.owner(r.x.node)
	for _, s := range steps(*sub.aff) {
		l := c.loopOf(s)
		if home.inside(l) {
			return nil, false
		}
		if coef, _, ok := sub.aff.Linear(s); !ok || len(steps(coef)) > 0 {
			return nil, false
		}
		loops = append(loops, l)
	}
	if r.pad == nil && len(c.masks) > 0 && !c.provedAt(r, sub, ext, loops) {
		return nil, false
	}
	return loops, true
}

// stepDomain is the domain of steps, then indices, and a subscript over it.
func (c *checker) stepDomain(loops []*region, idx []*binder, d shape.Dim) (shape.Dim, []shape.Dim) {
	var all []*binder
	for _, l := range loops {
		all = append(all, &binder{sym: l.sym, ext: l.trip})
	}
	all = append(all, idx...)
	return place(d, all), extents(all)
}

// proved reports whether an affine int over steps and indices is a place of an axis.
func (c *checker) proved(loops []*region, idx []*binder, d, ext shape.Dim) bool {
	d, domain := c.stepDomain(loops, idx, d)
	f := shape.Facts{Ext: domain}
	return f.NonNeg(d) == shape.Yes && f.Less(d, ext) == shape.Yes
}

// provedAt reports whether what an affine subscript reads lies inside.
func (c *checker) provedAt(r *subscripts, sub subscript, ext shape.Dim, loops []*region) bool {
	return c.proved(loops, r.idx, *sub.aff, ext) && c.proved(loops, r.idx, r.last(sub, *sub.aff), ext)
}

// alwaysIn reports whether an affine int over indices and steps is always in 0..ext.
func (c *checker) alwaysIn(d shape.Dim, idx []*binder, ext shape.Dim) bool {
	var loops []*region
	for _, s := range steps(d) {
		loops = append(loops, c.loopOf(s))
	}
	return !slices.Contains(loops, nil) && c.proved(loops, idx, d, ext)
}

// sliceFront reads x with an axis for each scan in front, outermost first, takes
// the slices, and leaves r to read what they are.
func (c *checker) sliceFront(r *subscripts, loops []*region) bool {
	idx := r.x.idx
	for _, sub := range r.in {
		if sub.aff != nil && len(steps(*sub.aff)) > 0 {
			idx = union(idx, sub.idx)
		}
	}
	_, domain := c.stepDomain(loops, idx, shape.Dim{})
	m, fill := shape.Map{}, 0.0
	if r.pad != nil {
		fill = *r.pad
	}
	for _, b := range r.x.idx {
		m.In = append(m.In, shape.Idx(len(loops)+position(idx, b)))
	}
	var kept []subscript
	var inner []shape.Dim
	for k, sub := range r.in {
		ext := r.x.inner()[k]
		if sub.aff == nil || len(steps(*sub.aff)) == 0 {
			m.In = append(m.In, shape.Idx(len(domain)+len(inner)))
			inner = append(inner, ext)
			kept = append(kept, sub)
			continue
		}
		d, _ := c.stepDomain(loops, idx, *sub.aff)
		within := domain
		if sub.slice { // its axis is one of what is read at each step
			axis := shape.Idx(len(domain) + len(inner))
			d = d.Add(axis.Scale(sub.step))
			inner = append(inner, r.inner[sub.axis])
			within = append(slices.Clone(domain), inner...)
			whole := sub
			whole.aff, whole.idx, whole.step, whole.proved = new(shape.Dim), nil, 1, true
			kept = append(kept, whole)
		}
		m.In = append(m.In, d)
		if r.pad != nil {
			m.Guard = append(m.Guard, shape.Cond{E: d}, shape.Cond{E: ext.AddInt(-1).Sub(d)})
		} else if !c.inside(d, ext, within, r, sub) {
			return false
		}
	}
	n := loops[0].from.View(r.x.node, m, fill, append(append([]shape.Dim{}, domain...), inner...))
	for _, l := range loops {
		n = l.slice(l.from.Local(n))
	}
	r.x = val{kind: kTensor, node: n, idx: idx, at: r.x.at, origin: r.x.origin, name: r.x.name}
	r.idx, r.in = union(r.idx, idx), kept
	return true
}
