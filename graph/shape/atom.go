package shape

import (
	"strings"
)

// Eval computes d; value gives the indeterminates without structure.
func (d Dim) Eval(value func(*Sym) int64) int64 {
	sum := int64(0)
	for _, t := range d.terms {
		p := t.coef
		for _, s := range t.mono {
			if s.Fn == "" {
				p *= value(s)
				continue
			}
			args := make([]int64, len(s.Args))
			for i, a := range s.Args {
				args[i] = a.Eval(value)
			}
			p *= apply(s.Fn, args)
		}
		sum += p
	}
	return sum
}

func apply(fn string, a []int64) int64 {
	switch fn {
	case "div", "quot":
		return floorDiv(a[0], a[1])
	case "mod":
		return a[0] - a[1]*floorDiv(a[0], a[1])
	case "min":
		return min(a[0], a[1])
	case "max":
		return max(a[0], a[1])
	}
	panic("shape: internal error: no atom " + fn)
}

func floorDiv(a, b int64) int64 {
	if b == 0 {
		return 0
	}
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

// Div is a divided by b, rounded down.
func Div(a, b Dim) Dim { return atom("div", []Dim{a, b}) }

// Mod is a - b·Div(a, b).
func Mod(a, b Dim) Dim { return atom("mod", []Dim{a, b}) }

// Min and Max are the smaller and the larger of two dims.
func Min(a, b Dim) Dim { return atom("min", []Dim{a, b}) }

// Max is the larger of two dims.
func Max(a, b Dim) Dim { return atom("max", []Dim{a, b}) }

// CeilDiv is a divided by b, rounded up.
func CeilDiv(a, b Dim) Dim { return Div(a.Add(b).AddInt(-1), b) }

// Quotient is the q with q·b = a. Where the polynomial division does not go
// out, q is a fresh atom with that fact, to be checked when dims are bound.
func Quotient(a, b Dim) Dim {
	if q, ok := a.DivExact(b); ok {
		return q
	}
	return atom("quot", []Dim{a, b})
}

func atom(fn string, args []Dim) Dim {
	var whole Dim
	switch fn {
	case "div":
		whole, args[0] = multiples(args[0], args[1])
	case "mod":
		_, args[0] = multiples(args[0], args[1])
	}
	if v, ok := foldAtom(fn, args); ok {
		return whole.Add(v)
	}
	names := make([]string, len(args))
	for i, a := range args {
		names[i] = a.String()
	}
	return whole.Add(ofSym(intern(Sym{Name: fn + "(" + strings.Join(names, ", ") + ")", Fn: fn, Args: args, Axis: -1})))
}

// multiples parts a into whole·b + rest, where b is a positive constant and the
// coefficients of rest are from 0 to b-1: so (2·n + 1)/2 is n, and (n + 3)/2 is
// (n + 1)/2 + 1.
func multiples(a, b Dim) (whole, rest Dim) {
	c, ok := b.IsConst()
	if !ok || c <= 0 {
		return Dim{}, a
	}
	var wholes, rests []term
	for _, t := range a.terms {
		q := floorDiv(t.coef, c)
		wholes = append(wholes, term{q, t.mono})
		rests = append(rests, term{t.coef - c*q, t.mono})
	}
	return normal(wholes), normal(rests)
}

func foldAtom(fn string, args []Dim) (Dim, bool) {
	a, aok := args[0].IsConst()
	b, bok := args[1].IsConst()
	switch {
	case aok && bok && (b != 0 || fn == "min" || fn == "max") && (fn != "quot" || a%b == 0):
		return Const(apply(fn, []int64{a, b})), true
	case (fn == "min" || fn == "max") && args[0].Equal(args[1]):
		return args[0], true
	case fn == "div" || fn == "quot" || fn == "mod":
		if q, ok := args[0].DivExact(args[1]); ok {
			if fn == "mod" {
				return Dim{}, true
			}
			return q, true
		}
	}
	return Dim{}, false
}

// DivExact divides polynomials where b is a monomial that divides each term.
func (d Dim) DivExact(b Dim) (Dim, bool) {
	if b.Equal(d) && len(d.terms) > 0 {
		return Const(1), true
	}
	if len(b.terms) != 1 {
		return Dim{}, false
	}
	out := make([]term, 0, len(d.terms))
	for _, t := range d.terms {
		q, ok := divTerm(t, b.terms[0])
		if !ok {
			return Dim{}, false
		}
		out = append(out, q)
	}
	return normal(out), true
}

func divTerm(t, b term) (term, bool) {
	if t.coef%b.coef != 0 {
		return t, false
	}
	mono := t.mono
	for _, s := range b.mono {
		at := -1
		for j, m := range mono {
			if m == s {
				at = j
			}
		}
		if at < 0 {
			return t, false
		}
		mono = without(mono, at)
	}
	return term{t.coef / b.coef, mono}, true
}
