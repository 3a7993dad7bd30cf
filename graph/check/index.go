package check

import (
	"slices"
	"strings"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// subscripts is an index expression being resolved: how each axis of x is read.
type subscripts struct {
	x     val
	e     *ast.Index
	idx   []*binder   // indices of the result
	inner []shape.Dim // the result's own axes
	in    []subscript // one for each own axis of x
	pad   *float64
}

// subscript reads one axis: at an affine place, over a slice, or by data.
type subscript struct {
	at     diag.Span
	aff    *shape.Dim // of dims, index symbols and steps
	idx    []*binder  // index names in aff
	data   *val       // an int scalar or tensor
	axis   int        // first own axis of the result it makes
	axes   int        // how many it makes: 1 for a slice, the rank of data
	step   int64
	slice  bool // aff is where it begins
	proved bool // when built, to lie inside
}

// index evaluates x[items].
func (c *checker) index(s *scope, f *frame, e *ast.Index) val {
	x := c.expr(s, f, e.X)
	if x.ok() && x.kind == kInst && x.inst.steps > 0 {
		return c.stepOf(s, f, x, e)
	}
	v := c.typed(x, false)
	if x.kind == kList && v.ok() && mayBeInt(x) && !isInt(v) {
		ints := c.asInt(x)
		v.ints = &ints
	}
	return c.indexed(s, f, v, e)
}

// indexed is x[items] of a tensor.
func (c *checker) indexed(s *scope, f *frame, x val, e *ast.Index) val {
	if !x.ok() {
		return x
	}
	r := &subscripts{x: x, e: e, idx: x.idx}
	pad, constant := val{}, true
	if e.Pad != nil {
		if pad = c.expr(s, f, e.Pad); !pad.ok() {
			return pad
		}
		fill, number := pad.number()
		r.pad, constant = &fill, number
	}
	items, ok := c.perAxis(e, len(x.inner()), x)
	if !ok || !c.resolveItems(s, f, r, items) {
		return val{kind: kBad}
	}
	inside := *r
	inside.in = slices.Clone(r.in)
	out := c.accessed(r)
	if x.ints != nil && out.ok() && e.Pad == nil {
		whole := inside
		whole.x.node = x.ints.node
		ints := c.accessed(&whole)
		out.ints = &ints
	}
	if constant || !out.ok() {
		return out
	}
	inside.x.node = c.builderOf(x.node).Fill(1, graph.Type{Elem: graph.Bool, Shape: x.node.Type.Shape})
	return c.filled(c.accessed(&inside), out, pad, e.Pad.Span())
}

// accessed is what an index expression reads.
func (c *checker) accessed(r *subscripts) val {
	if !c.atSteps(r) {
		return val{kind: kBad}
	}
	if r.hasData() {
		return c.gather(r)
	}
	return c.viewIndex(r)
}

// filled is v where inside holds and pad elsewhere.
func (c *checker) filled(inside, v, pad val, at diag.Span) val {
	v, pad = c.sameElem(v, pad)
	if !v.ok() || !pad.ok() {
		return val{kind: kBad, at: at}
	}
	common, ok := c.broadcastTwo(v.inner(), pad.inner(), at)
	if !ok || !shape.EqualShapes(common, v.inner()) {
		return c.bad("G0302", at, "what is read is %s, and %s stands for what is outside", v.describe(), pad.describe())
	}
	return c.elementwise("where", v.at, inside, v, pad)
}

// perAxis assigns the items of a bracket to axes; nil reads the whole axis.
func (c *checker) perAxis(e *ast.Index, rank int, x val) ([]ast.Expr, bool) {
	out := make([]ast.Expr, rank)
	rest := -1
	for i, it := range e.Items {
		if text := it.Span().Text(); text == "None" || text == "newaxis" || strings.HasSuffix(text, ".newaxis") {
			c.report(diag.New("G0406", it.Span(), "an index must be an int").WithHelp("reshape(x, [..]) makes an axis of 1"))
			return nil, false
		}
		if _, ok := it.(*ast.Rest); ok && rest >= 0 {
			c.errorf("G0308", it.Span(), "one .. stands for all other axes")
			return nil, false
		} else if ok {
			rest = i
		}
	}
	n := len(e.Items)
	if rest >= 0 {
		n--
	}
	if n > rank {
		d := diag.New("G0308", e.At, "%s for %s", plural(n, "subscript"), x.describe())
		if rank == 0 {
			d.Message = x.describe() + " has no axes"
		}
		if _, number := e.X.(*ast.Number); number {
			d = d.WithHelp("the shape of a declaration stands behind its name")
		}
		c.report(c.cite(d, x))
		return nil, false
	}
	for i, it := range e.Items {
		switch {
		case rest < 0 || i < rest:
			out[i] = it
		case i > rest:
			out[rank-len(e.Items)+i] = it
		}
	}
	return out, true
}

func (c *checker) resolveItems(s *scope, f *frame, r *subscripts, items []ast.Expr) bool {
	ok := true
	tensors := 0
	for k, it := range items {
		ext := r.x.inner()[k]
		sub, good := c.subscript(s, f, r, it, ext)
		if !good {
			ok = false
			continue
		}
		if sub.data != nil && len(sub.data.inner()) > 0 {
			tensors++
		}
		if tensors > 1 {
			c.report(diag.New("G0317", it.Span(), "only one int tensor can stand in a plain index").
				WithHelp("index notation takes several: y[n] = x[a[n], b[n]]"))
			return false
		}
		r.in = append(r.in, sub)
	}
	return ok
}

func (c *checker) subscript(s *scope, f *frame, r *subscripts, it ast.Expr, ext shape.Dim) (subscript, bool) {
	axis := len(r.inner)
	if it == nil {
		return r.slice(shape.Dim{}, ext, 1, r.e.At), true
	}
	if sl, ok := it.(*ast.Slice); ok {
		return c.sliceItem(s, f, r, sl, ext)
	}
	c.subscripting++
	v := c.expr(s, f, it)
	c.subscripting--
	switch v.kind {
	case kBad:
		return subscript{}, false
	case kUntyped:
		d, ok := c.dimOf(v)
		d = fromEnd(s, it, d, ext)
		return subscript{at: it.Span(), aff: &d}, ok
	}
	if v.ints != nil {
		v = *v.ints
	}
	if v.kind == kTensor && v.elem() == graph.Real || v.kind == kTensor && v.elem() == graph.Bool {
		d := diag.New("G0406", it.Span(), "an index must be an int").WithLabel("this is %s", v.describe())
		switch {
		case v.elem() == graph.Bool:
			d = d.WithHelp("where(c, a, b) selects; sum(i if c: x[i]) and its like take what fulfils a condition")
		case v.name != "" && v.node != nil && v.node.Op.Name == "input":
			d = d.WithHelp("declare %s as int", v.node.Name)
		}
		c.report(d)
		return subscript{}, false
	}
	v = c.asInt(v)
	if !v.ok() {
		return subscript{}, false
	}
	r.idx = union(r.idx, v.idx)
	if v.aff != nil {
		return subscript{at: it.Span(), aff: v.aff, idx: v.idx}, true
	}
	sub := subscript{at: it.Span(), data: &v, axis: axis, axes: len(v.inner())}
	r.inner = append(r.inner, v.inner()...)
	return sub, true
}

// someOf requires an element of an axis, for argmax or argmin.
func (c *checker) someOf(name string, ext shape.Dim, at diag.Span) bool {
	return c.requireAs(ext.AddInt(-1), at, name+" needs an element, and the axis has none",
		ext.String()+" >= 1, since "+name+" needs an element")
}

func (r *subscripts) hasData() bool {
	for _, sub := range r.in {
		if sub.data != nil {
			return true
		}
	}
	return false
}

// domain is the shape of the result with its indices.
func (r *subscripts) domain() []shape.Dim { return append(extents(r.idx), r.inner...) }

// placed is an affine subscript over the domain.
func (r *subscripts) placed(sub subscript) shape.Dim {
	d := place(*sub.aff, r.idx)
	if sub.slice {
		d = d.Add(shape.Idx(len(r.idx) + sub.axis).Scale(sub.step))
	}
	return d
}

// lead are the subscripts of the axes of x that belong to indices.
func (r *subscripts) lead() []shape.Dim {
	var out []shape.Dim
	for _, b := range r.x.idx {
		out = append(out, shape.Idx(position(r.idx, b)))
	}
	return out
}

// viewIndex reads x where all subscripts are affine.
func (c *checker) viewIndex(r *subscripts) val {
	m := shape.Map{In: r.lead()}
	fill := 0.0
	if r.pad != nil {
		fill = *r.pad
	}
	for k, sub := range r.in {
		d, ext := r.placed(sub), r.x.inner()[k]
		m.In = append(m.In, d)
		if r.pad != nil {
			m.Guard = append(m.Guard, shape.Cond{E: d}, shape.Cond{E: ext.AddInt(-1).Sub(d)})
		} else if !sub.proved && !c.inside(d, ext, r.domain(), r, sub) {
			return c.gather(r)
		}
	}
	return tensor(c.b.View(c.nodeOf(r.x), m, fill, r.domain()), r.idx, r.e.At)
}

// atRun reports that whether a place lies in 0..ext may be left to a check for each
// element: where it need not be read, and where only the run knows the extent.
func (c *checker) atRun(d, ext shape.Dim) bool {
	return len(c.masks) > 0 || c.runTime(shape.Cond{E: d}) || c.runTime(shape.Cond{E: ext})
}

// inside proves 0 <= d < ext over the domain; where the run may tell, a failure to
// prove is no error.
func (c *checker) inside(d, ext shape.Dim, domain []shape.Dim, r *subscripts, sub subscript) bool {
	f := shape.Facts{Ext: domain}
	over := ext.AddInt(-1).Sub(d)
	if f.NonNeg(d) == shape.Yes && f.NonNeg(over) == shape.Yes {
		return true
	}
	if c.atRun(d, ext) {
		return false
	}
	lo, okLo := smallest(d, f.Ext)
	hi, okHi := smallest(over, f.Ext)
	at := sub.at
	if !okLo || !okHi {
		c.errorf("G0305", at, "this index cannot be shown to lie in 0..%s", ext)
		return false
	}
	if (shape.Facts{}).NonNeg(lo) == shape.No || (shape.Facts{}).NonNeg(hi) == shape.No {
		last := ext.AddInt(-1).Sub(hi)
		dg := diag.New("G0305", at, "index out of range: it runs from %s to %s, the axis from 0 to %s", lo, last, ext.AddInt(-1)).
			WithHelp("give the index a smaller range, or pad: x[.. ? 0]")
		if lo.Equal(last) {
			place := lo.String()
			if text := at.Text(); strings.HasPrefix(text, "-") { // counted from the end
				place = text
			}
			dg = diag.New("G0305", at, "index %s is out of range: the axis runs from 0 to %s", place, ext.AddInt(-1))
			if lo.Equal(ext) {
				dg = dg.WithHelp("indices count from 0; the last is x[-1]")
			}
		}
		c.report(c.cite(dg, r.x))
		return false
	}
	return c.require(lo, at, "it may be "+lo.String()) && c.require(hi, at, "the axis has only "+ext.String()+" elements")
}

// smallest is the least value of an affine d over index ranges.
func smallest(d shape.Dim, ext []shape.Dim) (shape.Dim, bool) {
	for k, n := range ext {
		coef, rest, ok := d.Linear(shape.IdxSym(k))
		if !ok {
			return d, false
		}
		switch f := (shape.Facts{}); {
		case f.NonNeg(coef) == shape.Yes:
			d = rest
		case f.NonNeg(coef.Scale(-1)) == shape.Yes:
			d = rest.Add(coef.Mul(n.AddInt(-1)))
		default:
			return d, false
		}
	}
	return d, true
}
