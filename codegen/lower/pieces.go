package lower

import (
	"slices"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// piece is how many elements of a long vector are reduced by one worker.
const piece = 4096

// long reports whether x is a vector that may have many elements, made of vectors
// only: one that is made of rows is found while these are computed.
func long(x *graph.Node) bool {
	if x.Type.Rank() != 1 {
		return false
	}
	if n, ok := x.Type.Shape[0].IsConst(); ok && n <= piece {
		return false
	}
	for _, n := range graph.Reachable(x) {
		if n.Type.Rank() > 1 || n.Op.Class == graph.ReduceOp && n.Type.Rank() > 0 {
			return false
		}
	}
	return true
}

// piecewise reduces pieces of a vector, and then what these give, in order.
func (pr *preparer) piecewise(n, x *graph.Node) *graph.Node {
	parts, m := pieces(x.Type.Shape[0])
	t := graph.Type{Elem: n.Type.Elem, Shape: parts[:1]}
	cut := pr.b.View(x, m, n.Op.Identity, parts)
	pr.once[cut] = true
	rows := pr.b.Typed(n.Op.Name, graph.Axes{1}, t, cut)
	return pr.b.Typed(n.Op.Name, graph.Axes{0}, n.Type, rows)
}

// pieces is a vector of so many elements as rows of a piece each, the last one shorter.
func pieces(ext shape.Dim) (parts []shape.Dim, m shape.Map) {
	at := shape.Idx(0).Scale(piece).Add(shape.Idx(1))
	parts = []shape.Dim{shape.CeilDiv(ext, shape.Const(piece)), shape.Const(piece)}
	return parts, shape.Map{In: []shape.Dim{at}, Guard: []shape.Cond{{E: ext.AddInt(-1).Sub(at)}}}
}

// summedInPieces reports a vector, made element by element, that is reduced piece by piece.
func (p *pass) summedInPieces(n *graph.Node) bool {
	if n.Op.Class != graph.Elementwise || n.Type.Rank() != 1 {
		return false
	}
	parts, m := pieces(n.Type.Shape[0])
	return slices.ContainsFunc(p.users[n], func(u *graph.Node) bool {
		v, ok := u.Attr.(graph.View)
		return ok && p.once[u] && shape.EqualShapes(u.Type.Shape, parts) && v.Map.In[0].Equal(m.In[0])
	})
}

// nestInPieces stores such a vector piece by piece: what it is reduced to joins the loop.
func (p *pass) nestInPieces(n *graph.Node, out *kernel.Buffer) *stage {
	parts, m := pieces(n.Type.Shape[0])
	sc := p.scope()
	idx := place(parts, axisVar, sc)
	st := &stage{node: n, out: out, cut: at(m.In[0], idx), depth: 2}
	if !parts[0].Is(1) {
		st.rows = parts[0]
	}
	r := p.reader(sc)
	x := r.value(n, []shape.Dim{st.cut})
	store := &kernel.Store{Buf: out, At: kernel.Addr{Base: st.cut}, X: x}
	inside := shape.Cond{E: at(m.Guard[0].E, idx)}
	st.body = p.bounded(st.axisLoops(parts, 0, 2), []shape.Cond{inside}, nil, []kernel.Stmt{store})
	return st.done(r, n.Type.Shape, p.intern.dependences(x).cost)
}
