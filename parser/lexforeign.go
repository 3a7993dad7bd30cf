package parser

import (
	"bytes"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/gradgen/gradgen/parser/diag"
)

// foreign takes a character that the language does not know, where it can so that
// the rest of the line is read nevertheless.
func (l *lexState) foreign(start int, r rune) (lexer.Token, bool) {
	d := illegal(l.span(start, l.at), r)
	bad := func() (lexer.Token, bool) { return l.make(tBad, start), false }
	inLine := len(l.toks) > l.lineStart && !l.newline
	switch head := l.lineHead(); {
	case r == '|' && l.at == start+1 && (!inLine || !endsOperand(l.toks[len(l.toks)-1])):
		d.Help = "the absolute value is abs(x)"
		if n := bytes.IndexByte(l.src[l.at:l.lineEnd()], '|'); n >= 0 {
			l.at += n + 1
		}
	case r == ';' && inLine && (head == "for" || head == "if" || head == "while"):
		if l.toks[len(l.toks)-1].Type != tBad && !l.faultyLine(start) {
			d.Help = forms[head]
			break
		}
		return bad()
	case r == '\\' && strings.TrimSpace(string(l.src[l.at:l.lineEnd()])) == "":
		d.Help = "a line goes on after an operator, and within brackets; remove it"
		l.complain(d)
		return lexer.Token{}, false
	case r == '%' && !inLine:
		d.Help = "comments begin with //"
		l.complain(d)
		l.comment(l.lineEnd())
		return lexer.Token{}, false
	case r == '#':
		l.complain(d)
		l.comment(l.lineEnd())
		return lexer.Token{}, false
	case r == ';':
		rest := strings.TrimSpace(string(l.src[l.at:l.lineEnd()]))
		if rest != "" && !strings.HasPrefix(rest, "//") {
			d.Help = "a statement stands on a line of its own"
		}
		l.complain(d)
		if b := l.innermost(); b != "(" && b != "[" && inLine {
			l.terminate()
			return lexer.Token{}, false
		}
		return bad()
	}
	l.complain(d)
	return bad()
}

// lineHead is the first word of the line, if it is a keyword.
func (l *lexState) lineHead() string {
	if l.lineStart < len(l.toks) && l.toks[l.lineStart].Type == tKeyword {
		return l.toks[l.lineStart].Value
	}
	return ""
}

// faultyLine reports whether something has been said of the line already.
func (l *lexState) faultyLine(at int) bool {
	line := l.file.Line(at)
	for _, d := range l.diags {
		if l.file.Line(d.Span.Start) == line {
			return true
		}
	}
	return false
}

// illegal explains a character the language does not know; some are habits from
// other languages.
func illegal(at diag.Span, r rune) diag.Diagnostic {
	d := diag.New("G0101", at, "the character %q has no meaning here", r)
	habits := map[rune]string{
		';': "statements end at the end of the line; remove it",
		'#': "comments begin with //",
		'%': "the remainder is mod(a, b)", '\\': "solve(A, b) is the x with A @ x == b", '$': "names hold letters, digits and _",
		'`': "remove it",
		'&': "write `and`",
		'|': "write `or`; the pipe is |>",
		'!': "write `not`",
		'×': "write *, or @ for matrices", '·': "write *", '÷': "write /",
		'≤': "write <=", '≥': "write >=", '≠': "write !=", '−': "write the ASCII minus -",
		'“': "write the ASCII quote \"", '”': "write the ASCII quote \"",
		'²': "write ^2", '³': "write ^3",
	}
	return d.WithHelp("%s", habits[r])
}
