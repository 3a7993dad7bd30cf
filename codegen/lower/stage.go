package lower

import (
	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/ops"
	"github.com/gradgen/gradgen/graph/shape"
)

// stage computes one stored node: a loop nest or a matrix product, not yet in a
// kernel. With rows set its outermost axis runs over ".lo" to ".hi" only.
type stage struct {
	node  *graph.Node // its shape is that of out
	out   *kernel.Buffer
	rows  shape.Dim
	depth int // so many leading axes have loops around everything
	reach int // so many axes of what is read have loops in order, at least depth
	body  []kernel.Stmt
	reads []access
	flops shape.Dim
	work  bool // a matrix product
	fails bool
	least int64     // rows of a piece
	turns bool      // a row of a piece is several of out
	cut   shape.Dim // of a vector that is stored in pieces: its element in terms of two loops

	// A node with regions: it has a kernel of its own and several results.
	alone   bool
	kernels []*kernel.Kernel
	outs    []*kernel.Buffer
	sets    string // the run-time dim that it gives its value
}

// place lists the loop variables of a shape; axes of extent 1 have none.
func place(ext []shape.Dim, name func(int) string, sc scope) []shape.Dim {
	idx := make([]shape.Dim, len(ext))
	for k, e := range ext {
		if !e.Is(1) {
			idx[k] = shape.Var(name(k))
			sc[name(k)] = e
		}
	}
	return idx
}

// newStage prepares the stage of n with its reader and the place of its element.
func (p *pass) newStage(n *graph.Node, out *kernel.Buffer) (*stage, *reader, []shape.Dim) {
	sc := p.scope()
	idx := place(n.Type.Shape, axisVar, sc)
	st := &stage{node: n, out: out}
	if len(idx) > 0 && !n.Type.Shape[0].Is(1) {
		st.rows = n.Type.Shape[0]
	}
	return st, p.reader(sc), idx
}

// loops puts body into loops over the axes from..to of ext.
func (st *stage) loops(ext []shape.Dim, from, to int, body []kernel.Stmt) []kernel.Stmt {
	return nested(st.axisLoops(ext, from, to), body)
}

// build makes the stage of a stored node.
func (p *pass) build(n *graph.Node, out *kernel.Buffer) *stage {
	switch n.Op.Class {
	case graph.RegionOp:
		return p.loop(n)
	case graph.ReduceOp:
		return p.reduce(n, out)
	case graph.ArgReduceOp:
		return p.argReduce(n, out)
	case graph.ScatterOp:
		return p.scatter(n, out)
	case graph.ConcatOp:
		return p.concat(n, out)
	case graph.RowOp:
		return p.row(n, out)
	case graph.CallOp:
		return p.matrices(n, out)
	}
	switch n.Op {
	case contractOp:
		return p.contract(n, out)
	case overlapOp:
		return p.overlap(n, out)
	}
	return p.nest(n, out, n)
}

// nest stores x, element by element, in a buffer of n's shape. x is n itself or,
// where n only names a result, the node it stands for.
func (p *pass) nest(n *graph.Node, out *kernel.Buffer, x *graph.Node) *stage {
	if n == x && p.demand[n] != nil {
		return p.partly(n, out)
	}
	if n == x && p.zeros[n] != nil {
		return p.zeroed(n, out)
	}
	if n == x && p.summedInPieces(n) {
		return p.nestInPieces(n, out)
	}
	st, r, idx := p.newStage(n, out)
	store := &kernel.Store{Buf: out, At: kernel.Addr{Base: address(n.Type.Shape, idx)}}
	body := []kernel.Stmt{store}
	if n == x && n.Op.Class == graph.GatherOp && n.Attr.(graph.Gather).Checked {
		checks := r.checks(n, n.Args[0].Type.Shape, n.Args[1:], idx)
		body, st.fails = append(checks, body...), len(checks) > 0
	}
	if n == x && n.Op.Class == graph.CheckOp {
		body = append([]kernel.Stmt{r.check(n, idx)}, body...)
		st.fails = true
	}
	if n == x {
		store.X = r.value(n, idx)
	} else {
		store.X = r.read(x, idx)
	}
	if axis, mod, ok := r.phase(store.X, n.Type.Shape); ok && len(body) == 1 {
		return p.phased(n, out, func(r *reader, idx []shape.Dim) kernel.Expr {
			if n == x {
				return r.value(n, idx)
			}
			return r.read(x, idx)
		}, axis, mod)
	}
	st.body = st.loops(n.Type.Shape, 0, len(idx), body)
	st.depth = len(idx)
	if g, ok := store.X.(*kernel.Guard); ok && len(idx) > 1 && (g.Elem == graph.Real || g.Fill == 0) {
		p.padded(st, n.Type.Shape, idx, store, g)
	}
	return st.done(r, n.Type.Shape, p.intern.dependences(store.X).cost)
}

// padded fills a row with the value of the elements outside and then stores
// those inside.
func (p *pass) padded(st *stage, ext, idx []shape.Dim, store *kernel.Store, g *kernel.Guard) {
	conds, x := p.lift(g, g.Fill)
	store.X = x
	inner := p.bounded(st.axisLoops(ext, 1, len(idx)), conds, nil, []kernel.Stmt{store})
	st.body = st.loops(ext, 0, 1, append([]kernel.Stmt{st.fillRow(ext, idx, g.Fill)}, inner...))
	st.depth = 1
}

