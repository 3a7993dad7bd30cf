// Package shape holds symbolic dimensions: integer polynomials over named
// dims, in a normal form, so that equal polynomials are equal dims.
//
// For `image [batch, 28*28]` and `W [784, hidden]` the contracted extents are
// Const(28).Mul(Const(28)) and Const(784), which are Equal; batch stays a
// symbol until the generated code runs.
package shape

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
)

// Sym is one indeterminate of a polynomial: a named dim, an index of an
// iteration domain, or an atom such as div(n, 2). Syms are interned: two are
// the same indeterminate exactly when their pointers are equal.
type Sym struct {
	Name string
	Fn   string // "", or one of "div", "quot", "min", "max", "mod"
	Args []Dim  // operands of an atom
	Axis int    // position of an index symbol, -1 for all others
}

var interned sync.Map // name → *Sym

func intern(s Sym) *Sym {
	if have, ok := interned.Load(s.Name); ok {
		return have.(*Sym)
	}
	have, _ := interned.LoadOrStore(s.Name, &s)
	return have.(*Sym)
}

type term struct {
	coef int64
	mono []*Sym // sorted by name, repeated for powers
}

func (t term) key() string {
	names := make([]string, len(t.mono))
	for i, s := range t.mono {
		names[i] = s.Name
	}
	return strings.Join(names, "*")
}

// Dim is an integer polynomial. The zero Dim is the number 0. Dims are values:
// no operation changes its operands.
type Dim struct {
	terms []term // sorted by monomial, constant first; no zero coefficients
}

// Const is the dimension c.
func Const(c int64) Dim {
	if c == 0 {
		return Dim{}
	}
	return Dim{[]term{{coef: c}}}
}

// Var is the named dimension.
func Var(name string) Dim { return ofSym(VarSym(name)) }

// VarSym is the symbol behind Var(name).
func VarSym(name string) *Sym { return intern(Sym{Name: name, Axis: -1}) }

// Idx is the index symbol of axis k of an iteration domain.
func Idx(k int) Dim { return ofSym(IdxSym(k)) }

// IdxSym is the symbol behind Idx(k).
func IdxSym(k int) *Sym { return intern(Sym{Name: "#" + strconv.Itoa(k), Axis: k}) }

func ofSym(s *Sym) Dim { return Dim{[]term{{coef: 1, mono: []*Sym{s}}}} }

// Add returns d + e.
func (d Dim) Add(e Dim) Dim { return normal(append(append([]term{}, d.terms...), e.terms...)) }

// Sub returns d - e.
func (d Dim) Sub(e Dim) Dim { return d.Add(e.Scale(-1)) }

// AddInt returns d + c.
func (d Dim) AddInt(c int64) Dim { return d.Add(Const(c)) }

// Scale returns c·d.
func (d Dim) Scale(c int64) Dim {
	out := make([]term, 0, len(d.terms))
	for _, t := range d.terms {
		out = append(out, term{t.coef * c, t.mono})
	}
	return normal(out)
}

// Mul returns d·e.
func (d Dim) Mul(e Dim) Dim {
	out := make([]term, 0, len(d.terms)*len(e.terms))
	for _, a := range d.terms {
		for _, b := range e.terms {
			mono := append(append([]*Sym{}, a.mono...), b.mono...)
			sort.Slice(mono, func(i, j int) bool { return mono[i].Name < mono[j].Name })
			out = append(out, term{a.coef * b.coef, mono})
		}
	}
	return normal(out)
}

// normal merges equal monomials, drops zeros, and applies quot(a, b)·b = a.
func normal(ts []term) Dim {
	if extra, ok := cancelQuotients(ts); ok {
		return extra
	}
	if len(ts) == 1 && ts[0].coef != 0 {
		return Dim{ts}
	}
	keys := make([]string, len(ts))
	order := make([]int, len(ts))
	for i, t := range ts {
		keys[i], order[i] = t.key(), i
	}
	sort.SliceStable(order, func(i, j int) bool { return keys[order[i]] < keys[order[j]] })
	var out []term
	last := ""
	for _, i := range order {
		if len(out) > 0 && keys[i] == last {
			out[len(out)-1].coef += ts[i].coef
		} else {
			out = append(out, ts[i])
			last = keys[i]
		}
	}
	kept := out[:0]
	for _, t := range out {
		if t.coef != 0 {
			kept = append(kept, t)
		}
	}
	if len(kept) == 0 {
		return Dim{}
	}
	if len(kept) < len(ts) {
		return normal(kept)
	}
	return Dim{kept}
}

// cancelQuotients rewrites the first term that holds quot(a, b) together with
// its divisor b (a symbol or a constant factor of the coefficient).
func cancelQuotients(ts []term) (Dim, bool) {
	for i, t := range ts {
		for j, s := range t.mono {
			if s.Fn != "quot" {
				continue
			}
			rest, ok := withoutDivisor(term{t.coef, without(t.mono, j)}, s.Args[1])
			if !ok {
				continue
			}
			others := append(append([]term{}, ts[:i]...), ts[i+1:]...)
			return normal(others).Add(Dim{[]term{rest}}.Mul(s.Args[0])), true
		}
	}
	return Dim{}, false
}

func withoutDivisor(t term, b Dim) (term, bool) {
	if len(b.terms) != 1 {
		return t, false
	}
	return divTerm(t, b.terms[0])
}

