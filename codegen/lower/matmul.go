package lower

import (
	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// run is a group of indices that one stride covers in every operand that has
// them: of the result c, of a and of b.
type run struct {
	vars    []int // domain indices, outer first
	ext     shape.Dim
	c, a, b shape.Dim
}

// joins reports whether r, outside q, continues q's strides.
func (r run) joins(q run) bool {
	return r.c.Equal(q.c.Mul(q.ext)) && r.a.Equal(q.a.Mul(q.ext)) && r.b.Equal(q.b.Mul(q.ext))
}

// indexRuns gives the strides of domain indices and joins neighbours.
func indexRuns(c contraction, a, b *graph.Node, keep func(k int) bool) []run {
	sc, sa, sb := kernel.Strides(c.Ext[:c.Rank]), subscriptStrides(c.A, a), subscriptStrides(c.B, b)
	var out []run
	for k, e := range c.Ext {
		if !keep(k) || e.Is(1) {
			continue
		}
		r := run{vars: []int{k}, ext: e, a: sa(k), b: sb(k)}
		if k < c.Rank {
			r.c = sc[k]
		}
		if n := len(out); n > 0 && out[n-1].joins(r) {
			r.vars, r.ext = append(out[n-1].vars, k), out[n-1].ext.Mul(e)
			out[n-1] = r
			continue
		}
		out = append(out, r)
	}
	return out
}

// subscriptStrides gives the step in memory of x when index k goes up by one.
func subscriptStrides(in []shape.Dim, x *graph.Node) func(k int) shape.Dim {
	where := address(x.Type.Shape, in)
	return func(k int) shape.Dim {
		coef, _, _ := where.Linear(shape.IdxSym(k))
		return coef
	}
}

// contract makes the stage of a matrix product: loops over batch indices and
// over what does not join around a MatMul. Its rows are the first result axis.
func (p *pass) contract(n *graph.Node, out *kernel.Buffer) *stage {
	c := n.Attr.(contraction)
	a, b := n.Args[0], n.Args[1]
	st, r, idx := p.newStage(n, out)
	if uses(c.B, 0) && !uses(c.A, 0) { // rows come from the left operand
		a, b, c.A, c.B = b, a, c.B, c.A
	}
	side := func(inA, inB, result bool) []run {
		return indexRuns(c, a, b, func(k int) bool {
			return uses(c.A, k) == inA && uses(c.B, k) == inB && (k < c.Rank) == result
		})
	}
	g := &gemm{c: c, a: a, b: b, out: out, bufs: p.buffer, add: p.adds[n]}
	var rows, cols, inner []run
	g.m, rows = lastRun(side(true, false, true))
	g.n, cols = lastRun(side(false, true, true))
	g.k, inner = innerRun(side(true, true, false))
	g.runs, rows = lastRun(rows)
	g.groups, inner = lastRun(inner)
	if g.flips() { // its rows become columns, which have no runs
		rows, g.runs = append(rows, g.runs), run{ext: shape.Const(1)}
	}
	g.around = append(append(side(true, true, true), rows...), cols...)
	g.split()
	g.place(idx)
	st.body, st.depth = g.body(st, inner)
	r.reads = g.accesses()
	st.work = true
	return st.done(r, c.Ext, 2)
}

func uses(in []shape.Dim, k int) bool {
	for _, d := range in {
		if mentions(d, k) {
			return true
		}
	}
	return false
}

func lastRun(rs []run) (run, []run) {
	if len(rs) == 0 {
		return run{ext: shape.Const(1)}, nil
	}
	return rs[len(rs)-1], rs[:len(rs)-1]
}

// innerRun chooses the run that a product sums over: the last one, or the one
// before that is much longer.
func innerRun(rs []run) (run, []run) {
	last, rest := lastRun(rs)
	if n := len(rest); n > 0 && nominalValue(rest[n-1].ext) > 4*nominalValue(last.ext) {
		last, rest = rest[n-1], append(append([]run{}, rest[:n-1]...), last)
	}
	return last, rest
}

// gemm is a matrix product being put together.
type gemm struct {
	c       contraction
	a, b    *graph.Node
	out     *kernel.Buffer
	m, n, k run
	runs    run // of rows
	groups  run // of what is summed
	bufs    func(*graph.Node) *kernel.Buffer
	add     bool  // to what is there
	around  []run // loops around the product, over result indices
	at      []shape.Dim
}

// place names the place of every domain index: its loop variable.
func (g *gemm) place(idx []shape.Dim) {
	g.at = append([]shape.Dim{}, idx...)
	for k := g.c.Rank; k < len(g.c.Ext); k++ {
		g.at = append(g.at, shape.Dim{})
		if !g.c.Ext[k].Is(1) {
			g.at[k] = shape.Var(reduceVar(k))
		}
	}
}

func (g *gemm) accesses() []access {
	read := func(n *graph.Node, in []shape.Dim) access {
		to := make([]shape.Dim, len(in))
		for k, d := range in {
			to[k] = at(d, g.at)
		}
		return access{n, to}
	}
	return []access{read(g.a, g.c.A), read(g.b, g.c.B)}
}

// body is the product inside its loops; depth of them are the result's first
// axes. Summed indices that are not part of the product add to a cleared result.
func (g *gemm) body(st *stage, inner []run) ([]kernel.Stmt, int) {
	body := []kernel.Stmt{g.matmul(g.add || len(inner) > 0)}
	var sums []int
	for _, r := range inner {
		sums = append(sums, r.vars...)
	}
	body = nested(reduceLoops(g.c.Ext, sums, reduceVar), body)
	looped := make([]bool, len(g.c.Ext))
	for _, r := range g.around {
		for _, k := range r.vars {
			looped[k] = true
		}
	}
	depth := 0
	for k := g.c.Rank - 1; k >= 0; k-- {
		if looped[k] {
			body = st.loops(g.c.Ext, k, k+1, body)
		}
	}
	for depth < g.c.Rank && (looped[depth] || g.c.Ext[depth].Is(1)) {
		depth++
	}
	if len(inner) > 0 && !g.add {
		body = append([]kernel.Stmt{st.clear(st.node, 0, make([]shape.Dim, g.c.Rank))}, body...)
		depth = 0
	}
	return body, depth
}

// matmul is the product itself; indices inside it start at 0, the rows of a
// piece at ".lo".
func (g *gemm) matmul(add bool) kernel.Stmt {
	to := append([]shape.Dim{}, g.at...)
	for _, r := range []run{g.m, g.n, g.k, g.runs, g.groups} {
		for _, k := range r.vars {
			to[k] = shape.Dim{}
		}
	}
	rows, runs := g.piece(g.m, to), g.piece(g.runs, to)
	operand := func(n *graph.Node, in []shape.Dim, s0, s1 shape.Dim) kernel.Operand {
		return kernel.Operand{Buf: g.bufs(n), At: at(address(n.Type.Shape, in), to), Strides: [2]shape.Dim{s0, s1}}
	}
	m := &kernel.MatMul{M: rows, N: g.n.ext, K: g.k.ext, Add: add,
		C: kernel.Operand{Buf: g.out, At: address(g.c.Ext[:g.c.Rank], to[:g.c.Rank]), Strides: [2]shape.Dim{g.m.c, g.n.c}},
		A: operand(g.a, g.c.A, g.m.a, g.k.a), B: operand(g.b, g.c.B, g.k.b, g.n.b)}
	if !runs.Is(1) || !g.groups.ext.Is(1) {
		m.Runs = &kernel.Runs{Rows: runs, Groups: g.groups.ext, CRow: g.runs.c, ARow: g.runs.a, AGroup: g.groups.a, BGroup: g.groups.b}
	}
	if g.flips() {
		if r := m.Runs; r != nil {
			r.AGroup, r.BGroup = r.BGroup, r.AGroup
		}
		m.M, m.N, m.A, m.B = m.N, m.M, flipped(m.B), flipped(m.A)
		m.C = flipped(m.C)
	}
	return m
}

// flips reports whether the transpose is computed, whose rows are contiguous.
func (g *gemm) flips() bool { return g.m.c.Is(1) && !g.n.c.Is(1) }

// split takes the first axis out of rows that are many without it: what comes of
// each product is used while it is in the cache.
func (g *gemm) split() {
	if len(g.m.vars) < 2 || g.m.vars[0] != 0 {
		return
	}
	const many = 96
	rest, _ := g.m.ext.DivExact(g.c.Ext[0])
	if n, fixed := rest.IsConst(); fixed && n >= many {
		g.around = append(g.around, run{vars: g.m.vars[:1], ext: g.c.Ext[0]})
		g.m.vars, g.m.ext = g.m.vars[1:], rest
	}
}

// piece is the extent of a run of rows; of those that contain the first axis a
// piece begins at ".lo".
func (g *gemm) piece(r run, to []shape.Dim) shape.Dim {
	if len(r.vars) == 0 || r.vars[0] != 0 || g.c.Ext[0].Is(1) {
		return r.ext
	}
	to[0] = lo
	rest, _ := r.ext.DivExact(g.c.Ext[0])
	return hi.Sub(lo).Mul(rest)
}

func flipped(o kernel.Operand) kernel.Operand {
	o.Strides[0], o.Strides[1] = o.Strides[1], o.Strides[0]
	return o
}
