package parser

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// converted is convert, where that has nothing to complain about but options,
// which are left out.
func (s *session) converted(g *gStmt, toks []lexer.Token) []ast.Stmt {
	before := len(s.diags)
	out := s.convert(g, toks)
	for _, d := range s.diags[before:] {
		if d.Code != "G0117" {
			return one(s.broken(toks))
		}
	}
	return out
}

// broken stands for the statement that tokens could not be read as.
func (s *session) broken(toks []lexer.Token) *ast.Broken {
	b := &ast.Broken{Node: s.tokensSpan(toks)}
	first := toks[0]
	switch {
	case first.Type != tKeyword:
		b.Names = s.definedBy(toks)
	case owns[first.Value] && len(toks) > 1 && toks[1].Type == tIdent:
		b.Names = append(b.Names, s.nameAt(toks[1], toks[1].Value))
	case !nameless[first.Value]:
		b.Names = s.declaredBy(toks)
	}
	b.Unnamed = len(b.Names) == 0 && !nameless[first.Value] || s.nameExpected(b.At)
	if owns[first.Value] {
		return b
	}
	for i := 0; i < len(toks); i += s.width(toks[i]) {
		if inner := s.blocks[toks[i].Pos.Offset]; inner != nil && toks[i].Value == "{" {
			b.Names = append(b.Names, ast.Bound(inner)...)
		}
	}
	return b
}

// headless is a loop or an if whose first line could not be read, around blocks
// that could: what these hold is checked with the rest.
func (s *session) headless(b *ast.Broken, toks []lexer.Token) ast.Stmt {
	if !loops[toks[0].Value] && toks[0].Value != "if" || toks[0].Type != tKeyword {
		return b
	}
	first, blocks, last := s.outerBlocks(toks)
	if len(blocks) == 0 {
		return b
	}
	head := &ast.Broken{Node: s.tokensSpan(toks[:first]), Names: s.declaredBy(toks[1:first]), Unnamed: b.Unnamed}
	index := ast.Name{Node: ast.Node{At: s.at(toks[0])}, Text: "_"}
	if len(head.Names) > 0 {
		index = head.Names[0]
	}
	within := &ast.Range{Node: head.Node, Hi: head}
	switch {
	case toks[0].Value == "if":
		return headlessIf(b, head, blocks, last)
	case len(blocks) > 1:
		return b
	case toks[0].Value == "for":
		return &ast.For{Node: b.Node, Index: index, Range: within, Body: blocks[0]}
	case toks[0].Value == "scan":
		return &ast.Scan{Node: b.Node, Index: index, Range: within, Body: blocks[0]}
	}
	return &ast.While{Node: b.Node, Cond: head, Body: blocks[0]}
}

var loops = set("for", "scan", "while")

// outerBlocks lists the blocks of a statement that stand in no bracket, with the
// place of the first and whether an else stands before the last; none where one of
// them was not parsed.
func (s *session) outerBlocks(toks []lexer.Token) (first int, blocks []*ast.Block, orElse bool) {
	depth := 0
	for i := 0; i < len(toks); i += s.width(toks[i]) {
		switch t := toks[i]; t.Value {
		case "(", "[":
			depth++
		case ")", "]":
			depth--
		case "{":
			b := s.blocks[t.Pos.Offset]
			if depth > 0 || t.Type != tOp {
				continue
			}
			if b == nil {
				return 0, nil, false
			}
			if len(blocks) == 0 {
				first = i
			}
			blocks, orElse = append(blocks, b), toks[i-1].Value == "else"
		}
	}
	return first, blocks, orElse
}

// headlessIf is a chain of conditions of which some could not be read: nothing is
// known of any.
func headlessIf(b, cond *ast.Broken, blocks []*ast.Block, orElse bool) *ast.If {
	var below *ast.If
	var other *ast.Block
	if n := len(blocks) - 1; orElse && n > 0 {
		blocks, other = blocks[:n], blocks[n]
	}
	for i := len(blocks) - 1; i >= 0; i-- {
		below = &ast.If{Node: b.Node, Cond: cond, Then: blocks[i], ElseIf: below, Else: other}
		other = nil
	}
	return below
}

// owns holds the keywords of statements whose blocks keep their names, and which
// bind one name themselves; nameless those that bind none.
var (
	owns     = set("func", "layer", "model", "optimizer")
	nameless = set("return", "train", "loss", "for", "scan", "while", "if", "else")
)

// nameExpected reports whether an error of the statement is that a name is missing.
func (s *session) nameExpected(at diag.Span) bool {
	for _, d := range s.diags {
		if at.Start <= d.Span.Start && d.Span.Start <= at.End &&
			(strings.HasPrefix(d.Message, "expected a name") || strings.HasPrefix(d.Message, "expected a statement")) {
			return true
		}
	}
	return false
}

// declaredBy guesses which names a declaration was to declare: any that is not
// called may be one.
func (s *session) declaredBy(toks []lexer.Token) (names []ast.Name) {
	for i, t := range toks {
		switch {
		case strings.HasPrefix(t.Value, `"`): // of an import
			path := strings.Trim(t.Value, `"`)
			names = append(names, s.nameAt(t, path[strings.LastIndexByte(path, '/')+1:]))
		case t.Type == tIdent && !types[t.Value] && (i+1 == len(toks) || toks[i+1].Value != "("):
			names = append(names, s.nameAt(t, t.Value))
		}
	}
	return names
}

// definedBy guesses which names a definition was to bind: those before its = or
// arrow, and, where a bracket is not closed, of lines that seem to be within.
func (s *session) definedBy(toks []lexer.Token) (names []ast.Name) {
	depth, left, faulty := 0, true, false
	for _, t := range toks {
		faulty = faulty || t.Type == tBad
	}
	for i := 0; i < len(toks); i += s.width(toks[i]) {
		t := toks[i]
		switch {
		case t.Value == "(" || t.Value == "[":
			depth++
		case t.Value == ")" || t.Value == "]":
			depth--
		case t.Value == "=" || t.Value == "<-":
			if i > 0 && toks[i-1].Type == tIdent && (depth == 0 || faulty) {
				names = append(names, s.nameAt(toks[i-1], toks[i-1].Value))
			}
			left = left && depth > 0
		case t.Type == tString && depth <= 0: // perhaps an import
			names = append(names, s.nameAt(t, strings.Trim(t.Value, `"`)))
		case t.Type == tIdent && left && depth <= 0 && !types[t.Value]:
			names = append(names, s.nameAt(t, t.Value))
		}
	}
	return names
}

func (s *session) nameAt(t lexer.Token, text string) ast.Name {
	return ast.Name{Node: ast.Node{At: s.at(t)}, Text: text}
}

// carriesFirst moves broken statements behind the carry lines at the head of a
// block, which have to stand first.
func carriesFirst(stmts []ast.Stmt) []ast.Stmt {
	var carries, lost []ast.Stmt
	for i, st := range stmts {
		switch st.(type) {
		case *ast.Carry:
			carries = append(carries, st)
		case *ast.Broken:
			lost = append(lost, st)
		default:
			return append(append(carries, lost...), stmts[i:]...)
		}
	}
	return append(carries, lost...)
}