func without(m []*Sym, j int) []*Sym { return append(append([]*Sym{}, m[:j]...), m[j+1:]...) }

// IsConst reports the value of a constant dimension.
func (d Dim) IsConst() (int64, bool) {
	switch {
	case len(d.terms) == 0:
		return 0, true
	case len(d.terms) == 1 && len(d.terms[0].mono) == 0:
		return d.terms[0].coef, true
	}
	return 0, false
}

// Is reports whether d is the constant c.
func (d Dim) Is(c int64) bool { v, ok := d.IsConst(); return ok && v == c }

// Equal reports whether d and e are the same polynomial.
func (d Dim) Equal(e Dim) bool {
	if len(d.terms) != len(e.terms) {
		return false
	}
	for i, t := range d.terms {
		u := e.terms[i]
		if t.coef != u.coef || len(t.mono) != len(u.mono) {
			return false
		}
		for j := range t.mono {
			if t.mono[j] != u.mono[j] {
				return false
			}
		}
	}
	return true
}

// Syms lists the indeterminates of d in order of name, without those inside atoms.
func (d Dim) Syms() []*Sym {
	seen := map[*Sym]bool{}
	var out []*Sym
	for _, t := range d.terms {
		for _, s := range t.mono {
			if !seen[s] {
				seen[s] = true
				out = append(out, s)
			}
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

// Mentions reports whether a plain dim of that name is in d, inside of an atom perhaps.
func (d Dim) Mentions(name string) bool { return slices.Contains(d.Vars(), name) }

// Vars lists the names of the plain dims in d, those inside atoms included.
func (d Dim) Vars() []string {
	set := map[string]bool{}
	d.collect(set)
	out := make([]string, 0, len(set))
	for n := range set {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

func (d Dim) collect(set map[string]bool) {
	for _, s := range d.Syms() {
		if s.Fn == "" && s.Axis < 0 {
			set[s.Name] = true
		}
		for _, a := range s.Args {
			a.collect(set)
		}
	}
}

// Linear splits d = coef·s + rest; ok is false when s occurs in another way.
func (d Dim) Linear(s *Sym) (coef, rest Dim, ok bool) {
	var c, r []term
	for _, t := range d.terms {
		at, n := -1, 0
		for j, m := range t.mono {
			if m == s {
				at, n = j, n+1
			} else if m.Fn != "" && m.mentions(s) {
				return Dim{}, d, false
			}
		}
		switch n {
		case 0:
			r = append(r, t)
		case 1:
			c = append(c, term{t.coef, without(t.mono, at)})
		default:
			return Dim{}, d, false
		}
	}
	return normal(c), normal(r), true
}

func (s *Sym) mentions(x *Sym) bool {
	for _, a := range s.Args {
		for _, t := range a.Syms() {
			if t == x || t.mentions(x) {
				return true
			}
		}
	}
	return false
}

// Subst replaces indeterminates; f reports false for those that stay.
func (d Dim) Subst(f func(*Sym) (Dim, bool)) Dim {
	out := Dim{}
	for _, t := range d.terms {
		p := Const(t.coef)
		for _, s := range t.mono {
			p = p.Mul(s.subst(f))
		}
		out = out.Add(p)
	}
	return out
}

func (s *Sym) subst(f func(*Sym) (Dim, bool)) Dim {
	if r, ok := f(s); ok {
		return r
	}
	if s.Fn == "" {
		return ofSym(s)
	}
	args := make([]Dim, len(s.Args))
	for i, a := range s.Args {
		args[i] = a.Subst(f)
	}
	return atom(s.Fn, args)
}

// Bind replaces named dims by constants.
func (d Dim) Bind(values map[string]int64) Dim {
	return d.Subst(func(s *Sym) (Dim, bool) {
		v, ok := values[s.Name]
		return Const(v), ok && s.Fn == ""
	})
}

// String writes the polynomial as the language does: 2*n*m + k - 1.
func (d Dim) String() string {
	if len(d.terms) == 0 {
		return "0"
	}
	var b strings.Builder
	for i, t := range rotated(d.terms) {
		c := t.coef
		switch {
		case i > 0 && c < 0:
			b.WriteString(" - ")
			c = -c
		case i > 0:
			b.WriteString(" + ")
		case c < 0:
			b.WriteString("-")
			c = -c
		}
		k := t.key()
		switch {
		case k == "":
			fmt.Fprint(&b, c)
		case c == 1:
			b.WriteString(k)
		default:
			fmt.Fprintf(&b, "%d*%s", c, k)
		}
	}
	return b.String()
}

// rotated puts the constant last, where people write it.
func rotated(ts []term) []term {
	if len(ts) > 1 && len(ts[0].mono) == 0 {
		return append(append([]term{}, ts[1:]...), ts[0])
	}
	return ts
}

// Product multiplies extents: the number of elements of a shape.
func Product(ds []Dim) Dim {
	p := Const(1)
	for _, d := range ds {
		p = p.Mul(d)
	}
	return p
}

// EqualShapes reports whether two shapes agree in rank and in every extent.
func EqualShapes(a, b []Dim) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !a[i].Equal(b[i]) {
			return false
		}
	}
	return true
}

// Format writes a shape as the language does: [batch, 128].
func Format(ds []Dim) string {
	parts := make([]string, len(ds))
	for i, d := range ds {
		parts[i] = d.String()
	}
	return "[" + strings.Join(parts, ", ") + "]"
}
