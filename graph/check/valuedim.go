package check

import (
	"math"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/diag"
)

// dimOf is an untyped constant as a whole number; where it is not one for
// certain, a check at entry says so.
func (c *checker) dimOf(v val) (shape.Dim, bool) {
	if v.den.Is(1) {
		return v.num, true
	}
	if n, ok := v.num.IsConst(); ok {
		if d, ok := v.den.IsConst(); ok {
			if d == 0 || n%d != 0 {
				c.report(diag.New("G0311", v.at, "the division leaves a remainder").WithLabel("it is %d/%d", n, d))
				return shape.Dim{}, false
			}
			return shape.Const(n / d), true
		}
	}
	q := shape.Quotient(v.num, v.den)
	if d, ok := v.den.IsConst(); ok && d > 0 {
		if _, exact := v.num.DivExact(v.den); !exact {
			c.addCheck(shape.Cond{Kind: shape.Multiple, E: v.num, Mod: d}, v.at,
				v.num.String()+" must be a multiple of "+v.den.String())
		}
	} else if !q.Mul(v.den).Equal(v.num) {
		c.errorf("G0310", v.at, "%s / %s is not known to be a whole number", v.num, v.den)
		return shape.Dim{}, false
	} else {
		c.addCheck(shape.Cond{Kind: shape.Zero, E: v.num.Sub(shape.Div(v.num, v.den).Mul(v.den))}, v.at,
			v.num.String()+" must be a multiple of "+v.den.String())
	}
	return q, true
}

// asDim is a value that stands in a shape or counts something.
func (c *checker) asDim(v val) (shape.Dim, bool) {
	switch {
	case v.kind == kBad:
		return shape.Dim{}, false
	case v.kind == kUntyped:
		d, ok := c.dimOf(v)
		if k, isConst := d.IsConst(); isConst && (k > math.MaxInt32 || k < math.MinInt32) {
			return d, c.bad("G0408", v.at, "%d does not fit an int (32 bits)", k).ok()
		}
		return d, ok
	case v.kind == kTensor && v.aff != nil && len(v.idx) == 0 && len(steps(*v.aff)) == 0:
		return *v.aff, true
	}
	d := diag.New("G0310", v.at, "a whole number known before the run is needed here")
	if v.kind == kTensor && v.elem() == graph.Real {
		d = d.WithLabel("this is a real")
	} else if v.kind == kList {
		d = d.WithLabel("this is a list")
	} else if v.kind == kTensor {
		d = d.WithLabel("this is %s computed at run time", article(v.elem().String()))
	}
	if v.kind == kTensor && v.elem() == graph.Int {
		d = d.WithHelp("a size known before the run is a dim: in a model dim k, in a function a parameter k dim")
	}
	c.report(d)
	return shape.Dim{}, false
}

// asCount is asDim for what must be a number now: axes, loop bounds, layers.
func (c *checker) asCount(v val) (int64, bool) {
	d, ok := c.asDim(v)
	if !ok {
		return 0, false
	}
	k, isConst := d.IsConst()
	if !isConst {
		c.errorf("G0316", v.at, "%s is only known at run time, and a fixed number is needed here", d)
	}
	return k, isConst
}

// realOf is the real value of an untyped constant.
func (c *checker) realOf(v val) *graph.Node {
	num, nok := v.num.IsConst()
	den, dok := v.den.IsConst()
	switch {
	case nok && dok:
		return c.b.Real(float64(num) / float64(den))
	case dok && den == 1:
		return c.b.ToReal(c.b.Dim(v.num))
	}
	return c.b.Div(c.b.ToReal(c.b.Dim(v.num)), c.b.ToReal(c.b.Dim(v.den)))
}
