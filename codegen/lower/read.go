package lower

import (
	"fmt"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/ops"
	"github.com/gradgen/gradgen/graph/shape"
)

// access is one read of a buffer: element idx of node n's shape.
type access struct {
	n   *graph.Node
	idx []shape.Dim
}

// reader turns nodes into scalar expressions: node n at the place idx, whose
// entries are polynomials in loop variables.
type reader struct {
	*pass
	sc    scope
	memo  map[string]kernel.Expr
	reads []access
	holds map[string]bool // comparisons, by placeKey, that the loops make sure of
	taken map[string]bool // the loops that make sure of these
	here  []shape.Dim     // the element that these loops are at
	early []early
	folds int
}

func (p *pass) reader(sc scope) *reader {
	return &reader{pass: p, sc: sc, memo: map[string]kernel.Expr{}, holds: map[string]bool{}, taken: map[string]bool{}}
}

func placeKey(n *graph.Node, idx []shape.Dim) string { return fmt.Sprint(n.ID, shape.Format(idx)) }

// read is n at idx: a load where n has a buffer, its definition otherwise.
func (r *reader) read(n *graph.Node, idx []shape.Dim) kernel.Expr {
	if len(r.holds) > 0 && r.certain(n, idx) {
		return r.lit(graph.Bool, 1)
	}
	if r.stored(n) {
		r.reads = append(r.reads, access{n, idx})
		return r.intern.of(&kernel.Load{Buf: r.buffer(n), At: kernel.Addr{Base: address(n.Type.Shape, idx)}})
	}
	return r.value(n, idx)
}

// value is the definition of n at idx.
func (r *reader) value(n *graph.Node, idx []shape.Dim) kernel.Expr {
	k := placeKey(n, idx)
	if e, ok := r.memo[k]; ok {
		return e
	}
	e := r.intern.of(r.define(n, idx))
	if _, named := r.hints[e]; !named && n.Name != "" {
		r.hints[e] = n.Name
	}
	r.memo[k] = e
	return e
}

func (r *reader) define(n *graph.Node, idx []shape.Dim) kernel.Expr {
	switch n.Op.Class {
	case graph.LeafOp:
		return r.leaf(n, idx)
	case graph.Elementwise:
		return r.apply(n, idx)
	case graph.ViewOp:
		return r.view(n, idx)
	case graph.GatherOp:
		return r.gather(n, idx)
	case graph.ReshapeOp:
		return r.read(n.Args[0], idx) // only of equal shapes: copies of leaves
	case graph.CheckOp:
		return r.read(n.Args[0], idx)
	case graph.ReduceOp:
		return r.fold(n, idx)
	}
	panic("lower: internal error: " + n.Op.Name + " is not read element by element")
}

func (r *reader) leaf(n *graph.Node, idx []shape.Dim) kernel.Expr {
	switch a := n.Attr.(type) {
	case graph.Number:
		return &kernel.Lit{Elem: n.Type.Elem, V: float64(a)}
	case graph.Index:
		return &kernel.IndexExpr{E: at(a.E, idx), Div: 1}
	}
	panic("lower: internal error: leaf " + n.Op.Name + " has no buffer")
}

func (r *reader) apply(n *graph.Node, idx []shape.Dim) kernel.Expr {
	args := make([]kernel.Expr, len(n.Args))
	for i, a := range n.Args {
		args[i] = r.read(a, idx)
	}
	if e := r.decided(n, args); e != nil {
		return e
	}
	if n.Op.Name == "where" {
		return &kernel.Select{Cond: args[0], X: args[1], Y: args[2], Elem: n.Type.Elem}
	}
	return &kernel.Apply{Op: n.Op, Attr: n.Attr, Elem: n.Type.Elem, Args: args, Derived: n.Rule != ""}
}

// view substitutes the map; conditions that the loops already fulfil are dropped, and
// where they fail one it is the value outside.
func (r *reader) view(n *graph.Node, idx []shape.Dim) kernel.Expr {
	v := n.Attr.(graph.View)
	to := make([]shape.Dim, len(v.Map.In))
	for k, in := range v.Map.In {
		to[k] = at(in, idx)
		if d := v.Map.DivOf(k); d != 1 {
			to[k] = shape.Quotient(to[k], shape.Const(d))
		}
	}
	var conds []shape.Cond
	for _, g := range v.Map.Guard {
		c := shape.Cond{Kind: g.Kind, E: at(g.E, idx), Mod: g.Mod}
		if !r.sc.always(c) {
			conds = append(conds, c)
		}
		if r.sc.never(c) {
			return r.lit(n.Type.Elem, v.Fill)
		}
	}
	x := r.read(n.Args[0], to)
	if len(conds) == 0 {
		return x
	}
	return &kernel.Guard{Conds: conds, X: x, Elem: n.Type.Elem, Fill: v.Fill}
}

