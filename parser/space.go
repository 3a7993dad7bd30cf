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
	if inner.tight && (tight(a) && !p.loose[a.Pos.Offset] || tight(b) && !p.loose[b.Pos.Offset] && endsOperand(a)) {
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

// tight operators stand close in shapes and subscripts: x[i+1].
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

// looseSums finds the + and - that keep their spaces in a subscript, because they
// have a product beside them, x[2*i + 1], unless a colon would seem to bind tighter.
func looseSums(toks []lexer.Token) map[int]bool {
	type term struct {
		sums           []int
		product, slice bool
	}
	loose := map[int]bool{}
	open := []term{{}}
	finish := func() {
		if t := &open[len(open)-1]; t.product && !t.slice {
			for _, at := range t.sums {
				loose[at] = true
			}
		}
		open[len(open)-1] = term{}
	}
	for i, t := range toks {
		here := &open[len(open)-1]
		switch {
		case t.Type != tOp && t.Type != tKeyword && t.Type != tTerm:
		case closer[t.Value] != "":
			open = append(open, term{})
		case t.Value == ")" || t.Value == "]" || t.Value == "}":
			finish()
			open = open[:len(open)-1]
		case t.Value == "*" || t.Value == "/":
			here.product = true
		case t.Value == "+" || t.Value == "-":
			if i > 0 && endsOperand(toks[i-1]) {
				here.sums = append(here.sums, t.Pos.Offset)
			}
		case t.Value == ":" || t.Value == "..":
			here.slice = true
		case t.Value != "^" && t.Value != "." && t.Value != "'":
			finish()
		}
	}
	return loose
}
