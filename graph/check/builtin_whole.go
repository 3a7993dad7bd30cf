package check

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/diag"
)

// number is a real operand, or an int one as it is.
func (b *bcall) number(k int) val {
	if v := b.args[k].val; isInt(v) {
		return v.with(b.c.nodeOf(v))
	}
	return b.real(k)
}

// numbers are two operands of one element type.
func (b *bcall) numbers(i, j int) (x, y val) {
	return b.c.sameNumbers(b.args[i].val, b.args[j].val)
}

func clampCall(b *bcall) val {
	if x := b.args[0].val; isInt(x) {
		return b.c.intClamp(x, b.args[1].val, b.args[2].val, b.at)
	}
	return b.c.elementwise("min", b.at, b.c.elementwise("max", b.at, b.real(0), b.real(1)), b.real(2))
}

func (c *checker) intClamp(x, lo, hi val, at diag.Span) val {
	return c.elementwise("imin", at, c.elementwise("imax", at, c.asInt(x), c.asInt(lo)), c.asInt(hi))
}

func absolute(b *bcall) val {
	v := b.any(0)
	if b.args[0].val.kind == kUntyped {
		v = b.real(0)
	}
	if !v.ok() {
		return v
	}
	if v.elem() == graph.Int {
		return b.c.elementwise("iabs", b.at, v)
	}
	return b.c.elementwise("abs", b.at, b.c.asReal(v))
}

func intDivision(b *bcall) val {
	x, y := b.args[0].val, b.args[1].val
	if x.kind == kUntyped && y.kind == kUntyped {
		return b.dimPair(x, y, shape.Div)
	}
	return b.c.elementwise("idiv", b.at, b.integer(0), b.divisor(1))
}

func modulo(b *bcall) val {
	x, y := b.args[0].val, b.args[1].val
	switch {
	case x.kind == kUntyped && y.kind == kUntyped:
		return b.dimPair(x, y, shape.Mod)
	case isInt(x) || isInt(y):
		return b.c.elementwise("imod", b.at, b.integer(0), b.divisor(1))
	}
	return b.c.elementwise("mod", b.at, b.real(0), b.real(1))
}

// divisor is an int operand that must not be 0: one that may be is checked at
// run time.
func (b *bcall) divisor(k int) val {
	y := b.integer(k)
	if !y.ok() {
		return y
	}
	if y.aff != nil {
		f, d := shape.Facts{Ext: extents(y.idx)}, place(*y.aff, y.idx)
		switch {
		case d.Is(0):
			return b.c.bad("G0311", b.args[k].at, "division by zero")
		case f.NonNeg(d.AddInt(-1)) == shape.Yes, f.NonNeg(d.Scale(-1).AddInt(-1)) == shape.Yes:
			return y
		}
	}
	return tensor(b.c.b.Op("nonzero", nil, b.c.nodeOf(y)), y.idx, b.args[k].at)
}

// sameNumbers are two ints if one is an int and the other may be, else reals.
func (c *checker) sameNumbers(x, y val) (val, val) {
	if isInt(x) && mayBeInt(y) || isInt(y) && mayBeInt(x) {
		return c.asInt(x), c.asInt(y)
	}
	return c.asReal(x), c.asReal(y)
}