// done records what was read and an estimate of the work.
func (st *stage) done(r *reader, domain []shape.Dim, cost int) *stage {
	st.reads = r.reads
	st.reach = max(st.reach, st.depth)
	st.flops = shape.Product(domain).Scale(int64(max(cost, 1)))
	return st
}

// checks makes the checks of a checked gather or scatter.
func (r *reader) checks(n *graph.Node, ext []shape.Dim, with []*graph.Node, idx []shape.Dim) []kernel.Stmt {
	f := r.lookup(n, ext, with, idx)
	var out []kernel.Stmt
	for k, x := range f.ints {
		if x == nil && !r.within(f.idx[k], ext[k]) {
			x = r.intern.of(&kernel.IndexExpr{E: f.idx[k], Div: 1})
		}
		if x != nil {
			out = append(out, &kernel.Check{X: x, Limit: ext[k], What: ops.Subject(n) + "index", Span: n.Span})
		}
	}
	if f.mask != nil && len(out) > 0 {
		return []kernel.Stmt{&kernel.If{Cond: f.mask, Then: out}}
	}
	return out
}

// check makes the check of a node of class CheckOp.
func (r *reader) check(n *graph.Node, idx []shape.Dim) kernel.Stmt {
	at, isPlace := n.Attr.(graph.Place)
	c := &kernel.Check{X: r.read(n.Args[0], idx), Limit: at.Ext, Nonzero: !isPlace, What: n.Op.Fails, Span: n.Span}
	if !isPlace {
		return c
	}
	c.What = at.What
	if len(n.Args) == 1 {
		return c
	}
	return &kernel.If{Cond: r.read(n.Args[1], idx), Then: []kernel.Stmt{c}}
}

// concat stores the operands one after the other.
func (p *pass) concat(n *graph.Node, out *kernel.Buffer) *stage {
	axis, from := int(n.Attr.(graph.Axis)), shape.Dim{}
	st := &stage{node: n, out: out, depth: min(axis, 1)}
	if axis > 0 && !n.Type.Shape[0].Is(1) {
		st.rows = n.Type.Shape[0]
	}
	var body []kernel.Stmt
	for _, a := range n.Args {
		sc := p.scope()
		idx := place(a.Type.Shape, axisVar, sc)
		r := p.reader(sc)
		to := append([]shape.Dim{}, idx...)
		to[axis] = to[axis].Add(from)
		store := &kernel.Store{Buf: out, At: kernel.Addr{Base: address(n.Type.Shape, to)}, X: r.read(a, idx)}
		body = append(body, st.loops(a.Type.Shape, st.depth, len(idx), []kernel.Stmt{store})...)
		st.reads = append(st.reads, r.reads...)
		from = from.Add(a.Type.Shape[axis])
	}
	st.body = st.loops(n.Type.Shape, 0, st.depth, body)
	st.flops, st.reach = shape.Product(n.Type.Shape), st.depth
	return st
}

// row runs along the last axis: running sums and products as loops, sorts as
// calls on whole rows.
func (p *pass) row(n *graph.Node, out *kernel.Buffer) *stage {
	st, r, idx := p.newStage(n, out)
	last := len(idx) - 1
	if last == 0 {
		st.rows = shape.Dim{}
	}
	var body []kernel.Stmt
	if step, ok := running[n.Op.Name]; ok {
		acc := &kernel.Ref{Name: p.fresh("run"), Elem: n.Type.Elem}
		ref := p.intern.of(acc)
		store := &kernel.Store{Buf: out, At: kernel.Addr{Base: address(n.Type.Shape, idx)}, X: ref}
		x := p.op(ofElem(step.op, n.Type.Elem), n.Type.Elem, ref, r.read(n.Args[0], idx))
		if len(n.Args) > 1 {
			x = p.op("add", n.Type.Elem, x, r.read(n.Args[1], idx))
		}
		set := &kernel.Set{Name: acc.Name, X: x}
		body = append([]kernel.Stmt{&kernel.Accumulator{Name: acc.Name, Elem: acc.Elem, Init: p.lit(n.Type.Elem, step.start)}},
			st.loops(n.Type.Shape, last, last+1, []kernel.Stmt{set, store})...)
	} else {
		idx[last] = shape.Dim{}
		at, x := address(n.Type.Shape, idx), n.Args[0]
		r.read(x, idx)
		body = []kernel.Stmt{&kernel.Call{Func: calls[n.Op.Name], Args: []kernel.Slice{
			{Buf: out, At: at, Len: n.Type.Shape[last]}, {Buf: p.buffer(x), At: at, Len: n.Type.Shape[last]}}}}
	}
	st.body = st.loops(n.Type.Shape, 0, last, body)
	st.depth = min(last, 1)
	if running[n.Op.Name].op != "" {
		st.reach = len(idx)
	}
	return st.done(r, n.Type.Shape, 2)
}

// The row operators: a fold whose steps are all stored, each with a second operand
// added, or a runtime function.
var running = map[string]struct {
	op    string
	start float64
}{"cumsum": {"add", 0}, "cumprod": {"mul", 1}, "recurrence": {"mul", 0}}

// ofElem is the operator for reals, or its like for ints.
func ofElem(op string, e graph.Elem) string {
	if e == graph.Int {
		return "i" + op
	}
	return op
}

var calls = map[string]string{"sort": "Sort", "argsort": "Argsort"}
