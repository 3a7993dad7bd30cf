package shape

import (
	"fmt"
	"strings"
)

// A Map tells where a result element is read: axis k of the operand is read at
// In[k] / Div[k], In[k] being affine in the index symbols of the result (#0 is
// the result's first axis). Where a condition of Guard fails the operand is not
// read and the element is a fill value. Div[k] divides exactly wherever the
// guard holds.
//
// Maps are closed under composition and transposition, so views, their
// adjoints and the adjoints of these are all views and sums.
type Map struct {
	In    []Dim
	Div   []int64 // nil: all 1
	Guard []Cond
}

// CondKind is a relation of an affine expression to zero.
type CondKind uint8

// The conditions a guard is made of.
const (
	NonNegative CondKind = iota // E ≥ 0
	Zero                        // E = 0
	Multiple                    // E is a multiple of Mod
)

// Cond is one condition on result indices.
type Cond struct {
	Kind CondKind
	E    Dim
	Mod  int64
}

// String writes the condition as in the printed graph.
func (c Cond) String() string {
	switch c.Kind {
	case NonNegative:
		return c.E.String() + " >= 0"
	case Zero:
		return c.E.String() + " == 0"
	}
	return fmt.Sprintf("%s %% %d == 0", c.E, c.Mod)
}

// Holds evaluates the condition.
func (c Cond) Holds(value func(*Sym) int64) bool {
	v := c.E.Eval(value)
	switch c.Kind {
	case NonNegative:
		return v >= 0
	case Zero:
		return v == 0
	}
	return v-c.Mod*floorDiv(v, c.Mod) == 0
}

// Identity is the map that reads each element of a tensor of that rank in place.
func Identity(rank int) Map {
	m := Map{In: make([]Dim, rank)}
	for k := range m.In {
		m.In[k] = Idx(k)
	}
	return m
}

// Axis replaces the index symbols of the operand by the subscripts of a map
// without divisors, in the manner of Subst.
func (m Map) Axis(s *Sym) (Dim, bool) {
	if s.Axis < 0 {
		return Dim{}, false
	}
	return m.In[s.Axis], true
}

// DivOf is the divisor of operand axis k.
func (m Map) DivOf(k int) int64 {
	if m.Div == nil {
		return 1
	}
	return m.Div[k]
}

// IsIdentity reports whether m reads a tensor of that rank in place, unguarded.
func (m Map) IsIdentity(rank int) bool {
	if len(m.In) != rank || len(m.Guard) > 0 {
		return false
	}
	for k, in := range m.In {
		if m.DivOf(k) != 1 || !in.Equal(Idx(k)) {
			return false
		}
	}
	return true
}

// String writes the map as its list of subscripts and guards; it is also its key.
func (m Map) String() string {
	var b strings.Builder
	b.WriteByte('[')
	for k, in := range m.In {
		if k > 0 {
			b.WriteString(", ")
		}
		if d := m.DivOf(k); d != 1 {
			fmt.Fprintf(&b, "(%s)/%d", in, d)
		} else {
			b.WriteString(in.String())
		}
	}
	b.WriteByte(']')
	for i, g := range m.Guard {
		if i == 0 {
			b.WriteString(" if ")
		} else {
			b.WriteString(" and ")
		}
		b.WriteString(g.String())
	}
	return b.String()
}

// ratio is num/den with an integer value wherever the guards hold.
type ratio struct {
	num Dim
	den int64
}

// substitute replaces the index symbols of an affine e by ratios, index k by
// at[k]; the result is e·den as num.
func substitute(e Dim, at []ratio) ratio {
	num, den := e, int64(1)
	for k, r := range at {
		coef, rest, ok := num.Linear(IdxSym(k))
		if !ok {
			panic("shape: internal error: index expression " + e.String() + " is not affine")
		}
		if coef.Is(0) {
			continue
		}
		// num = coef·#k + rest over den; indices not yet replaced are renamed
		// apart below, so r.num may freely mention index symbols.
		l := lcm(den, den*r.den)
		num = coef.Mul(hide(r.num)).Scale(l / (den * r.den)).Add(rest.Scale(l / den))
		den = l
	}
	return ratio{reveal(num), den}.reduced()
}

// reduced divides num and den by a common constant factor.
func (r ratio) reduced() ratio {
	for _, p := range []int64{2, 3, 5, 7, 11, 13} {
		for r.den%p == 0 {
			q, ok := r.num.DivExact(Const(p))
			if !ok {
				break
			}
			r = ratio{q, r.den / p}
		}
	}
	if q, ok := r.num.DivExact(Const(r.den)); ok {
		return ratio{q, 1}
	}
	return r
}

// hide renames index symbols out of the way of a running substitution.
func hide(d Dim) Dim {
	return d.Subst(func(s *Sym) (Dim, bool) {
		if s.Axis < 0 {
			return Dim{}, false
		}
		return ofSym(intern(Sym{Name: "'" + s.Name, Fn: "", Axis: -2 - s.Axis})), true
	})
}

func reveal(d Dim) Dim {
	return d.Subst(func(s *Sym) (Dim, bool) {
		if s.Axis > -2 {
			return Dim{}, false
		}
		return Idx(-2 - s.Axis), true
	})
}

func lcm(a, b int64) int64 {
	x, y := a, b
	for y != 0 {
		x, y = y, x%y
	}
	return a / x * b
}

// Compose reads through outer and then through inner: the operand of inner at
// the place outer points to.
func Compose(outer, inner Map) Map {
	at := make([]ratio, len(outer.In))
	for k, in := range outer.In {
		at[k] = ratio{in, outer.DivOf(k)}
	}
	m := Map{Guard: append([]Cond{}, outer.Guard...)}
	m.set(inner.In, inner.Div, at)
	for _, g := range inner.Guard {
		m.Guard = append(m.Guard, g.subst(at))
	}
	return m
}

// set fills In and Div with ins (over divs) after substitution.
func (m *Map) set(ins []Dim, divs []int64, at []ratio) {
	m.In = make([]Dim, len(ins))
	div, any := make([]int64, len(ins)), false
	for k, in := range ins {
		r := substitute(in, at)
		if divs != nil {
			r = ratio{r.num, r.den * divs[k]}.reduced()
		}
		m.In[k], div[k] = r.num, r.den
		any = any || r.den != 1
	}
	if any {
		m.Div = div
	}
}

func (c Cond) subst(at []ratio) Cond {
	r := substitute(c.E, at)
	out := Cond{Kind: c.Kind, E: r.num, Mod: c.Mod}
	if c.Kind == Multiple {
		out.Mod = c.Mod * r.den
	}
	return out
}

// Prune drops the conditions that always hold for indices inside ext.
func (m Map) Prune(ext []Dim) Map {
	f := Facts{Ext: ext}
	var kept []Cond
	for _, g := range m.Guard {
		if !f.always(g) && !containsCond(kept, g) {
			kept = append(kept, g)
		}
	}
	m.Guard = kept
	return m
}

func (f Facts) always(c Cond) bool {
	switch c.Kind {
	case NonNegative:
		return f.NonNeg(c.E) == Yes
	case Zero:
		return f.NonNeg(c.E) == Yes && f.NonNeg(c.E.Scale(-1)) == Yes
	}
	_, ok := c.E.DivExact(Const(c.Mod))
	return ok
}

func containsCond(cs []Cond, c Cond) bool {
	for _, d := range cs {
		if d.String() == c.String() {
			return true
		}
	}
	return false
}
