package block

import (
	"fmt"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// chain is a run of statements from..to that work on the same t rows.
type chain struct {
	body     []kernel.Stmt
	from, to int
	t        shape.Dim
	between  map[*kernel.Buffer]digit // what exists block by block; its rows
	half     map[*kernel.Buffer]bool  // columns behind the row's own are not read, or 0
	sides    map[*kernel.MatMul]string
	name     string // the variable of the blocks
	pieces   bool   // the kernel has several

	start, end, size shape.Dim // of a block
}

// chain finds the run around the loop over rows at i; nil if there is none.
func (b *blocker) chain(body []kernel.Stmt, i int, around []*kernel.Loop) *chain {
	l := body[i].(*kernel.Loop)
	if l.Bounded() || !l.Lo.Is(0) || !long(l.Hi) || multiplies(l) {
		return nil
	}
	c := &chain{body: body, t: l.Hi, between: map[*kernel.Buffer]digit{}, half: map[*kernel.Buffer]bool{}, pieces: inPieces(b.kernel)}
	if !b.kernel.Rows.Is(0) && (len(around) == 0 || !around[0].Lo.Equal(lo)) {
		return nil
	}
	for _, s := range body {
		if r := c.rowLoop(s); r != nil {
			c.candidates(r)
		}
	}
	for {
		if len(c.between) == 0 || !c.run(i) {
			return nil
		}
		if !c.drop(b.uses) {
			break
		}
	}
	if !c.orderly() {
		return nil
	}
	c.triangles()
	if !c.gains() {
		return nil
	}
	c.name = fmt.Sprintf(".b%d", b.blocks)
	b.blocks++
	return c
}

// gains reports whether the blocks leave something out, or spare much memory.
func (c *chain) gains() bool {
	for b := range c.between {
		if c.half[b] {
			return true
		}
	}
	n, fixed := c.t.IsConst()
	return !fixed || n >= 8*rows
}

// rowLoop is s as a loop over the rows.
func (c *chain) rowLoop(s kernel.Stmt) *kernel.Loop {
	l, ok := s.(*kernel.Loop)
	if !ok || l.Bounded() || !l.Lo.Is(0) || !l.Hi.Equal(c.t) {
		return nil
	}
	return l
}

// candidates notes what a loop over rows reads or writes row by row.
func (c *chain) candidates(l *kernel.Loop) {
	for _, a := range accesses(l, nil) {
		if a.buf.Kind != kernel.Arena || a.buf.Elem != graph.Real || a.buf.Result {
			continue
		}
		if d, ok := a.digit(l.Var, c.t); ok && !d.apart {
			c.between[a.buf] = d
		}
	}
}

// run extends the chain from the loop at i in both directions, over loops and products
// of the same rows, and reports whether there are products at both ends.
func (c *chain) run(i int) bool {
	c.sides = map[*kernel.MatMul]string{}
	c.from, c.to = i, i+1
	for c.from > 0 && c.fits(c.body[c.from-1]) {
		c.from--
	}
	for c.to < len(c.body) && c.fits(c.body[c.to]) {
		c.to++
	}
	return c.fits(c.body[i]) && len(c.sides) > 1
}

// fits reports whether s works on the rows of the chain.
func (c *chain) fits(s kernel.Stmt) bool {
	if m, ok := s.(*kernel.MatMul); ok {
		c.sides[m] = c.side(m)
		if c.sides[m] == "" {
			delete(c.sides, m)
			return false
		}
		return true
	}
	l := c.rowLoop(s)
	if l == nil {
		return false
	}
	return c.inRows(l, l.Var)
}

// inRows reports whether all that s does to what is between keeps to rows by v.
func (c *chain) inRows(s kernel.Stmt, v string) bool {
	for _, a := range accesses(s, nil) {
		d, listed := c.between[a.buf]
		if !listed {
			continue
		}
		if e, ok := a.digit(v, c.t); !ok || e.apart || !e.step.Equal(d.step) || !e.fixed.Equal(d.fixed) {
			return false
		}
	}
	return true
}

// side is the index of m that runs over the rows, or "".
func (c *chain) side(m *kernel.MatMul) string {
	if m.Runs != nil || m.B.Buf.Root().Kind == kernel.Param {
		return "" // weights would be packed again for every block
	}
	for _, v := range []string{row, inner} {
		found := false
		for _, o := range []kernel.Operand{m.C, m.A, m.B} {
			_, listed := c.between[o.Buf.Root()]
			found = found || listed
		}
		if found && c.extent(m, v).Equal(c.t) && c.inRows(m, v) && (v == row || !c.listed(m.C)) {
			return v
		}
	}
	return ""
}

func (c *chain) listed(o kernel.Operand) bool { _, ok := c.between[o.Buf.Root()]; return ok }

func (c *chain) extent(m *kernel.MatMul, v string) shape.Dim {
	if v == row {
		return m.M
	}
	return m.K
}

// drop removes what is used outside of the chain too; it reports whether there was any.
func (c *chain) drop(uses map[*kernel.Buffer]int) (found bool) {
	here := map[*kernel.Buffer]int{}
	for _, s := range c.body[c.from:c.to] {
		for _, a := range accesses(s, nil) {
			here[a.buf]++
		}
	}
	for b := range c.between {
		if here[b] != uses[b] {
			delete(c.between, b)
			found = true
		}
	}
	return found
}

// orderly reports whether blocks one after the other do the same as whole statements:
// what two of them share is between them, or divided by rows alike.
func (c *chain) orderly() bool {
	type use struct {
		access
		s kernel.Stmt
		v string
	}
	var all []use
	for _, s := range c.body[c.from:c.to] {
		v := ""
		if m, ok := s.(*kernel.MatMul); ok {
			v = c.sides[m]
		} else {
			v = s.(*kernel.Loop).Var
		}
		for _, a := range accesses(s, nil) {
			if _, listed := c.between[a.buf]; !listed {
				all = append(all, use{a, s, v})
			}
		}
	}
	for _, x := range all {
		for _, y := range all {
			if x.s == y.s || x.buf != y.buf || !x.write {
				continue
			}
			d, ok := x.digit(x.v, c.t)
			e, also := y.digit(y.v, c.t)
			if !ok || !also || !d.agrees(e, c.t) {
				return false
			}
		}
	}
	return true
}

// triangles finds what is read up to the row's own column only, and 0 behind it where a
// product reads it.
func (c *chain) triangles() {
	for b, d := range c.between {
		if !d.step.Equal(c.t) {
			continue
		}
		limited, cleared, read := true, false, false
		for _, s := range c.body[c.from:c.to] {
			if l, ok := s.(*kernel.Loop); ok {
				lim, clear := c.limited(l, b, d)
				limited, cleared = limited && lim, cleared || clear
				continue
			}
			m := s.(*kernel.MatMul)
			read = read || m.A.Buf.Root() == b || m.B.Buf.Root() == b || m.Add && m.C.Buf.Root() == b
		}
		c.half[b] = limited && (cleared || !read)
	}
}

// limited reports whether a loop over rows touches columns up to the row's own only,
// and whether it clears the row before.
func (c *chain) limited(l *kernel.Loop, b *kernel.Buffer, d digit) (ok, cleared bool) {
	ok = true
	for _, a := range accesses(l, nil) {
		switch {
		case a.buf != b:
		case a.clear:
			cleared = cleared || a.at.Equal(d.fixed.Add(d.step.Mul(shape.Var(l.Var))).Add(shape.Var(along)))
		default:
			ok = ok && c.upToOwn(l, a, d)
		}
	}
	return ok, cleared
}

// upToOwn reports whether the column is the variable of a loop to the row's number.
func (c *chain) upToOwn(l *kernel.Loop, a access, d digit) bool {
	place := a.at.Sub(d.fixed).Sub(d.step.Mul(shape.Var(l.Var)))
	for _, in := range a.spans {
		if place.Equal(shape.Var(in.name)) && notBeyond(in.end, shape.Var(l.Var)) {
			return true
		}
	}
	return false
}

// notBeyond reports whether a range that ends there has no more than v.
func notBeyond(end, v shape.Dim) bool {
	if syms := end.Syms(); len(syms) == 1 && syms[0].Fn == "min" && end.Equal(shape.Of(syms[0])) {
		return notBeyond(syms[0].Args[0], v) || notBeyond(syms[0].Args[1], v)
	}
	more, fixed := end.Sub(v).IsConst()
	return fixed && more <= 1
}
