package check

import (
	"math"
	"slices"
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
	case *ast.Broken:
		return brokenHead(s, e)
	case *ast.Rest:
		return c.bad("G0114", e.At, ".. stands first in the shape of a parameter: [.., n]")
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
		en.use()
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
	if c.subscripting > 0 && len([]rune(e.Name)) == 1 {
		d = d.WithHelp("an index is bound on the left, as in y[%s] = .., or before a colon, as in sum(%s: ..)", e.Name, e.Name)
	}
	if isDistribution(e.Name) {
		d = d.WithHelp("a distribution follows ~, as in param w [n] ~ %s", e.Name)
	}
	if c.rule != nil {
		d = d.WithHelp("a rule sees p, g, t, gnorm, its states and its arguments")
	}
	if f.mod.imports[e.Name] != nil {
		d = d.WithHelp("%s is a module; what it has is written %s.Name", e.Name, e.Name)
	}
	if c.reg != nil && !c.reg.branch && c.reg.roll == nil && c.defines(e.Name) {
		d = d.WithHelp("a step finds what the step before made where the loop begins with: carry %s = its first value", e.Name)
	}
	return c.suggest(c.elsewhere(s, f, d, e), e.Name, append(s.candidates(), sortedKeys(builtins)...))
}

// defines reports whether the statement being checked binds a name.
func (c *checker) defines(name string) bool {
	return slices.ContainsFunc(c.defining, func(t *ast.Target) bool { return t.Name.Text == name })
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
	case foreign[name] != "":
		d = d.WithHelp("%s", foreign[name])
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
		if id, ok := e.X.(*ast.Ident); ok && !c.knows(s, id.Name) {
			return c.noModule(id, e.Name)
		}
		v := c.expr(s, f, e.X)
		if v.ok() && v.kind != kInst {
			d := diag.New("G0203", e.Name.At, "%s has no parts: it is %s", short(e.X.Span()), v.describe())
			if id, ok := e.X.(*ast.Ident); ok && f.mod.imports[id.Name] != nil {
				d = d.WithHelp("here %s is not the module; another name lets it be seen", id.Name)
			} else if help := partHelp(short(e.X.Span()), e.Name.Text); help != "" {
				d = d.WithHelp("%s", help)
			}
			c.report(d)
			return val{kind: kBad}
		}
		if inst = v.inst; !v.ok() || !c.applied(v) {
			return val{kind: kBad}
		}
	}
	if v, ok := inst.params[e.Name.Text]; ok {
		return c.ofIteration(inst, v)
	}
	if path := inst.join(e.Name.Text); c.stateNow[path].ok() {
		c.ofIteration(inst, c.stateNow[path])
		return c.stateOf(path)
	}
	if in := inst.inner[e.Name.Text]; in != nil {
		return val{kind: kInst, inst: c.now(in), name: e.Name.Text}
	}
	return c.noPart(inst, short(e.X.Span()), e.Name)
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
	help := otherHelp[m.name+"."+e.Name.Text]
	if m.name == "nn" {
		help = memberHelp[e.Name.Text]
	}
	if en == nil && help != "" {
		return c.bad("G0704", e.Name.At, "the module %s has no %s", m.name, e.Name.Text).withHelp(c, help)
	}
	if en == nil {
		return c.noneOf("G0704", "the module "+m.name+" has no", e.Name, sortedKeys(m.scope.names))
	}
	en.use()
	return c.adopted(en)
}

// instanceOf finds the layer instance that an expression names.
func (c *checker) instanceOf(s *scope, f *frame, e ast.Expr) *instance {
	switch e := e.(type) {
	case *ast.Ident:
		if en := s.find(e.Name); en != nil {
			en.use()
			if en.val.kind == kInst {
				return c.now(en.val.inst)
			}
			return en.inst
		}
	case *ast.Field:
		if outer := c.instanceOf(s, f, e.X); outer != nil {
			return c.now(outer.inner[e.Name.Text])
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
	case kList:
		return "a list"
	case kFunc:
		return "a function"
	case kInst:
		return "an instance of " + v.inst.layer.name
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
		return c.untypedArith("-", untyped(shape.Dim{}, e.At), v, e.At)
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
		return c.wrongType(v, v.elem().String(), "bool", "compare it: "+short(v.at)+" > 0")
	}
	return v
}
