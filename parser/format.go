package parser

import (
	"bytes"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

const indentWidth = 4

// FormatSource prints a file in canonical form. A file with errors is not
// formatted; its diagnostics say why.
func FormatSource(name string, src []byte) ([]byte, diag.List) {
	f, diags := Parse(name, src)
	if diags.HasErrors() {
		return nil, diags
	}
	return Format(f), diags
}

// Format prints a file that was parsed without errors in canonical form: one
// space or none between tokens, four for each level, blank lines and line breaks
// where the author has them, comments in their places. Formatting what is
// formatted changes nothing.
func Format(f *ast.File) []byte {
	p := &printer{src: f.Src.Src, lx: lex(f.Src), shapes: map[int]bool{}, fresh: true}
	p.loose = looseSums(p.lx.toks)
	ast.Inspect(f, func(n ast.Spanned) bool {
		if sh, ok := n.(*ast.Shape); ok {
			p.shapes[sh.At.Start] = true
		}
		return true
	})
	comments := p.lx.comments
	for i, t := range p.lx.toks {
		for len(comments) > 0 && comments[0].At.Start < t.Pos.Offset {
			p.comment(comments[0])
			comments = comments[1:]
		}
		p.token(t, p.after(i))
	}
	for _, c := range comments {
		p.comment(c)
	}
	return p.text()
}

// printer lays out tokens in lines.
type printer struct {
	src    []byte
	lx     *lexed
	shapes map[int]bool // offsets of brackets that are shapes, not subscripts
	loose  map[int]bool // offsets of + and - that stand with spaces in subscripts

	lines     []line
	open      []nest
	prev      lexer.Token // last token, ends of statements aside
	unary     bool        // it was a sign
	commented bool        // a comment came after it
	end       int         // offset at which the last token or comment ended
	within    bool        // a statement is under way
	fresh     bool        // nothing stands yet in the block, or file
	force     bool        // the next token begins a line
}

// nest is an open bracket. Its inside is indented one more than indent.
type nest struct {
	text   string
	indent int
	tight  bool // a shape or subscript: operators stand without spaces
	multi  bool // a block of several lines
}

// after returns the token that follows toks[i], ends of statements aside.
func (p *printer) after(i int) lexer.Token {
	for _, t := range p.lx.toks[i+1:] {
		if t.Type != tTerm {
			return t
		}
	}
	return lexer.Token{Type: tEOF, Pos: lexer.Position{Offset: len(p.src)}}
}

func (p *printer) top() nest {
	if n := len(p.open); n > 0 {
		return p.open[n-1]
	}
	return nest{indent: -1}
}

// newlines counts the line breaks between the last element and an offset.
func (p *printer) newlines(offset int) int {
	return bytes.Count(p.src[p.end:max(p.end, offset)], []byte("\n"))
}

func (p *printer) token(t, next lexer.Token) {
	inner := p.top()
	switch {
	case t.Type == tTerm:
		p.within = false
		return
	case p.needless(t, next, inner):
		p.end = end(t)
		return
	}
	closes := t.Type == tOp && (t.Value == ")" || t.Value == "]" || t.Value == "}")
	if closes {
		p.open = p.open[:len(p.open)-1]
	}
	if p.breaks(t, inner) {
		p.begin(p.indentOf(t, closes, inner), t.Value != "}" && p.blank(t.Pos.Offset))
	} else if p.spaced(t, inner) {
		p.write(" ")
	}
	p.noteDefinition(t, inner)
	p.write(t.Value)
	if t.Type == tOp && closer[t.Value] != "" {
		p.push(t)
	}
	opens := t.Value == "{"
	p.unary, p.commented = t.Value == "-" && !endsOperand(p.prev), false
	p.prev, p.end, p.within, p.fresh, p.force = t, end(t), !opens, opens, opens && p.top().multi
}

// breaks reports whether t begins a line.
func (p *printer) breaks(t lexer.Token, inner nest) bool {
	if p.force || len(p.lines) == 0 || t.Value == "}" && inner.multi {
		return true
	}
	return p.newlines(t.Pos.Offset) > 0 && !(t.Value == "else" && p.prev.Value == "}")
}

// blank reports whether an empty line stands before what begins at an offset.
func (p *printer) blank(offset int) bool {
	return !p.within && !p.fresh && p.newlines(offset) > 1
}

// needless reports whether t is a comma after the last item of a list that goes
// on on the same line.
func (p *printer) needless(t, next lexer.Token, inner nest) bool {
	if t.Type != tOp || t.Value != "," || next.Type != tOp || p.brokenBefore(t, next) {
		return false
	}
	return next.Value == ")" || next.Value == "]" || next.Value == "?" || next.Value == ":" && inner.text == "("
}

func (p *printer) brokenBefore(comma, next lexer.Token) bool {
	return bytes.ContainsRune(p.src[end(comma):next.Pos.Offset], '\n')
}

// indentOf is the indent of a line that begins with t.
func (p *printer) indentOf(t lexer.Token, closes bool, inner nest) int {
	switch {
	case closes:
		return max(inner.indent, 0)
	case inner.text == "(" || inner.text == "[":
		return inner.indent + 1
	}
	if p.within && t.Value != "else" {
		return inner.indent + 2
	}
	return inner.indent + 1
}

func (p *printer) push(t lexer.Token) {
	n := nest{text: t.Value, indent: p.lines[len(p.lines)-1].indent}
	switch t.Value {
	case "(":
		n.tight = p.top().tight && !endsOperand(p.prev)
	case "[":
		n.tight = p.shapes[t.Pos.Offset] || endsOperand(p.prev)
	case "{":
		if b := p.top().text; (b == "" || b == "{") && !strings.HasPrefix(p.lines[len(p.lines)-1].code, "derivative") {
			n.indent = p.top().indent + 1
		}
		pair := p.lx.blocks[t.Pos.Offset]
		last := p.lx.toks[pair.close]
		n.multi = bytes.ContainsRune(p.src[t.Pos.Offset:last.Pos.Offset], '\n')
	}
	p.open = append(p.open, n)
}

func (p *printer) begin(indent int, blank bool) {
	p.lines = append(p.lines, line{indent: indent, blank: blank})
	p.force = false
}

func (p *printer) write(s string) { p.lines[len(p.lines)-1].code += s }

func (p *printer) comment(c ast.Comment) {
	if len(p.lines) == 0 || p.newlines(c.At.Start) > 0 {
		in := p.top()
		indent := in.indent + 1
		if p.within && in.text != "(" && in.text != "[" {
			indent++
		}
		p.begin(indent, p.blank(c.At.Start))
	}
	here := &p.lines[len(p.lines)-1]
	switch {
	case strings.HasPrefix(c.Text, "//"):
		here.comment = c.Text
		p.force = true
	case here.code == "":
		here.code = c.Text
	default:
		here.code += " " + c.Text
	}
	p.end, p.commented = c.At.End, true
	p.fresh = p.fresh && here.code != "" && here.code != c.Text // directly behind the {
}
