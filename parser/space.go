package parser

import (
	"regexp"

	"github.com/alecthomas/participle/v2/lexer"
)

// spaced reports whether a space stands between the last token and t, which
// follows on the same line inside the given bracket.
func (p *printer) spaced(t lexer.Token, inner nest) bool {
	a, b := p.prev, t
	if p.commented {
		return !(b.Type == tOp && (b.Value == "," || b.Value == ")" || b.Value == "]"))
	}
	if inner.tight && (tight(a) || tight(b) && endsOperand(a)) {
		return false
	}
	if a.Type == tOp {
		switch a.Value {
		case "(", "[", ".", "^", "..":
			return b.Type == tOp && (b.Value == "?" || b.Value == "{")
		case "{":
			return b.Value != "}"
		case ",":
			return true
		case ":":
			return inner.text != "["
		case "-":
			if p.unary {
				return false
			}
		}
	}
	if b.Type == tOp {
		switch b.Value {
		case ")", "]", ",", ".", "^", ":", "'":
			return false
		case "..":
			return !endsOperand(a)
		case "(":
			return !endsOperand(a) && !p.option(a, b)
		case "[":
			return p.shapes[b.Pos.Offset] || !endsOperand(a)
		}
	}
	return true
}

// tight operators stand close in shapes and subscripts: x[2*i+1].
func tight(t lexer.Token) bool {
	return t.Type == tOp && (t.Value == "+" || t.Value == "-" || t.Value == "*" || t.Value == "/")
}

// option reports whether a parenthesis begins the `(remat = k)` of a loop.
func (p *printer) option(keyword, paren lexer.Token) bool {
	if keyword.Value == "for" || keyword.Value == "scan" {
		return true
	}
	return keyword.Value == "while" && bindsOption(p.src[end(paren):])
}

var optionStart = regexp.MustCompile(`^\s*limit\s*=[^=]`)

func bindsOption(rest []byte) bool { return optionStart.Match(rest) }
