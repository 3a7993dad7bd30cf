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
		case t.Value == "for" && strings.HasPrefix(d.Message, "expected `,`"):
			return "an index is bound before a colon, as in sum(i in n: x[i])"
		}
	}
	return ""
}
