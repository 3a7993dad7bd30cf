package emit

import (
	"sort"
	"strconv"
	"strings"

	"github.com/gradgen/gradgen/graph/shape"
)

// dimPrinter prints dims as Go expressions of type int; sym gives the Go name
// of a symbol without structure, floor that of a floored division.
type dimPrinter struct {
	sym   func(name string) string
	depth func(name string) int // loop variables: outer ones first; -1 for dims
	floor func() string
}

func (dp dimPrinter) dim(d shape.Dim) expr {
	terms := dp.ordered(d.Terms())
	if len(terms) == 0 {
		return atom("0")
	}
	var out expr
	for i, t := range terms {
		neg := t.Coef < 0
		if neg && i > 0 {
			t.Coef = -t.Coef
		}
		e := dp.term(t)
		switch {
		case i == 0:
			out = e
		case neg:
			out = infix("-", out, e)
		default:
			out = infix("+", out, e)
		}
	}
	return out
}

// ordered puts positive summands first, those of outer loops before those of
// inner ones, and the constant last.
func (dp dimPrinter) ordered(ts []shape.Term) []shape.Term {
	key := func(t shape.Term) int {
		k := 1000
		if len(t.Syms) == 0 {
			k = 2000
		}
		for _, s := range t.Syms {
			if d := dp.depth(s.Name); d >= 0 {
				k = min(k, d)
			}
		}
		if t.Coef < 0 {
			k += 10000
		}
		return k
	}
	sort.SliceStable(ts, func(i, j int) bool { return key(ts[i]) < key(ts[j]) })
	return ts
}

func (dp dimPrinter) term(t shape.Term) expr {
	if len(t.Syms) == 0 {
		return signed(strconv.FormatInt(t.Coef, 10))
	}
	var out expr
	if t.Coef != 1 && t.Coef != -1 {
		out = signed(strconv.FormatInt(t.Coef, 10))
	}
	for _, s := range t.Syms {
		if e := dp.symbol(s); out.s == "" {
			out = e
		} else {
			out = infix("*", out, e)
		}
	}
	if t.Coef == -1 {
		return prefix("-", out)
	}
	out.s = strings.ReplaceAll(out.s, " * ", "*")
	return out
}

func (dp dimPrinter) symbol(s *shape.Sym) expr {
	if s.Fn == "" {
		return atom(dp.sym(s.Name))
	}
	a, b := dp.dim(s.Args[0]), dp.dim(s.Args[1])
	switch s.Fn {
	case "min", "max":
		return call(s.Fn, a.s, b.s)
	case "quot":
		return infix("/", a, b)
	case "div":
		if positive(s.Args[0]) {
			return infix("/", a, b)
		}
		return call(dp.floor(), a.s, b.s)
	}
	if positive(s.Args[0]) {
		return infix("%", a, b)
	}
	return expr{a.at(addPrec) + " - " + b.at(mulPrec) + "*" + dp.floor() + "(" + a.s + ", " + b.s + ")", addPrec}
}

// positive reports a dim that cannot be negative since nothing is subtracted.
func positive(d shape.Dim) bool {
	for _, t := range d.Terms() {
		if t.Coef < 0 {
			return false
		}
	}
	return true
}

// monomial is a summand as a dim.
func monomial(t shape.Term) shape.Dim {
	d := shape.Const(t.Coef)
	for _, s := range t.Syms {
		d = d.Mul(shape.Of(s))
	}
	return d
}

// goDims prints dims with names given by a function, outside of kernels.
func (f *file) goDims(sym func(string) string) dimPrinter {
	return dimPrinter{sym: sym, depth: func(string) int { return -1 }, floor: f.floorDiv}
}

// floorDiv is the helper for divisions whose numerator may be negative.
func (f *file) floorDiv() string {
	f.need["div"] = true
	return f.helper("floorDiv")
}
