// Package parser reads source text into the syntax tree, and prints source text
// in its canonical form.
//
// A file goes through three steps. The lexer cuts
//
//	func twice(x) = 2 * x
//
// into the words and signs func, twice, (, x, ), =, 2, *, x and an end of
// statement; the driver takes one statement at a time, blocks within statements
// likewise, so that an error in one does not hide those of the next; and
// participle matches the statement's tokens with the rules of grammar.go, calling
// an operator-precedence parser for the expressions. Last, each declaration is
// checked to stand where it may.
package parser

import (
	"strconv"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// Parse reads a file. It always returns a tree; the statements that have errors
// are Broken.
func Parse(name string, src []byte) (*ast.File, diag.List) {
	s := sessions.Get().(*session)
	defer sessions.Put(s)
	lx := lex(diag.NewFile(name, src))
	s.lx, s.diags, s.blocks = lx, lx.diags, map[int]*ast.Block{}
	f := &ast.File{Src: lx.file, Comments: lx.comments, Node: ast.Node{At: s.span(0, len(src))}}
	s.file(f)
	if !lx.astray {
		s.place(f)
	}
	diags := s.diags.Sorted()
	f.Faulty, f.Astray = diags.HasErrors(), lx.astray
	s.lx, s.diags, s.blocks = nil, nil, nil
	return f, diags
}

// file parses the top level.
func (s *session) file(f *ast.File) {
	s.statements(s.lx.toks, func(g *gStmt, toks []lexer.Token) {
		switch {
		case g.Real != nil:
			s.real(f, g, toks)
		case g.Import != nil:
			if len(f.Decls) > 0 {
				s.diags.Add(diag.New("G0114", s.at(toks[0]), "imports stand before all other declarations").
					WithHelp("move it to the top of the file"))
			}
			f.Imports = append(f.Imports, s.imports(g)...)
		default:
			f.Decls = append(f.Decls, s.converted(g, toks)...)
		}
	}, func(st ast.Stmt) { f.Decls = append(f.Decls, st) })
}

func (s *session) real(f *ast.File, g *gStmt, toks []lexer.Token) {
	at := s.at(*g.Real)
	switch {
	case g.Real.Value != "f32" && g.Real.Value != "f64":
		s.diags.Add(diag.New("G0106", at, "expected f32 or f64, found %s", describe(*g.Real)))
	case f.Real != nil || len(f.Imports) > 0 || len(f.Decls) > 0:
		s.diags.Add(diag.New("G0114", s.tokensSpan(toks).At, "`real` stands once, at the top of the file").
			WithHelp("move it to the first line"))
	}
	f.Real = &ast.Real{Node: s.tokensSpan(toks), Type: ast.Name{Node: ast.Node{At: at}, Text: g.Real.Value}}
}

func (s *session) imports(g *gStmt) []*ast.Import {
	var out []*ast.Import
	for i, im := range g.Import {
		out = append(out, &ast.Import{
			Node: s.tokensSpan(im.Tokens), Path: strings.Trim(im.Path.Value, `"`),
			PathAt: s.at(im.Path), Joined: i > 0,
		})
	}
	return out
}

// statements cuts tokens at the ends of statements of their own depth and parses
// each. One that holds a lexical error is passed over: the complaint is made.
func (s *session) statements(toks []lexer.Token, each func(*gStmt, []lexer.Token), lost func(ast.Stmt)) {
	failed := false
	for len(toks) > 0 {
		n, bad := s.extentOf(toks)
		stmt := toks[:n]
		if n < len(toks) {
			n++ // the terminator
		}
		toks = toks[n:]
		switch {
		case len(stmt) == 0:
		case bad, failed && stmt[0].Value == "{": // its head is broken
			s.innerBlocks(stmt)
			failed = true
			lost(s.broken(stmt))
		default:
			g := s.statement(stmt)
			if failed = g == nil; failed {
				lost(s.headless(s.broken(stmt), stmt))
			} else {
				each(g, stmt)
			}
		}
	}
}

// extentOf returns the number of tokens of the first statement, and whether one
// of them, blocks within aside, is bad.
func (s *session) extentOf(toks []lexer.Token) (n int, bad bool) {
	for n < len(toks) && toks[n].Type != tTerm {
		bad = bad || toks[n].Type == tBad
		n += s.width(toks[n])
	}
	return n, bad
}

// width is 1, and for the `{` of a block the number of tokens up to its end.
func (s *session) width(t lexer.Token) int {
	if p, ok := s.lx.blocks[t.Pos.Offset]; ok && t.Value == "{" {
		return p.close - p.open + 1
	}
	return 1
}

func (s *session) statement(toks []lexer.Token) *gStmt {
	defer func(outer *fault) { s.far = outer }(s.far)
	s.far = nil
	lex, err := lexer.Upgrade(&slice{toks: toks, blocks: s.lx.blocks})
	if err == nil {
		var g *gStmt
		if g, err = s.grammar.ParseFromLexer(lex); err == nil {
			return g
		}
	}
	d := s.habit(s.explain(err, toks[0]), toks)
	s.diags.Add(d)
	for i, t := range toks {
		if i > 0 && t.Value == "if" && t.Pos.Offset == d.Span.Start {
			toks = toks[:i] // the blocks of an if within an expression hold no statements
			break
		}
	}
	s.innerBlocks(toks)
	return nil
}

// innerBlocks parses the blocks of a statement that itself cannot be used, for
// the sake of the errors in them.
func (s *session) innerBlocks(toks []lexer.Token) {
	for i := 0; i < len(toks); i += s.width(toks[i]) {
		if p, ok := s.lx.blocks[toks[i].Pos.Offset]; ok && toks[i].Value == "{" {
			s.blockAt(p)
		}
	}
}

// takeBlock parses the block at which the lexer stands.
func (s *session) takeBlock(lex *lexer.PeekingLexer) (*ast.Block, error) {
	t := *lex.Peek()
	p, ok := s.lx.blocks[t.Pos.Offset]
	if !ok || !is(&t, "{") {
		return nil, s.expected("`{`", t)
	}
	lex.Next()
	lex.Next()
	return s.blockAt(p), nil
}

func (s *session) block(lex *lexer.PeekingLexer) (gBlock, error) {
	b, err := s.takeBlock(lex)
	if err != nil {
		return nil, err
	}
	return b, nil
}

func (s *session) blockAt(p pair) *ast.Block {
	start := s.lx.toks[p.open].Pos.Offset
	if b := s.blocks[start]; b != nil {
		return b
	}
	b := &ast.Block{Node: ast.Node{At: s.span(start, end(s.lx.toks[p.close]))}}
	s.statements(s.lx.toks[p.open+1:p.close], func(g *gStmt, toks []lexer.Token) {
		b.Stmts = append(b.Stmts, s.converted(g, toks)...)
	}, func(st ast.Stmt) { b.Stmts = append(b.Stmts, st) })
	b.Stmts = carriesFirst(b.Stmts)
	s.blocks[start] = b
	return b
}

// isInt reports whether a literal has neither point nor exponent.
func isInt(text string) bool {
	_, err := strconv.ParseUint(text, 0, 64)
	return err == nil
}
