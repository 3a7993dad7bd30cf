package check

import (
	"slices"

	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// slice reads lo, lo+step, .. into a new axis of the given extent.
func (r *subscripts) slice(lo, ext shape.Dim, step int64, at diag.Span) subscript {
	sub := subscript{at: at, aff: &lo, axis: len(r.inner), axes: 1, step: step, slice: true, proved: true}
	r.inner = append(r.inner, ext)
	return sub
}

// sliceItem is lo:hi:step. The ends may move with indices and the steps of loops, as
// in x[t:t+3], where the extent does not.
func (c *checker) sliceItem(s *scope, f *frame, r *subscripts, sl *ast.Slice, ext shape.Dim) (subscript, bool) {
	lo, idx, ok1 := c.sliceEnd(s, f, sl.Lo, shape.Dim{}, ext)
	hi, more, ok2 := c.sliceEnd(s, f, sl.Hi, ext, ext)
	step, ok3 := int64(1), true
	if sl.Step != nil {
		step, ok3 = c.asCount(c.expr(s, f, sl.Step))
	}
	if !ok1 || !ok2 || !ok3 {
		return subscript{}, false
	}
	if step < 1 {
		c.errorf("G0305", sl.Step.Span(), "the step of a slice must be positive; flip(x) reverses an axis")
		return subscript{}, false
	}
	n := shape.CeilDiv(hi.Sub(lo), shape.Const(step))
	if moves(n) {
		c.report(diag.New("G0310", sl.At, "the extent of this slice changes with an index or a step").
			WithHelp("sum and its like may have such bounds: sum(j in a..b: x[j])"))
		return subscript{}, false
	}
	if !c.require(hi.Sub(lo), sl.At, "a slice ends before it begins") {
		return subscript{}, false
	}
	if !moves(lo) {
		if r.pad == nil && !(c.require(lo, sl.At, "a slice begins at "+lo.String()) &&
			c.require(ext.Sub(hi), sl.At, "the slice ends at "+hi.String()+", beyond the extent "+ext.String())) {
			return subscript{}, false
		}
		return r.slice(lo, n, step, sl.At), true
	}
	sub := r.slice(lo, n, step, sl.At)
	sub.idx, sub.proved = union(idx, more), false
	r.idx = union(r.idx, sub.idx)
	c.unrollOutside(r, &sub, ext)
	return sub, true
}

func (c *checker) sliceEnd(s *scope, f *frame, e ast.Expr, otherwise, ext shape.Dim) (shape.Dim, []*binder, bool) {
	if e == nil {
		return otherwise, nil, true
	}
	v := c.expr(s, f, e)
	if v.kind == kTensor && v.aff != nil {
		return *v.aff, v.idx, true
	}
	d, ok := c.asDim(v)
	return fromEnd(s, e, d, ext), nil, ok
}

// fromEnd is the place that d means on an axis: a negative constant counts from the
// end where it is written as one, x[-1], and not where it is computed, x[i - 1].
func fromEnd(s *scope, e ast.Expr, d, ext shape.Dim) shape.Dim {
	if n, isConst := d.IsConst(); isConst && n < 0 && written(s, e) {
		return d.Add(ext)
	}
	return d
}

func written(s *scope, e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Number:
		return true
	case *ast.Unary:
		return written(s, e.X)
	case *ast.Ident:
		en := s.find(e.Name)
		return en != nil && en.what == "const"
	}
	return false
}

// moves reports whether d has the step of a loop or an index in it.
func moves(d shape.Dim) bool {
	return slices.ContainsFunc(d.Syms(), func(s *shape.Sym) bool { return isStep(s) || s.Name[0] == '@' })
}

// last is the last place that a subscript reads, where the first is d.
func (r *subscripts) last(sub subscript, d shape.Dim) shape.Dim {
	if !sub.slice {
		return d
	}
	return d.Add(r.inner[sub.axis].AddInt(-1).Scale(sub.step))
}
