package lower

import (
	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// combine names the element-wise step of each reduction.
var combine = map[string]string{
	"sum": "add", "isum": "iadd", "prod": "mul", "rmax": "max", "rmin": "min", "any": "or", "all": "and",
	"iprod": "imul", "irmax": "imax", "irmin": "imin",
}

// reduction is the stage of a reduction in the making.
type reduction struct {
	*reader
	n     *graph.Node
	axes  graph.Axes
	st    *stage
	idx   []shape.Dim // the element of the result
	from  []shape.Dim // that of the operand
	v     kernel.Expr // and its value
	conds []shape.Cond
	cost  int

	seldom []shape.Dim // the variables of loops that rare conditions stand around
}

// reduce folds over axes. Where the last axis stays, the fold runs row by row
// over the result (rowwise), so that memory is walked in order; otherwise each
// element has an accumulator.
func (p *pass) reduce(n *graph.Node, out *kernel.Buffer) *stage {
	x, axes := n.Args[0], n.Attr.(graph.Axes)
	st, r, idx := p.newStage(n, out)
	red := &reduction{reader: r, n: n, axes: axes, st: st, idx: idx}
	red.from = p.operandPlace(r, x.Type.Shape, axes, idx)
	if red.keepsTo(p.pairs.limits[n]) {
		return red.limited()
	}
	red.read()
	sums := reduceLoops(x.Type.Shape, axes, sumVar(len(idx)))
	switch first := red.first(); {
	case !counts(red.v, idx) && (p.wholly(n, axes) || !r.across(idx, axes)):
		red.accumulate(sums)
		st.reach = reach(axes, len(idx))
	case len(red.conds) > 0 || counts(red.v, idx) || !p.columns(st, n, axes, first, idx, red.v):
		red.rowwise(first, append(sums, st.axisLoops(n.Type.Shape, first, len(idx))...))
	}
	return st.done(r, red.often(), red.cost)
}

// read takes the value to be folded and the conditions on it.
func (r *reduction) read() {
	v := r.reader.read(r.n.Args[0], r.from)
	r.cost = r.intern.dependences(v).cost + 1
	conds, v := r.lift(v, r.n.Op.Identity)
	r.conds, r.v = append(r.conds, conds...), v
}

// first is the number of result axes that a fold by rows stays inside of: those
// before it have the operand's numbers.
func (r *reduction) first() int { return min(r.axes[0], max(len(r.idx)-1, 0)) }

// across reports whether memory is walked in order along the last result axis
// rather than along a reduced one: whether fewer reads leap, or, of as many, more
// go on to the next element.
func (r *reader) across(idx []shape.Dim, axes graph.Axes) bool {
	if len(idx) == 0 || idx[len(idx)-1].Is(0) {
		return false
	}
	along, over, leaps := 0, 0, 0
	inner := shape.Var(sumVar(len(idx))(axes[len(axes)-1]))
	for _, a := range r.reads {
		where := address(a.n.Type.Shape, a.idx)
		leaps += leap(stride(where, inner)) - leap(stride(where, idx[len(idx)-1]))
		if stride(where, idx[len(idx)-1]).Is(1) {
			over++
		}
		for _, k := range axes {
			if stride(where, shape.Var(sumVar(len(idx))(k))).Is(1) {
				along++
			}
		}
	}
	return leaps > 0 || leaps == 0 && over > along
}

// leap is 1 for a step that leaves elements out.
func leap(step shape.Dim) int {
	if step.Is(0) || step.Is(1) {
		return 0
	}
	return 1
}

// stride is the step of an address when a loop variable goes up by one.
func stride(where, v shape.Dim) shape.Dim {
	coef, _, _ := where.Linear(v.Syms()[0])
	return coef
}

// wholly reports whether all reduced axes are short and fixed, so that keeping
// the sum in a register is the better order.
func (p *pass) wholly(n *graph.Node, axes graph.Axes) bool {
	size := int64(1)
	for _, k := range axes {
		c, ok := n.Args[0].Type.Shape[k].IsConst()
		if !ok {
			return false
		}
		size *= c
	}
	return size <= 4
}

// operandPlace is the place in the operand: result variables on the axes that
// stay, reduction variables on the others.
func (p *pass) operandPlace(r *reader, ext []shape.Dim, axes graph.Axes, idx []shape.Dim) []shape.Dim {
	from, kept := make([]shape.Dim, len(ext)), 0
	for k, e := range ext {
		switch {
		case !axes.Has(k):
			from[k] = idx[kept]
			kept++
		case !e.Is(1):
			from[k] = shape.Var(sumVar(len(idx))(k))
			r.sc[sumVar(len(idx))(k)] = e
		}
	}
	return from
}

func (p *pass) step(n *graph.Node, acc, v kernel.Expr) kernel.Expr {
	return p.op(combine[n.Op.Name], n.Type.Elem, acc, v)
}

// accumulate folds each element of the result by itself.
func (r *reduction) accumulate(loops []*kernel.Loop) {
	n, st := r.n, r.st
	name := r.fresh(r.accName(n))
	ref := r.intern.of(&kernel.Ref{Name: name, Elem: n.Type.Elem})
	body := []kernel.Stmt{&kernel.Accumulator{Name: name, Elem: n.Type.Elem, Init: r.lit(n.Type.Elem, n.Op.Identity)}}
	body = append(body, r.bounded(loops, r.conds, r.early, []kernel.Stmt{&kernel.Set{Name: name, X: r.step(n, ref, r.v)}})...)
	body = append(body, &kernel.Store{Buf: st.out, At: kernel.Addr{Base: address(n.Type.Shape, r.idx)}, X: ref})
	st.body, st.depth = st.loops(n.Type.Shape, 0, len(r.idx), body), len(r.idx)
}

// reach is the number of axes of the operand that loops run over in order.
func reach(axes graph.Axes, rank int) int {
	for i, k := range axes {
		if k != rank+i {
			return rank
		}
	}
	return rank + len(axes)
}

func (p *pass) accName(n *graph.Node) string {
	if n.Name != "" {
		return n.Name
	}
	return n.Op.Name
}

// rowwise clears the part of the result at each place of the first axes and adds
// to it in loops over the rest.
func (r *reduction) rowwise(first int, loops []*kernel.Loop) {
	n, st, ext := r.n, r.st, r.n.Type.Shape
	at := kernel.Addr{Base: address(ext, r.idx)}
	load := r.intern.of(&kernel.Load{Buf: st.out, At: at})
	fold := func(v kernel.Expr) kernel.Stmt {
		if n.Op.Name == "sum" || n.Op.Name == "isum" {
			return &kernel.Store{Buf: st.out, At: at, X: v, Add: true}
		}
		return &kernel.Store{Buf: st.out, At: at, X: r.step(n, load, v)}
	}
	inside := r.rareLoops(loops, fold)
	if inside == nil {
		inside = r.bounded(loops, r.conds, r.early, []kernel.Stmt{fold(r.v)})
	}
	body := append([]kernel.Stmt{st.clear(n, first, r.idx)}, inside...)
	st.body, st.depth = st.loops(ext, 0, first, body), first
}

// clear sets the part of the result that belongs to the place of the first axes
// (or, of none, to the piece) to the identity of n.
func (st *stage) clear(n *graph.Node, first int, idx []shape.Dim) kernel.Stmt {
	ext := n.Type.Shape
	start := append([]shape.Dim{}, idx...)
	for k := first; k < len(ext); k++ {
		start[k] = shape.Dim{}
	}
	s := kernel.Slice{Buf: st.out, At: address(ext, start), Len: shape.Product(ext[first:])}
	if first == 0 && !st.rows.Is(0) {
		row := shape.Product(ext[1:])
		s.At, s.Len = lo.Mul(row), hi.Sub(lo).Mul(row)
	}
	if n.Op.Identity == 0 {
		return &kernel.Zero{Slice: s}
	}
	return &kernel.Fill{Slice: s, Value: n.Op.Identity}
}

// argReduce remembers the best value and its first place; a NaN beats all.
func (p *pass) argReduce(n *graph.Node, out *kernel.Buffer) *stage {
	x, axis := n.Args[0], int(n.Attr.(graph.Axis))
	st, r, idx := p.newStage(n, out)
	from := p.operandPlace(r, x.Type.Shape, graph.Axes{axis}, idx)
	v := r.read(x, from)
	better := "gt"
	if n.Op.Name == "argmin" {
		better = "lt"
	}
	best := &kernel.Ref{Name: p.fresh("best"), Elem: x.Type.Elem}
	arg := &kernel.Ref{Name: p.fresh("arg"), Elem: graph.Int}
	b, a := p.intern.of(best), p.intern.of(arg)
	wins := p.op("or", graph.Bool, p.op("lt", graph.Bool, a, p.lit(graph.Int, 0)), p.op(better, graph.Bool, v, b))
	if x.Type.Elem == graph.Real {
		nan := p.op("and", graph.Bool, p.op("isnan", graph.Bool, v), p.op("not", graph.Bool, p.op("isnan", graph.Bool, b)))
		wins = p.op("or", graph.Bool, wins, nan)
	}
	here := p.intern.of(&kernel.IndexExpr{E: from[axis], Div: 1})
	try := &kernel.If{Cond: wins, Then: []kernel.Stmt{&kernel.Set{Name: best.Name, X: v}, &kernel.Set{Name: arg.Name, X: here}}}
	body := []kernel.Stmt{
		&kernel.Accumulator{Name: best.Name, Elem: best.Elem, Init: p.lit(best.Elem, 0)},
		&kernel.Accumulator{Name: arg.Name, Elem: graph.Int, Init: p.lit(graph.Int, -1)},
	}
	body = append(body, p.bounded(reduceLoops(x.Type.Shape, []int{axis}, sumVar(len(idx))), nil, nil, []kernel.Stmt{try})...)
	body = append(body, &kernel.Store{Buf: out, At: kernel.Addr{Base: address(n.Type.Shape, idx)}, X: a})
	st.body, st.depth = st.loops(n.Type.Shape, 0, len(idx), body), len(idx)
	st.reach = reach(graph.Axes{axis}, len(idx))
	return st.done(r, x.Type.Shape, p.intern.dependences(v).cost+2)
}
