package shape

// Term is one summand of a dimension: Coef times the product of Syms, which are
// sorted by name and repeated for powers.
type Term struct {
	Coef int64
	Syms []*Sym
}

// Terms lists the summands of d, the constant first.
func (d Dim) Terms() []Term {
	out := make([]Term, len(d.terms))
	for i, t := range d.terms {
		out[i] = Term{t.coef, append([]*Sym{}, t.mono...)}
	}
	return out
}

// Of is the dimension that consists of one symbol.
func Of(s *Sym) Dim { return ofSym(s) }
