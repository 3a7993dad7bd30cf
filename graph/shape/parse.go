package shape

import (
	"fmt"
	"strconv"
	"strings"
)

// Parse reads a polynomial as String writes it: "2*n*m + div(k, 2) - 1". A name
// is whatever is not an operator, a parenthesis, a comma or a space.
func Parse(text string) (Dim, error) {
	p := &dimParser{rest: text}
	d, err := p.sum()
	if err == nil && p.peek() != 0 {
		err = fmt.Errorf("unexpected %q", p.rest)
	}
	if err != nil {
		return Dim{}, fmt.Errorf("dim %q: %w", text, err)
	}
	return d, nil
}

type dimParser struct{ rest string }

// peek is the next character that is not a space, 0 at the end.
func (p *dimParser) peek() byte {
	p.rest = strings.TrimLeft(p.rest, " ")
	if p.rest == "" {
		return 0
	}
	return p.rest[0]
}

func (p *dimParser) take(c byte) bool {
	if p.peek() != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

func (p *dimParser) sum() (Dim, error) {
	out, sign := Dim{}, int64(1)
	if p.take('-') {
		sign = -1
	}
	for {
		d, err := p.product()
		if err != nil {
			return Dim{}, err
		}
		out = out.Add(d.Scale(sign))
		switch {
		case p.take('+'):
			sign = 1
		case p.take('-'):
			sign = -1
		default:
			return out, nil
		}
	}
}

func (p *dimParser) product() (Dim, error) {
	out := Const(1)
	for {
		d, err := p.factor()
		if err != nil {
			return Dim{}, err
		}
		out = out.Mul(d)
		if !p.take('*') {
			return out, nil
		}
	}
}

func (p *dimParser) factor() (Dim, error) {
	p.peek()
	end := strings.IndexAny(p.rest, " +-*(),")
	if end < 0 {
		end = len(p.rest)
	}
	name := p.rest[:end]
	if name == "" {
		return Dim{}, fmt.Errorf("a name or number is missing at %q", p.rest)
	}
	p.rest = p.rest[end:]
	if c, err := strconv.ParseInt(name, 10, 64); err == nil {
		return Const(c), nil
	}
	if p.take('(') {
		return p.call(name)
	}
	if k, err := strconv.Atoi(strings.TrimPrefix(name, "#")); err == nil && name[0] == '#' {
		return Idx(k), nil
	}
	return Var(name), nil
}

func (p *dimParser) call(fn string) (Dim, error) {
	a, err := p.sum()
	if err != nil {
		return Dim{}, err
	}
	if !p.take(',') {
		return Dim{}, fmt.Errorf("%s needs two operands", fn)
	}
	b, err := p.sum()
	if err != nil {
		return Dim{}, err
	}
	if !p.take(')') {
		return Dim{}, fmt.Errorf("%s( is not closed", fn)
	}
	switch fn {
	case "div", "quot", "mod", "min", "max":
		return atom(fn, []Dim{a, b}), nil
	}
	return Dim{}, fmt.Errorf("no function %s", fn)
}
