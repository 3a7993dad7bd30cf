package parser

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/gradgen/gradgen/parser/diag"
)

// habits answers words that begin statements elsewhere.
var habits = map[string]string{
	"var":  "a definition is written name = e",
	"let":  "a definition is written name = e",
	"def":  "a function is written func f(a) = e",
	"fn":   "a function is written func f(a) = e",
	"elif": "write } else if c {",
}

// habit recognises what people write who come from other languages.
func (s *session) habit(d diag.Diagnostic, toks []lexer.Token) diag.Diagnostic {
	if len(toks) > 1 && toks[0].Type == tKeyword && toks[1].Value == "=" && d.Span.Start == toks[1].Pos.Offset {
		return keywordAsName(s.at(toks[0]), toks[0], "a name")
	}
	if t, ok := tokenAt(toks, d.Span.Start); ok && t.Type == tKeyword && names[t.Value] && strings.HasPrefix(d.Message, "expected an expression") {
		return keywordAsName(d.Span, t, "an expression")
	}
	if help := foreign(d, toks); help != "" {
		d.Help = help
		return d
	}
	first := toks[0]
	if d.Code != "G0106" && d.Code != "G0113" || first.Type != tIdent || d.Span.Start == first.Pos.Offset {
		return d
	}
	rest := append(append([]lexer.Token{}, toks[1:]...), lexer.Token{}, lexer.Token{})
	second, third := rest[0], rest[1]
	switch {
	case third.Value == "=" && second.Value == ":":
		d.Help = "a definition is written " + first.Value + " = .."
	case third.Value == "=" && binding[second.Value] > bindCompare && end(second) == third.Pos.Offset:
		d.Help = "write " + first.Value + " = " + first.Value + " " + second.Value + " .."
	case habits[first.Value] != "" && second.Type == tIdent:
		d.Help = habits[first.Value]
	case second.Value == ".":
		d.Help = "only plain names can be bound; values never change"
	case d.Help == "" && strings.HasPrefix(d.Message, "expected `=`"):
		text := s.span(first.Pos.Offset, end(toks[len(toks)-1])).Text()
		if strings.Contains(text, "\n") {
			text = ".."
		}
		d.Help = "a statement gives its value a name, as in name = " + text
	}
	return d
}

// indexNames reports whether tokens end in a list of names that a function of
// index notation begins with: sum(i, j
func indexNames(toks []lexer.Token) bool {
	k := len(toks) - 1
	for k > 0 && (toks[k].Type == tIdent || toks[k].Value == ",") {
		k--
	}
	return k > 0 && toks[k].Value == "(" && binds[toks[k-1].Value]
}

// binds are the functions of index notation.
var binds = set("sum", "prod", "max", "min", "mean", "argmax", "argmin", "any", "all", "logsumexp", "array")

// names are keywords that newcomers take for names.
var names = set("loss", "state", "param", "input", "output", "metric", "layer", "model", "optimizer", "dim", "train", "carry", "collect", "scan", "func", "const")

func tokenAt(toks []lexer.Token, offset int) (lexer.Token, bool) {
	for _, t := range toks {
		if t.Pos.Offset == offset {
			return t, true
		}
	}
	return lexer.Token{}, false
}

func keywordAsName(at diag.Span, t lexer.Token, what string) diag.Diagnostic {
	return diag.New("G0111", at, "expected %s, found the keyword %s", what, quote(t.Value)).
		WithHelp("keywords cannot be names; choose another, such as %s_", t.Value)
}

// foreign answers operators and forms of expressions that other languages have,
// by the token an error stands at.
func foreign(d diag.Diagnostic, toks []lexer.Token) string {
	for i, t := range toks {
		if d.Code != "G0106" || i == 0 || t.Pos.Offset != d.Span.Start {
			continue
		}
		before := toks[i-1]
		switch {
		case t.Value == "*" && before.Value == "*" && end(before) == t.Pos.Offset:
			return "a power is written x ^ n"
		case t.Value == "*" && before.Value == "." && end(before) == t.Pos.Offset:
			return "* multiplies element by element, @ multiplies matrices"
		case t.Value == "if" && strings.HasPrefix(d.Message, "expected `)`"):
			return "a condition stands before the colon, as in sum(i if c: x[i])"
		case t.Value == "?", t.Value == "if" && before.Value != "}":
			return "where(c, a, b) selects; if is a statement"
		case t.Type == tIdent && before.Type == tIdent && indexNames(toks[:i]):
			return "an index is bound before a colon, as in sum(i in n: x[i])"
		case t.Value == "for" && strings.HasPrefix(d.Message, "expected `,`"):
			return "an index is bound before a colon, as in sum(i in n: x[i])"
		}
	}
	return ""
}
