package shape

// Answer is what the fact store can say about a statement on dims.
type Answer uint8

// Unknown statements become checks when the dims are bound.
const (
	Unknown Answer = iota
	Yes
	No
)

// Facts answers order questions about dims. Named dims are at least 1 (loop
// variables, whose names begin with a point, at least 0) and
// index symbol k lies in 0..Ext[k]; the zero Facts knows the former only.
type Facts struct {
	Ext []Dim
}

// NonNeg answers whether d ≥ 0 holds for all values of its indeterminates
// (Yes), for none (No), or cannot be told.
func (f Facts) NonNeg(d Dim) Answer {
	if f.proved(d, 8) {
		return Yes
	}
	if f.proved(d.Scale(-1).AddInt(-1), 8) {
		return No
	}
	return Unknown
}

// Less answers whether a < b.
func (f Facts) Less(a, b Dim) Answer { return f.NonNeg(b.Sub(a).AddInt(-1)) }

// Equal answers whether a = b. A non-zero constant difference refutes it, as
// does a difference that is always positive or always negative.
func (f Facts) Equal(a, b Dim) Answer {
	diff := a.Sub(b)
	switch {
	case diff.Is(0):
		return Yes
	case f.proved(diff.AddInt(-1), 8), f.proved(diff.Scale(-1).AddInt(-1), 8):
		return No
	}
	return Unknown
}

// proved looks for a proof of d ≥ 0: index symbols go to the end of their
// range that makes d smallest, div(a, b) to its bounds, named dims to 1 + v
// with v ≥ 0; then every coefficient must be non-negative.
func (f Facts) proved(d Dim, depth int) bool {
	if depth == 0 {
		return false
	}
	for _, s := range d.Syms() {
		switch {
		case s.Axis >= len(f.Ext):
			return false
		case s.Axis >= 0:
			return f.extreme(d, s, Dim{}, f.Ext[s.Axis].AddInt(-1), depth)
		case s.Fn == "min" || s.Fn == "max":
			return f.bySides(d, s, depth)
		case s.Fn == "div" || s.Fn == "mod" || s.Fn == "quot":
			if done, ok := f.byQuotient(d, s, depth); ok {
				return done
			}
			if !f.atomNonNeg(s, depth) {
				return false
			}
		}
	}
	shifted := d.Subst(func(s *Sym) (Dim, bool) {
		return ofSym(s).AddInt(1), s.Fn == "" && s.Axis < 0 && s.Name[0] != '.'
	})
	for _, t := range shifted.terms {
		if t.coef < 0 {
			return false
		}
	}
	return true
}

// atomNonNeg proves div, quot or mod non-negative from its operands' signs.
func (f Facts) atomNonNeg(s *Sym, depth int) bool {
	return f.proved(s.Args[1].AddInt(-1), depth-1) && (s.Fn == "mod" || f.proved(s.Args[0], depth-1))
}

func (f Facts) extreme(d Dim, s *Sym, lo, hi Dim, depth int) bool {
	coef, rest, ok := d.Linear(s)
	if !ok {
		return false
	}
	switch {
	case f.proved(coef, depth-1):
		return f.proved(rest.Add(coef.Mul(lo)), depth-1)
	case f.proved(coef.Scale(-1), depth-1):
		return f.proved(rest.Add(coef.Mul(hi)), depth-1)
	}
	return false
}

// bySides proves a statement on min(a, b) or max(a, b): the atom always equals
// one of them, so that both sides suffice; one side does where the other can
// only make d larger.
func (f Facts) bySides(d Dim, s *Sym, depth int) bool {
	either := false
	if coef, _, ok := d.Linear(s); ok {
		c, isConst := coef.IsConst()
		either = isConst && (c < 0) == (s.Fn == "min")
	}
	for _, side := range s.Args {
		with := d.Subst(func(t *Sym) (Dim, bool) { return side, t == s })
		if f.proved(with, depth-1) == either {
			return either
		}
	}
	return !either
}

// byQuotient uses a-(b-1) ≤ b·div(a, b) ≤ a, and 0 ≤ mod(a, b) < b, for a
// constant b ≥ 1.
func (f Facts) byQuotient(d Dim, s *Sym, depth int) (proved, applies bool) {
	b, ok := s.Args[1].IsConst()
	coef, rest, linear := d.Linear(s)
	c, isConst := coef.IsConst()
	if !ok || b < 1 || !linear || !isConst {
		return false, false
	}
	a, slack := s.Args[0], b-1
	switch {
	case s.Fn == "mod" && c < 0:
		return f.proved(rest.AddInt(c*(b-1)), depth-1), true
	case s.Fn == "mod":
		return f.proved(rest, depth-1), true
	case s.Fn == "quot":
		slack = 0
	}
	if c > 0 {
		a = a.AddInt(-slack)
	}
	return f.proved(rest.Scale(b).Add(a.Scale(c)), depth-1), true
}
