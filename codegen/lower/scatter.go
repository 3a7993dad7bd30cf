package lower

import (
	"cmp"
	"slices"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// A scatter into many long rows is shared out by owner: each of a few pieces walks
// all indices and adds to its own rows, in order.
const (
	owners   = 4  // pieces
	ownRows  = 64 // rows from which it is worth while
	ownWidth = 32 // elements of a row
)

// scatter clears its result and adds the elements in order.
func (p *pass) scatter(n *graph.Node, out *kernel.Buffer) *stage {
	if p.pairs.passing[n.Args[0]] && p.pairs.sparse[n.Args[0]] {
		return p.scatterPairs(n, out)
	}
	st := &stage{node: n, out: out}
	sc, dom := p.scope(), n.Args[0].Type.Shape
	name, rows := axisVar, p.owned(n)
	if rows > 0 {
		name, st.rows, st.least = reduceVar, n.Type.Shape[0], (rows+owners-1)/owners
	}
	idx := place(dom, name, sc)
	r := p.reader(sc)
	f := r.lookup(n, n.Type.Shape, n.Args[1:], idx)
	store := kernel.Stmt(&kernel.Store{Buf: out, At: f.addr, X: r.read(n.Args[0], idx), Add: true})
	var body []kernel.Stmt
	cond := f.mask
	if n.Attr.(graph.Gather).Checked {
		body = r.checks(n, n.Type.Shape, n.Args[1:], idx)
		st.fails = len(body) > 0
	} else if f.inside != nil && (rows == 0 || !onlyRows(n)) {
		cond = r.and(cond, f.inside)
	}
	if rows > 0 {
		store = &kernel.If{Cond: r.between(f.ints[0], lo, hi), Then: []kernel.Stmt{store}}
	}
	body = append(body, store)
	if cond != nil {
		body = []kernel.Stmt{&kernel.If{Cond: cond, Then: body}}
	}
	loops, through := reduceLoops(dom, graph.AllAxes(len(dom)), name), f.through()
	slices.SortStableFunc(loops, func(a, b *kernel.Loop) int {
		return cmp.Compare(either(a.Var == through, 1, 0), either(b.Var == through, 1, 0))
	})
	st.body = append([]kernel.Stmt{st.clear(n, 0, make([]shape.Dim, n.Type.Rank()))}, nested(loops, body)...)
	return st.done(r, dom, 2)
}

// through is the variable of the loop that goes on through memory, at whatever place,
// if there is one: it is better inside of the others, and leaves the elements of each
// place in order.
func (f found) through() string {
	if len(f.idx) == 0 {
		return ""
	}
	last := f.idx[len(f.idx)-1]
	if syms := last.Syms(); len(syms) == 1 && last.Equal(shape.Of(syms[0])) {
		return syms[0].Name
	}
	return ""
}

// owned is the number of rows of a scatter that is shared out by owner, else 0.
func (p *pass) owned(n *graph.Node) int64 {
	ext, g := n.Type.Shape, n.Attr.(graph.Gather)
	if p.inner || len(ext) < 2 || g.By[0] < 0 {
		return 0
	}
	if _, known := affine(n.Args[1+g.By[0]], identity(n.Args[0].Type.Shape)); known {
		return 0
	}
	rows, fixed := ext[0].IsConst()
	width, known := shape.Product(ext[1:]).IsConst()
	if !fixed || rows < ownRows || known && width < ownWidth {
		return 0
	}
	return rows
}

// onlyRows reports whether all places of a scatter but the row, which a piece
// compares with its own, are inside.
func onlyRows(n *graph.Node) bool {
	g := n.Attr.(graph.Gather)
	f := shape.Facts{Ext: n.Args[0].Type.Shape}
	for k, in := range g.In[1:] {
		if g.By[k+1] >= 0 || f.NonNeg(in) != shape.Yes || f.Less(in, n.Type.Shape[k+1]) != shape.Yes {
			return false
		}
	}
	return true
}

// between is lo <= x < hi.
func (r *reader) between(x kernel.Expr, lo, hi shape.Dim) kernel.Expr {
	end := func(d shape.Dim) kernel.Expr { return r.intern.of(&kernel.IndexExpr{E: d, Div: 1}) }
	return r.and(r.op("ge", graph.Bool, x, end(lo)), r.op("lt", graph.Bool, x, end(hi)))
}
