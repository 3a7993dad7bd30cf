package shape

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
