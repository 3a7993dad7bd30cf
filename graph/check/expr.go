package check

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// expr evaluates an expression.
func (c *checker) expr(s *scope, f *frame, e ast.Expr) val {
	v := c.exprAny(s, f, e)
	v.at = e.Span()
	return v
}

func (c *checker) exprAny(s *scope, f *frame, e ast.Expr) val {
	switch e := e.(type) {
	case *ast.Ident:
		return c.ident(s, f, e)
	case *ast.Number:
		return c.literal(e)
	case *ast.Bool:
		return knownBool(e.Value, e.At)
	case *ast.String:
		return val{kind: kString, text: e.Value}
	case *ast.Call:
		return c.call(s, f, e, "", nil)
	case *ast.Comprehension:
		return c.comprehension(s, f, e.Fun.Span().Text(), e.Binders, e.Body, e.At)
	case *ast.Index:
		return c.index(s, f, e)
	case *ast.Field:
		return c.field(s, f, e)
	case *ast.Unary:
		return c.unary(s, f, e)
	case *ast.Binary:
		return c.binary(s, f, e)
	case *ast.Transpose:
		return c.transposeExpr(c.typed(c.expr(s, f, e.X), false), e.At)
	case *ast.List:
		v := val{kind: kList}
		for _, it := range e.Items {
			v.items = append(v.items, c.expr(s, f, it))
		}
		return v
	case *ast.LayerInst:
		return c.layerInst(s, f, e, "")
	case *ast.Block:
		after := c.rest
		c.rest = nil
		inner := *f
		inner.model = false
		v, returned := c.block(newScope(s, true), &inner, e.Stmts)
		c.rest = after
		if !returned {
			return c.bad("G0116", firstLine(e.At), "this block returns nothing")
		}
		return v
	}
	return c.bad("G0106", e.Span(), "this is no expression")
}

var constants = map[string]float64{"pi": math.Pi, "inf": math.Inf(1), "nan": math.NaN()}

func (c *checker) ident(s *scope, f *frame, e *ast.Ident) val {
	if en := s.find(e.Name); en != nil {
		en.used = true
		v := c.adopted(en)
		v.name, v.origin = e.Name, en.span
		return v
	}
	if b, ok := c.isTraining(e.Name); ok {
		return knownBool(b, e.At)
	}
	if x, ok := constants[e.Name]; ok {
		return tensor(c.b.Real(x), nil, e.At)
	}
	if bi := builtins[e.Name]; bi != nil {
		return val{kind: kFunc, fn: &function{name: e.Name, builtin: bi, mod: f.mod}, name: e.Name}
	}
	d := diag.New("G0201", e.At, "there is no name %s here", e.Name)
	if at := s.endedAt(e.Name); !at.IsZero() {
		d = d.WithRelated(at, "this binding ends with its block").WithHelp("bind %s before the block; what a block binds again is seen after it", e.Name)
	}
	return c.suggest(d, e.Name, append(s.candidates(), sortedKeys(builtins)...))
}

func (c *checker) isTraining(name string) (value, ok bool) { return c.train, name == "training" }

func (c *checker) unknown(code, what, name string, at diag.Span, candidates []string) val {
	return c.suggest(diag.New(code, at, "there is no %s %s here", what, name), name, candidates)
}

// noneOf reports a name that something lacks.
func (c *checker) noneOf(code, lacks string, name ast.Name, candidates []string) val {
	return c.suggest(diag.New(code, name.At, "%s %s", lacks, name.Text), name.Text, candidates)
}

func (c *checker) suggest(d diag.Diagnostic, name string, candidates []string) val {
	near := diag.Suggest(name, candidates)
	switch {
	case d.Help != "":
	case name == "random":
		d = d.WithHelp("there are random.normal, random.uniform, random.bernoulli and random.categorical")
	case near != "":
		d = d.WithHelp("did you mean %s?", near)
	}
	c.report(d)
	return val{kind: kBad, at: d.Span}
}

