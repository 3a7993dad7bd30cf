package parser

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"
)

// line is one line of formatted text.
type line struct {
	blank   bool // preceded by an empty line
	indent  int
	code    string
	comment string // `//` after the code
	name    int    // of a definition: where its name ends in code
	spread  bool   // the author left more than one space before the =
}

// noteDefinition remembers where the name ends in a line that defines one.
func (p *printer) noteDefinition(t lexer.Token, inner nest) {
	here := &p.lines[len(p.lines)-1]
	if t.Type != tOp || t.Value != "=" || inner.text == "(" || inner.text == "[" ||
		p.prev.Type != tIdent || here.code != p.prev.Value+" " {
		return
	}
	here.name = len(p.prev.Value)
	here.spread = t.Pos.Offset-p.end > 1
}

// text joins the lines. Neighbouring definitions have their = aligned where the
// author began to do so; comments behind code are aligned with their neighbours.
func (p *printer) text() []byte {
	p.align(func(l line) bool { return l.name > 0 }, func(run []line) {
		wanted := false
		for _, l := range run {
			wanted = wanted || l.spread
		}
		if !wanted {
			return
		}
		column := widest(run, func(l line) string { return l.code[:l.name] })
		for i, l := range run {
			run[i].code = pad(l.code[:l.name], column) + l.code[l.name:]
		}
	})
	p.align(func(l line) bool { return l.code != "" && l.comment != "" }, func(run []line) {
		column := widest(run, func(l line) string { return l.code })
		for i, l := range run {
			run[i].code = pad(l.code, column) + "  "
		}
	})
	var b bytes.Buffer
	for _, l := range p.lines {
		if l.blank {
			b.WriteByte('\n')
		}
		b.WriteString(strings.Repeat(" ", indentWidth*l.indent) + l.code + l.comment + "\n")
	}
	return b.Bytes()
}

// align calls do with each run of neighbouring lines of one kind and indent.
func (p *printer) align(kind func(line) bool, do func([]line)) {
	for i := 0; i < len(p.lines); {
		n := i + 1
		for n < len(p.lines) && kind(p.lines[i]) && kind(p.lines[n]) &&
			!p.lines[n].blank && p.lines[n].indent == p.lines[i].indent {
			n++
		}
		if kind(p.lines[i]) {
			do(p.lines[i:n])
		}
		i = n
	}
}

func widest(run []line, text func(line) string) int {
	n := 0
	for _, l := range run {
		n = max(n, utf8.RuneCountInString(text(l)))
	}
	return n
}

func pad(s string, column int) string {
	return s + strings.Repeat(" ", column-utf8.RuneCountInString(s))
}
