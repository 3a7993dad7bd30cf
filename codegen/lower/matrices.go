package lower

import (
	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// matrices calls a runtime function for every matrix of the operands: loops run
// over the axes before the last two.
func (p *pass) matrices(n *graph.Node, out *kernel.Buffer) *stage {
	a := n.Args[0].Type.Shape
	lead, order := len(a)-2, a[len(a)-1]
	sc := p.scope()
	idx := place(a[:lead], axisVar, sc)
	r := p.reader(sc)
	st := &stage{node: n, out: out, depth: min(lead, 1)}
	if lead > 0 && !a[0].Is(1) {
		st.rows = a[0]
	}
	call := &kernel.Call{Func: n.Op.Call.Func, Args: []kernel.Slice{matrixOf(out, n.Type.Shape, idx)}, Ints: []shape.Dim{order},
		Variadic: n.Op.Call.Variadic}
	if n.Op.Call.Scratch {
		scratch := p.arena(n.Args[0], out.Name+"_scratch")
		call.Args, call.Scratch = append(call.Args, matrixOf(scratch, a, idx)), 1
	}
	width := order
	for i, x := range n.Args {
		r.read(x, append(append([]shape.Dim{}, idx...), shape.Dim{}, shape.Dim{}))
		call.Args = append(call.Args, matrixOf(p.buffer(x), x.Type.Shape, idx))
		if i > 0 && !call.Variadic {
			width = x.Type.Shape[lead+1]
			call.Ints = append(call.Ints, width)
		}
	}
	st.body = st.loops(a, 0, lead, []kernel.Stmt{call})
	st.done(r, a, 1)
	st.flops = st.flops.Mul(order.Add(width))
	return st
}

// matrixOf is the part of a buffer of that shape that stands at idx of the
// leading axes.
func matrixOf(b *kernel.Buffer, ext, idx []shape.Dim) kernel.Slice {
	at := append(append([]shape.Dim{}, idx...), make([]shape.Dim, len(ext)-len(idx))...)
	return kernel.Slice{Buf: b, At: address(ext, at), Len: shape.Product(ext[len(idx):])}
}
