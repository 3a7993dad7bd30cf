package parser

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"

	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// session parses one file at a time. The participle parser calls back into it, so
// the two are built together, and kept for the next file.
type session struct {
	grammar *participle.Parser[gStmt]
	lx      *lexed
	diags   diag.List
	blocks  map[int]*ast.Block // done, by offset: participle may ask again
	far     *fault             // of the statement, the one farthest to the right
}

var sessions = sync.Pool{New: func() any { return newSession() }}

func newSession() *session {
	s := &session{}
	s.grammar = participle.MustBuild[gStmt](
		participle.Lexer(symbols{}),
		participle.UseLookahead(1),
		participle.ParseTypeWith(noting(s, s.expr)),
		participle.ParseTypeWith(noting(s, s.bound)),
		participle.ParseTypeWith(noting(s, s.body)),
		participle.ParseTypeWith(noting(s, s.block)),
		participle.ParseTypeWith(noting(s, s.name)),
		participle.ParseTypeWith(noting(s, s.shape)),
		participle.ParseTypeWith(noting(s, s.extent)),
		participle.ParseTypeWith(noting(s, s.option)),
		participle.ParseTypeWith(noting(s, s.indices)),
	)
	return s
}

// fault carries a finished diagnostic through participle.
type fault struct{ d diag.Diagnostic }

func (f fault) Error() string { return f.d.Message }

// noting remembers the fault of a parsing function. Participle drops those of
// optional parts, though they often say best what is wrong.
func noting[T any](s *session, parse func(*lexer.PeekingLexer) (T, error)) func(*lexer.PeekingLexer) (T, error) {
	return func(lex *lexer.PeekingLexer) (T, error) {
		v, err := parse(lex)
		var f fault
		if errors.As(err, &f) && (s.far == nil || f.d.Span.Start > s.far.d.Span.Start) {
			s.far = &f
		}
		return v, err
	}
}

func (s *session) span(start, end int) diag.Span {
	return diag.Span{File: s.lx.file, Start: start, End: end}
}

func (s *session) at(t lexer.Token) diag.Span { return s.span(t.Pos.Offset, end(t)) }

// lastEnd is the offset at which the last token taken ends.
func lastEnd(lex *lexer.PeekingLexer, start int) int {
	n := lex.RawCursor()
	if n == 0 {
		return start
	}
	return max(start, end(lex.Range(n-1, n)[0]))
}

// tokensSpan spans a non-empty run of tokens.
func (s *session) tokensSpan(toks []lexer.Token) ast.Node {
	if len(toks) == 0 {
		return ast.Node{At: s.span(0, 0)}
	}
	return ast.Node{At: s.span(toks[0].Pos.Offset, end(toks[len(toks)-1]))}
}

// describe names a token for a reader.
func describe(t lexer.Token) string {
	switch t.Type {
	case tEOF, tTerm:
		return "the end of the line"
	case tKeyword:
		return "the keyword " + quote(t.Value)
	case tString:
		return "the string " + t.Value
	}
	return quote(t.Value)
}

// expected makes the usual complaint about a token that does not fit.
func (s *session) expected(what string, found lexer.Token) error {
	if is(&found, "=") && compares[what] {
		return fault{diag.New("G0113", s.at(found), "expected %s, found `=`", what).
			WithHelp("%s", equalHelp[what == "the end of the line"])}
	}
	d := diag.New("G0106", s.at(found), "expected %s, found %s", what, describe(found))
	switch {
	case found.Value == "<-":
		d.Help = "to compare with a negative number leave a space: a < -b"
	case what == "`{`" && (found.Type == tTerm || found.Type == tEOF):
		d.Help = "the { stands on the same line"
	}
	return fault{d}
}

// equalHelp answers a second = of a definition, and one in an expression.
var equalHelp = map[bool]string{
	true:  "values are compared by ==; a definition stands on a line of its own",
	false: "values are compared by ==",
}

// compares holds what is expected where a single = was probably meant to compare.
var compares = set("the end of the line", "`,` or `)`", "`,` or `]`", "`)`", "`]`", "`{`")

var expectation = regexp.MustCompile(`\(expected (.*)\)$`)

// explain turns participle's error about a statement into a diagnostic.
func (s *session) explain(err error, first lexer.Token) diag.Diagnostic {
	var f fault
	var u *participle.UnexpectedTokenError
	switch {
	case errors.As(err, &f):
		if s.far != nil && s.far.d.Span.Start > f.d.Span.Start {
			f = *s.far
		}
	case !errors.As(err, &u):
		f = fault{diag.New("G0106", s.at(first), "%s", err.Error())}
	case s.far != nil && s.far.d.Span.Start >= u.Unexpected.Pos.Offset:
		f = *s.far
	default:
		errors.As(s.expected(expectedBy(u), u.Unexpected), &f)
	}
	if f.d.Code == "G0106" && f.d.Span.Start == first.Pos.Offset {
		f.d.Message = "expected a statement, found " + describe(first)
	}
	return f.d
}

// expectedBy says what participle would have accepted.
func expectedBy(u *participle.UnexpectedTokenError) string {
	if m := expectation.FindStringSubmatch(u.Message()); m != nil {
		return firstExpected(m[1])
	}
	return "the end of the line"
}

// firstExpected takes what comes first out of participle's account of a rule.
func firstExpected(rule string) string {
	rule = strings.TrimLeft(rule, "(")
	switch {
	case strings.HasPrefix(rule, `"`):
		if n := strings.Index(rule[1:], `"`); n >= 0 {
			return quote(rule[1 : 1+n])
		}
	case strings.HasPrefix(rule, "GImport"):
		return "a path in quotes"
	}
	return "a statement"
}

