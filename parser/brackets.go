package parser

import (
	"bytes"

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
	l.open = append(l.open, bracket{t.Value, t.Pos.Offset, len(l.toks), l.lineColumn})
	l.toks = append(l.toks, t)
}

// pop closes a bracket. Where it is not the one that is open, the complaint is
// about the opener when that was forgotten, and about the closer otherwise.
func (l *lexState) pop(t lexer.Token) {
	here := l.span(t.Pos.Offset, end(t))
	switch b := l.innermost(); {
	case t.Value == "}" && l.guess && l.stray(t):
		l.complain(diag.New("G0108", here, "%s closes nothing", quote(t.Value)).WithHelp("remove it"))
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
			if l.has(closer[b]) { // or they are the wrong way round
				l.at++
			}
		}
		l.bad(t)
	default:
		l.complain(diag.New("G0108", here, "%s closes nothing", quote(t.Value)).WithHelp("remove it"))
		l.astray = l.astray || t.Value == "}" && (!l.guess || l.nextColumn() > 1)
		if t.Value != "}" {
			l.bad(t)
		}
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
// given kind, or about all for "", and forgets them.
func (l *lexState) unclosed(until string) {
	for len(l.open) > 0 && l.innermost() != until {
		l.dropTop()
	}
}

// dropTop complains about the innermost open bracket and forgets it. The statement
// that holds an unclosed ( or [ is skipped; a block is taken to end here.
func (l *lexState) dropTop() {
	top := l.open[len(l.open)-1]
	if !l.stopped && string(l.src[top.at:min(len(l.src), top.at+1)]) == top.text { // not made up
		l.complain(diag.New("G0107", l.span(top.at, top.at+1), "this %s is not closed", quote(top.text)).
			WithHelp("close it with %s", closer[top.text]))
	}
	made := lexer.Token{Type: tOp, Pos: lexer.Position{Offset: l.lastEnd()}}
	if top.text == "{" {
		l.closeTop(made)
		return
	}
	l.open = l.open[:len(l.open)-1]
	l.bad(made)
}

func (l *lexState) lastEnd() int {
	if n := len(l.toks); n > 0 {
		return end(l.toks[n-1])
	}
	return 0
}

// closeByIndent ends blocks that the author seems to have left: t begins a line no
// further in than the line that opened them. Only files whose braces do not match
// are read so.
func (l *lexState) closeByIndent(t lexer.Token) {
	for l.innermost() == "{" {
		top := l.open[len(l.open)-1]
		col := l.column(t.Pos.Offset)
		if col > top.column || col == top.column && t.Value == "}" {
			return
		}
		l.dropTop()
	}
}

// stray reports whether a } seems to be one too many: it begins a line further in
// than the one that opened its block, or the block seems to go on after it.
func (l *lexState) stray(t lexer.Token) bool {
	column := 0 // of the top of the file
	for i := len(l.open) - 1; i >= 0 && column == 0; i-- {
		if l.open[i].text == "{" {
			column = l.open[i].column
		}
	}
	first, last := len(l.toks) == l.lineStart, blank(l.src[l.at:l.lineEnd()])
	return last && (first && l.lineColumn > column || l.nextColumn() > max(column, 1))
}

// nextColumn is the column of the next line that holds something.
func (l *lexState) nextColumn() int {
	for at := l.lineEnd() + 1; at < len(l.src); {
		line, _, _ := bytes.Cut(l.src[at:], []byte("\n"))
		if !blank(line) {
			return len(line) - len(bytes.TrimLeft(line, " \t")) + 1
		}
		at += len(line) + 1
	}
	return 0
}

// blank reports whether a line holds nothing, or the beginning of a comment.
func blank(line []byte) bool {
	text := bytes.TrimSpace(line)
	return len(text) == 0 || bytes.HasPrefix(text, []byte("//")) || bytes.HasPrefix(text, []byte("/*"))
}

// missingBrace makes up the `{` that a line lacks which should end in one, where
// the next line is further in.
func (l *lexState) missingBrace(t lexer.Token) {
	line := l.toks[l.lineStart:]
	if len(line) == 0 { // it held a } that closes nothing
		return
	}
	if line[0].Value == "}" && len(line) > 1 {
		line = line[1:]
	}
	if !opensBlock(line) || t.Value == "=" || t.Value == "{" || l.column(t.Pos.Offset) <= l.lineColumn {
		return
	}
	at := l.lastEnd()
	if last := l.toks[len(l.toks)-1]; last.Value == ":" { // as in Python
		l.toks = l.toks[:len(l.toks)-1]
		if line[0].Type == tKeyword {
			l.complain(diag.New("G0106", l.span(last.Pos.Offset, end(last)), "expected `{`, found `:`").
				WithHelp("a block is written { .. }"))
		}
		l.push(lexer.Token{Type: tOp, Value: "{", Pos: lexer.Position{Offset: at}})
		return
	}
	l.complain(diag.New("G0106", l.span(at, at), "expected `{`, found the end of the line").
		WithHelp("a block begins with { on the same line"))
	l.push(lexer.Token{Type: tOp, Value: "{", Pos: lexer.Position{Offset: at}})
}

// blockWords begin blocks in Python.
var blockWords = set("def", "class", "elif", "try", "except", "with")

var blockHeads = set("model", "optimizer", "func", "layer", "for", "scan", "while", "if", "else")

// opensBlock reports whether a line should end in `{` and does not.
func opensBlock(line []lexer.Token) bool {
	if len(line) == 0 {
		return false
	}
	python := line[0].Type == tIdent && blockWords[line[0].Value] && line[len(line)-1].Value == ":"
	if line[0].Type != tKeyword || !blockHeads[line[0].Value] {
		return python
	}
	depth := 0
	for _, t := range line {
		switch t.Value {
		case "(", "[":
			depth++
		case ")", "]":
			depth--
		case "{", "=":
			if depth == 0 {
				return false
			}
		}
	}
	return depth == 0
}

// column is the place of an offset in its line, in bytes.
func (l *lexState) column(offset int) int {
	return offset - bytes.LastIndexByte(l.src[:offset], '\n')
}

func quote(s string) string { return "`" + s + "`" }
