package unroll

import (
	"maps"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
)

// assumed is what is known of conditions, by their texts, wherever a value is used.
type assumed map[string]bool

// settleChoices decides choices whose values are used in branches of choices by the
// same condition only: of
//
//	a := (c ? 0 : x)
//	b := (c ? 0 : mul(a, y))
//
// a is x. The derivative of a series in one branch is a chain of these.
func (u *unroller) settleChoices(lets []*kernel.Let, results [][]kernel.Expr) {
	known := map[string]assumed{}
	for _, r := range results {
		for _, x := range r {
			assume(x, assumed{}, known)
		}
	}
	for i := len(lets) - 1; i >= 0; i-- {
		l := lets[i]
		here := known[l.Name]
		if l.Elem == graph.Real {
			l.X = u.decided(l.X, here)
		}
		assume(l.X, here, known)
	}
}

// assume notes what is known where the names in an expression are used.
func assume(x kernel.Expr, here assumed, known map[string]assumed) {
	switch x := x.(type) {
	case *kernel.Ref:
		if have, met := known[x.Name]; met {
			here = both(have, here)
		}
		known[x.Name] = here
	case *kernel.Select:
		assume(x.Cond, here, known)
		assume(x.X, here.with(x.Cond, true), known)
		assume(x.Y, here.with(x.Cond, false), known)
	default:
		for _, a := range kernel.Operands(x) {
			assume(a, here, known)
		}
	}
}

// both is what two places know.
func both(a, b assumed) assumed {
	out := assumed{}
	for cond, holds := range a {
		if v, ok := b[cond]; ok && v == holds {
			out[cond] = holds
		}
	}
	return out
}

func (a assumed) with(cond kernel.Expr, holds bool) assumed {
	out := maps.Clone(a)
	if out == nil {
		out = assumed{}
	}
	out[key(cond)] = holds
	return out
}

// decided takes the branches that are known to be taken, if these can be computed
// wherever the choice is.
func (u *unroller) decided(x kernel.Expr, here assumed) kernel.Expr {
	if s, ok := x.(*kernel.Select); ok {
		if holds, ok := here[key(s.Cond)]; ok {
			branch := s.Y
			if holds {
				branch = s.X
			}
			if u.harmless(branch) {
				return u.decided(branch, here)
			}
		}
		return &kernel.Select{Cond: s.Cond, Elem: s.Elem, X: u.decided(s.X, here.with(s.Cond, true)), Y: u.decided(s.Y, here.with(s.Cond, false))}
	}
	args := kernel.Operands(x)
	if len(args) == 0 {
		return x
	}
	out := make([]kernel.Expr, len(args))
	for i, a := range args {
		out[i] = u.decided(a, here)
	}
	return kernel.WithOperands(x, out)
}

// harmless reports an expression that may be computed for nothing: of reals, and
// in the rows of a loop without reads.
func (u *unroller) harmless(x kernel.Expr) bool {
	switch x := x.(type) {
	case *kernel.Load:
		return u.row == nil && len(x.At.Dyn) == 0
	case *kernel.Apply:
		if x.Elem == graph.Int {
			return false
		}
	}
	for _, a := range kernel.Operands(x) {
		if !u.harmless(a) {
			return false
		}
	}
	return true
}