// takeName takes an identifier, or says that `what` was expected.
func (s *session) takeName(lex *lexer.PeekingLexer, what string) (*ast.Name, error) {
	t := *lex.Peek()
	if t.Type == tKeyword {
		return nil, fault{keywordAsName(s.at(t), t, what)}
	}
	if t.Type != tIdent {
		return nil, s.expected(what, t)
	}
	lex.Next()
	return &ast.Name{Node: ast.Node{At: s.at(t)}, Text: t.Value}, nil
}

func (s *session) name(lex *lexer.PeekingLexer) (gName, error) {
	n, err := s.takeName(lex, "a name")
	if err != nil {
		return nil, err
	}
	return n, nil
}

func (s *session) body(lex *lexer.PeekingLexer) (gBody, error) {
	return (&exprs{s: s, lex: lex}).body()
}

func (s *session) extent(lex *lexer.PeekingLexer) (gRange, error) {
	r, err := (&exprs{s: s, lex: lex}).rangeOf()
	if err != nil {
		return nil, err
	}
	return r, nil
}

// shape parses `[a, .., b]` where there is one.
func (s *session) shape(lex *lexer.PeekingLexer) (gShape, error) {
	if !is(lex.Peek(), "[") {
		return nil, participle.NextMatch
	}
	p := &exprs{s: s, lex: lex}
	start := lex.Next().Pos.Offset
	sh := &ast.Shape{}
	err := p.items("]", "`,` or `]`", func() (err error) {
		at := lex.Peek().Pos.Offset
		var x ast.Expr
		if p.accept("..") {
			x = &ast.Rest{Node: p.from(at)}
		} else {
			x, err = p.expr(0)
		}
		sh.Items = append(sh.Items, x)
		return err
	})
	sh.Node = p.from(start)
	return sh, err
}

// option is the `(remat = k)` of a loop.
type option struct {
	ast.Node
	name  ast.Name
	value ast.Expr
}

func (s *session) option(lex *lexer.PeekingLexer) (gOption, error) {
	p := &exprs{s: s, lex: lex}
	mark := lex.MakeCheckpoint()
	start := lex.Peek().Pos.Offset
	if !p.accept("(") || lex.Peek().Type != tIdent {
		lex.LoadCheckpoint(mark)
		return nil, participle.NextMatch
	}
	if eq := p.peek2(); !is(&eq, "=") {
		lex.LoadCheckpoint(mark)
		return nil, participle.NextMatch
	}
	name := *lex.Next()
	lex.Next()
	x, err := p.expr(0)
	if err == nil {
		err = p.close(")", "`)`")
	}
	o := &option{name: ast.Name{Node: ast.Node{At: s.at(name)}, Text: name.Value}, value: x}
	o.Node = p.from(start)
	return o, err
}

// indexList is the bracket on the left of `C[i, j in n] = e`.
type indexList struct {
	ast.Node
	items []item
}

func (s *session) indices(lex *lexer.PeekingLexer) (gIndex, error) {
	if !is(lex.Peek(), "[") {
		return nil, participle.NextMatch
	}
	p := &exprs{s: s, lex: lex}
	l := &indexList{}
	start := lex.Next().Pos.Offset
	err := p.items("]", "`,` or `]`", func() error {
		if p.at("..") || p.at(":") {
			return notElement(s.at(*lex.Peek()))
		}
		it, err := p.item()
		l.items = append(l.items, it)
		return err
	})
	l.Node = p.from(start)
	return l, err
}

func notElement(at diag.Span) error {
	return fault{diag.New("G0110", at, "an index must be a plain name").
		WithHelp("values never change: a part is replaced by x = update(x, i, v); x[i] = e defines all elements of a new x")}
}

// withForm adds how the statement is written, where nothing more precise is known.
func withForm(d diag.Diagnostic, first lexer.Token) diag.Diagnostic {
	form, ok := forms[first.Value]
	if d.Help == "" && d.Code == "G0106" && ok && first.Type == tKeyword {
		d.Help = fmt.Sprintf("%s is written: %s", quote(first.Value), form)
	}
	return d
}

// forms shows newcomers how each statement is written.
var forms = map[string]string{
	"import":    `import "nn"`,
	"const":     "const g = 9.81",
	"dim":       "dim n, or dim n = 8",
	"input":     "input x [batch, 28], or input label [batch] int",
	"param":     "param W [n, k] ~ he, or param b [k] = 0",
	"state":     "state m [k] = 0",
	"carry":     "carry h [batch, n] = 0",
	"output":    "output y = e, or output y",
	"metric":    "metric accuracy = e",
	"loss":      "loss e, or loss name = e",
	"train":     "train rule, train rule for layer, or train loss: rule for layer",
	"collect":   "collect hs = h",
	"return":    "return e1, e2",
	"func":      "func f(a, b = 2) = e, or func f(a) { .. return e }",
	"layer":     "layer Dense(x [.., k], out dim) { .. return e }; an instance is bound by net = layer nn.Dense(out = 3)",
	"model":     "model Name { .. }",
	"optimizer": "optimizer Name(lr = 0.1) { .. }",
	"for":       "for i in 0..n { .. }",
	"scan":      "scan t in 0..n { .. }",
	"while":     "while cond { .. }, or while(limit = n) cond { .. }",
	"if":        "if cond { .. } else { .. }",
}
