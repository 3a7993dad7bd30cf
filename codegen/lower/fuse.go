package lower

import (
	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// group is a kernel being filled with stages over the same rows.
type group struct {
	rows   shape.Dim
	stages []*stage
}

// takes reports whether a stage may join the group, as far as rows and size tell.
func (g *group) takes(st *stage) bool {
	return !st.alone && !g.stages[0].alone && g.rows.Equal(st.rows) && len(g.stages) < mostStages
}

// fuse puts stages into kernels. A stage joins the first kernel of its rows that
// does not come before what it reads; it may share a kernel with the stage it
// reads where it does so in its own row only.
func (p *pass) fuse(stages []*stage) []*kernel.Kernel {
	var groups []*group
	pos := map[*kernel.Buffer]int{}
	made := map[*kernel.Buffer]*stage{}
	set := map[string]int{} // run-time dims: the place after what gives the value
	for _, st := range p.fixedFirst(stages) {
		from := 0
		for _, a := range st.reads {
			b := p.buffer(a.n)
			if q := made[b]; q != nil {
				from = max(from, pos[b]+afterward(a, st, q))
			}
		}
		for _, d := range st.runTime() {
			from = max(from, set[d])
		}
		i := from
		for i < len(groups) && !groups[i].takes(st) {
			i++
		}
		if i == len(groups) {
			groups = append(groups, &group{rows: st.rows})
		}
		groups[i].stages = append(groups[i].stages, st)
		if st.sets != "" {
			set[st.sets] = i + 1
		}
		for _, b := range append([]*kernel.Buffer{st.out}, st.outs...) {
			pos[b], made[b] = i, st
		}
	}
	var out []*kernel.Kernel
	for _, g := range groups {
		if g.stages[0].alone {
			out = append(out, g.stages[0].kernels...)
		} else {
			out = append(out, p.kernel(g))
		}
	}
	return out
}

// mostStages is how many stages may share a kernel. A kernel is a function of the
// generated code, and what compiling one takes grows faster than its length.
const mostStages = 256

// fixedFirst moves small stages that depend on no input to the front, where they
// do not stand between others that belong together.
func (p *pass) fixedFirst(stages []*stage) []*stage {
	var first, rest []*stage
	fixed := map[*kernel.Buffer]bool{}
	for _, st := range stages {
		ok := !st.alone && len(st.runTime()) == 0 && small(st.out) && len(st.outs) == 0
		for _, a := range st.reads {
			b := p.buffer(a.n)
			ok = ok && (b.Kind == kernel.Const || fixed[b])
		}
		if ok {
			fixed[st.out] = true
			first = append(first, st)
		} else {
			rest = append(rest, st)
		}
	}
	return append(first, rest...)
}

func small(b *kernel.Buffer) bool {
	n, fixed := b.Len().IsConst()
	return fixed && n <= smallStage
}

// smallStage is a number of elements that may wait in memory for later use.
const smallStage = 64

// afterward is 0 where st may stand in the kernel of q, whose result it reads by
// a, and 1 where it has to wait for all of q's pieces.
func afterward(a access, st, q *stage) int {
	if st.alone || q.alone || st.turns || q.turns {
		return 1
	}
	if st.rows.Is(0) && q.rows.Is(0) || st.rows.Equal(q.rows) && a.aligned(q, 0) {
		return 0
	}
	return 1
}

// aligned reports whether a reads what q has written at the same place of the
// axes up to axis.
func (a access) aligned(q *stage, axis int) bool {
	if !q.cut.Is(0) {
		return len(a.idx) == 1 && a.idx[0].Equal(q.cut)
	}
	if len(a.idx) <= axis || q.node.Type.Rank() <= axis {
		return false
	}
	for k := 0; k <= axis; k++ {
		e := q.node.Type.Shape[k]
		if !a.n.Type.Shape[k].Equal(e) || !e.Is(1) && !a.idx[k].Equal(shape.Var(axisVar(k))) {
			return false
		}
	}
	return true
}

func (p *pass) kernel(g *group) *kernel.Kernel {
	k := &kernel.Kernel{Rows: g.rows}
	f := &fuser{pass: p, inside: map[*kernel.Loop][]*stage{}}
	for _, st := range g.stages {
		body, joined := f.joinRare(k.Body, st)
		if joined {
			st.flops = shape.Dim{} // but for the test, which is counted
		} else {
			body = f.merge(body, st.body, st)
		}
		k.Body = body
		k.Flops = k.Flops.Add(st.flops)
		k.Fails = k.Fails || st.fails
		k.Notes = addNote(k.Notes, st.node)
		st.out.From = kernel.Note{Span: st.node.Span, Rule: st.node.Rule}
	}
	k.Grain = grain(g)
	k.Most = p.most(g, k.Grain)
	p.share(k)
	return k
}

// addNote adds where n comes from unless its line and rule are there already.
func addNote(notes []kernel.Note, n *graph.Node) []kernel.Note {
	if n.Span.File == nil {
		return notes
	}
	line, _ := n.Span.Pos()
	for _, have := range notes {
		if l, _ := have.Span.Pos(); l == line && have.Rule == n.Rule {
			return notes
		}
	}
	return append(notes, kernel.Note{Span: n.Span, Rule: n.Rule})
}

// pieceWork is the work of a piece, in additions of a matrix product, from which
// it is worth its own turn; other additions count as scalarWork of these.
const (
	pieceWork  = 1 << 20
	scalarWork = 4
)

// grain is the number of rows of a piece; it depends on shapes only, run-time
// extents counted as nominal ones.
func grain(g *group) int64 {
	if g.rows.Is(0) {
		return 0
	}
	work, least := int64(0), int64(1)
	for _, st := range g.stages {
		least = max(least, st.least)
		if !st.work {
			work += scalarWork * nominalValue(st.flops)
			continue
		}
		work += nominalValue(st.flops)
		kernel.Walk(st.body, func(s kernel.Stmt) {
			if m, ok := s.(*kernel.MatMul); ok {
				least = max(least, st.leastRows(m))
			}
		})
	}
	perRow := max(work/max(nominalValue(g.rows), 1), 1)
	n := max((pieceWork+perRow-1)/perRow, least)
	if n >= 8 {
		n = (n + 7) / 8 * 8
	}
	if rows, fixed := g.rows.IsConst(); fixed && rows > n {
		n = even(rows, n)
	}
	return min(n, 1<<20)
}

// cached is how many elements that a kernel writes and reads again stay in the cache.
const cached = 1 << 16

// most is the number of rows of pieces that run as one: as many as leave what stages
// hand on to others in the cache, 0 where they hand on nothing.
func (p *pass) most(g *group, grain int64) int64 {
	if g.rows.Is(0) {
		return 0
	}
	made := map[*kernel.Buffer]bool{}
	handed := map[*kernel.Buffer]bool{}
	perRow := int64(0)
	for _, st := range g.stages {
		for _, a := range st.reads {
			if b := p.buffer(a.n); made[b] && !handed[b] {
				handed[b] = true
				perRow += nominalValue(b.Len()) / max(nominalValue(g.rows), 1)
			}
		}
		for _, b := range append([]*kernel.Buffer{st.out}, st.outs...) {
			made[b] = true
		}
	}
	if perRow == 0 {
		return 0
	}
	return max(cached/perRow/max(grain, 1)*grain, grain)
}

// even changes n, a number of rows a piece, so that an even number of pieces is
// about the same size: two or four workers end at the same time.
func even(rows, n int64) int64 {
	pieces := ((rows+n-1)/n + 1) / 2 * 2
	return (rows + pieces - 1) / pieces
}

// A product runs well from so many rows on, and from more where what each piece
// passes by them comes from beyond the cache.
const (
	tileRows = 16
	farRows  = 64
	farSize  = 1 << 18 // elements
)

// leastRows is the number of rows of a piece with which m runs well, if m is cut.
func (st *stage) leastRows(m *kernel.MatMul) int64 {
	rows, cols := m.M, m.N
	if isCut(cols) {
		rows, cols = m.N, m.M
	}
	if m.Runs != nil {
		rows = rows.Mul(m.Runs.Rows)
	}
	if !isCut(rows) {
		return 1
	}
	want := int64(tileRows)
	if nominalValue(m.K)*nominalValue(cols) >= farSize {
		want = farRows
	}
	return want / max(1, min(want, rows.Eval(oneRow)))
}

// isCut reports an extent that depends on the piece.
func isCut(d shape.Dim) bool { return d.Mentions(".hi") }

// oneRow is the value of a dim in a piece of one row.
func oneRow(s *shape.Sym) int64 {
	switch s.Name {
	case ".lo":
		return 0
	case ".hi":
		return 1
	}
	return nominal
}

// axisOf is the result axis that a loop variable runs over.
func axisOf(name string) (int, bool) {
	for k := range 16 {
		if name == axisVar(k) {
			return k, true
		}
	}
	return 0, false
}
