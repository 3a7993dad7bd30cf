package block

import (
	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// blocks is the loop over the blocks of a chain.
func (c *chain) blocks() kernel.Stmt {
	b := shape.Var(c.name)
	size := shape.Const(rows)
	c.start = b.Mul(size)
	c.end, c.size = shape.Min(c.t, c.start.Add(size)), shape.Min(size, c.t.Sub(c.start))
	count := shape.CeilDiv(c.t, size)
	if n, whole := c.t.DivExact(size); whole {
		c.end, c.size, count = c.start.Add(size), size, n
	}
	out := &kernel.Loop{Var: c.name, Hi: count}
	for _, s := range c.body[c.from:c.to] {
		if m, ok := s.(*kernel.MatMul); ok {
			out.Body = append(out.Body, c.product(m)...)
			continue
		}
		l := s.(*kernel.Loop)
		l.Lo, l.Hi = c.start, c.end
		c.shorten(l)
		out.Body = append(out.Body, l)
	}
	c.settle(out.Body)
	return out
}

// shorten clears no more of a row than is read.
func (c *chain) shorten(l *kernel.Loop) {
	kernel.Walk(l.Body, func(s kernel.Stmt) {
		if z, ok := s.(*kernel.Zero); ok && c.half[z.Buf.Root()] && z.Len.Equal(c.t) {
			z.Len = c.end
		}
	})
}

// product is the part of m that belongs to a block.
func (c *chain) product(m *kernel.MatMul) []kernel.Stmt {
	if c.sides[m] == inner {
		return c.partial(m)
	}
	move(&m.A, 0, c.start)
	move(&m.C, 0, c.start)
	m.M = c.size
	if c.halves(m.C, 1, m.N) {
		m.N = c.end
	}
	if c.halves(m.A, 1, m.K) {
		m.K = c.end
	}
	return []kernel.Stmt{m}
}

// partial adds what the rows of a block give to a sum over all rows. Where they have
// columns up to their own only, those of the block itself begin with it.
func (c *chain) partial(m *kernel.MatMul) []kernel.Stmt {
	move(&m.A, 1, c.start)
	move(&m.B, 0, c.start)
	m.K = c.size
	before, own := *m, *m
	before.Add = true
	rows, columns := c.halves(m.A, 0, m.M), c.halves(m.B, 1, m.N)
	switch {
	case rows:
		before.M, own.M = c.start, c.size
		move(&own.A, 0, c.start)
		move(&own.C, 0, c.start)
		if !columns {
			break
		}
		before.N, own.N = c.start, c.end
		beside := *m // above the block's own rows, in its columns
		beside.M, beside.N = c.start, c.size
		move(&beside.B, 1, c.start)
		move(&beside.C, 1, c.start)
		return []kernel.Stmt{&before, &beside, &own}
	case columns:
		before.N, own.N = c.start, c.size
		move(&own.B, 1, c.start)
		move(&own.C, 1, c.start)
	case m.Add:
		return []kernel.Stmt{m}
	default:
		later := shape.Cond{Kind: shape.NonNegative, E: shape.Var(c.name).AddInt(-1)}
		cond := &kernel.Guard{Conds: []shape.Cond{later}, X: &kernel.Lit{Elem: graph.Bool, V: 1}, Elem: graph.Bool}
		return []kernel.Stmt{&kernel.If{Cond: cond, Then: []kernel.Stmt{&before}, Else: []kernel.Stmt{&own}}}
	}
	return []kernel.Stmt{&before, &own}
}

// halves reports an operand whose dimension i, of extent n, is the columns of what is
// between and half empty.
func (c *chain) halves(o kernel.Operand, i int, n shape.Dim) bool {
	return c.half[o.Buf.Root()] && o.Strides[i].Is(1) && n.Equal(c.t)
}

// move lets an operand begin behind so many rows or columns.
func move(o *kernel.Operand, i int, by shape.Dim) { o.At = o.At.Add(o.Strides[i].Mul(by)) }

// settle gives what is between room for a block only.
func (c *chain) settle(body []kernel.Stmt) {
	by := map[*kernel.Buffer]shape.Dim{}
	for b, d := range c.between {
		b.Shape = []shape.Dim{shape.Const(rows), d.step}
		by[b] = d.fixed.Add(d.step.Mul(c.start)).Scale(-1)
		if c.pieces {
			b.Kind = kernel.Own
		}
	}
	kernel.Walk(body, func(s kernel.Stmt) {
		kernel.MapBuffers(s, func(b *kernel.Buffer) (*kernel.Buffer, shape.Dim) { return b, by[b.Root()] })
	})
}
