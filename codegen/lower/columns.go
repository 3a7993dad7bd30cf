package lower

import (
	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// columns computes the sums of columns of a stored matrix, such as the gradient of
// a bias, as a product with a row of ones, which keeps them in registers:
//
//	clear r; for k: for j: r[j] += x[k, j]     becomes     r = 1 @ x
//
// It reports whether it did: where the summed axes are one run through memory, and
// so are those of the result behind the first ones.
func (p *pass) columns(st *stage, n *graph.Node, axes graph.Axes, first int, idx []shape.Dim, v kernel.Expr) bool {
	load, ok := v.(*kernel.Load)
	if !ok || n.Op.Name != "sum" || len(load.At.Dyn) > 0 {
		return false
	}
	place := append([]shape.Dim{}, idx...)
	cols, ok := p.run1(load, n.Type.Shape, idx, first, len(idx))
	var summed []shape.Dim
	for range n.Args[0].Type.Shape {
		summed = append(summed, shape.Dim{})
	}
	for _, k := range axes {
		if !n.Args[0].Type.Shape[k].Is(1) {
			summed[k] = shape.Var(sumVar(len(idx))(k))
		}
	}
	rows, also := p.run1(load, n.Args[0].Type.Shape, summed, axes[0], axes[len(axes)-1]+1)
	if !ok || !also || !cols.b.Is(1) || nominalValue(rows.ext) < 8 || nominalValue(cols.ext) < 4 {
		return false
	}
	at, count := load.At.Base, cols.ext
	for k := first; k < len(idx); k++ {
		at, place[k] = set(at, idx[k], shape.Dim{}), shape.Dim{}
	}
	for _, v := range summed {
		at = set(at, v, shape.Dim{})
	}
	to := address(n.Type.Shape, place)
	if first == 0 && !st.rows.Is(0) {
		rest := shape.Product(n.Type.Shape[1:])
		at, to, count = at.Add(lo.Mul(rest)), lo.Mul(rest), hi.Sub(lo).Mul(rest)
	}
	m := &kernel.MatMul{M: shape.Const(1), N: count, K: rows.ext,
		C: kernel.Operand{Buf: st.out, At: to, Strides: [2]shape.Dim{count, shape.Const(1)}},
		A: kernel.Operand{Buf: p.ones()},
		B: kernel.Operand{Buf: load.Buf, At: at, Strides: [2]shape.Dim{rows.b, shape.Const(1)}}}
	st.body, st.depth = st.loops(n.Type.Shape, 0, first, []kernel.Stmt{m}), first
	return true
}

// run1 is the run of the loop variables of axes from..to through the memory that
// is loaded, if they are one.
func (p *pass) run1(load *kernel.Load, ext, vars []shape.Dim, from, to int) (run, bool) {
	out := run{ext: shape.Const(1), b: shape.Const(1)}
	empty := true
	for k := to - 1; k >= from; k-- {
		if ext[k].Is(1) {
			continue
		}
		if vars[k].Is(0) {
			return out, false
		}
		step := stride(load.At.Base, vars[k])
		switch {
		case empty:
			out.ext, out.b, empty = ext[k], step, false
		case step.Equal(out.b.Mul(out.ext)):
			out.ext = out.ext.Mul(ext[k])
		default:
			return out, false
		}
	}
	return out, true
}

// set puts a value in for a loop variable; of extent 1 there is none.
func set(d, v, to shape.Dim) shape.Dim {
	if v.Is(0) {
		return d
	}
	return d.Subst(func(s *shape.Sym) (shape.Dim, bool) { return to, s == v.Syms()[0] })
}

// ones is a constant 1.
func (p *pass) ones() *kernel.Buffer {
	if p.one == nil {
		p.one = &kernel.Buffer{Name: p.fresh("one"), Kind: kernel.Const, Elem: graph.Real, Shape: []shape.Dim{shape.Const(1)}, Data: []float64{1}}
		p.add(p.one)
	}
	return p.one
}
