package check

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// condition is the one bool by which an if or a while decides.
func (c *checker) condition(e ast.Expr, v val) val {
	switch {
	case !v.ok():
		return v
	case v.kind == kKnown:
		return c.typed(v, false)
	case v.kind == kTensor && v.elem() == graph.Bool && len(v.inner()) == 0:
		return v
	}
	d := diag.New("G0404", e.Span(), "a condition is one bool").WithLabel("this is %s", v.describe())
	if v.kind == kTensor && len(v.inner()) == 0 || v.kind == kUntyped {
		d = d.WithHelp("compare it, as in %s != 0", short(e.Span()))
	} else {
		d = d.WithHelp("any(..) or all(..) makes one bool; where(c, a, b) selects element by element")
	}
	c.report(d)
	return val{kind: kBad, at: v.at}
}

// headlessIf looks for errors in the blocks of an if whose condition has one. It
// may be one that is decided when code is generated, so that only one of the blocks
// has to make sense: of those, only names that nothing binds are errors.
func (c *checker) headlessIf(s *scope, f *frame, st *ast.If) {
	before, reads := c.diags, c.readsValue(s, st.Cond)
	c.enter(nil).branch = true
	c.underIf++
	for _, stmts := range [][]ast.Stmt{st.Then.Stmts, elseOf(st)} {
		w := c.oneWay(s, f, val{}, stmts, false)
		c.unusedInBlock(w.inner, f, nil)
		for _, x := range w.writes {
			c.journal.note(x.e)
			x.e.val, x.e.inst, x.e.used = val{kind: kBad}, nil, true
		}
	}
	c.underIf--
	c.leave()
	poison(s, boundNames(st.Then))
	if reads {
		return
	}
	said := c.diags[len(before):]
	c.diags = before[:len(before):len(before)]
	for _, d := range said {
		if nameless[d.Code] {
			c.diags.Add(d)
		}
	}
}

// readsValue reports whether an expression reads something that the run computes.
func (c *checker) readsValue(s *scope, e ast.Expr) (reads bool) {
	walk(e, func(x ast.Expr) {
		if id, ok := x.(*ast.Ident); ok {
			v := s.find(id.Name)
			reads = reads || v != nil && v.val.kind == kTensor
		}
	})
	return reads
}

func follow(a, b []ast.Stmt) []ast.Stmt { return append(append([]ast.Stmt{}, a...), b...) }

func elseOf(st *ast.If) []ast.Stmt {
	switch {
	case st.ElseIf != nil:
		return []ast.Stmt{st.ElseIf}
	case st.Else != nil:
		return st.Else.Stmts
	}
	return nil
}

// returns reports whether statements may return from the function.
func returns(list []ast.Stmt) bool {
	for _, st := range list {
		switch st := st.(type) {
		case *ast.Return:
			return true
		case *ast.If:
			if returns(st.Then.Stmts) || returns(elseOf(st)) {
				return true
			}
		}
	}
	return false
}

func (c *checker) negated(v val) val {
	return tensor(c.b.Op("not", nil, c.nodeOf(v)), v.idx, v.at)
}
