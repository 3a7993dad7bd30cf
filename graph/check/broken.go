package check

import (
	"maps"

	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// A statement with an error of syntax or place is Broken. The names it seems to
// bind are known to exist, and nothing more is said of them; nor of what a
// declaration seems to lack that holds such a statement.

// broken makes nothing be known of what a statement may have bound. A name that is
// new may have been meant for what follows its block, too.
func (c *checker) broken(s *scope, st *ast.Broken) {
	for _, n := range st.Names {
		old := s.inBody(n.Text)
		switch {
		case old == nil:
			body := s
			for !body.fence {
				body = body.outer
			}
			body.put(&entry{name: n.Text, val: val{kind: kBad}, span: n.At, noWarn: true})
		case !old.declared:
			c.journal.note(old)
			old.val, old.inst, old.used = val{kind: kBad}, nil, true
		}
	}
}

// brokenHead is what stands in the first line of a loop or if that could not be
// read. Names in it that nothing binds may have been meant to be bound there.
func brokenHead(s *scope, e *ast.Broken) val {
	for _, n := range e.Names {
		if s.find(n.Text) == nil {
			s.put(&entry{name: n.Text, val: val{kind: kBad}, span: n.At, noWarn: true})
		}
	}
	return val{kind: kBad}
}

// doubt is a declaration that holds something broken.
type doubt struct {
	at      diag.Span
	names   map[string]bool // that may be bound there
	unnamed bool            // something else may be, too
}

// doubts notes the declarations of a file that hold something broken, and models
// over these. What is broken at the top of the file belongs to all of it.
func (c *checker) doubts(f *ast.File) {
	models := map[string]doubt{}
	for _, d := range f.Decls {
		in, found := doubtIn(d)
		m, isModel := d.(*ast.Model)
		if _, top := d.(*ast.Broken); top {
			in.at = f.At
		}
		if isModel && m.Base != nil {
			base, inDoubt := models[m.Base.Span().Text()]
			maps.Copy(in.names, base.names)
			found, in.unnamed = found || inDoubt, in.unnamed || base.unnamed
		}
		if !found {
			continue
		}
		if isModel {
			models[m.Name.Text] = in
		}
		c.doubtful = append(c.doubtful, in)
	}
}

// doubtIn looks for something broken in a declaration.
func doubtIn(d ast.Stmt) (in doubt, found bool) {
	in = doubt{at: d.Span(), names: map[string]bool{}}
	for _, name := range ast.Bound(d) {
		in.names[name.Text] = true
	}
	ast.Inspect(d, func(n ast.Spanned) bool {
		if b, ok := n.(*ast.Broken); ok {
			found, in.unnamed = true, in.unnamed || b.Unnamed
		}
		return true
	})
	return in, found
}

// lacking holds the codes of what a declaration lacks.
var lacking = map[string]bool{
	"G0116": true, "G0306": true, "G0501": true, "G0506": true, "G0508": true, "G0512": true, "G0513": true, "G0516": true, "G0517": true, "G0519": true,
}

// nameless holds the codes that are about a name nothing binds.
var nameless = map[string]bool{"G0201": true, "G0204": true, "G0211": true, "G0511": true, "G0518": true}

// certain drops what may only seem to be lacking.
func (c *checker) certain(list diag.List) diag.List {
	var out diag.List
	for _, d := range list {
		if !c.inDoubt(d) {
			out = append(out, d)
		}
	}
	return out
}

func (c *checker) inDoubt(d diag.Diagnostic) bool {
	for _, in := range c.doubtful {
		switch {
		case in.at.File != d.Span.File || d.Span.Start < in.at.Start || in.at.End < d.Span.Start:
		case lacking[d.Code], nameless[d.Code] && (in.unnamed || in.names[d.Span.Text()]):
			return true
		}
	}
	return false
}

// baseInDoubt reports whether something in the base model is broken, so that its
// parameters are not all known.
func (c *checker) baseInDoubt() bool {
	return c.base != nil && c.inDoubt(diag.New("G0517", c.base.m.Span, ""))
}
