package check

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// arg is one argument of a call.
type arg struct {
	name string // "" where positional
	val  val
	expr ast.Expr
	at   diag.Span
}

// call evaluates f(args). name is what the result is bound to, for naming an
// instance; made receives the instance that the call makes.
func (c *checker) call(s *scope, f *frame, e *ast.Call, name string, made **instance) val {
	if !f.mod.library {
		site := c.site
		c.site = e.At
		defer func() { c.site = site }()
	}
	if c.unboundIndex(s, e) {
		return val{kind: kBad}
	}
	fn := c.callee(s, f, e.Fun)
	if !fn.ok() {
		if inner, ok := e.Fun.(*ast.Call); !ok || !slices.Contains(sortedKeys(comprehensions), inner.Fun.Span().Text()) {
			c.argsOnly(s, f, e)
		}
		return val{kind: kBad}
	}
	if fn.kind == kInst {
		return c.callInstance(s, f, fn.inst, e)
	}
	if fn.kind != kFunc {
		d := diag.New("G0209", e.Fun.Span(), "%s is %s and cannot be called", short(e.Fun.Span()), fn.describe())
		en := s.find(short(e.Fun.Span()))
		if en != nil && en.inst != nil {
			d = d.WithHelp("%s is the result of a layer; an instance to be called again is made by %s = layer ..", en.name, en.name)
		} else if en != nil && en.what == "parameter" && c.fn != nil && len(c.callers) < 2 && len(fn.inner()) == 0 {
			d = d.WithHelp("a product is written with *; a function that takes functions has a name with a small letter")
		} else if en != nil && en.what == "parameter" && len(fn.inner()) == 0 {
			d = d.WithHelp("%s is a parameter; give it a function, as in tanh", en.name)
		} else if len(e.Args) == 1 && e.Args[0].Name == nil {
			d = d.WithHelp("%s", calledHelp(fn, short(e.Fun.Span()), short(e.Args[0].Value.Span())))
		}
		c.report(d)
		return val{kind: kBad, at: e.At}
	}
	if bi := fn.fn.builtin; bi != nil {
		return c.callBuiltin(s, f, fn.fn.name, bi, e)
	}
	if fn.fn.optim != nil {
		return c.bad("G0114", e.Fun.Span(), "%s is an update rule; it stands in a train line", fn.fn.name)
	}
	args := c.arguments(s, f, e)
	if fn.fn.decl.Layer {
		return c.callLayer(f, fn.fn, args, e, name, made)
	}
	return c.callFunc(f, fn.fn, args, e.At)
}

// calledHelp answers x(i), where x is no function.
func calledHelp(x val, name, arg string) string {
	if len(x.inner()) > 0 {
		return "an element is written " + name + "[" + arg + "], a product " + name + " * (" + arg + ")"
	}
	return "a product is written " + name + " * (" + arg + ")"
}

// callee evaluates what is called.
func (c *checker) callee(s *scope, f *frame, e ast.Expr) val {
	id, ok := e.(*ast.Ident)
	if !ok || c.knows(s, id.Name) {
		return c.expr(s, f, e)
	}
	if path := c.library(f, id.Name); path != "" && builtins["random."+id.Name] == nil && foreign[id.Name] == "" {
		c.report(diag.New("G0204", id.At, "there is no function %s here", id.Name).
			WithHelp("the module %s has one: import %q, and write %s.%s", path, path, path, id.Name))
		return val{kind: kBad, at: id.At}
	}
	d := diag.New("G0204", id.At, "there is no function %s here", id.Name)
	if builtins["random."+id.Name] != nil {
		d = d.WithHelp("random numbers are drawn by random.%s", id.Name)
	}
	return c.suggest(c.elsewhere(s, f, d, id), id.Name, append(s.candidates(), sortedKeys(builtins)...))
}

const endlessHelp = "its depth is decided when code is generated: end it by an if over a dim that gets smaller, or loop by scan or while"

// knows reports whether a name means anything here.
func (c *checker) knows(s *scope, name string) bool {
	_, constant := constants[name]
	return s.find(name) != nil || builtins[name] != nil || constant || name == "training"
}

func indexOf(names []string, name string) int {
	for i, n := range names {
		if n == name {
			return i
		}
	}
	return -1
}

