package check

import (
	"strings"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// builtin is a function of the language. Parameters whose names end in "?" may
// be left out; lazy ones see their arguments unevaluated.
type builtin struct {
	params   []string
	variadic bool
	lazy     func(b *bcall) val
	run      func(b *bcall) val
}

// bcall is one call of a built-in.
type bcall struct {
	c    *checker
	s    *scope
	f    *frame
	name string
	at   diag.Span
	e    *ast.Call
	args []*arg // by parameter; nil where left out
	all  []arg  // of a variadic call, as written
}

var builtins map[string]*builtin

func init() { builtins = builtinTable() } // by init: the functions refer to the table

func builtinTable() map[string]*builtin {
	t := map[string]*builtin{}
	for _, family := range []map[string]*builtin{
		elementwiseBuiltins(), reductionBuiltins(), lastAxisBuiltins(), joinBuiltins(),
		shapeBuiltins(), linalgBuiltins(), compositeBuiltins(), derivativeBuiltins(), randomBuiltins(),
	} {
		for name, b := range family {
			t[name] = b
		}
	}
	return t
}

func (c *checker) callBuiltin(s *scope, f *frame, name string, bi *builtin, e *ast.Call) val {
	b := &bcall{c: c, s: s, f: f, name: name, at: e.At, e: e}
	if bi.lazy != nil {
		return bi.lazy(b)
	}
	args := c.arguments(s, f, e)
	for _, a := range args {
		if !a.val.ok() {
			return val{kind: kBad}
		}
	}
	if bi.variadic {
		b.all = args
		return bi.run(b)
	}
	if !b.match(bi.params, args) {
		return val{kind: kBad}
	}
	return bi.run(b)
}

func (b *bcall) match(params []string, args []arg) bool {
	names := make([]string, len(params))
	for i, p := range params {
		names[i] = trimOptional(p)
	}
	slots, ok := b.c.match(b.name, names, args, b.at)
	b.args = slots
	if !ok {
		return false
	}
	for i, p := range params {
		if slots[i] == nil && p == names[i] {
			b.c.report(diag.New("G0207", b.at, "%s needs an argument %s", b.name, p).
				WithHelp("it is %s(%s)", b.name, strings.Join(required(params), ", ")))
			return false
		}
	}
	return true
}

// required are the parameters that cannot be left out.
func required(params []string) (out []string) {
	for _, p := range params {
		if p == trimOptional(p) {
			out = append(out, p)
		}
	}
	return out
}

func trimOptional(p string) string {
	if p[len(p)-1] == '?' {
		return p[:len(p)-1]
	}
	return p
}

// real, integer and any give argument k as a tensor.
func (b *bcall) real(k int) val { return b.c.asReal(b.args[k].val) }

func (b *bcall) integer(k int) val { return b.c.asInt(b.args[k].val) }

func (b *bcall) any(k int) val { return b.c.typed(b.args[k].val, false) }

func (b *bcall) has(k int) bool { return k < len(b.args) && b.args[k] != nil }

// flag is an optional bool argument known now.
func (b *bcall) flag(k int) bool {
	if !b.has(k) {
		return false
	}
	v := b.args[k].val
	if v.kind != kKnown {
		b.c.errorf("G0405", v.at, "this must be true or false when code is generated")
	}
	return v.known
}

// dims is an argument that lists dimensions.
func (b *bcall) dims(k int) ([]shape.Dim, bool) {
	v := b.args[k].val
	if v.kind != kList {
		d, ok := b.c.asDim(v)
		return []shape.Dim{d}, ok
	}
	var out []shape.Dim
	for _, it := range v.items {
		d, ok := b.c.asDim(it)
		if !ok {
			return nil, false
		}
		out = append(out, d)
	}
	return out, true
}

// counts is an argument that lists known numbers.
func (b *bcall) counts(k int) ([]int64, bool) {
	ds, ok := b.dims(k)
	out := make([]int64, len(ds))
	for i, d := range ds {
		n, isConst := d.IsConst()
		if ok && !isConst {
			b.c.errorf("G0316", b.args[k].at, "%s must be known when code is generated", d)
			return nil, false
		}
		out[i] = n
	}
	return out, ok
}

// axes reads the axis argument k of a function on v, all axes if it is left out.
func (b *bcall) axes(v val, k int) ([]int, bool) {
	rank := len(v.inner())
	if !b.has(k) {
		return seq(rank), true
	}
	if given := b.args[k]; given.name == "" && given.val.kind == kTensor && given.val.elem() == graph.Real {
		b.c.report(diag.New("G0401", given.at, "%s takes one tensor, and then axes", b.name).WithLabel("this is %s", given.val.describe()).
			WithHelp("%s([a, b]) is that of two values", b.name))
		return nil, false
	}
	list, ok := b.counts(k)
	if !ok {
		return nil, false
	}
	seen := make([]bool, rank)
	for _, n := range list {
		i, good := b.axis(n, rank, b.args[k].at)
		if !good {
			return nil, false
		}
		if seen[i] {
			b.c.errorf("G0309", b.args[k].at, "the axis %d is named twice", n)
			return nil, false
		}
		seen[i] = true
	}
	var out []int
	for i, s := range seen {
		if s {
			out = append(out, i)
		}
	}
	return out, true
}

func (b *bcall) axis(n int64, rank int, at diag.Span) (int, bool) {
	written := n
	if n < 0 {
		n += int64(rank)
	}
	if n < 0 || n >= int64(rank) {
		d := diag.New("G0309", at, "there is no axis %d: the tensor has %s", written, plural(rank, "axis"))
		if rank > 0 {
			d = d.WithHelp("axes count from 0; -1 is the last")
		}
		b.c.report(d)
		return 0, false
	}
	return int(n), true
}

// axisOr reads a single axis argument.
func (b *bcall) axisOr(v val, k, otherwise int) (int, bool) {
	if !b.has(k) {
		return otherwise, true
	}
	n, ok := b.c.asCount(b.args[k].val)
	if !ok {
		return 0, false
	}
	return b.axis(n, len(v.inner()), b.args[k].at)
}

func (b *bcall) bad() val { return val{kind: kBad, at: b.at} }

// on wraps a node with the indices of v.
func (b *bcall) on(v val, n *graph.Node) val { return tensor(n, v.idx, b.at) }

// offset shifts own axes past those of indices.
func offset(axes []int, lead int) []int {
	out := make([]int, len(axes))
	for i, a := range axes {
		out[i] = a + lead
	}
	return out
}

func elementwiseBuiltins() map[string]*builtin {
	t := map[string]*builtin{}
	for _, name := range []string{
		"sqrt", "rsqrt", "cbrt", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p",
		"sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh",
		"erf", "erfc", "lgamma", "digamma", "floor", "ceil", "round", "sigmoid", "softplus", "relu",
		"gelu", "silu", "isnan", "isfinite",
	} {
		t[name] = &builtin{params: []string{"x"}, run: func(b *bcall) val {
			return b.c.elementwise(b.name, b.at, b.real(0))
		}}
	}
	for _, name := range []string{"atan2", "hypot"} {
		t[name] = &builtin{params: []string{"y", "x"}, run: func(b *bcall) val {
			return b.c.elementwise(b.name, b.at, b.real(0), b.real(1))
		}}
	}
	t["abs"] = &builtin{params: []string{"x"}, run: absolute}
	t["stop"] = &builtin{params: []string{"x"}, run: func(b *bcall) val {
		if v := b.args[0].val; v.kind == kInst {
			if !b.c.applied(v) {
				return b.bad()
			}
			return b.c.instValue(b.c.mapped(v.inst, func(p val) val { return b.c.elementwise("stop", b.at, p) }), b.at)
		}
		v := b.any(0)
		if !v.ok() || v.elem() != graph.Real {
			return v
		}
		return b.c.elementwise("stop", b.at, v)
	}}
	t["clamp"] = &builtin{params: []string{"x", "lo", "hi"}, run: clampCall}
	t["sign"] = &builtin{params: []string{"x"}, run: func(b *bcall) val {
		if v := b.number(0); v.ok() && v.elem() == graph.Int {
			return b.c.intClamp(v, untyped(shape.Const(-1), b.at), untyped(shape.Const(1), b.at), b.at)
		}
		return b.c.elementwise("sign", b.at, b.real(0))
	}}
	t["div"] = &builtin{params: []string{"a", "b"}, run: intDivision}
	t["mod"] = &builtin{params: []string{"a", "b"}, run: modulo}
	t["real"] = &builtin{params: []string{"x"}, run: toReal}
	t["int"] = &builtin{params: []string{"x"}, run: toInt}
	t["where"] = &builtin{lazy: whereCall}
	return t
}

func (b *bcall) dimPair(x, y val, fn func(a, d shape.Dim) shape.Dim) val {
	a, ok1 := b.c.asDim(x)
	d, ok2 := b.c.asDim(y)
	if ok1 && ok2 && d.Is(0) {
		return b.c.bad("G0311", b.at, "division by zero")
	}
	if !ok1 || !ok2 {
		return b.bad()
	}
	return untyped(fn(a, d), b.at)
}

func toReal(b *bcall) val {
	v := b.args[0].val
	if v.kind == kUntyped {
		return b.c.asReal(v)
	}
	if v = b.any(0); !v.ok() {
		return v
	}
	return b.on(v, b.c.b.ToReal(b.c.nodeOf(v)))
}

func toInt(b *bcall) val {
	v := b.args[0].val
	if v.kind == kUntyped {
		return b.c.asInt(v)
	}
	v = b.any(0)
	if !v.ok() || v.elem() == graph.Int {
		return v
	}
	return b.on(v, b.c.b.Map("int", b.c.nodeOf(v)))
}

// whereCall evaluates its branches under their conditions, so that checks in
// them hold only where they are taken.
func whereCall(b *bcall) val {
	c := b.c
	var args []arg
	for i, a := range b.e.Args {
		x := arg{expr: a.Value, at: a.At}
		if a.Name != nil {
			x.name, x.at = a.Name.Text, a.Name.At
		} else if i == 0 {
			x.name = ""
		}
		args = append(args, x)
	}
	if !b.match([]string{"c", "a", "b"}, args) {
		return b.bad()
	}
	cond := c.expr(b.s, b.f, b.args[0].expr)
	if !cond.ok() {
		return cond
	}
	if cond.kind == kKnown {
		taken := b.args[1]
		if !cond.known {
			taken = b.args[2]
		}
		return c.expr(b.s, b.f, taken.expr)
	}
	if cond = c.asBool(cond); !cond.ok() {
		return cond
	}
	x := b.under(cond, b.args[1].expr)
	y := b.under(tensor(c.b.Op("not", nil, c.nodeOf(cond)), cond.idx, cond.at), b.args[2].expr)
	if !x.ok() || !y.ok() {
		return b.bad()
	}
	if x.kind == kInst && y.kind == kInst && len(cond.inner()) == 0 {
		return c.instPair(x, y, b.at, func(p, q val) val { return c.elementwise("where", b.at, cond, p, q) })
	}
	x, y = c.sameElem(x, y)
	return c.elementwise("where", b.at, cond, x, y)
}

func (b *bcall) under(cond val, e ast.Expr) val {
	b.c.masks = append(b.c.masks, cond)
	v := b.c.expr(b.s, b.f, e)
	b.c.masks = b.c.masks[:len(b.c.masks)-1]
	return v
}

// sameElem brings two values to one element type.
func (c *checker) sameElem(x, y val) (val, val) {
	switch {
	case isInt(x) && mayBeInt(y) || isInt(y) && mayBeInt(x):
		return c.asInt(x), c.asInt(y)
	case isBoolVal(x) && isBoolVal(y):
		return c.typed(x, false), c.typed(y, false)
	}
	return c.asReal(x), c.asReal(y)
}

func isBoolVal(v val) bool {
	return v.kind == kKnown || v.kind == kTensor && v.elem() == graph.Bool
}
