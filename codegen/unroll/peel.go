package unroll

import (
	"slices"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/codegen/vector"
	"github.com/gradgen/gradgen/graph/shape"
)

// Index-set splitting: where a loop reads what lies inside of an axis
// in some steps only,
//
//	for i in lo..hi
//	    y[i] = mul(x[i], x[i - 1] if i - 1 >= 0 else 0)
//
// the steps in which all such conditions hold become a loop of their own, which
// asks nothing and can be vector code: here those from 1 on.

// peel splits the loops of a body that gain by it.
func peel(body []kernel.Stmt, wide bool) []kernel.Stmt {
	var out []kernel.Stmt
	for _, s := range body {
		l, loop := s.(*kernel.Loop)
		if loop {
			if _, ok := vector.Build(l, wide); ok {
				out = append(out, s)
				continue
			}
			if parts := split(l, wide); parts != nil {
				out = append(out, parts...)
				continue
			}
		}
		for _, b := range kernel.Blocks(s) {
			*b = peel(*b, wide)
		}
		out = append(out, s)
	}
	return out
}

// inside are steps of a loop: those from each of low on, and before each of high.
type inside struct {
	row       *shape.Sym
	inner     map[string]bool // variables of loops inside
	low, high []shape.Dim
}

// split is a loop as the steps inside of its conditions, those before and those
// after; nil where it has no conditions, or is no vector code even so.
func split(l *kernel.Loop, wide bool) []kernel.Stmt {
	in := &inside{row: shape.VarSym(l.Var), inner: map[string]bool{}}
	cuts := in.cuts(l.Body)
	if l.Bounded() || len(cuts) == 0 {
		return nil
	}
	if parts := pieces(l, *in, cuts, wide); parts != nil {
		return parts
	}
	in.choose(l, cuts)
	from, to := l.Lo, l.Hi
	for _, d := range furthest(in.low, 1) {
		from = shape.Max(from, d)
	}
	for _, d := range furthest(in.high, -1) {
		to = shape.Min(to, d)
	}
	if len(in.low) > 0 {
		from = shape.Min(l.Hi, from)
	}
	if len(in.high) > 0 {
		to = shape.Max(from, to)
	}
	mid := &kernel.Loop{Var: l.Var, Lo: from, Hi: to, Body: tidy(copied(l.Body, in.decide))}
	if _, ok := vector.Build(mid, wide); !ok {
		return nil
	}
	var out []kernel.Stmt
	if len(in.low) > 0 {
		out = append(out, &kernel.Loop{Var: l.Var, Lo: l.Lo, Hi: from, Body: copied(l.Body, same)})
	}
	out = append(out, mid)
	if len(in.high) > 0 {
		out = append(out, &kernel.Loop{Var: l.Var, Lo: to, Hi: l.Hi, Body: l.Body})
	}
	return out
}

// furthest leaves out the places of which another is certainly as far on (sign 1), or
// as far back (-1).
func furthest(ds []shape.Dim, sign int64) (out []shape.Dim) {
	for i, d := range ds {
		beyond := func(e shape.Dim) bool { return (shape.Facts{}).NonNeg(e.Sub(d).Scale(sign)) == shape.Yes }
		if !slices.ContainsFunc(out, beyond) && !slices.ContainsFunc(ds[i+1:], beyond) {
			out = append(out, d)
		}
	}
	return out
}

// usual stands for dims that only the run knows.
const usual = 1 << 12

func usually(d shape.Dim) int64 {
	return d.Eval(func(s *shape.Sym) int64 {
		if s.Name == ".lo" {
			return 0
		}
		return usual
	})
}

// choose takes the most steps that lie between two neighbouring cuts.
func (in *inside) choose(l *kernel.Loop, cuts []shape.Dim) {
	ends := []int64{usually(l.Lo), usually(l.Hi)}
	for _, c := range cuts {
		ends = append(ends, min(max(usually(c), ends[0]), ends[1]))
	}
	slices.Sort(ends)
	from := ends[0]
	for i, e := range ends[1:] {
		if e-ends[i] > steps(ends, from) {
			from = ends[i]
		}
	}
	for _, c := range cuts {
		if usually(c) <= from {
			in.low = append(in.low, c)
		} else {
			in.high = append(in.high, c)
		}
	}
}

// steps is the distance from one of the sorted ends to the next greater one.
func steps(ends []int64, from int64) int64 {
	for _, e := range ends {
		if e > from {
			return e - from
		}
	}
	return 0
}

// cuts lists the steps from which on a condition of a body holds, or does not hold
// any more. Comparisons of places count where they are close to what bounds reads.
func (in *inside) cuts(body []kernel.Stmt) (cuts []shape.Dim) {
	var others []shape.Dim
	note := func(x kernel.Expr) {
		switch x := x.(type) {
		case *kernel.Guard:
			for _, c := range x.Conds {
				if end, sign := in.end(c); sign != 0 {
					cuts = with(cuts, end)
				} else if at, ok := in.step(c.E); ok && c.Kind == shape.Zero {
					cuts = with(with(cuts, at), at.AddInt(1))
				}
			}
		case *kernel.Apply:
			d, ok := compared(x)
			if at, alone := in.step(d); ok && alone {
				others = append(others, at, at.AddInt(1))
			}
		}
	}
	kernel.Walk(body, func(s kernel.Stmt) {
		if l, ok := s.(*kernel.Loop); ok {
			in.inner[l.Var] = true
		}
	})
	kernel.Walk(body, func(s kernel.Stmt) {
		for _, x := range kernel.Exprs(s) {
			kernel.WalkExpr(*x, note)
		}
	})
	guards := cuts
	for _, d := range others {
		if slices.ContainsFunc(guards, func(g shape.Dim) bool { _, near := g.Sub(d).IsConst(); return near }) {
			cuts = with(cuts, d)
		}
	}
	return cuts
}

func with(ds []shape.Dim, d shape.Dim) []shape.Dim {
	if has(ds, d) {
		return ds
	}
	return append(ds, d)
}

func has(ds []shape.Dim, d shape.Dim) bool { return slices.ContainsFunc(ds, d.Equal) }

// end is the step that a condition holds from (sign 1), or holds before (-1).
func (in *inside) end(c shape.Cond) (end shape.Dim, sign int64) {
	coef, rest, linear := c.E.Linear(in.row)
	switch {
	case !linear || c.Kind != shape.NonNegative || !in.fixed(rest):
	case coef.Is(1):
		return rest.Scale(-1), 1
	case coef.Is(-1):
		return rest.AddInt(1), -1
	}
	return shape.Dim{}, 0
}

// step is the step in which d is 0.
func (in *inside) step(d shape.Dim) (shape.Dim, bool) {
	coef, rest, linear := d.Linear(in.row)
	return coef.Mul(rest).Scale(-1), linear && (coef.Is(1) || coef.Is(-1)) && in.fixed(rest)
}

// fixed reports a dim that is the same for all that a step does.
func (in *inside) fixed(d shape.Dim) bool {
	return !slices.ContainsFunc(d.Vars(), func(v string) bool { return in.inner[v] })
}

// holds reports whether a condition holds in all the steps, or fails in all.
func (in *inside) holds(c shape.Cond) (holds, known bool) {
	end, sign := in.end(c)
	switch {
	case c.Kind == shape.Zero:
		v, known := in.compare("eq", c.E)
		return v != 0, known
	case sign == 0:
		return false, false
	case has(in.low, end):
		return sign == 1, true
	}
	return sign == -1, has(in.high, end)
}