func plural(n int, what string) string {
	if n == 0 {
		return "no " + what
	}
	if n == 1 {
		return "one " + what
	}
	if what == "axis" {
		return fmt.Sprintf("%d axes", n)
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// deepest is how many calls may be under way in one another.
const deepest = 1000

// endless reports calls in one another without end, once: what the calls around the
// last one still call is not evaluated. What was found on trial counts on trial.
func (c *checker) endless(name string, at diag.Span) bool {
	if c.deep > c.quiet+1 {
		c.deep = 0
	}
	if c.deep == 0 && c.depth > deepest {
		c.report(diag.New("G0214", at, "%s calls itself without end", name).WithHelp("%s", endlessHelp))
		c.deep = c.quiet + 1
	}
	return c.deep > 0
}

// callFunc evaluates a user function's body with its parameters bound.
func (c *checker) callFunc(f *frame, fn *function, args []arg, at diag.Span) val {
	if c.endless(fn.name, at) {
		return val{kind: kBad, at: at}
	}
	if v, ok := c.shared(f, fn, args, at); ok {
		return v
	}
	return c.writeOut(f, fn, args, at)
}

// writeOut evaluates the body here.
func (c *checker) writeOut(f *frame, fn *function, args []arg, at diag.Span) val {
	inner := &frame{mod: fn.mod, inst: fn.outer.inst, loops: fn.outer.loops, outer: f}
	s := newScope(fn.scope, true)
	if !c.bindParams(s, inner, fn.name, fn.decl.Params, args, at) {
		return val{kind: kBad}
	}
	if fn.decl.Derivative != nil {
		return c.stated(s, inner, fn.decl, at)
	}
	return c.run(s, inner, fn.decl, at)
}

// run evaluates a function's or layer's body.
func (c *checker) run(s *scope, inner *frame, decl *ast.Func, at diag.Span) val {
	c.depth++
	span := c.b.Span
	c.callers = append(c.callers, caller{at, decl.Span()})
	defer func() {
		if c.depth--; c.depth == 0 {
			c.deep = 0
		}
		c.b.Span, c.callers = span, c.callers[:len(c.callers)-1]
	}()
	if b, ok := decl.Body.(*ast.Block); ok {
		after := c.rest
		c.rest = nil
		defer func() { c.rest = after }()
		v, returned := c.block(s, inner, b.Stmts)
		if !returned {
			return c.bad("G0116", decl.Name.At, "%s returns nothing", decl.Name.Text)
		}
		c.unused(s, inner)
		return v
	}
	return c.expr(s, inner, decl.Body)
}

// bindParams matches arguments with parameters, defaults and shape patterns.
func (c *checker) bindParams(s *scope, f *frame, what string, ps []*ast.FuncParam, args []arg, at diag.Span) bool {
	names := make([]string, len(ps))
	for i, p := range ps {
		names[i] = p.Name.Text
	}
	slots, ok := c.match(what, names, args, at)
	if !ok {
		return false
	}
	for i, p := range ps {
		v, good := c.paramValue(s, f, what, p, slots[i], at)
		if !good {
			ok = false
			poison(s, map[string]bool{p.Name.Text: true}) // defaults may use it
			continue
		}
		pat := &pattern{c: c, s: s, f: f, what: what, p: p}
		if p.Shape != nil && !pat.match(v) {
			ok = false
			poison(s, map[string]bool{p.Name.Text: true})
			continue
		}
		v = c.marked(f, p.Name.Text, v)
		v.name, v.origin = p.Name.Text, p.Name.At
		if slots[i] != nil && f.mod.library {
			v.name, v.origin = slots[i].val.name, slots[i].val.origin
		}
		s.put(&entry{name: p.Name.Text, val: v, span: p.Name.At, what: "parameter"})
	}
	return ok
}

func (c *checker) paramValue(s *scope, f *frame, what string, p *ast.FuncParam, a *arg, at diag.Span) (val, bool) {
	v := val{}
	switch {
	case a != nil:
		v = a.val
	case p.Default != nil:
		v = c.expr(s, f, p.Default)
	default:
		c.report(diag.New("G0207", at, "%s needs an argument %s", what, p.Name.Text).WithHelp("%s", c.signature(what, f)))
		return v, false
	}
	if !v.ok() {
		return v, false
	}
	if p.Type == nil {
		if p.Shape != nil {
			v = c.typed(v, false)
		}
		return v, v.ok()
	}
	switch p.Type.Text {
	case "dim":
		d, ok := c.asDim(v)
		return untyped(d, v.at), ok
	case "int":
		v = c.asInt(v)
	case "bool":
		v = c.boolOrKnown(v)
	default:
		v = c.asReal(v)
	}
	return v, v.ok()
}

// pattern matches the shape of an argument with a signature's.
type pattern struct {
	c    *checker
	s    *scope
	f    *frame
	what string
	p    *ast.FuncParam
}

func (m *pattern) match(v val) bool {
	items, own := m.p.Shape.Items, v.inner()
	rest := len(items) > 0 && isRest(items[0])
	if rest {
		items = items[1:]
	}
	if len(own) < len(items) || !rest && len(own) != len(items) {
		least := ""
		if rest {
			least = "at least "
		}
		return m.clash(v, "it has %s; wanted: %s%d", plural(len(own), "axis"), least, len(items))
	}
	own = own[len(own)-len(items):]
	for k, it := range items {
		if !m.axis(v, it, own[k]) {
			return false
		}
	}
	return true
}

// axis binds a bare name at its first appearance and checks everything else.
func (m *pattern) axis(v val, it ast.Expr, d shape.Dim) bool {
	if id, ok := it.(*ast.Ident); ok && m.s.names[id.Name] == nil {
		if outer := m.s.outer.find(id.Name); outer == nil || outer.what != "const" {
			m.s.put(&entry{name: id.Name, val: untyped(d, id.At), span: id.At, what: "pattern", noWarn: true})
			return true
		}
	}
	want, ok := m.c.asDim(m.c.expr(m.s, m.f, it))
	if !ok {
		return false
	}
	if !m.c.sameDim(want, d, v.at) {
		if _, number := it.(*ast.Number); number {
			return m.clash(v, "%s, not %s", d, want)
		}
		return m.clash(v, "%s is %s, not %s", short(it.Span()), want, d)
	}
	return true
}

// isCount reports whether a whole number is written somewhere.
func isCount(at diag.Span) bool {
	_, err := strconv.Atoi(at.Text())
	return err == nil
}

func (m *pattern) clash(v val, format string, args ...any) bool {
	d := diag.New("G0312", v.at, "%s of %s wants a shape %s", m.p.Name.Text, m.what, m.p.Shape.At.Text()).
		WithLabel("%s: %s", v.shapeText(), fmt.Sprintf(format, args...))
	if m.f.layer && isCount(v.at) {
		d = d.WithHelp("%s is what the layer reads; one to be called later is made by net = layer %s(..), without it", m.p.Name.Text, calleeText(m.c.site))
	}
	m.c.report(m.c.cite(d, v))
	return false
}

func isRest(e ast.Expr) bool { _, ok := e.(*ast.Rest); return ok }
