package check

import (
	"math"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// binary evaluates an operator with two operands.
func (c *checker) binary(s *scope, f *frame, e *ast.Binary) val {
	x := c.expr(s, f, e.X)
	if e.Op == "and" || e.Op == "or" {
		return c.logic(s, f, e, x)
	}
	y := c.expr(s, f, e.Y)
	if !x.ok() || !y.ok() {
		return val{kind: kBad}
	}
	if x.kind == kInst || y.kind == kInst {
		return c.instBinary(e.Op, x, y, e.At)
	}
	switch e.Op {
	case "@":
		x, y = c.sameNumbers(x, y)
		return c.matmul(x, y, e)
	case "^":
		return c.power(x, y, e.At)
	case "==", "!=", "<", "<=", ">", ">=":
		return c.compare(e.Op, x, y, e.At)
	}
	return c.arith(e.Op, x, y, e.At)
}

// logic evaluates `and` and `or`; the right side is only taken where the left
// does not decide.
func (c *checker) logic(s *scope, f *frame, e *ast.Binary, x val) val {
	if x.kind == kKnown && x.known == (e.Op == "or") {
		return x
	}
	if x.kind == kKnown {
		return c.boolOrKnown(c.expr(s, f, e.Y))
	}
	x = c.asBool(x)
	if !x.ok() {
		return x
	}
	mask := x
	if e.Op == "or" {
		mask = tensor(c.b.Op("not", nil, c.nodeOf(x)), x.idx, e.At)
	}
	c.masks = append(c.masks, mask)
	y := c.expr(s, f, e.Y)
	c.masks = c.masks[:len(c.masks)-1]
	if y.kind == kKnown {
		y = c.typed(y, false)
	}
	y = c.asBool(y)
	return c.elementwise(e.Op, e.At, x, y)
}

func (c *checker) boolOrKnown(v val) val {
	if v.kind == kKnown {
		return v
	}
	return c.asBool(v)
}

// arith is + - * / on constants, ints or reals.
func (c *checker) arith(op string, x, y val, at diag.Span) val {
	if x.kind == kUntyped && y.kind == kUntyped {
		return c.untypedArith(op, x, y, at)
	}
	if op == "/" && c.indexRatio(x, y) {
		return c.elementwise("div", at, c.asReal(x), c.asReal(y))
	}
	if isInt(x) && mayBeInt(y) || isInt(y) && mayBeInt(x) {
		return c.intArith(op, x, y, at)
	}
	x, y = c.asReal(x), c.asReal(y)
	return c.elementwise(map[string]string{"+": "add", "-": "sub", "*": "mul", "/": "div"}[op], at, x, y)
}

func isInt(v val) bool { return v.kind == kTensor && v.elem() == graph.Int }

func (c *checker) untypedArith(op string, x, y val, at diag.Span) val {
	a, aok := x.ratio()
	b, bok := y.ratio()
	if aok && bok && (op != "/" || b.Sign() != 0) {
		return c.exactly(exactArith(op, a, b), at)
	}
	v := val{kind: kUntyped, at: at}
	switch op {
	case "+":
		v.num, v.den = x.num.Mul(y.den).Add(y.num.Mul(x.den)), x.den.Mul(y.den)
	case "-":
		v.num, v.den = x.num.Mul(y.den).Sub(y.num.Mul(x.den)), x.den.Mul(y.den)
	case "*":
		v.num, v.den = x.num.Mul(y.num), x.den.Mul(y.den)
	case "/":
		if y.num.Is(0) {
			return c.bad("G0311", at, "division by zero")
		}
		v.num, v.den = x.num.Mul(y.den), x.den.Mul(y.num)
	}
	return reduced(v)
}

// reduced cancels a common factor of an untyped constant.
func reduced(v val) val {
	if q, ok := v.num.DivExact(v.den); ok {
		v.num, v.den = q, shape.Const(1)
		return v
	}
	n, nok := v.num.IsConst()
	d, dok := v.den.IsConst()
	if nok && dok {
		g := gcd(n, d)
		if d < 0 {
			g = -g
		}
		v.num, v.den = shape.Const(n/g), shape.Const(d/g)
	}
	return v
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return max(a, -a, 1)
}

func (c *checker) intArith(op string, x, y val, at diag.Span) val {
	if op == "/" {
		c.report(diag.New("G0403", at, "/ does not divide ints").
			WithHelp("div(a, b) rounds down, real(a) / real(b) divides exactly"))
		return val{kind: kBad, at: at}
	}
	x, y = c.asInt(x), c.asInt(y)
	if !x.ok() || !y.ok() {
		return val{kind: kBad}
	}
	if x.aff != nil && y.aff != nil {
		switch {
		case op == "+":
			return c.affine(x.aff.Add(*y.aff), at, x, y)
		case op == "-":
			return c.affine(x.aff.Sub(*y.aff), at, x, y)
		case len(x.idx) == 0 || len(y.idx) == 0:
			return c.affine(x.aff.Mul(*y.aff), at, x, y)
		}
	}
	return c.elementwise(map[string]string{"+": "iadd", "-": "isub", "*": "imul"}[op], at, x, y)
}

// power is x^n: repeated multiplication for a whole n, pow otherwise.
func (c *checker) power(x, y val, at diag.Span) val {
	n, whole := int64(0), false
	if y.kind == kUntyped && y.den.Is(1) {
		n, whole = y.num.IsConst()
	}
	if a, ok := x.ratio(); ok && whole && n >= 0 && n < 64 {
		return c.exactly(exactPower(a, n), at)
	}
	if x.kind == kUntyped && whole && n >= 0 && n < 64 {
		out := untyped(shape.Const(1), at)
		for range n {
			out = c.untypedArith("*", out, x, at)
		}
		return out
	}
	if isInt(x) && whole && n >= 0 {
		return c.intPower(x, n, at)
	}
	if isInt(x) && (isInt(y) || y.kind == kUntyped && y.den.Is(1) && !whole) {
		return c.elementwise("ipow", at, x, c.exponent(c.asInt(y)))
	}
	if isInt(x) {
		return c.bad("G0402", at, "an int is raised to ints from 0 on; for others write real(%s)", short(x.at))
	}
	x = c.asReal(x)
	if !x.ok() {
		return x
	}
	switch {
	case whole && n >= math.MinInt32 && n <= math.MaxInt32:
		return tensor(c.b.Op("powi", graph.Count(n), x.node), x.idx, at)
	case isInt(y):
		return c.elementwise("powd", at, x, y)
	}
	return c.elementwise("pow", at, x, c.asReal(y))
}

// exponent is y, the exponent of an int: where it may be negative this is checked
// at run time.
func (c *checker) exponent(y val) val {
	if y.aff != nil {
		f := shape.Facts{Ext: extents(y.idx)}
		if f.NonNeg(place(*y.aff, y.idx)) == shape.Yes {
			return y
		}
	}
	n := c.nodeOf(y)
	whole := c.b.Op("whole", nil, c.b.Map("int", c.b.Map("ge", n, c.b.Fill(0, n.Type))))
	return tensor(c.b.Map("imul", n, whole), y.idx, y.at)
}

// intPower multiplies squares of an int.
func (c *checker) intPower(x val, n int64, at diag.Span) val {
	out := tensor(c.b.Fill(1, c.nodeOf(x).Type), x.idx, at)
	for ; n > 0; n /= 2 {
		if n%2 == 1 {
			out = c.elementwise("imul", at, out, x)
		}
		if n > 1 {
			x = c.elementwise("imul", at, x, x)
		}
	}
	return out
}

var comparisons = map[string]string{"==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}

func (c *checker) compare(op string, x, y val, at diag.Span) val {
	if x.kind == kKnown && y.kind == kKnown && (op == "==" || op == "!=") {
		return knownBool((x.known == y.known) == (op == "=="), at)
	}
	if x.kind == kUntyped && y.kind == kUntyped {
		if v, ok := c.compareKnown(op, x, y, at); ok {
			return v
		}
		x, y = c.asReal(x), c.asReal(y)
	}
	a, aok := x.number()
	b, bok := y.number()
	if aok && bok {
		return knownBool(holds(op, a, b), at)
	}
	real := func(v val) bool { return v.kind == kTensor && v.elem() == graph.Real && v.ints == nil }
	if isInt(x) && real(y) || real(x) && isInt(y) {
		x, y = c.asReal(x), c.asReal(y) // which says so
	} else if isInt(x) || isInt(y) {
		x, y = c.asInt(x), c.asInt(y)
	} else if isBoolVal(x) || isBoolVal(y) {
		if op != "==" && op != "!=" {
			return c.bad("G0401", at, "conditions can be compared for equality only")
		}
		x, y = c.asBool(x), c.asBool(y)
	} else {
		x, y = c.asReal(x), c.asReal(y)
	}
	return c.elementwise(comparisons[op], at, x, y)
}

// compareKnown decides a comparison of dims where every dim gives one answer.
func (c *checker) compareKnown(op string, x, y val, at diag.Span) (val, bool) {
	a, aok := x.ratio()
	b, bok := y.ratio()
	if aok && bok {
		return knownBool(holds(op, float64(a.Cmp(b)), 0), at), true
	}
	d := x.num.Mul(y.den).Sub(y.num.Mul(x.den))
	if f := (shape.Facts{}); f.NonNeg(x.den.AddInt(-1)) != shape.Yes || f.NonNeg(y.den.AddInt(-1)) != shape.Yes {
		return val{}, false
	}
	f := shape.Facts{}
	neg, zero, pos := f.Less(d, shape.Dim{}), f.Equal(d, shape.Dim{}), f.Less(shape.Dim{}, d)
	answers := map[string][2]shape.Answer{
		"<": {neg, shape.Unknown}, ">": {pos, shape.Unknown}, "==": {zero, shape.Unknown},
		"<=": {f.NonNeg(d.Scale(-1)), shape.Unknown}, ">=": {f.NonNeg(d), shape.Unknown}, "!=": {invert(zero), shape.Unknown},
	}
	switch answers[op][0] {
	case shape.Yes:
		return knownBool(true, at), true
	case shape.No:
		return knownBool(false, at), true
	}
	return val{}, false
}

func invert(a shape.Answer) shape.Answer {
	switch a {
	case shape.Yes:
		return shape.No
	case shape.No:
		return shape.Yes
	}
	return a
}

func holds(op string, a, b float64) bool {
	switch op {
	case "==":
		return a == b
	case "!=":
		return a != b
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	}
	return a >= b
}
