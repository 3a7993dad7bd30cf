package diff

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// blocks turns a scan with `remat = k` into a scan over blocks of k steps whose
// body is a scan over one block. Of the outer one only the carries are kept;
// going back, a block is run again before it is differentiated. Where k does not
// divide the number of steps the last block is padded, and a branch leaves the
// carries alone there. The values of the scan are returned.
func blocks(b *graph.Builder, n *graph.Node) []*graph.Node {
	a, p := n.Attr.(graph.Scan), n.Parts()
	k := shape.Const(int64(a.Remat))
	count := shape.CeilDiv(a.Trip, k)
	o := &walk{w: b.Inner(nil)}
	index := o.typed(graph.Type{Elem: graph.Int})
	params := []*graph.Node{index}
	var carries, slices, captures, operands []*graph.Node
	for _, x := range p.Inits {
		carries, operands = append(carries, o.typed(x.Type)), append(operands, x)
	}
	for _, x := range p.Slices {
		x = inBlocks(b, x, count, k)
		slices, operands = append(slices, o.typed(graph.Type{Elem: x.Type.Elem, Shape: x.Type.Shape[1:]})), append(operands, x)
	}
	for _, x := range p.Captures {
		captures, operands = append(captures, o.typed(x.Type)), append(operands, x)
	}
	params = append(append(append(params, carries...), slices...), captures...)
	start := o.w.Map("imul", index, o.w.Fill(float64(a.Remat), index.Type))
	within := append(append(append(append([]*graph.Node{}, carries...), slices...), captures...), start)
	inner := a
	inner.Trip, inner.Remat = k, 0
	exact := count.Mul(k).Equal(a.Trip)
	owner := o.w.Region("scan", inner, n.Type, []*graph.Region{oneStep(b, n, exact)}, within...)
	outer := a
	outer.Trip, outer.Remat = count, 1
	body := o.w.Close(params, o.w.Results(owner), nil)
	out := b.Results(b.Region("scan", outer, n.Type, []*graph.Region{body}, operands...))
	out = out[:a.Carries+a.Collects]
	for i := a.Carries; i < len(out); i++ {
		out[i] = outOfBlocks(b, out[i], a.Trip)
	}
	return out
}

// inBlocks gives x, one element a step, the shape [blocks, k, ..].
func inBlocks(b *graph.Builder, x *graph.Node, count, k shape.Dim) *graph.Node {
	rest := x.Type.Shape[1:]
	m := shape.Identity(x.Type.Rank())
	m.Guard = []shape.Cond{{E: x.Type.Shape[0].AddInt(-1).Sub(shape.Idx(0))}}
	padded := b.View(x, m, 0, append([]shape.Dim{count.Mul(k)}, rest...))
	return b.Reshape(padded, append([]shape.Dim{count, k}, rest...))
}

func outOfBlocks(b *graph.Builder, x *graph.Node, trip shape.Dim) *graph.Node {
	rest := x.Type.Shape[2:]
	flat := b.Reshape(x, append([]shape.Dim{x.Type.Shape[0].Mul(x.Type.Shape[1])}, rest...))
	return b.View(flat, shape.Identity(flat.Type.Rank()), 0, append([]shape.Dim{trip}, rest...))
}

// oneStep is the body of the scan n as a step of a block, whose first step is
// one more capture.
func oneStep(b *graph.Builder, n *graph.Node, exact bool) *graph.Region {
	a, body := n.Attr.(graph.Scan), n.Regions[0]
	v := &walk{w: b.Inner(nil)}
	var params []*graph.Node
	for _, p := range body.Params {
		params = append(params, v.arg(p))
	}
	start := v.typed(graph.Type{Elem: graph.Int})
	step := v.w.Map("iadd", start, params[0])
	args := append([]*graph.Node{step}, params[1:]...)
	all := append(append([]*graph.Node{}, params...), start)
	if exact {
		return v.w.Close(all, v.w.Inline(body, args), nil)
	}
	idle := append([]*graph.Node{}, params[1:1+a.Carries]...)
	for _, y := range body.Results[a.Carries:] {
		idle = append(idle, v.w.Fill(0, y.Type))
	}
	regions := []*graph.Region{body, v.w.Close(params, idle, nil)}
	more := v.w.Map("lt", step, v.w.Dim(a.Trip))
	owner := v.w.Region("branch", nil, n.Type, regions, append([]*graph.Node{more}, args...)...)
	return v.w.Close(all, v.w.Results(owner), nil)
}
