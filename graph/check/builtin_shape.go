package check

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/diag"
)

func shapeBuiltins() map[string]*builtin {
	return map[string]*builtin{
		"reshape":   {params: []string{"x", "shape"}, run: reshapeCall},
		"flatten":   {params: []string{"x", "from?"}, run: flattenCall},
		"transpose": {params: []string{"x", "axes"}, run: transposeCall},
		"broadcast": {params: []string{"x", "shape"}, run: broadcastCall},
		"tile":      {params: []string{"x", "repeats"}, run: tileCall},
		"range":     {params: []string{"n"}, run: rangeCall},
		"zeros":     {params: []string{"shape"}, run: func(b *bcall) val { return b.filled(0) }},
		"ones":      {params: []string{"shape"}, run: func(b *bcall) val { return b.filled(1) }},
		"full":      {params: []string{"shape", "value"}, run: fullCall},
		"eye":       {params: []string{"n"}, run: eyeCall},
		"diag":      {params: []string{"x"}, run: diagCall},
		"tril":      {params: []string{"x"}, run: func(b *bcall) val { return b.triangle("ge") }},
		"triu":      {params: []string{"x"}, run: func(b *bcall) val { return b.triangle("le") }},
		"gather":    {params: []string{"x", "i"}, run: gatherCall},
		"dot":       {params: []string{"a", "b"}, run: dotCall},
		"outer":     {params: []string{"a", "b"}, run: outerCall},
		"cross":     {params: []string{"a", "b"}, run: crossCall},
		"trace":     {params: []string{"x"}, run: traceCall},
	}
}

func reshapeCall(b *bcall) val {
	v := b.any(0)
	ext, ok := b.dims(1)
	if !v.ok() || !ok {
		return b.bad()
	}
	total := shape.Product(v.inner())
	open := 0
	for i, d := range ext {
		if d.Is(-1) {
			if open++; open > 1 {
				return b.c.bad("G0304", b.args[1].at, "one extent may be -1, to follow from the others")
			}
			ext[i] = shape.Const(1)
			q := val{kind: kUntyped, num: total, den: shape.Product(ext), at: b.args[1].at}
			if ext[i], ok = b.c.dimOf(reduced(q)); !ok {
				return b.bad()
			}
		}
	}
	if !b.c.sameDim(total, shape.Product(ext), b.at) {
		d := diag.New("G0304", b.at, "reshape changes the number of elements").
			WithLabel("%s has %s, %s has %s", shape.Format(v.inner()), total, shape.Format(ext), shape.Product(ext))
		b.c.report(b.c.cite(d, v))
		return b.bad()
	}
	return b.on(v, b.c.b.Reshape(b.c.nodeOf(v), append(extents(v.idx), ext...)))
}

func flattenCall(b *bcall) val {
	v := b.any(0)
	from, ok := 0, true
	if v.ok() && b.has(1) {
		from, ok = b.axisOr(v, 1, 0)
	}
	if !v.ok() || !ok {
		return b.bad()
	}
	ext := append(append([]shape.Dim{}, v.inner()[:from]...), shape.Product(v.inner()[from:]))
	return b.on(v, b.c.b.Reshape(b.c.nodeOf(v), append(extents(v.idx), ext...)))
}

func transposeCall(b *bcall) val {
	v := b.any(0)
	list, ok := b.counts(1)
	if !v.ok() || !ok {
		return b.bad()
	}
	rank := len(v.inner())
	perm := seq(v.lead())
	seen := make([]bool, rank)
	for _, n := range list {
		k, good := b.axis(n, rank, b.args[1].at)
		if !good {
			return b.bad()
		}
		if seen[k] {
			return b.c.bad("G0309", b.args[1].at, "axis %d is named twice", n)
		}
		seen[k] = true
		perm = append(perm, k+v.lead())
	}
	if len(list) != rank {
		return b.c.bad("G0319", b.args[1].at, "%s for a tensor with %s", plural(len(list), "axis"), plural(rank, "axis"))
	}
	return b.on(v, b.c.b.Permute(b.c.nodeOf(v), perm))
}

func broadcastCall(b *bcall) val {
	v := b.any(0)
	ext, ok := b.dims(1)
	if !v.ok() || !ok {
		return b.bad()
	}
	out, ok := b.c.broadcastTwo(v.inner(), ext, b.at)
	if !ok || !shape.EqualShapes(out, ext) {
		return b.c.bad("G0302", b.at, "%s does not broadcast to %s", v.shapeText(), shape.Format(ext))
	}
	return b.on(v, b.c.lift(v, v.idx, ext))
}

