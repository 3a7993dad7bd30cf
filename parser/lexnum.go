package parser

import (
	"errors"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/gradgen/gradgen/parser/diag"
)

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// afterDot reports whether the point before a digit follows something it could
// belong to, as in `x.5`, where a field name was meant.
func (l *lexState) afterDot() bool {
	n := len(l.toks)
	return n > 0 && end(l.toks[n-1]) == l.at && endsOperand(l.toks[n-1])
}

// number reads a literal as in Go, with a digit on both sides of the point. It
// takes everything that looks like part of one and then judges the whole, so
// that `2x` and `1.2.3` are one complaint.
func (l *lexState) number() (lexer.Token, bool) {
	start := l.at
	for l.at < len(l.src) {
		r, n := utf8.DecodeRune(l.src[l.at:])
		if r == '.' && l.has("..") {
			break
		}
		sign := (r == '+' || r == '-') && l.exponentBefore(start)
		if !sign && r != '.' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		l.at += n
	}
	t := l.make(tNumber, start)
	if help, ok := numberFault(t.Value); !ok {
		l.complain(diag.New("G0104", l.span(start, l.at), "%s is not a number", t.Value).WithHelp("%s", help))
		return t, false
	}
	return t, true
}

// exponentBefore reports whether a sign here belongs to an exponent.
func (l *lexState) exponentBefore(start int) bool {
	text := strings.ToLower(string(l.src[start:l.at]))
	if strings.HasPrefix(text, "0x") {
		return strings.HasSuffix(text, "p")
	}
	return strings.HasSuffix(text, "e") && !strings.ContainsFunc(text[:len(text)-1], unicode.IsLetter)
}

// numberFault judges a literal and says how it is written properly.
func numberFault(s string) (help string, ok bool) {
	whole, frac, point := strings.Cut(s, ".")
	switch {
	case point && whole == "":
		return "write 0" + s, false
	case point && frac == "":
		return "write " + s + "0, with a digit on both sides of the point", false
	}
	digits := strings.TrimLeft(s, "0123456789_.")
	if point && frac != "" && !isDigit(frac[0]) {
		return "a digit stands on both sides of the point, and a number has no fields", false
	}
	isFloat := strings.ContainsAny(s, ".") || strings.ContainsAny(s, "eEpP") && !isHexInt(s)
	if !isFloat {
		if len(s) > 1 && s[0] == '0' && digits == "" {
			return "numbers do not begin with 0; octal ones begin with 0o", false
		}
		_, err := strconv.ParseUint(s, 0, 64)
		if err == nil {
			return "", true
		}
		if errors.Is(err, strconv.ErrRange) {
			return "it is too large", false
		}
	} else {
		_, err := strconv.ParseFloat(s, 64)
		if err == nil {
			return "", true
		}
		if errors.Is(err, strconv.ErrRange) {
			return "it is too large", false
		}
	}
	word := []rune(digits)
	prefixed := strings.HasPrefix(s, "0") && len(word) > 1 && strings.ContainsRune("xXbBoO", word[0])
	if len(word) > 0 && unicode.IsLetter(word[0]) && !strings.ContainsAny(digits, ".+-") && !prefixed && digits != "e" {
		if digits == "f" || digits == "F" || digits == "L" || digits == "d" {
			return "numbers have no suffix; to multiply, write " + strings.TrimSuffix(s, digits) + " * " + digits, false
		}
		return "to multiply, write " + strings.TrimSuffix(s, digits) + " * " + digits, false
	}
	return "numbers are written as in Go: 0.5, 1e-3, 1_000, 0xff", false
}

func isHexInt(s string) bool {
	return len(s) > 1 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X') && !strings.ContainsAny(s, "pP")
}
