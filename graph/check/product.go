package check

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// matmul is x @ y as NumPy's: the last axis of x with the last but one of y,
// batched over the rest; vectors stand for a row or a column.
func (c *checker) matmul(x, y val, e *ast.Binary) val {
	if !x.ok() || !y.ok() {
		return val{kind: kBad}
	}
	xs, ys := x.inner(), y.inner()
	if len(xs) == 0 || len(ys) == 0 {
		return c.bad("G0315", e.At, "@ multiplies matrices and vectors; for scalars use *")
	}
	rows, cols := len(xs) > 1, len(ys) > 1
	k, ky := xs[len(xs)-1], ys[0]
	if cols {
		ky = ys[len(ys)-2]
	}
	if !c.sameDim(k, ky, e.At) {
		return c.productClash(x, y, k, ky, e.At)
	}
	lead, ok := c.broadcastTwo(xs[:max(0, len(xs)-2)], ys[:max(0, len(ys)-2)], e.At)
	if !ok {
		d := diag.New("G0302", e.At, "the leading axes of these matrices do not broadcast").
			WithLabel("%s @ %s", shape.Format(xs), shape.Format(ys))
		c.report(c.cite(d, x, y))
		return val{kind: kBad}
	}
	return c.contract(x, y, lead, rows, cols, k, e.At)
}

// contract builds sum over k of x[.., i, k]·y[.., k, j] on [lead.., i?, j?, k].
func (c *checker) contract(x, y val, lead []shape.Dim, rows, cols bool, k shape.Dim, at diag.Span) val {
	idx := union(x.idx, y.idx)
	domain := append(extents(idx), lead...)
	i, j := -1, -1
	if rows {
		i = len(domain)
		domain = append(domain, x.inner()[len(x.inner())-2])
	}
	if cols {
		j = len(domain)
		domain = append(domain, y.inner()[len(y.inner())-1])
	}
	kk := len(domain)
	domain = append(domain, k)
	xTail, yTail := []int{kk}, []int{kk}
	if rows {
		xTail = []int{i, kk}
	}
	if cols {
		yTail = []int{kk, j}
	}
	a := c.b.View(c.nodeOf(x), c.operandMap(x, idx, lead, xTail), 0, domain)
	b := c.b.View(c.nodeOf(y), c.operandMap(y, idx, lead, yTail), 0, domain)
	return tensor(c.sumOf(c.timesOf(a, b), kk), idx, at)
}

// operandMap places an operand's indices, its leading axes (aligned at the
// right with lead, 1 stretched) and its last axes, at the domain axes tail.
func (c *checker) operandMap(v val, idx []*binder, lead []shape.Dim, tail []int) shape.Map {
	m := shape.Map{}
	for _, b := range v.idx {
		m.In = append(m.In, shape.Idx(position(idx, b)))
	}
	own := v.inner()[:len(v.inner())-len(tail)]
	skip := len(lead) - len(own)
	for k, d := range own {
		at := shape.Idx(len(idx) + skip + k)
		if d.Is(1) {
			at = shape.Dim{}
		}
		m.In = append(m.In, at)
	}
	for _, t := range tail {
		m.In = append(m.In, shape.Idx(t))
	}
	return m
}

func (c *checker) productClash(x, y val, k, ky shape.Dim, at diag.Span) val {
	d := diag.New("G0301", at, "these shapes do not multiply").
		WithLabel("%s @ %s: %s ≠ %s", shape.Format(x.inner()), shape.Format(y.inner()), k, ky)
	d = c.cite(d, x, y)
	if ys := y.inner(); len(ys) == 2 && y.name != "" && ys[1].Equal(k) {
		d = d.WithHelp("%s' exchanges the axes of %s: x @ %s'", y.name, y.name, y.name)
	} else if len(ys) == 2 && y.name != "" {
		d = d.WithHelp("the last axis of the left side meets the first of %s; declare %s as [%s, %s]", y.name, y.name, k, ys[1])
	}
	c.report(d)
	return val{kind: kBad, at: at}
}

// transposeExpr exchanges the last two axes.
func (c *checker) transposeExpr(v val, at diag.Span) val {
	if !v.ok() {
		return v
	}
	if len(v.inner()) < 2 {
		d := diag.New("G0314", at, "%s has no transpose: ' exchanges the last two axes", v.describe()).
			WithHelp("@ takes vectors as they are: a @ b; outer(a, b) is their outer product")
		if len(v.inner()) == 0 {
			d = d.WithHelp("a derivative is written grad(y, x)")
		}
		c.report(d)
		return val{kind: kBad, at: at}
	}
	perm := seq(v.node.Type.Rank())
	n := len(perm)
	perm[n-1], perm[n-2] = perm[n-2], perm[n-1]
	return tensor(c.b.Permute(v.node, perm), v.idx, at)
}

func seq(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// timesOf and sumOf are products and sums of reals or of ints.
func (c *checker) timesOf(x, y *graph.Node) *graph.Node {
	if x.Type.Elem == graph.Int {
		return c.b.Map("imul", x, y)
	}
	return c.b.Mul(x, y)
}

func (c *checker) sumOf(x *graph.Node, axes ...int) *graph.Node {
	if x.Type.Elem == graph.Int {
		return c.b.Reduce("isum", x, axes...)
	}
	return c.b.Sum(x, axes...)
}
