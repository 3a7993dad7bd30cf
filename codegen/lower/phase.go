package lower

import (
	"slices"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// What every second row of a tensor comes from, the adjoint of x[2*i] say,
//
//	y[i, j] = a[i/2, j] if i % 2 = 0
//
// is asked of rows in turn, so that nothing is left to ask: y[2*i, j] = a[i, j], and
// y[2*i+1, j] = 0.

// mostPhases is the number of rows that are written out in turn.
const mostPhases = 4

// phase finds an axis, not the last, whose extent is a multiple of what conditions in
// x divide its index by.
func (r *reader) phase(x kernel.Expr, ext []shape.Dim) (axis int, mod int64, ok bool) {
	seen := map[kernel.Expr]bool{}
	var find func(x kernel.Expr)
	find = func(x kernel.Expr) {
		if seen[x] || ok {
			return
		}
		seen[x] = true
		if g, guard := x.(*kernel.Guard); guard {
			for _, c := range g.Conds {
				if k, found := r.phaseAxis(c, ext); found && !ok {
					axis, mod, ok = k, c.Mod, true
				}
			}
		}
		for _, a := range kernel.Operands(x) {
			find(a)
		}
	}
	find(x)
	return axis, mod, ok
}

func (r *reader) phaseAxis(c shape.Cond, ext []shape.Dim) (int, bool) {
	if c.Kind != shape.Multiple || c.Mod > mostPhases {
		return 0, false
	}
	for k := range len(ext) - 1 {
		coef, _, linear := c.E.Linear(symbol(axisVar(k)))
		if linear && r.divides(ext[k], c.Mod) && (coef.Is(1) || coef.Is(-1)) {
			return k, true
		}
	}
	return 0, false
}

// divides reports whether mod divides an extent: something that is read is as long as
// the quotient.
func (r *reader) divides(ext shape.Dim, mod int64) bool {
	q := shape.Quotient(ext, shape.Const(mod))
	return slices.ContainsFunc(r.reads, func(a access) bool { return slices.ContainsFunc(a.n.Type.Shape, q.Equal) })
}

// phased stores x with the rows of an axis in turn.
func (p *pass) phased(n *graph.Node, out *kernel.Buffer, x func(*reader, []shape.Dim) kernel.Expr, axis int, mod int64) *stage {
	ext := slices.Clone(n.Type.Shape)
	ext[axis] = shape.Quotient(ext[axis], shape.Const(mod))
	sc := p.scope()
	idx := place(ext, axisVar, sc)
	st, r := &stage{node: n, out: out, depth: axis, turns: true}, p.reader(sc)
	if !ext[0].Is(1) {
		st.rows = ext[0]
	}
	var body []kernel.Stmt
	cost := 0
	for turn := range mod {
		at := slices.Clone(idx)
		at[axis] = idx[axis].Scale(mod).AddInt(turn)
		v := x(r, at)
		cost = max(cost, p.intern.dependences(v).cost)
		store := &kernel.Store{Buf: out, At: kernel.Addr{Base: address(n.Type.Shape, at)}, X: v}
		body = append(body, st.loops(ext, axis+1, len(ext), []kernel.Stmt{store})...)
	}
	st.body = st.loops(ext, 0, axis+1, body)
	return st.done(r, n.Type.Shape, cost)
}

// never reports whether c holds nowhere that the loops of the scope go.
func (sc scope) never(c shape.Cond) bool {
	switch c.Kind {
	case shape.NonNegative:
		return sc.always(shape.Cond{Kind: shape.NonNegative, E: c.E.Scale(-1).AddInt(-1)})
	case shape.Multiple:
		rest, _ := c.E.Subst(func(*shape.Sym) (shape.Dim, bool) { return shape.Dim{}, true }).IsConst()
		_, multiple := c.E.AddInt(-rest).DivExact(shape.Const(c.Mod))
		return multiple && rest%c.Mod != 0
	}
	return false
}
