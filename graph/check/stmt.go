package check

import (
	"strings"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// block runs statements in a scope. A return ends it with its values.
func (c *checker) block(s *scope, f *frame, stmts []ast.Stmt) (result val, returned bool) {
	after := c.rest
	defer func() { c.rest = after }()
	for i, st := range stmts {
		if _, isIf := st.(*ast.If); isIf {
			c.rest = follow(stmts[i+1:], after)
		}
		if result, returned = c.stmt(s, f, st); returned {
			return result, true
		}
	}
	return val{}, false
}

func (c *checker) stmt(s *scope, f *frame, st ast.Stmt) (val, bool) {
	if !f.mod.library {
		c.b.Span = firstLine(st.Span())
	}
	switch st := st.(type) {
	case *ast.Return:
		return c.returned(s, f, st), true
	case *ast.If:
		return c.ifStmt(s, f, st)
	case *ast.For:
		c.forStmt(s, f, st)
	case *ast.Assign:
		c.assign(s, f, st)
	case *ast.Const:
		v := c.expr(s, f, st.Value)
		if v.kind == kTensor && v.node != nil && c.varies(v.node, st.Value.Span(), "a const is made of constants, and %s is not constant") {
			c.helpLast("a definition is written without const: " + st.Name.Text + " = ..")
			v = val{kind: kBad}
		}
		c.declare(s, st.Name, "const", v)
	case *ast.Func:
		c.distinct(st)
		c.declare(s, st.Name, "func", val{kind: kFunc, at: st.Name.At,
			fn: &function{name: st.Name.Text, decl: st, mod: f.mod, scope: s.keeping(), outer: f}}).noWarn = true
	case *ast.Scan:
		if !c.scanStmt(s, f, st) {
			poison(s, loopNames(st.Body))
		}
	case *ast.While:
		if !c.whileStmt(s, f, st) {
			poison(s, loopNames(st.Body))
		}
	case *ast.Collect:
		c.collect(s, f, st)
	case *ast.Broken:
		c.broken(s, st)
	default:
		c.declaration(s, f, st)
	}
	return val{}, false
}

// firstLine cuts a span at the end of its first line.
func firstLine(at diag.Span) diag.Span {
	for i := at.Start; i < at.End && at.File != nil; i++ {
		if at.File.Src[i] == '\n' {
			at.End = i
			break
		}
	}
	return at
}

// declaration handles what only models, layers and update rules may hold.
func (c *checker) declaration(s *scope, f *frame, st ast.Stmt) {
	switch st := st.(type) {
	case *ast.Dim:
		c.dim(s, f, st)
	case *ast.Param:
		c.param(s, f, st)
	case *ast.State:
		c.state(s, f, st)
	case *ast.Update:
		c.update(s, f, st)
	case *ast.Carry:
		c.carry(s, f, st)
	case *ast.Input, *ast.Output, *ast.Metric, *ast.Loss, *ast.Train:
		if !f.model {
			c.errorf("G0114", firstLine(st.Span()), "this declaration stands only at the top of a model")
			return
		}
		c.modelDecl(s, f, st)
	default:
		c.errorf("G0114", firstLine(st.Span()), "this declaration stands only at the top of a file")
	}
}

func (c *checker) returned(s *scope, f *frame, st *ast.Return) val {
	if f.model {
		return c.bad("G0114", st.Span(), "a model returns nothing; outputs are declared with output")
	}
	var items []val
	for _, e := range st.Values {
		v := c.expr(s, f, e)
		if v.kind == kTuple {
			items = append(items, v.items...)
		} else {
			items = append(items, v)
		}
	}
	if len(items) == 1 {
		return items[0]
	}
	return val{kind: kTuple, items: items, at: st.Span()}
}

// ifStmt decides a condition known now; branches share the outer scope's names.
func (c *checker) ifStmt(s *scope, f *frame, st *ast.If) (val, bool) {
	rest := c.rest
	cond := c.expr(s, f, st.Cond)
	if cond.kind != kKnown {
		c.decidedByIndex(cond)
		return c.runtimeIf(s, f, cond, st, rest)
	}
	taken, other := st.Then, st.Else
	if !cond.known {
		taken, other = st.Else, st.Then
		if st.ElseIf != nil {
			return c.ifStmt(s, f, st.ElseIf)
		}
	}
	if taken == nil {
		return val{}, false
	}
	inner := newScope(s, false)
	result, returned := c.block(inner, f, taken.Stmts)
	both := boundNames(other)
	for _, e := range inner.order {
		if both[e.name] && !e.declared && inner.names[e.name] == e {
			s.put(e)
			e.noWarn = true
		}
	}
	if !returned {
		c.unusedInBlock(inner, f, both)
	}
	return result, returned
}

// poison enters names that a refused statement would have bound, so that their
// use is no second error.
func poison(s *scope, names map[string]bool) {
	for _, name := range sortedKeys(names) {
		s.put(&entry{name: name, val: val{kind: kBad}, noWarn: true})
	}
}

// loopNames are the names a loop hands on.
func loopNames(b *ast.Block) map[string]bool {
	out := map[string]bool{}
	for _, st := range b.Stmts {
		switch st := st.(type) {
		case *ast.Carry:
			out[st.Name.Text] = true
		case *ast.Collect:
			out[st.Name.Text] = true
		}
	}
	return out
}

func (c *checker) unusedInBlock(s *scope, f *frame, but map[string]bool) {
	for name := range but {
		if e := s.names[name]; e != nil {
			e.noWarn = true
		}
	}
	c.unused(s, f)
}

func boundNames(b *ast.Block) map[string]bool {
	out := map[string]bool{}
	if b == nil {
		return out
	}
	for _, st := range b.Stmts {
		switch st := st.(type) {
		case *ast.Assign:
			for _, t := range st.Targets {
				out[t.Name.Text] = true
			}
		case *ast.Broken:
			for _, n := range st.Names {
				out[n.Text] = true
			}
		}
	}
	return out
}

func (c *checker) bound(s *scope, f *frame, e ast.Expr) (int, bool) {
	v := c.expr(s, f, e)
	if !v.ok() || !c.oneInt(v, e) {
		return 0, false
	}
	if v.kind == kTensor && v.elem() == graph.Real {
		c.report(diag.New("G0401", e.Span(), "a range ends at a whole number").WithLabel("this is a real"))
		return 0, false
	}
	d, isDim := shape.Dim{}, false
	if v.kind == kUntyped {
		d, isDim = c.dimOf(v)
	}
	k, isConst := d.IsConst()
	if !isDim || !isConst {
		c.report(diag.New("G0407", e.Span(), "the bounds of a for must be known when code is generated").
			WithHelp("%s", boundHelp(f)))
		return 0, false
	}
	return int(k), true
}

// boundHelp answers a bound of a for that only the run can tell: in a model it may
// be a dim without a value.
func boundHelp(f *frame) string {
	if f.model {
		return "give the dim a value (dim n = 8), or use scan for a loop at run time"
	}
	return "use scan for a loop at run time"
}

// assign binds one name or several.
func (c *checker) assign(s *scope, f *frame, st *ast.Assign) {
	if len(st.Targets) == 1 && st.Targets[0].Indexed {
		t := st.Targets[0]
		c.hides(s, t)
		v := c.comprehension(s, f, "array", t.Index, st.Value, st.Span())
		c.hint(f, v, t.Name.Text)
		c.define(s, f, t.Name, v, nil)
		return
	}
	var made *instance
	before := c.defining
	c.defining = st.Targets
	v := c.named(s, f, st, &made)
	c.defining = before
	if len(st.Targets) == 1 {
		if v.kind == kTuple {
			v = c.bad("G0210", st.Value.Span(), "this has %d results for one name", len(v.items)).
				withHelp(c, "unpack them: "+unpacked(st.Targets[0].Name.Text, len(v.items))+" = "+short(st.Value.Span()))
		}
		c.hint(f, v, st.Targets[0].Name.Text)
		c.define(s, f, st.Targets[0].Name, v, made)
		return
	}
	if v.ok() && (v.kind != kTuple || len(v.items) != len(st.Targets)) {
		n := 1
		if v.kind == kTuple {
			n = len(v.items)
		}
		v = c.bad("G0210", st.Span(), "%s for %s", plural(len(st.Targets), "name"), plural(n, "result"))
	}
	for i, t := range st.Targets {
		if t.Indexed {
			c.errorf("G0114", t.Span(), "an indexed definition has one target")
			continue
		}
		item := val{kind: kBad}
		if v.ok() {
			item = v.items[i]
		}
		c.hint(f, item, t.Name.Text)
		c.define(s, f, t.Name, item, nil)
	}
}

// hides warns of x[i] = e in a loop over i, which does not mean the loop's i.
func (c *checker) hides(s *scope, t *ast.Target) {
	for _, b := range t.Index {
		if e := s.find(b.Name.Text); e != nil && e.what == "index" {
			c.report(diag.Warn("G0217", b.Name.At, "this %s is a new index, not that of the loop", b.Name.Text).
				WithRelated(e.span, "the loop's").
				WithHelp("%s[%s] = e defines all elements; one is replaced by %s = update(%s, %s, e)", t.Name.Text, b.Name.Text, t.Name.Text, t.Name.Text, b.Name.Text))
		}
	}
}

// unpacked lists names for n results.
func unpacked(name string, n int) string {
	names := []string{name}
	for i := 2; i <= n; i++ {
		names = append(names, name+ordinal(i))
	}
	return strings.Join(names, ", ")
}

// named evaluates a right-hand side; a layer called there takes the target's name.
func (c *checker) named(s *scope, f *frame, st *ast.Assign, made **instance) val {
	return c.withName(s, f, st.Targets[0].Name.Text, len(st.Targets) == 1, st.Value, made)
}

func (c *checker) withName(s *scope, f *frame, name string, only bool, e ast.Expr, made **instance) val {
	call, ok := e.(*ast.Call)
	if li, isInst := e.(*ast.LayerInst); isInst {
		return c.layerInst(s, f, li, name)
	}
	if !ok || !only {
		return c.expr(s, f, e)
	}
	return c.call(s, f, call, name, made)
}

// hint leaves the source name on a node for generated code and messages.
func (c *checker) hint(f *frame, v val, name string) {
	if v.kind == kTensor && v.node != nil && v.node.Name == "" && !f.mod.library && c.quiet == 0 {
		v.node.Name = name
	}
}

// marked wraps a value in a mark where some derivative goes by its name.
func (c *checker) marked(f *frame, name string, v val) val {
	if !f.mod.targets[name] {
		return v
	}
	if v.kind == kInst && v.inst.started {
		out := c.mapped(v.inst, func(p val) val { return c.marked(f, name, p) })
		out.computed = v.inst.computed
		return c.instValue(out, v.at)
	}
	if v.kind == kUntyped || v.kind == kList {
		v = c.asReal(v)
	}
	if v.kind != kTensor || v.elem() != graph.Real {
		return v
	}
	// Lifted to all indices in scope, a binding has a variable for each iteration.
	v.node, v.idx = c.b.Mark(c.lift(v, union(c.active), v.inner())), union(c.active)
	return v
}