// tileCall repeats along each axis: x as [1, d] stretched to [r, d] and flattened.
func tileCall(b *bcall) val {
	v := b.any(0)
	reps, ok := b.dims(1)
	if !v.ok() || !ok {
		return b.bad()
	}
	if len(reps) != len(v.inner()) {
		return b.c.bad("G0319", b.args[1].at, "%s for a tensor with %s", plural(len(reps), "repeat"), plural(len(v.inner()), "axis"))
	}
	lead := extents(v.idx)
	wide, flat := append([]shape.Dim{}, lead...), append([]shape.Dim{}, lead...)
	m := shape.Identity(len(lead))
	for k, d := range v.inner() {
		wide = append(wide, reps[k], d)
		flat = append(flat, reps[k].Mul(d))
		m.In = append(m.In, shape.Idx(len(lead)+2*k+1))
	}
	return b.on(v, b.c.b.Reshape(b.c.b.View(b.c.nodeOf(v), m, 0, wide), flat))
}

func rangeCall(b *bcall) val {
	ext, ok := b.dims(0)
	if ok && len(ext) != 1 {
		return b.c.bad("G0319", b.args[0].at, "range takes one number").withHelp(b.c, "range(3) is [0, 1, 2]")
	}
	if !ok {
		return b.bad()
	}
	return tensor(b.c.b.IndexValue(shape.Idx(0), ext), nil, b.at)
}

func (b *bcall) filled(x float64) val {
	ext, ok := b.dims(0)
	if !ok {
		return b.bad()
	}
	return tensor(b.c.b.Fill(x, graph.Type{Shape: ext}), nil, b.at)
}

func fullCall(b *bcall) val {
	ext, ok := b.dims(0)
	v := b.any(1)
	if !ok || !v.ok() {
		return b.bad()
	}
	if len(v.inner()) > 0 {
		return b.c.bad("G0302", b.args[1].at, "the value of full is a scalar")
	}
	return b.on(v, b.c.lift(v, v.idx, ext))
}

// compareAxes compares the places of an element along two axes.
func (b *bcall) compareAxes(op string, ext []shape.Dim, i, j int) *graph.Node {
	c := b.c
	return c.b.Op(op, nil, c.b.IndexValue(shape.Idx(i), ext), c.b.IndexValue(shape.Idx(j), ext))
}

func eyeCall(b *bcall) val {
	ext, ok := b.dims(0)
	if ok && len(ext) != 1 {
		return b.c.bad("G0319", b.args[0].at, "eye takes the number of rows").withHelp(b.c, "eye(3) is a matrix [3, 3]")
	}
	if !ok {
		return b.bad()
	}
	square := []shape.Dim{ext[0], ext[0]}
	return tensor(b.c.b.ToReal(b.compareAxes("eq", square, 0, 1)), nil, b.at)
}

// diagCall makes a matrix of a vector, and reads the diagonal of a matrix.
func diagCall(b *bcall) val {
	v := b.number(0)
	if !v.ok() {
		return v
	}
	n := v.lead()
	switch own := v.inner(); {
	case len(own) == 1:
		ext := append(extents(v.idx), own[0], own[0])
		m := shape.Identity(n + 1)
		m.Guard = []shape.Cond{{Kind: shape.Zero, E: shape.Idx(n).Sub(shape.Idx(n + 1))}}
		return b.on(v, b.c.b.View(v.node, m, 0, ext))
	case len(own) >= 2 && b.c.sameDim(own[len(own)-1], own[len(own)-2], b.at):
		rank := v.node.Type.Rank()
		m := shape.Identity(rank)
		m.In[rank-1] = shape.Idx(rank - 2)
		return b.on(v, b.c.b.View(v.node, m, 0, v.node.Type.Shape[:rank-1]))
	}
	return b.c.bad("G0318", b.at, "diag takes a vector or a square matrix, not %s", v.describe())
}

func (b *bcall) triangle(op string) val {
	v := b.number(0)
	if !v.ok() {
		return v
	}
	rank := v.node.Type.Rank()
	if len(v.inner()) < 2 {
		return b.c.bad("G0319", b.at, "%s takes a matrix, not %s", b.name, v.describe())
	}
	mask := b.compareAxes(op, v.node.Type.Shape, rank-2, rank-1)
	return b.on(v, b.c.b.Where(mask, v.node, b.c.b.Fill(0, v.node.Type)))
}

