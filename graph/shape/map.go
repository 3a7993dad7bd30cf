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

// Transpose exchanges reads and writes. For y[r] = x[m(r)], r in ext, the
// adjoint is x̄[p] = Σ_f ȳ[t(p, f)], p in operand: t's first axes are the
// operand's, the rest, with extents free, are the result indices that m leaves
// undetermined. ok is false where a subscript has only symbolic coefficients.
//
// Each subscript equation Div·p = Σ c·r + c0 is solved for one result index,
// the one with the largest extent (unit coefficients first among equals), so
// that the sums left over are short: in image[y + dy] the sum runs over dy.
func (m Map) Transpose(ext, operand []Dim) (t Map, free []Dim, ok bool) {
	s := newSolver(m, ext, len(operand))
	for k := range operand {
		if !s.solve(k) {
			return Map{}, nil, false
		}
	}
	return s.result(operand)
}

// solver eliminates result indices. During elimination result index r is index
// symbol len(operand)+r, so that operand indices keep their numbers.
type solver struct {
	m      Map
	ext    []Dim
	base   int
	solved []ratio // valid where done
	done   []bool
	guard  []Cond
}

func newSolver(m Map, ext []Dim, base int) *solver {
	return &solver{m: m, ext: ext, base: base, solved: make([]ratio, len(ext)), done: make([]bool, len(ext))}
}

// point lists the current expression of every result index.
func (s *solver) point() []ratio {
	at := make([]ratio, len(s.ext))
	for r := range at {
		at[r] = ratio{Idx(s.base + r), 1}
		if s.done[r] {
			at[r] = s.solved[r]
		}
	}
	return at
}

func (s *solver) solve(k int) bool {
	lhs := substitute(s.m.In[k], s.point()) // = Div·p_k
	den := lhs.den * s.m.DivOf(k)
	r, c, symbolic := s.pivot(lhs.num)
	if r < 0 {
		if symbolic {
			return false
		}
		s.guard = append(s.guard, Cond{Kind: Zero, E: lhs.num.Sub(Idx(k).Scale(den))})
		return true
	}
	_, rest, _ := lhs.num.Linear(IdxSym(s.base + r))
	sol := ratio{Idx(k).Scale(den).Sub(rest), c}
	if c < 0 {
		sol = ratio{sol.num.Scale(-1), -c}
	}
	s.assign(r, sol.reduced())
	return true
}

func (s *solver) assign(r int, sol ratio) {
	at := make([]ratio, s.base+len(s.ext))
	for k := range at {
		at[k] = ratio{Idx(k), 1}
	}
	at[s.base+r] = sol
	for q := range s.solved {
		if s.done[q] {
			n := substitute(s.solved[q].num, at)
			s.solved[q] = ratio{n.num, n.den * s.solved[q].den}.reduced()
		}
	}
	for i, g := range s.guard {
		s.guard[i] = g.subst(at)
	}
	s.solved[r], s.done[r] = sol, true
}

// pivot chooses the result index to solve for.
func (s *solver) pivot(e Dim) (best int, coef int64, symbolic bool) {
	best = -1
	for r := range s.ext {
		c, _, ok := e.Linear(IdxSym(s.base + r))
		if ok && c.Is(0) {
			continue
		}
		v, isConst := c.IsConst()
		if !ok || !isConst {
			symbolic = true
			continue
		}
		if best < 0 || s.better(r, v, best, coef) {
			best, coef = r, v
		}
	}
	return best, coef, symbolic
}

func (s *solver) better(r int, c int64, best int, bc int64) bool {
	f := Facts{}
	if f.Less(s.ext[best], s.ext[r]) == Yes {
		return true
	}
	if f.Less(s.ext[r], s.ext[best]) == Yes {
		return false
	}
	_, rConst := s.ext[r].IsConst()
	_, bConst := s.ext[best].IsConst()
	if rConst != bConst {
		return !rConst
	}
	return abs(c) < abs(bc)
}

func abs(x int64) int64 { return max(x, -x) }

func (s *solver) result(operand []Dim) (Map, []Dim, bool) {
	var free []Dim
	number := make([]ratio, s.base+len(s.ext))
	for k := range operand {
		number[k] = ratio{Idx(k), 1}
	}
	for r := range s.ext {
		if !s.done[r] {
			number[s.base+r] = ratio{Idx(s.base + len(free)), 1}
			free = append(free, s.ext[r])
		} else {
			number[s.base+r] = ratio{Dim{}, 1}
		}
	}
	at := s.point()
	for r := range at {
		n := substitute(at[r].num, number)
		at[r] = ratio{n.num, n.den * at[r].den}
	}
	t := Map{In: make([]Dim, len(at)), Div: make([]int64, len(at))}
	for r, a := range at {
		t.In[r], t.Div[r] = a.num, a.den
		t.Guard = append(t.Guard, s.inRange(r, a)...)
	}
	for _, g := range s.guard {
		t.Guard = append(t.Guard, g.subst(number))
	}
	for _, g := range s.m.Guard {
		t.Guard = append(t.Guard, g.subst(at))
	}
	return t.Prune(append(append([]Dim{}, operand...), free...)).tidy(), free, true
}

// inRange says that result index r, solved as a, is an integer in 0..ext.
func (s *solver) inRange(r int, a ratio) []Cond {
	if !s.done[r] {
		return nil
	}
	out := []Cond{
		{Kind: NonNegative, E: a.num},
		{Kind: NonNegative, E: s.ext[r].AddInt(-1).Scale(a.den).Sub(a.num)},
	}
	if a.den > 1 {
		out = append(out, Cond{Kind: Multiple, E: a.num, Mod: a.den})
	}
	return out
}

// tidy drops a list of unit divisors.
func (m Map) tidy() Map {
	for _, d := range m.Div {
		if d != 1 {
			return m
		}
	}
	m.Div = nil
	return m
}
