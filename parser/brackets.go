package parser

import (
	"github.com/alecthomas/participle/v2/lexer"

	"github.com/gradgen/gradgen/parser/diag"
)

var closer = map[string]string{"(": ")", "[": "]", "{": "}"}

func (l *lexState) innermost() string {
	if n := len(l.open); n > 0 {
		return l.open[n-1].text
	}
	return ""
}

func (l *lexState) push(t lexer.Token) {
	if len(l.open) == maxDepth {
		l.complain(diag.New("G0105", l.span(t.Pos.Offset, end(t)), "brackets are nested more than %d deep", maxDepth).
			WithHelp("give inner parts names of their own"))
		l.bad(t)
		l.stopped = true
		return
	}
	l.open = append(l.open, bracket{t.Value, t.Pos.Offset, len(l.toks)})
	l.toks = append(l.toks, t)
}

// pop closes a bracket. Where it is not the one that is open, the complaint is
// about the opener when that was forgotten, and about the closer otherwise.
func (l *lexState) pop(t lexer.Token) {
	here := l.span(t.Pos.Offset, end(t))
	switch b := l.innermost(); {
	case b != "" && closer[b] == t.Value:
		l.closeTop(t)
	case t.Value == "}" && l.isOpen("{"):
		l.unclosed("{")
		l.closeTop(t)
	case t.Value != "}" && (b == "(" || b == "["):
		top := l.open[len(l.open)-1]
		l.complain(diag.New("G0108", here, "expected %s, found %s", quote(closer[b]), quote(t.Value)).
			WithRelated(l.span(top.at, top.at+1), "opened here"))
		l.open = l.open[:len(l.open)-1]
		if closer[l.innermost()] == t.Value { // only the inner one was forgotten
			l.open = l.open[:len(l.open)-1]
		}
		l.bad(t)
	default:
		l.complain(diag.New("G0108", here, "%s closes nothing", quote(t.Value)).WithHelp("remove it"))
		l.bad(t)
	}
}

func (l *lexState) isOpen(text string) bool {
	for _, b := range l.open {
		if b.text == text {
			return true
		}
	}
	return false
}

// closeTop takes the closing token of the innermost bracket, or one made up.
func (l *lexState) closeTop(t lexer.Token) {
	top := l.open[len(l.open)-1]
	l.open = l.open[:len(l.open)-1]
	if top.text == "{" {
		l.terminate()
		l.blocks[top.at] = pair{top.index, len(l.toks)}
	}
	l.toks = append(l.toks, t)
}

// unclosed complains about the brackets opened since the innermost one of the
// given kind, or about all for "", and forgets them. The statement that holds an
// unclosed ( or [ is skipped; a block is taken to end here.
func (l *lexState) unclosed(until string) {
	for n := len(l.open); n > 0 && l.innermost() != until; n = len(l.open) {
		top := l.open[n-1]
		if !l.stopped {
			l.complain(diag.New("G0107", l.span(top.at, top.at+1), "this %s is not closed", quote(top.text)).
				WithHelp("close it with %s", closer[top.text]))
		}
		made := lexer.Token{Type: tOp, Pos: lexer.Position{Offset: l.lastEnd()}}
		if top.text == "{" {
			l.closeTop(made)
			continue
		}
		l.open = l.open[:n-1]
		l.bad(made)
	}
}

func (l *lexState) lastEnd() int {
	if n := len(l.toks); n > 0 {
		return end(l.toks[n-1])
	}
	return 0
}

// closeBeforeModel ends blocks left open when a declaration begins that stands
// only at the top of a file.
func (l *lexState) closeBeforeModel(t lexer.Token) {
	top := t.Type == tKeyword && (t.Value == "model" || t.Value == "optimizer" || t.Value == "import")
	n := len(l.toks)
	lineStart := n == 0 || l.toks[n-1].Type == tTerm || l.toks[n-1].Value == "{"
	if top && lineStart && len(l.open) > 0 && l.atColumnOne(t) {
		l.unclosed("")
		l.terminate()
	}
}

func (l *lexState) atColumnOne(t lexer.Token) bool {
	_, col := l.file.Pos(t.Pos.Offset)
	return col == 1
}

func quote(s string) string { return "`" + s + "`" }