// gather loads from a place that comes from data. Checks of checked gathers
// stand before the loop that asks (see lookup).
func (r *reader) gather(n *graph.Node, idx []shape.Dim) kernel.Expr {
	g := n.Attr.(graph.Gather)
	l := r.lookup(n, n.Args[0].Type.Shape, n.Args[1:], idx)
	if g.Checked && !r.keeps[n] {
		r.early = append(r.early, early{r.checked(n, idx), r.checks(n, n.Args[0].Type.Shape, n.Args[1:], idx)})
	}
	r.reads = append(r.reads, access{n.Args[0], l.idx})
	e := r.intern.of(&kernel.Load{Buf: r.buffer(n.Args[0]), At: l.addr})
	if !g.Checked {
		e = r.choose(l.inside, e, n.Type.Elem, g.Fill)
	}
	return r.choose(l.mask, e, n.Type.Elem, g.Fill)
}

// choose is x where cond (nil: always) holds, else the number fill.
func (r *reader) choose(cond, x kernel.Expr, elem graph.Elem, fill float64) kernel.Expr {
	if cond == nil {
		return x
	}
	return r.intern.of(&kernel.Select{Cond: cond, X: x, Y: r.lit(elem, fill), Elem: elem})
}

// found is where a gather or scatter looks: the address, the affine part of the
// place (unknown parts are nil), and what must hold.
type found struct {
	addr         kernel.Addr
	idx          []shape.Dim
	ints         []kernel.Expr // per axis, nil where affine
	inside, mask kernel.Expr   // nil: always
}

// lookup evaluates the place of a gather or scatter in a tensor of shape ext.
func (r *reader) lookup(n *graph.Node, ext []shape.Dim, with []*graph.Node, idx []shape.Dim) found {
	g := n.Attr.(graph.Gather)
	f := found{idx: make([]shape.Dim, len(ext)), ints: make([]kernel.Expr, len(ext))}
	for k, stride := range kernel.Strides(ext) {
		var x kernel.Expr
		if e, known := r.known(g, k, ext[k], with, idx); known {
			f.idx[k] = e
			f.addr.Base = f.addr.Base.Add(e.Mul(stride))
			continue
		}
		if g.By[k] >= 0 {
			x = r.read(with[g.By[k]], idx)
			f.ints[k] = x
			f.addr.Dyn = append(f.addr.Dyn, kernel.Dyn{X: x, Stride: stride})
			f.idx[k] = unknown
		} else {
			f.idx[k] = at(g.In[k], idx)
			x = r.intern.of(&kernel.IndexExpr{E: f.idx[k], Div: 1})
			f.addr.Dyn = append(f.addr.Dyn, kernel.Dyn{X: x, Stride: stride})
		}
		if g.By[k] < 0 || !ops.Inside(with[g.By[k]], ext[k]) {
			f.inside = r.and(f.inside, r.inRange(x, ext[k]))
		}
	}
	if g.Masked {
		if f.mask = r.read(with[len(with)-1], idx); isTrue(f.mask) {
			f.mask = nil
		}
	}
	return f
}

// known is the place along axis k, of extent ext, if loops alone decide it and it is
// certainly there.
func (r *reader) known(g graph.Gather, k int, ext shape.Dim, with []*graph.Node, idx []shape.Dim) (shape.Dim, bool) {
	e, ok := shape.Dim{}, true
	if g.By[k] < 0 {
		e = at(g.In[k], idx)
	} else {
		e, ok = affine(with[g.By[k]], idx)
	}
	return e, ok && r.within(e, ext)
}

// unknown marks a part of a place that comes from data.
var unknown = shape.Var(".data")

func (r *reader) within(e, ext shape.Dim) bool {
	return r.sc.always(shape.Cond{Kind: shape.NonNegative, E: e}) &&
		r.sc.always(shape.Cond{Kind: shape.NonNegative, E: ext.AddInt(-1).Sub(e)})
}

func (r *reader) and(a, b kernel.Expr) kernel.Expr {
	if a == nil {
		return b
	}
	return r.op("and", graph.Bool, a, b)
}

func (r *reader) inRange(x kernel.Expr, ext shape.Dim) kernel.Expr {
	limit := r.intern.of(&kernel.IndexExpr{E: ext, Div: 1})
	return r.and(r.op("ge", graph.Bool, x, r.lit(graph.Int, 0)), r.op("lt", graph.Bool, x, limit))
}

func (p *pass) lit(elem graph.Elem, v float64) kernel.Expr {
	return p.intern.of(&kernel.Lit{Elem: elem, V: v})
}

// op is an element-wise operator by name.
func (p *pass) op(name string, elem graph.Elem, args ...kernel.Expr) kernel.Expr {
	return p.intern.of(&kernel.Apply{Op: p.ops[name], Elem: elem, Args: args})
}
