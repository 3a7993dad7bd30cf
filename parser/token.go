package parser

import (
	"io"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/gradgen/gradgen/parser/diag"
)

// The kinds of token. Keywords and operators keep their text, so the grammar can
// name them literally.
const (
	tEOF lexer.TokenType = lexer.EOF - iota
	tIdent
	tKeyword
	tNumber
	tString
	tOp
	tTerm // end of a statement
	tBad  // something already complained about; its statement is skipped
)

// symbols satisfies participle's lexer.Definition: the grammar refers to token
// kinds by these names. Tokens reach the parser one statement at a time, so the
// definition itself never lexes.
type symbols struct{}

func (symbols) Symbols() map[string]lexer.TokenType {
	return map[string]lexer.TokenType{
		"EOF": tEOF, "Ident": tIdent, "Keyword": tKeyword, "Number": tNumber,
		"String": tString, "Op": tOp, "Term": tTerm, "Bad": tBad,
	}
}

func (symbols) Lex(name string, r io.Reader) (lexer.Lexer, error) {
	src, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	lx := lex(diag.NewFile(name, src))
	return &slice{toks: lx.toks, blocks: lx.blocks}, nil
}

// slice is a lexer over tokens already made, followed by an end of file at the
// place where the last of them ends. Of a block it shows the braces only: what is
// inside is parsed on its own.
type slice struct {
	toks   []lexer.Token
	blocks map[int]pair
	last   int // offset at which the last token ended
}

func (s *slice) Next() (lexer.Token, error) {
	if len(s.toks) == 0 {
		return lexer.Token{Type: tEOF, Pos: lexer.Position{Offset: s.last}}, nil
	}
	t, n := s.toks[0], 1
	if p, ok := s.blocks[t.Pos.Offset]; ok && t.Value == "{" {
		n = p.close - p.open
	}
	s.toks, s.last = s.toks[n:], end(t)
	return t, nil
}

var keywords = set(
	"import", "const", "func", "layer", "model", "optimizer", "dim", "input", "param",
	"state", "output", "metric", "loss", "train", "return", "for", "scan", "while",
	"carry", "collect", "if", "else", "in", "and", "or", "not", "true", "false",
)

// declares holds the keywords that begin a statement and nothing else. (`if` and
// `layer` stand in expressions too.)
var declares = set(
	"import", "const", "func", "model", "optimizer", "dim", "input", "param", "state",
	"output", "metric", "loss", "train", "return", "scan", "while", "carry", "collect",
)

var types = set("real", "int", "bool")

// continues holds the tokens after which a line goes on.
var continues = set(
	"+", "-", "*", "/", "@", "^", "==", "!=", "<", "<=", ">", ">=", "|>", "<-",
	"=", ",", ":", "?", "{", "..", ".", "and", "or", "not", "in",
)

// operators, longest first.
var operators = []string{
	"|>", "<-", "<=", ">=", "==", "!=", "..",
	"+", "-", "*", "/", "@", "^", "<", ">", "=", ",", ":", "?", "~", "'", ".",
	"(", ")", "[", "]", "{", "}",
}

func set(words ...string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[w] = true
	}
	return m
}

func end(t lexer.Token) int { return t.Pos.Offset + len(t.Value) }

// is reports whether a token is the given keyword or operator.
func is(t *lexer.Token, text string) bool {
	return (t.Type == tOp || t.Type == tKeyword) && t.Value == text
}

// endsOperand reports whether an expression may end with the token.
func endsOperand(t lexer.Token) bool {
	switch t.Type {
	case tIdent, tNumber, tString:
		return true
	}
	return t.Value == ")" || t.Value == "]" || t.Value == "}" || t.Value == "'" ||
		t.Value == "true" || t.Value == "false"
}