// literal reads a number: exact where it is written without a point.
func (c *checker) literal(e *ast.Number) val {
	text := strings.ReplaceAll(e.Text, "_", "")
	if e.Int {
		n, err := strconv.ParseInt(text, 0, 64)
		if err != nil {
			return c.bad("G0408", e.At, "%s does not fit a whole number", e.Text)
		}
		return untyped(shape.Const(n), e.At)
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil && math.IsInf(x, 0) {
		return c.bad("G0408", e.At, "%s is beyond the largest real", e.Text)
	}
	return tensor(c.b.Real(x), nil, e.At)
}

// field reads `module.name` or a part of a layer instance.
func (c *checker) field(s *scope, f *frame, e *ast.Field) val {
	if id, ok := e.X.(*ast.Ident); ok && s.find(id.Name) == nil {
		if m, imported := f.mod.imports[id.Name]; imported {
			f.mod.used[id.Name] = true
			return c.member(m, e)
		}
		if v, ok := c.dotted(id.Name, e); ok {
			return v
		}
	}
	inst := c.instanceOf(s, f, e.X)
	if inst == nil {
		v := c.expr(s, f, e.X)
		if v.ok() && v.kind != kInst {
			d := diag.New("G0203", e.Name.At, "%s has no parts: it is %s", short(e.X.Span()), v.describe())
			if help := elsewhere[e.Name.Text]; help != "" {
				d = d.WithHelp("%s", help)
			}
			c.report(d)
			return val{kind: kBad}
		}
		return val{kind: kBad}
	}
	if v, ok := inst.params[e.Name.Text]; ok {
		return v
	}
	if in := inst.inner[e.Name.Text]; in != nil {
		return val{kind: kInst, inst: in, name: e.Name.Text}
	}
	return c.noneOf("G0203", short(e.X.Span())+" has no part", e.Name, append(sortedKeys(inst.params), sortedKeys(inst.inner)...))
}

// elsewhere answers what tensors have after a point in other languages.
var elsewhere = map[string]string{
	"T":     "x' swaps the last two axes, transpose(x, [..]) any",
	"shape": "name the axes where the tensor is declared, as in func f(x [n, m])",
	"sum":   "write sum(x)", "mean": "write mean(x)", "dot": "write a @ b",
}

// dotted finds a built-in with a dot in its name, such as random.normal.
func (c *checker) dotted(first string, e *ast.Field) (val, bool) {
	name := first + "." + e.Name.Text
	if bi := builtins[name]; bi != nil {
		return val{kind: kFunc, fn: &function{name: name, builtin: bi}, name: name}, true
	}
	return val{}, false
}

func (c *checker) member(m *module, e *ast.Field) val {
	if m == nil {
		return val{kind: kBad} // the import has been reported
	}
	en := m.scope.names[e.Name.Text]
	if en == nil {
		return c.noneOf("G0704", "the module "+m.name+" has no", e.Name, sortedKeys(m.scope.names))
	}
	en.used = true
	return c.adopted(en)
}

// instanceOf finds the layer instance that an expression names.
func (c *checker) instanceOf(s *scope, f *frame, e ast.Expr) *instance {
	switch e := e.(type) {
	case *ast.Ident:
		if en := s.find(e.Name); en != nil {
			en.used = true
			if en.val.kind == kInst {
				return en.val.inst
			}
			return en.inst
		}
	case *ast.Field:
		if outer := c.instanceOf(s, f, e.X); outer != nil {
			return outer.inner[e.Name.Text]
		}
	}
	return nil
}

func (v val) describe() string {
	switch v.kind {
	case kTensor:
		if len(v.inner()) == 0 {
			return article(v.elem().String())
		}
		if v.elem() == graph.Real {
			return "a tensor " + shape.Format(v.inner())
		}
		return article(v.elem().String()) + " tensor " + shape.Format(v.inner())
	case kUntyped:
		return "a constant"
	case kKnown:
		return "a condition"
	case kFunc:
		return "a function"
	case kTuple:
		return "several results"
	case kString:
		return "a string"
	}
	return "a value"
}

func (c *checker) unary(s *scope, f *frame, e *ast.Unary) val {
	v := c.expr(s, f, e.X)
	if e.Op == "not" {
		if v.kind == kKnown {
			return knownBool(!v.known, e.At)
		}
		v = c.asBool(v)
		if !v.ok() {
			return v
		}
		return tensor(c.b.Op("not", nil, c.nodeOf(v)), v.idx, e.At)
	}
	if v.kind == kInst {
		return c.instArith("*", untyped(shape.Const(-1), e.At), v, e.At)
	}
	if v.kind == kUntyped {
		return val{kind: kUntyped, num: v.num.Scale(-1), den: v.den}
	}
	v = c.typed(v, false)
	switch {
	case !v.ok():
		return v
	case v.aff != nil:
		return c.affine(v.aff.Scale(-1), e.At, v)
	case v.elem() == graph.Int:
		return tensor(c.b.Op("ineg", nil, v.node), v.idx, e.At)
	}
	v = c.asReal(v)
	if !v.ok() {
		return v
	}
	return tensor(c.b.Neg(v.node), v.idx, e.At)
}

// affine makes an int of dims and indices; from gives its index names.
func (c *checker) affine(d shape.Dim, at diag.Span, from ...val) val {
	var lists [][]*binder
	for _, v := range from {
		lists = append(lists, v.idx)
	}
	var used []*binder
	for _, b := range union(lists...) {
		for _, s := range d.Syms() {
			if s == b.sym {
				used = append(used, b)
			}
		}
	}
	return val{kind: kTensor, aff: &d, idx: used, at: at}
}

func (c *checker) asBool(v val) val {
	v = c.typed(v, false)
	if v.ok() && v.elem() != graph.Bool {
		return c.wrongType(v, v.elem().String(), "bool", "compare it: x > 0")
	}
	return v
}

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
		return c.matmul(c.asReal(x), c.asReal(y), e)
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
	if isInt(x) && (isInt(y) || y.kind == kUntyped) || isInt(y) && x.kind == kUntyped {
		return c.intArith(op, x, y, at)
	}
	x, y = c.asReal(x), c.asReal(y)
	return c.elementwise(map[string]string{"+": "add", "-": "sub", "*": "mul", "/": "div"}[op], at, x, y)
}

