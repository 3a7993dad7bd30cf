package vector

import (
	"slices"
	"sort"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

func sorted(m map[string]V) []string {
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// place is an address taken apart.
type place struct {
	Stream
	moves bool  // on to the next element in every step of the loop
	after int64 // elements from the stream's place to the one meant
}

// address takes a place in a buffer apart.
func (b *builder) address(buf *kernel.Buffer, at kernel.Addr) (p place, ok bool) {
	base := b.subst(at.Base)
	p.Stream = Stream{Buf: buf, Dyn: at.Dyn, Span: shape.Const(1)}
	if len(at.Dyn) > 0 && (len(b.rows) > 0 || b.maybe > 0 || !b.outsideDyn(at)) {
		return p, false
	}
	coef, rest := shape.Dim{}, base
	if b.col != "" {
		if coef, rest, ok = base.Linear(shape.VarSym(b.col)); !ok {
			return p, false
		}
		switch c, fixed := coef.IsConst(); {
		case fixed && (c == 0 || c == 1):
		case fixed && c > 1 && c < 1<<16 && b.strided && buf.Elem != graph.Bool:
			p.Stride = c
		default:
			return p, false
		}
		p.moves = !coef.Is(0)
	}
	start := rest.Add(coef.Mul(b.lo[b.col]))
	if p.moves {
		p.Span = b.hi[b.col].Sub(b.lo[b.col])
	}
	if p.Stride > 0 {
		p.Span = p.Span.AddInt(-1).Scale(p.Stride).AddInt(1)
		if c := constant(start); c > 0 && c < p.Stride {
			start, p.after = start.AddInt(-c), c
		}
	}
	for _, row := range b.rows {
		step, origin, linear := start.Linear(shape.VarSym(row))
		if !linear || !positive(step) || b.varies(step) {
			return p, false
		}
		p.Steps, start = append(p.Steps, step), origin.Add(step.Mul(b.lo[row]))
	}
	p.At = start
	return p, true
}

// constant is the part of a dim that does not depend on anything.
func constant(d shape.Dim) int64 {
	c, _ := d.Subst(func(*shape.Sym) (shape.Dim, bool) { return shape.Dim{}, true }).IsConst()
	return c
}

func (b *builder) outsideDyn(at kernel.Addr) bool {
	for _, d := range at.Dyn {
		if !b.outside(d.X) || b.varies(d.Stride) {
			return false
		}
	}
	return true
}

func positive(d shape.Dim) bool {
	for _, t := range d.Terms() {
		if t.Coef < 0 {
			return false
		}
	}
	return true
}

// subst puts in the variables of loops written out.
func (b *builder) subst(d shape.Dim) shape.Dim {
	return d.Subst(func(s *shape.Sym) (shape.Dim, bool) {
		v, ok := b.steps[s.Name]
		return v, ok && s.Fn == ""
	})
}

// varies reports a dim that depends on a variable of the nest.
func (b *builder) varies(d shape.Dim) bool {
	for _, v := range d.Vars() {
		if _, ok := b.steps[v]; ok || v == b.col || slices.Contains(b.rows, v) {
			return true
		}
	}
	return false
}

// outside reports an expression that has one value during the whole nest.
func (b *builder) outside(x kernel.Expr) bool {
	switch x := x.(type) {
	case *kernel.Ref:
		if b.set[x.Name] {
			return false
		}
	case *kernel.Load:
		if slices.Contains(b.stored, x.Buf.Root()) || b.varies(x.At.Base) || len(x.At.Dyn) > 0 && b.maybe > 0 {
			return false
		}
		for _, d := range x.At.Dyn {
			if b.varies(d.Stride) {
				return false
			}
		}
	case *kernel.IndexExpr:
		if b.varies(x.E) {
			return false
		}
	case *kernel.Guard:
		return false
	}
	for _, a := range kernel.Operands(x) {
		if !b.outside(a) {
			return false
		}
	}
	return true
}

// stream is the number of a stream, one for each place.
func (b *builder) stream(p place) int {
	for i, s := range b.f.Streams {
		if s.Stride > 0 && s.Stride == p.Stride && s.Buf == p.Buf && s.At.Equal(p.At) && s.Span.Equal(p.Span) {
			b.f.Streams[i].Most = max(s.Most, p.after)
			return i
		}
		if s.Stride+p.Stride > 0 || s.Buf != p.Buf || !s.At.Equal(p.At) || !shape.EqualShapes(s.Steps, p.Steps) || len(s.Dyn)+len(p.Dyn) > 0 {
			continue
		}
		if s.Span.Is(1) {
			b.f.Streams[i].Span = p.Span
			return i
		}
		if s.Span.Equal(p.Span) || p.Span.Is(1) {
			return i
		}
	}
	p.Most = p.after
	b.f.Streams = append(b.f.Streams, p.Stream)
	return len(b.f.Streams) - 1
}

func (b *builder) load(p place) V {
	stream := b.stream(p)
	b.reads = append(b.reads, access{stream})
	return b.emit(Value{Op: Load, Ref: stream, Imm: int(p.after)})
}

// gather reads elements at places that come from data: which lie in the memory
// has been checked.
func (b *builder) gather(x *kernel.Load) V {
	base, fixed := b.subst(x.At.Base).IsConst()
	if !b.strided || b.maybe > 0 || b.col == "" || !fixed || base < 0 || len(x.At.Dyn) != 1 || x.Buf.Elem == graph.Bool || slices.Contains(b.stored, x.Buf.Root()) {
		return b.refuse("data says where %s is read", x.Buf.Name)
	}
	d := x.At.Dyn[0]
	stride, fixed := b.subst(d.Stride).IsConst()
	if !fixed || stride < 0 {
		return b.refuse("data says where %s is read", x.Buf.Name)
	}
	place := b.emit(Value{Op: Place, A: [3]V{b.expr(d.X)}, Imm: int(stride)})
	stream := b.stream(whole(x.Buf))
	return b.emit(Value{Op: Gather, A: [3]V{place}, Ref: stream, Imm: int(base)})
}

// whole is all of a buffer.
func whole(buf *kernel.Buffer) place {
	return place{Stream: Stream{Buf: buf, Span: buf.Len()}}
}

// scalar is an argument.
func (b *builder) scalar(x kernel.Expr, e graph.Elem) V {
	text := kernel.ExprText(x)
	for i, s := range b.f.Scalars {
		if s.Elem == e && kernel.ExprText(s.X) == text {
			return b.emit(Value{Op: Argument, Ref: i})
		}
	}
	b.f.Scalars = append(b.f.Scalars, Scalar{x, e})
	return b.emit(Value{Op: Argument, Ref: len(b.f.Scalars) - 1})
}

// loadExpr reads an element.
func (b *builder) loadExpr(x *kernel.Load) V {
	if b.straight != nil {
		return b.argument(x)
	}
	if len(x.At.Dyn) > 0 && b.strided && !b.outside(x) {
		return b.gather(x)
	}
	at, ok := b.address(x.Buf, x.At)
	if !ok || x.Buf.Kind == kernel.Scalar {
		return b.refuse("the elements of %s do not follow each other", x.Buf.Name)
	}
	if b.col == "" || at.moves {
		return b.load(at)
	}
	if slices.Contains(b.inLoop, x.Buf.Root()) {
		return b.refuse("%s is written at one place and read at another", x.Buf.Name)
	}
	return b.before(func() V { return b.load(at) })
}

// before builds something that is the same in all steps of a loop, before it.
func (b *builder) before(build func() V) V {
	col, reads := b.col, b.reads
	b.col = ""
	loop := *b.part()
	b.f.Parts = b.f.Parts[:len(b.f.Parts)-1]
	v := build()
	b.f.Parts = append(b.f.Parts, loop)
	b.col, b.reads = col, reads
	return v
}

func symbol(name string) *shape.Sym { return shape.VarSym(name) }
