package vector

import (
	"slices"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph/shape"
)

// split finds where in a loop of a known range the conditions of guarded reads
// change, and gives the ends of the pieces between: a guard `i >= 16` in a loop
// over 0..32 makes 0..16 and 16..32.
func (b *builder) split(l *kernel.Loop) []shape.Dim {
	lo, ok1 := l.Lo.IsConst()
	hi, ok2 := l.Hi.IsConst()
	if !ok1 || !ok2 {
		return []shape.Dim{l.Lo, l.Hi}
	}
	at := []int64{lo, hi}
	visit := func(x kernel.Expr) {
		g, ok := x.(*kernel.Guard)
		if !ok {
			return
		}
		for _, c := range g.Conds {
			coef, rest, linear := c.E.Linear(symbol(l.Var))
			k, ok1 := coef.IsConst()
			r, ok2 := rest.IsConst()
			if !linear || !ok1 || !ok2 || c.Kind != shape.NonNegative {
				continue
			}
			switch k { // the first step of the other kind
			case 1:
				at = append(at, -r)
			case -1:
				at = append(at, r+1)
			}
		}
	}
	kernel.Walk(l.Body, func(s kernel.Stmt) {
		for _, x := range kernel.Exprs(s) {
			kernel.WalkExpr(*x, visit)
		}
	})
	slices.Sort(at)
	var ends []shape.Dim
	for _, x := range slices.Compact(at) {
		if lo <= x && x <= hi {
			ends = append(ends, shape.Const(x))
		}
	}
	return ends
}

// decide reports whether conditions hold in all steps of the loop being built, or
// in none.
func (b *builder) decide(conds []shape.Cond) (holds, known bool) {
	holds = true
	for _, c := range conds {
		first, ok1 := b.at(c.E, 0)
		last, ok2 := b.at(c.E, 1)
		if !ok1 || !ok2 || first != last && (c.Kind != shape.NonNegative || (first >= 0) != (last >= 0)) {
			return false, false
		}
		holds = holds && shape.Cond{Kind: c.Kind, E: shape.Const(first), Mod: c.Mod}.Holds(nil)
	}
	return holds, true
}

// at is a dim in the first step of the loop being built, or in the last.
func (b *builder) at(d shape.Dim, end int64) (int64, bool) {
	d = b.subst(d)
	if b.col != "" {
		step := b.lo[b.col]
		if end == 1 {
			step = b.hi[b.col].AddInt(-1)
		}
		if _, _, ok := d.Linear(symbol(b.col)); !ok {
			return 0, false
		}
		d = d.Subst(func(s *shape.Sym) (shape.Dim, bool) { return step, s.Fn == "" && s.Name == b.col })
	}
	return d.IsConst()
}
