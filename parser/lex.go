package parser

import (
	"bytes"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// maxDepth is how deep brackets and blocks may nest.
const maxDepth = 200

// maxFaults is how many lexical errors of a file are reported.
const maxFaults = 500

// lexed is a file cut into tokens. Brackets in toks always match: what was
// missing in the source has been made up, and complained about.
type lexed struct {
	file     *diag.File
	toks     []lexer.Token // without the end of file
	comments []ast.Comment
	diags    diag.List
	blocks   map[int]pair // by the offset of `{`
	astray   bool         // a `}` too many: what stands in which block is not known
}

// pair holds the places in toks of a `{` and its `}`.
type pair struct{ open, close int }

// lexState cuts a file into tokens. A newline ends a statement unless the
// innermost open bracket is ( or [, the line cannot end there, or the next line
// begins with `|>` (or with `else` or `derivative(`, which never begin one).
type lexState struct {
	lexed
	src     []byte
	at      int
	newline bool      // seen since the last token
	open    []bracket // innermost last
	stopped bool
	guess   bool // close blocks by indentation

	lineStart  int // index in toks of the first token of the line
	lineColumn int // its column
}

type bracket struct {
	text   string
	at     int
	index  int // in toks
	column int // of the line that opened it
}

// lex cuts a file into tokens. Where the braces do not match, it goes over the file
// again and looks at the indentation, to find where that went wrong.
func lex(f *diag.File) *lexed {
	l, matched := lexAs(f, false)
	if !matched {
		guess, _ := lexAs(f, true)
		if !l.astray || len(guess.diags) <= len(l.diags) {
			l = guess
		}
	}
	return &l.lexed
}

// lexAs goes over a file, and reports whether its braces match.
func lexAs(f *diag.File, guess bool) (l *lexState, matched bool) {
	l = &lexState{src: f.Src, lexed: lexed{file: f, blocks: map[int]pair{}}, guess: guess}
	l.run()
	matched = !l.astray && !l.isOpen("{") || l.stopped
	l.unclosed("")
	l.terminate()
	return l, matched
}

func (l *lexState) run() {
	if !l.validText() {
		return
	}
	if l.has("\uFEFF") {
		l.at = len("\uFEFF")
	}
	l.newline = true
	for l.skipSpace(); l.at < len(l.src) && !l.stopped; l.skipSpace() {
		l.token()
	}
}

func (l *lexState) validText() bool {
	for i := 0; i < len(l.src); {
		r, n := utf8.DecodeRune(l.src[i:])
		if r == utf8.RuneError && n == 1 {
			l.complain(diag.New("G0112", l.span(i, i+1), "byte %#x is not valid UTF-8", l.src[i]).
				WithHelp("save the file as UTF-8"))
			return false
		}
		i += n
	}
	return true
}

func (l *lexState) span(start, end int) diag.Span {
	return diag.Span{File: l.file, Start: start, End: end}
}

// complain records a fault. What holds very many is no program, and is not read on.
func (l *lexState) complain(d diag.Diagnostic) {
	l.diags.Add(d)
	l.stopped = l.stopped || len(l.diags) == maxFaults
}

// skipSpace passes blanks and comments and notes newlines.
func (l *lexState) skipSpace() {
	for l.at < len(l.src) && !l.stopped {
		switch c := l.src[l.at]; {
		case c == '\n':
			l.newline = true
			l.at++
		case c == ' ' || c == '\t' || c == '\r':
			l.at++
		case l.has("//"):
			l.comment(l.lineEnd())
		case l.has("/*"):
			l.blockComment()
		default:
			return
		}
	}
}

func (l *lexState) has(prefix string) bool {
	return bytes.HasPrefix(l.src[l.at:], []byte(prefix))
}

func (l *lexState) lineEnd() int {
	if n := bytes.IndexByte(l.src[l.at:], '\n'); n >= 0 {
		return l.at + n
	}
	return len(l.src)
}

func (l *lexState) comment(end int) {
	text := strings.TrimRight(string(l.src[l.at:end]), "\r \t")
	l.comments = append(l.comments, ast.Comment{Node: ast.Node{At: l.span(l.at, l.at+len(text))}, Text: text})
	l.at = end
}

func (l *lexState) blockComment() {
	n := bytes.Index(l.src[l.at+2:], []byte("*/"))
	if n < 0 {
		l.complain(diag.New("G0102", l.span(l.at, l.at+2), "this comment is not closed").
			WithLabel("begins here").WithHelp("close it with */"))
		l.at = len(l.src)
		return
	}
	end := l.at + 2 + n + 2
	l.newline = l.newline || bytes.ContainsRune(l.src[l.at:end], '\n')
	l.comment(end)
}

// token takes the next token. The end of a statement is decided here, when it is
// known what follows the newline.
func (l *lexState) token() {
	t, ok := l.scan()
	if !ok && t.Type == 0 { // read over
		return
	}
	if l.newline {
		l.newline = false
		l.endLine(t)
		l.lineStart, l.lineColumn = len(l.toks), l.column(t.Pos.Offset)
	}
	switch {
	case !ok:
		l.bad(t)
	case t.Value == "(" || t.Value == "[" || t.Value == "{":
		l.push(t)
	case t.Type == tOp && strings.Contains(")]}", t.Value):
		l.pop(t)
	default:
		l.toks = append(l.toks, t)
	}
}

func (l *lexState) bad(t lexer.Token) {
	t.Type = tBad
	l.toks = append(l.toks, t)
}

// terminate ends the statement at the end of the last token, if one is open.
func (l *lexState) terminate() {
	if n := len(l.toks); n > 0 && l.toks[n-1].Type != tTerm && l.toks[n-1].Value != "{" {
		l.toks = append(l.toks, lexer.Token{Type: tTerm, Value: "\n", Pos: lexer.Position{Offset: end(l.toks[n-1])}})
	}
}

// endLine decides whether a newline before t ends the statement.
func (l *lexState) endLine(t lexer.Token) {
	if len(l.toks) == 0 {
		return
	}
	last := l.toks[len(l.toks)-1]
	if b := l.innermost(); b == "(" || b == "[" {
		if !l.beginsStatement(t, last) {
			return
		}
		l.unclosed("{")
		l.terminate()
		return
	}
	if last.Value == ":" && opensBlock(l.toks[l.lineStart:]) && l.column(t.Pos.Offset) > l.lineColumn {
		l.missingBrace(t)
		return
	}
	joins := (last.Type == tOp || last.Type == tKeyword) && continues[last.Value] ||
		t.Value == "|>" || t.Value == "else" || t.Value == "derivative" && l.peekText() == "("
	if !joins || declares[t.Value] || l.forgotten(t, last) {
		l.missingBrace(t)
		l.terminate()
		if l.guess {
			l.closeByIndent(t)
			l.terminate()
		}
	}
}

// forgotten reports whether a line that has to go on is followed by one that
// defines something: what was to follow is missing.
func (l *lexState) forgotten(t, last lexer.Token) bool {
	return t.Type == tIdent && last.Value != "," && last.Value != "{" &&
		assigns.Match(l.src[t.Pos.Offset:l.lineEnd()])
}

// beginsStatement guesses, for a line inside ( or [, whether the bracket was
// forgotten: the line begins a declaration, or defines a name where an operator
// or comma would have to stand.
func (l *lexState) beginsStatement(t, last lexer.Token) bool {
	next := l.peekText()
	if t.Type == tKeyword && declares[t.Value] {
		return t.Value != "dim" || next == "" // else it is the type of a parameter
	}
	line := string(l.src[t.Pos.Offset:l.lineEnd()])
	if !endsOperand(last) {
		return false
	}
	if t.Type == tKeyword {
		return strings.HasSuffix(strings.TrimSpace(line), "{")
	}
	return t.Type == tIdent && !types[t.Value] && (next == "=" || next == "<-" || assigns.MatchString(line))
}

// assigns matches a line that defines something, perhaps by elements.
var assigns = regexp.MustCompile(`^[\pL_][\pL\d_]*\s*(\[[^\]=]*\])?\s*=[^=]`)

// peekText returns the operator that follows on the same line, or "".
func (l *lexState) peekText() string {
	rest := strings.TrimLeft(string(l.src[l.at:l.lineEnd()]), " \t")
	for _, op := range operators {
		if strings.HasPrefix(rest, op) {
			return op
		}
	}
	return ""
}

// scan reads one token without looking at brackets. On false the complaint has
// been made.
func (l *lexState) scan() (lexer.Token, bool) {
	start := l.at
	r, n := utf8.DecodeRune(l.src[l.at:])
	switch {
	case unicode.IsLetter(r) || r == '_':
		return l.word(), true
	case unicode.IsDigit(r) && r < 0x80, r == '.' && l.at+1 < len(l.src) && isDigit(l.src[l.at+1]) && !l.afterDot():
		return l.number()
	case r == '"':
		return l.str()
	}
	for _, op := range operators {
		if l.has(op) {
			l.at += len(op)
			return l.make(tOp, start), true
		}
	}
	l.at += n
	if l.has(string(r)) && (r == '&' || r == '|') {
		l.at += n
	}
	return l.foreign(start, r)
}

func (l *lexState) make(kind lexer.TokenType, start int) lexer.Token {
	return lexer.Token{Type: kind, Value: string(l.src[start:l.at]), Pos: lexer.Position{Offset: start}}
}

func (l *lexState) word() lexer.Token {
	start := l.at
	for l.at < len(l.src) {
		r, n := utf8.DecodeRune(l.src[l.at:])
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' {
			break
		}
		l.at += n
	}
	t := l.make(tIdent, start)
	if keywords[t.Value] {
		t.Type = tKeyword
	}
	return t
}

// str reads a string, which ends on its line. There are no escapes.
func (l *lexState) str() (lexer.Token, bool) {
	start := l.at
	n := bytes.IndexAny(l.src[start+1:], "\"\n")
	if n < 0 || l.src[start+1+n] == '\n' {
		l.at = start + len(bytes.TrimRight(l.src[start:l.lineEnd()], "\r \t"))
		l.complain(diag.New("G0103", l.span(start, l.at), "this string is not closed").
			WithHelp("close it with \""))
		return l.make(tBad, start), false
	}
	l.at = start + 1 + n + 1
	return l.make(tString, start), true
}
