package check

import (
	"slices"
	"strings"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// module enters a file's top-level names, its imports first.
func (c *checker) module(f *ast.File, path []string) *module {
	m := &module{
		file: f, scope: newScope(nil, true), imports: map[string]*module{},
		used: map[string]bool{}, targets: derivativeTargets(f),
	}
	c.doubts(f)
	for _, im := range f.Imports {
		c.importInto(m, im, path)
	}
	fr := &frame{mod: m}
	c.newGraph()
	for _, d := range f.Decls {
		c.topLevel(m, fr, d)
	}
	return m
}

func (c *checker) topLevel(m *module, fr *frame, d ast.Stmt) {
	switch d := d.(type) {
	case *ast.Func:
		c.distinct(d)
		if d.Layer && d.Derivative != nil {
			c.report(diag.New("G0607", d.Derivative.At, "the derivative of a layer is not stated").
				WithHelp("state that of a func, and call it in the layer"))
		}
		c.declare(m.scope, d.Name, "func", val{kind: kFunc, at: d.Name.At,
			fn: &function{name: d.Name.Text, decl: d, mod: m, scope: m.scope, outer: fr}})
	case *ast.Optimizer:
		c.declare(m.scope, d.Name, "optimizer", val{kind: kFunc, at: d.Name.At,
			fn: &function{name: d.Name.Text, optim: d, mod: m, scope: m.scope, outer: fr}})
	case *ast.Model:
		c.declare(m.scope, d.Name, "model", val{kind: kBad})
	case *ast.Const:
		c.declare(m.scope, d.Name, "const", c.expr(m.scope, fr, d.Value)).top = true
	case *ast.Broken:
		c.broken(m.scope, d)
	}
}

// adopted is what a name stands for at this point. The nodes of a constant of a
// file are made again in the graph at hand.
func (c *checker) adopted(e *entry) val {
	v := e.val
	switch {
	case e.path != "":
		return c.stateOf(e.path)
	case v.kind == kInst:
		v.inst = c.now(v.inst)
		return v
	case !e.top:
		return v
	}
	made := map[*graph.Node]*graph.Node{}
	copied := func(n *graph.Node) *graph.Node {
		for _, m := range graph.Reachable(n) {
			if made[m] != nil {
				continue
			}
			args := make([]*graph.Node, len(m.Args))
			for i, a := range m.Args {
				args[i] = made[a]
			}
			made[m] = c.b.Copy(m, args...)
		}
		return made[n]
	}
	return v.over(copied)
}

// over applies fn to the nodes of a value.
func (v val) over(fn func(*graph.Node) *graph.Node) val {
	if v.node != nil {
		v.node = fn(v.node)
	}
	items := make([]val, len(v.items))
	for i, it := range v.items {
		items[i] = it.over(fn)
	}
	v.items = items
	return v
}

// distinct reports parameters of one name.
func (c *checker) distinct(d *ast.Func) {
	seen := map[string]diag.Span{}
	for _, p := range d.Params {
		if at, ok := seen[p.Name.Text]; ok {
			c.report(diag.New("G0202", p.Name.At, "%s is declared twice", p.Name.Text).WithRelated(at, "the first declaration"))
		}
		seen[p.Name.Text] = p.Name.At
	}
}

// importInto loads one import and enters it under the last part of its path.
func (c *checker) importInto(m *module, im *ast.Import, path []string) {
	name := strings.TrimSuffix(im.Path[strings.LastIndexByte(im.Path, '/')+1:], ".grad")
	if m.imports[name] != nil {
		c.errorf("G0703", im.PathAt, "%s is imported twice under that name", name)
		return
	}
	if c.opt.Load == nil {
		c.errorf("G0701", im.PathAt, "there is no module %q", im.Path)
		return
	}
	f, list := c.opt.Load(m.file.Src, im.Path)
	c.diags = append(c.diags, list...)
	if f == nil || f.Astray {
		if f == nil {
			c.noImport(im)
		}
		m.imports[name] = nil
		m.used[name] = true
		return
	}
	path = append(path[:len(path):len(path)], m.file.Src.Name)
	if i := slices.Index(path, f.Src.Name); i >= 0 {
		c.errorf("G0702", im.PathAt, "imports form a cycle: %s", strings.Join(append(path[i:], f.Src.Name), " → "))
		m.imports[name], m.used[name] = nil, true
		return
	}
	inner := c.modules[f.Src.Name]
	if inner == nil {
		inner = c.module(f, path)
		inner.name, inner.library = name, !strings.HasPrefix(im.Path, ".")
		c.modules[f.Src.Name] = inner
	}
	m.imports[name] = inner
}

// noImport reports an import of what is not there.
func (c *checker) noImport(im *ast.Import) {
	d := diag.New("G0701", im.PathAt, "there is no module %q", im.Path).
		WithHelp("the standard modules are nn, prob, geo, ode and opt; a file beside this one is \"./name\"")
	near := diag.Suggest(im.Path, standardModules)
	switch own := strings.HasPrefix(im.Path, "."); {
	case strings.HasSuffix(im.Path, ".grad"):
		d = d.WithHelp("leave out .grad: import %q", strings.TrimSuffix(im.Path, ".grad"))
	case own:
		d.Message, d.Help = "there is no file "+im.Path+".grad", "paths begin at the folder of the importing file"
	case near != "":
		d = d.WithHelp("did you mean %q?", near)
	}
	c.report(d)
}

func (c *checker) unusedImports(m *module) {
	for _, im := range m.file.Imports {
		name := im.Path[strings.LastIndexByte(im.Path, '/')+1:]
		if m.imports[name] != nil && !m.used[name] {
			c.report(diag.Warn("G0705", im.PathAt, "%s is imported and not used", name))
		}
	}
}

// derivativeTargets are the names by which some derivative in the file is
// taken. A binding of such a name is marked, so that derivatives see it as a
// variable of its own; marking one too many changes nothing.
func derivativeTargets(f *ast.File) map[string]bool {
	out := map[string]bool{}
	walk(f, func(e ast.Expr) {
		call, ok := e.(*ast.Call)
		if !ok {
			return
		}
		if id, ok := call.Fun.(*ast.Ident); !ok || !derivatives[id.Name] {
			return
		}
		for _, a := range call.Args {
			if name := rootOf(a.Value); name != "" {
				out[name] = true
			}
		}
	})
	return out
}

var derivatives = map[string]bool{
	"grad": true, "jacobian": true, "hessian": true, "hvp": true, "jvp": true, "vjp": true,
}