// gatherCall is x[i].
func gatherCall(b *bcall) val {
	x, i := b.any(0), b.integer(1)
	if !x.ok() || !i.ok() {
		return b.bad()
	}
	return b.c.gatherRows(x, i, b)
}

func (c *checker) gatherRows(x, i val, b *bcall) val {
	if len(x.inner()) == 0 {
		return c.bad("G0308", b.at, "a scalar cannot be indexed")
	}
	r := &subscripts{x: x, e: indexAt(b), idx: union(x.idx, i.idx)}
	r.inner = append(r.inner, i.inner()...)
	r.in = []subscript{{at: b.args[1].at, data: &i, axis: 0, axes: len(i.inner())}}
	for _, d := range x.inner()[1:] {
		r.in = append(r.in, r.slice(shape.Dim{}, d, 1, b.at))
	}
	return c.gather(r)
}

func dotCall(b *bcall) val {
	x, y := b.numbers(0, 1)
	if !x.ok() || !y.ok() {
		return b.bad()
	}
	if len(x.inner()) != 1 || len(y.inner()) != 1 {
		return b.c.bad("G0319", b.at, "dot takes two vectors, not %s and %s", x.describe(), y.describe())
	}
	if !b.c.sameDim(x.inner()[0], y.inner()[0], b.at) {
		return b.c.productClash(x, y, x.inner()[0], y.inner()[0], b.at)
	}
	return b.c.contract(x, y, nil, false, false, x.inner()[0], b.at)
}

func outerCall(b *bcall) val {
	x, y := b.numbers(0, 1)
	if !x.ok() || !y.ok() {
		return b.bad()
	}
	if len(x.inner()) != 1 || len(y.inner()) != 1 {
		return b.c.bad("G0319", b.at, "outer takes two vectors, not %s and %s", x.describe(), y.describe())
	}
	idx := union(x.idx, y.idx)
	ext := append(extents(idx), x.inner()[0], y.inner()[0])
	n := len(idx)
	a := b.c.b.View(b.c.nodeOf(x), b.c.operandMap(x, idx, nil, []int{n}), 0, ext)
	d := b.c.b.View(b.c.nodeOf(y), b.c.operandMap(y, idx, nil, []int{n + 1}), 0, ext)
	return tensor(b.c.timesOf(a, d), idx, b.at)
}

// crossCall is the vector product over a last axis of extent 3.
func crossCall(b *bcall) val {
	x, y := b.real(0), b.real(1)
	if !x.ok() || !y.ok() {
		return b.bad()
	}
	for _, v := range []val{x, y} {
		if n := len(v.inner()); n == 0 || !v.inner()[n-1].Is(3) {
			return b.c.bad("G0319", b.at, "cross takes vectors of 3 elements, not %s", v.describe())
		}
	}
	mul := func(i, j int64) val {
		return b.c.elementwise("mul", b.at, b.part(x, i), b.part(y, j))
	}
	var items []val
	for _, ij := range [][2]int64{{1, 2}, {2, 0}, {0, 1}} {
		items = append(items, b.c.elementwise("sub", b.at, mul(ij[0], ij[1]), mul(ij[1], ij[0])))
	}
	out := b.c.stack(items, b.at)
	n := len(out.inner())
	perm := seq(out.node.Type.Rank())
	first := out.lead()
	copy(perm[first:], perm[first+1:])
	perm[first+n-1] = first
	return tensor(b.c.b.Permute(out.node, perm), out.idx, b.at)
}

// part is v[.., i].
func (b *bcall) part(v val, i int64) val {
	rank := v.node.Type.Rank()
	m := shape.Identity(rank)
	m.In[rank-1] = shape.Const(i)
	return b.on(v, b.c.b.View(v.node, m, 0, v.node.Type.Shape[:rank-1]))
}

func traceCall(b *bcall) val {
	if x := b.number(0); x.ok() && len(x.inner()) < 2 {
		return b.c.bad("G0319", b.args[0].at, "trace takes a square matrix, not %s", x.describe())
	}
	v := diagCall(b)
	if !v.ok() {
		return v
	}
	return b.on(v, b.c.sumOf(v.node, v.node.Type.Rank()-1))
}