func isInt(v val) bool { return v.kind == kTensor && v.elem() == graph.Int }

func (c *checker) untypedArith(op string, x, y val, at diag.Span) val {
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
	if x.kind == kUntyped && whole && n >= 0 && n < 64 {
		out := untyped(shape.Const(1), at)
		for range n {
			out = c.untypedArith("*", out, x, at)
		}
		return out
	}
	if isInt(x) && whole {
		return c.bad("G0402", at, "^ takes a real base: write real(%s) or multiply", short(x.at))
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

var comparisons = map[string]string{"==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}

func (c *checker) compare(op string, x, y val, at diag.Span) val {
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
	if isInt(x) || isInt(y) {
		x, y = c.asInt(x), c.asInt(y)
	} else if x.kind == kTensor && x.elem() == graph.Bool || y.kind == kTensor && y.elem() == graph.Bool {
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

// elementwise applies an operator after stretching its operands over their
// indices and shapes.
func (c *checker) elementwise(op string, at diag.Span, vs ...val) val {
	return c.elementwiseAttr(op, nil, at, vs...)
}

func (c *checker) elementwiseAttr(op string, attr graph.Attr, at diag.Span, vs ...val) val {
	var lists [][]*binder
	for _, v := range vs {
		if !v.ok() {
			return val{kind: kBad, at: at}
		}
		lists = append(lists, v.idx)
	}
	inner, ok := c.broadcast(at, vs...)
	if !ok {
		return val{kind: kBad, at: at}
	}
	idx := union(lists...)
	args := make([]*graph.Node, len(vs))
	for i, v := range vs {
		args[i] = c.lift(v, idx, inner)
	}
	return tensor(c.b.Op(op, attr, args...), idx, at)
}

// broadcast is the common inner shape; extents that cannot be compared become
// an entry check.
func (c *checker) broadcast(at diag.Span, vs ...val) ([]shape.Dim, bool) {
	var out []shape.Dim
	var from val
	for _, v := range vs {
		next, ok := c.broadcastTwo(out, v.inner(), at)
		if !ok {
			d := diag.New("G0302", at, "these shapes do not broadcast").
				WithLabel("%s and %s%s", shape.Format(out), shape.Format(v.inner()), clash(out, v.inner()))
			c.report(c.cite(d, from, v))
			return nil, false
		}
		if len(next) > 0 && len(v.inner()) > 0 {
			from = v
		}
		out = next
	}
	return out, true
}

// clash shows the extents that do not fit.
func clash(a, b []shape.Dim) string {
	for k := 1; k <= min(len(a), len(b)); k++ {
		x, y := a[len(a)-k], b[len(b)-k]
		if !x.Is(1) && !y.Is(1) && (shape.Facts{}).Equal(x, y) == shape.No {
			return fmt.Sprintf(": %s ≠ %s", x, y)
		}
	}
	return ""
}

func (c *checker) broadcastTwo(a, b []shape.Dim, at diag.Span) ([]shape.Dim, bool) {
	if len(a) < len(b) {
		a, b = b, a
	}
	out := append([]shape.Dim{}, a...)
	for k := range b {
		i := len(a) - len(b) + k
		switch {
		case b[k].Is(1):
		case a[i].Is(1):
			out[i] = b[k]
		case !c.sameDim(a[i], b[k], at):
			return nil, false
		}
	}
	return out, true
}

// sameDim compares extents; what only the run can tell is checked at entry.
func (c *checker) sameDim(a, b shape.Dim, at diag.Span) bool {
	switch (shape.Facts{}).Equal(a, b) {
	case shape.Yes:
		return true
	case shape.No:
		return false
	}
	c.addCheck(shape.Cond{Kind: shape.Zero, E: a.Sub(b)}, at, a.String()+" must equal "+b.String())
	return true
}

// cite adds where the operands of a clash come from.
func (c *checker) cite(d diag.Diagnostic, vs ...val) diag.Diagnostic {
	for _, v := range vs {
		if v.kind == kTensor && v.origin.File != nil && v.origin != v.at && v.name != "" {
			d = d.WithRelated(v.origin, "%s is %s", v.name, v.shapeText())
		}
	}
	return d
}
