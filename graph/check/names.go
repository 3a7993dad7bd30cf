package check

import (
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// walk visits e and the expressions in it, those in blocks included.
func walk(e ast.Spanned, visit func(ast.Expr)) {
	ast.Inspect(e, func(n ast.Spanned) bool {
		if x, ok := n.(ast.Expr); ok {
			visit(x)
		}
		return true
	})
}

// names looks for unknown names in functions, layers and update rules that
// nothing calls: generic code is checked in full only where it is specialised.
func (c *checker) names(m *module) {
	for _, d := range m.file.Decls {
		switch d := d.(type) {
		case *ast.Func:
			if !c.called(m, d.Name.Text) && (d.Layer || !exported(d.Name.Text)) {
				c.namesIn(m, d, nil)
			}
		case *ast.Optimizer:
			if !c.called(m, d.Name.Text) {
				c.namesIn(m, d, []string{"p", "g", "t", "gnorm"})
			}
		}
	}
}

func (c *checker) called(m *module, name string) bool {
	e := m.scope.names[name]
	return e != nil && e.used
}

// namesIn checks the names of one declaration against all that it binds anywhere.
func (c *checker) namesIn(m *module, d ast.Spanned, given []string) {
	bound := map[string]bool{"training": true}
	for _, n := range given {
		bound[n] = true
	}
	ast.Inspect(d, func(n ast.Spanned) bool {
		bindsOf(n, bound)
		return true
	})
	calls := map[*ast.Ident]bool{}
	walk(d, func(e ast.Expr) {
		if call, ok := e.(*ast.Call); ok {
			if id, ok := call.Fun.(*ast.Ident); ok {
				calls[id] = true
			}
		}
		id, ok := e.(*ast.Ident)
		if !ok || bound[id.Name] || m.scope.names[id.Name] != nil || builtins[id.Name] != nil {
			return
		}
		if _, ok := constants[id.Name]; ok {
			return
		}
		if _, ok := m.imports[id.Name]; ok {
			m.used[id.Name] = true
			return
		}
		if _, ok := comprehensions[id.Name]; ok || isDistribution(id.Name) || id.Name == "random" {
			return
		}
		c.report(c.unknownIn(id, calls[id], sortedKeys(bound)))
	})
}

func isDistribution(name string) bool { _, ok := distributions[name]; return ok }

func (c *checker) unknownIn(id *ast.Ident, called bool, candidates []string) diag.Diagnostic {
	d := diag.New("G0201", id.At, "there is no name %s here", id.Name)
	if called {
		d = diag.New("G0204", id.At, "there is no function %s here", id.Name)
	}
	if help := foreign[id.Name]; help != "" {
		d = d.WithHelp("%s", help)
	} else if near := diag.Suggest(id.Name, append(candidates, sortedKeys(builtins)...)); near != "" {
		d = d.WithHelp("did you mean %s?", near)
	}
	return d
}

// bindsOf enters the names that a node binds.
func bindsOf(n ast.Spanned, bound map[string]bool) {
	switch n := n.(type) {
	case *ast.FuncParam:
		bound[n.Name.Text] = true
		if n.Shape != nil {
			for _, it := range n.Shape.Items {
				if id, ok := it.(*ast.Ident); ok {
					bound[id.Name] = true
				}
			}
		}
	case *ast.Binder:
		bound[n.Name.Text] = true
	case *ast.Broken:
		for _, name := range n.Names {
			bound[name.Text] = true
		}
	case *ast.Func:
		bound[n.Name.Text] = true
		if n.Derivative != nil {
			for _, p := range n.Derivative.Params {
				bound[p.Text] = true
			}
		}
	case *ast.For:
		bound[n.Index.Text] = true
	case *ast.Scan:
		bound[n.Index.Text] = true
	default:
		if name, ok := ast.Declares(n); ok {
			bound[name.Text] = true
		}
	}
}
