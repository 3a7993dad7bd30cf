package parser

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/gradgen/gradgen/parser/diag"
)

// binds are the functions of index notation.
var binds = set("sum", "prod", "max", "min", "mean", "argmax", "argmin", "any", "all", "logsumexp", "array")

const bindHelp = "an index is bound before a colon, as in sum(i in n: x[i])"

// caller is the function whose call is open before a token, or "".
func caller(toks []lexer.Token, k int) string {
	depth := 0
	for i := k - 1; i > 0; i-- {
		switch toks[i].Value {
		case ")", "]":
			depth++
		case "(", "[":
			if depth--; depth < 0 {
				if toks[i].Value == "(" && toks[i-1].Type == tIdent {
					return toks[i-1].Value
				}
				return ""
			}
		}
	}
	return ""
}

// inBracket reports whether the innermost bracket open before a token is a [.
func inBracket(toks []lexer.Token, k int) bool {
	depth := 0
	for i := k - 1; i >= 0; i-- {
		switch toks[i].Value {
		case ")", "]":
			depth++
		case "(", "[":
			if depth--; depth < 0 {
				return toks[i].Value == "["
			}
		}
	}
	return false
}

// has reports whether a token follows within the statement.
func has(toks []lexer.Token, text string) bool {
	for _, t := range toks {
		if t.Value == text {
			return true
		}
	}
	return false
}

// infixes answers words that stand between operands elsewhere.
var infixes = map[string]string{
	"is": "values are compared by ==", "xor": "of two conditions that differ write a != b", "mod": "the remainder is mod(a, b)",
	"rem": "the remainder is mod(a, b)", "div": "whole numbers are divided by div(a, b)", "isnot": "write !=",
}

// foreign answers operators and forms of expressions that other languages have,
// by the token an error stands at.
func (s *session) foreign(d diag.Diagnostic, toks []lexer.Token, k int) string {
	if k == 0 || k == len(toks) {
		return ""
	}
	t, before := toks[k], toks[k-1]
	adjacent := end(before) == t.Pos.Offset
	var next lexer.Token
	if k+1 < len(toks) {
		next = toks[k+1]
	}
	closing := strings.HasPrefix(d.Message, "expected `)`") || strings.HasPrefix(d.Message, "expected `,` or `)`")
	switch {
	case t.Value == "*" && before.Value == "*" && adjacent:
		return "a power is written x^n"
	case before.Value == "." && adjacent && strings.Contains("*/^+-", t.Value):
		if t.Value == "*" {
			return "* multiplies element by element, @ multiplies matrices"
		}
		return "write " + t.Value + " without the point; it works element by element"
	case before.Value == "<" && t.Value == ">" && adjacent, before.Value == "~" && t.Value == "=":
		return "write !="
	case t.Value == "=" && next.Value == ">", before.Value == "lambda":
		return "a function is written func f(a) = e, on a line of its own"
	case t.Value == "=" && before.Value == "..":
		return "lo..hi ends before hi; to include it write hi + 1"
	case t.Value == ".." && closing && has(toks[:k], "=") && binds[caller(toks, k)] && !has(toks[:k], ".."):
		return "a range follows `in`, as in sum(i in 0..n: x[i])"
	case t.Value == ".." && inBracket(toks, k):
		return "a slice is written a:b, as in x[1:3]"
	case t.Value == "." && before.Value == "..":
		return "all other axes are written .."
	case t.Value == "'" && !endsOperand(before):
		return "strings stand in imports only, in double quotes; x' is a transpose"
	case t.Value == "..":
		return "a range has no step; compute with the index, as in x[2 * i]"
	case t.Value == "if" && closing && has(toks[k:], "else"):
		return "where(c, a, b) selects; if is a statement"
	case t.Value == "if" && strings.HasPrefix(d.Message, "expected `)`"):
		return "a condition stands before the colon, as in sum(i if c: x[i])"
	case t.Value == "if" && closing:
		return "join conditions by `and`"
	case t.Value == "where" && closing:
		return "a condition is written with if: sum(i if c: x[i])"
	case infixes[t.Value] != "" && endsOperand(before):
		return infixes[t.Value]
	case t.Value == "?", t.Value == "if" && before.Value != "}":
		return "where(c, a, b) selects; if is a statement"
	case t.Value == ":" && closing && binds[caller(toks, k)]:
		return "a range is written lo..hi, as in sum(i in 0..n: x[i])"
	case t.Value == "for" && strings.HasPrefix(d.Message, "expected `,`"):
		return bindHelp
	case t.Type == tIdent && closing && binds[caller(toks, k)] && endsOperand(before):
		return bindHelp
	case t.Value == "," && closing && caller(toks, k) == "" && depthAt(toks, k) > 0:
		return "parentheses hold one value; several are returned without them, and a tensor is written [a, b]"
	}
	return ""
}
