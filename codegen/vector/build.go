package vector

import (
	"fmt"
	"math"
	"slices"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph/shape"
)

// Build makes a function of a loop, or reports that it cannot: that something in
// it is no vector operation, or that memory is not passed through one element
// after the other.
func Build(l *kernel.Loop, wide bool) (*Func, bool) {
	for levels := 0; levels <= mostLevels; levels++ {
		b := newBuilder(l, wide)
		if levels == 0 {
			b.flat()
		} else if !b.nest(levels) {
			break
		}
		if b.ok() {
			if b.f.finish(); b.f.size() <= maxValues && !b.f.crowded() {
				b.f.jam()
				return b.f, true
			}
		}
	}
	return buildStrided(l, wide)
}

// crowded reports more sums in one loop than registers can hold beside its body,
// or more arguments than fit the stack of a call in a program built for a
// debugger.
func (f *Func) crowded() bool {
	const mostSums, mostArguments = 8, 50
	for _, p := range f.Parts {
		if len(p.Reds) > mostSums {
			return true
		}
	}
	return len(f.Streams)+len(f.Scalars) > mostArguments
}

// builder makes a function.
type builder struct {
	f       *Func
	refused bool
	why     string        // it is refused
	rows    []string      // the variables of the loops over rows, the outermost first
	body    []kernel.Stmt // of the innermost of them
	col     string        // that of the loop being built, "" between loops
	lo      map[string]shape.Dim
	hi      map[string]shape.Dim
	steps   map[string]shape.Dim // variables of loops written out
	env     map[string]V
	accs    map[string]bool // accumulators of the function itself, not of a loop's body
	set     map[string]bool // names that the nest declares or sets
	stored  []*kernel.Buffer
	inLoop  []*kernel.Buffer // memory written in the loop being built
	reduced []pending        // reductions of the loop being built
	cse     map[key]V
	level   []int // of every value: 0 known before, 1 the same in all lanes, 2 of a loop
	version int   // counts stores
	writes  []access
	reads   []access
	maybe   int  // choices around, not all of which are taken: what data says where to read may be nowhere
	budget  int  // iterations of written out loops left
	strided bool // elements of a loop's steps may lie apart

	straight *calls // of straight-line code
}

type key struct {
	v       Value
	loop    int
	version int
}

type pending struct {
	name string
	op   Op
	red  int
}

// access is an element of a stream that a loop reads or writes.
type access struct{ stream int }

func newBuilder(l *kernel.Loop, wide bool) *builder {
	b := &builder{
		f: &Func{Nest: l, Wide: wide}, lo: map[string]shape.Dim{}, hi: map[string]shape.Dim{},
		steps: map[string]shape.Dim{}, env: map[string]V{}, accs: map[string]bool{},
		set: map[string]bool{}, cse: map[key]V{}, budget: maxUnrolled,
	}
	b.stored = kernel.Written(l.Body)
	kernel.Walk([]kernel.Stmt{l}, func(s kernel.Stmt) {
		switch s := s.(type) {
		case *kernel.Loop:
			if s.Bounded() {
				b.refuse("data bounds the loop")
			}
		case *kernel.Let:
			b.set[s.Name] = true
		case *kernel.Accumulator:
			b.set[s.Name] = true
		case *kernel.Set:
			b.set[s.Name] = true
		}
	})
	return b
}

// refuse gives up, for a reason.
func (b *builder) refuse(format string, args ...any) V {
	if !b.refused {
		b.why = fmt.Sprintf(format, args...)
	}
	b.refused = true
	return 0
}

func (b *builder) ok() bool { return !b.refused && len(b.f.Values) <= 2*maxStrided }

// flat takes the loop itself as the vector loop.
func (b *builder) flat() {
	b.uniformPart()
	b.loop(b.f.Nest)
	if b.watches() && !b.repeatable() {
		b.refuse("sines overwrite what they read")
	}
}

func (b *builder) watches() bool {
	for _, r := range b.f.Results {
		if r.Name == watched {
			return true
		}
	}
	return false
}

// repeatable reports that the function may run and the loop in Go after it:
// that nothing it reads is written.
func (b *builder) repeatable() bool {
	for _, v := range b.f.Values {
		if v.Op == Load && slices.Contains(b.stored, b.f.Streams[v.Ref].Buf.Root()) {
			return false
		}
	}
	return true
}

// nest takes the loop as one over rows, with loops directly inside one another
// as further ones. It reports whether there are as many levels.
func (b *builder) nest(levels int) bool {
	l := b.f.Nest
	for {
		if b.varies(l.Lo) || b.varies(l.Hi) {
			b.refuse("the range of an inner loop changes from row to row")
		}
		b.rows, b.body = append(b.rows, l.Var), l.Body
		b.f.Rows = append(b.f.Rows, l.Hi.Sub(l.Lo))
		b.lo[l.Var], b.hi[l.Var] = l.Lo, l.Hi
		if len(b.rows) == levels {
			b.rowBody()
			return true
		}
		if len(l.Body) != 1 {
			return false
		}
		inner, ok := l.Body[0].(*kernel.Loop)
		if !ok {
			return false
		}
		l = inner
	}
}

// rowBody builds what is done in every row.
func (b *builder) rowBody() {
	b.uniformPart()
	for _, s := range b.body {
		if inner, ok := s.(*kernel.Loop); ok {
			if b.varies(inner.Lo) || b.varies(inner.Hi) {
				b.refuse("the range of an inner loop changes from row to row")
			}
			b.loop(inner)
		} else {
			b.stmt(s)
		}
		if b.refused {
			return
		}
	}
	loops := 0
	for _, p := range b.f.Parts {
		if p.Loop {
			loops++
		}
	}
	if loops == 0 {
		b.refuse("there is no inner loop")
	}
}

// uniformPart begins code outside of loops.
func (b *builder) uniformPart() { b.f.Parts = append(b.f.Parts, Part{}) }

// loop builds a vector loop, or several, one after the other, where the conditions
// of guarded reads hold in a part of its steps.
func (b *builder) loop(l *kernel.Loop) {
	ends := b.split(l)
	for k := range ends[1:] {
		if b.steady(l, ends[k], ends[k+1]); b.refused {
			return
		}
	}
}

// steady builds a vector loop from lo to hi, between two parts of code without
// loops.
func (b *builder) steady(l *kernel.Loop, lo, hi shape.Dim) {
	count := hi.Sub(lo)
	if n, ok := count.IsConst(); ok && n < leastIteration {
		b.refuse("a loop has only %d steps", n)
	}
	b.col = l.Var
	b.lo[l.Var], b.hi[l.Var] = lo, hi
	b.inLoop = kernel.Written(l.Body)
	b.writes, b.reads, b.reduced = nil, nil, nil
	b.f.Parts = append(b.f.Parts, Part{Loop: true, Count: count})
	outer := b.names()
	for _, s := range l.Body {
		if b.stmt(s); b.refused {
			return
		}
	}
	b.hazards()
	for name := range b.env {
		if !outer[name] && !b.isReduced(name) {
			delete(b.env, name)
		}
	}
	b.col, b.inLoop = "", nil
	b.uniformPart()
	for _, r := range b.reduced {
		total := b.emit(Value{Op: Reduced, Ref: r.red})
		b.env[r.name] = b.combine(r.op, b.env[r.name], total)
		b.changed(r.name)
	}
}

// changed notes the value of a reduction into a variable from outside the nest.
func (b *builder) changed(name string) {
	for i := range b.f.Results {
		if b.f.Results[i].Name == name {
			b.f.Results[i].V = b.env[name]
		}
	}
	if !b.accs[name] {
		b.accs[name] = true
		b.f.Results = append(b.f.Results, Result{name, b.env[name]})
	}
}

func (b *builder) names() map[string]bool {
	out := map[string]bool{}
	for name := range b.env {
		out[name] = true
	}
	return out
}

// hazards refuses a loop that reads or writes one memory at two places: then
// the order of its iterations would matter.
func (b *builder) hazards() {
	for _, w := range b.writes {
		for _, a := range append(append([]access{}, b.reads...), b.writes...) {
			s, t := b.f.Streams[w.stream], b.f.Streams[a.stream]
			if w.stream != a.stream && s.Buf.Root() == t.Buf.Root() &&
				(!s.At.Equal(t.At) || !shape.EqualShapes(s.Steps, t.Steps) || len(s.Dyn)+len(t.Dyn) > 0 || s.Stride+t.Stride > 0) {
				b.refuse("%s is written at one place and read at another", s.Buf.Name)
			}
		}
	}
}

func (b *builder) part() *Part { return &b.f.Parts[len(b.f.Parts)-1] }

// emit adds a value to the code it belongs to: the loop being built, or, where
// no lane differs, the part before it.
func (b *builder) emit(v Value) V {
	if b.refused {
		return 0
	}
	level := 1
	switch v.Op {
	case Const, Argument:
		level = 0
	case Iota, Accumulate, Gather:
		level = 2
	case Load, Store:
		if b.col != "" {
			level = 2
		}
	}
	for _, a := range v.A[:v.args()] {
		level = max(level, b.level[a])
	}
	if b.straight != nil {
		v.Lanes = b.spread(v)
	}
	k := key{v: v}
	if level == 2 {
		k.loop = len(b.f.Parts)
	}
	if v.Op == Load || v.Op == Gather {
		k.version = b.version
	}
	if have, ok := b.cse[k]; ok && v.Op != Store && v.Op != Accumulate {
		return have
	}
	id := V(len(b.f.Values))
	b.f.Values = append(b.f.Values, v)
	b.level = append(b.level, level)
	b.cse[k] = id
	switch part := b.part(); {
	case level == 0:
	case level == 1 && part.Loop:
		before := &b.f.Parts[len(b.f.Parts)-2]
		before.Code = append(before.Code, id)
	default:
		part.Code = append(part.Code, id)
	}
	return id
}

func (b *builder) op(op Op, args ...V) V {
	if out, ok := b.withoutSigns(op, args); ok {
		return out
	}
	v := Value{Op: op}
	copy(v.A[:], args)
	return b.emit(v)
}

func (b *builder) imm(op Op, imm int, args ...V) V {
	v := Value{Op: op, Imm: imm}
	copy(v.A[:], args)
	return b.emit(v)
}

// bits is a constant given by its bits.
func (b *builder) bits(x uint64) V { return b.emit(Value{Op: Const, Bits: x}) }

// real is a constant of the program's reals.
func (b *builder) real(x float64) V {
	if b.f.Wide {
		return b.bits(math.Float64bits(x))
	}
	return b.bits(uint64(math.Float32bits(float32(x))))
}

// integer is a constant int.
func (b *builder) integer(x int64) V {
	if b.f.Wide {
		return b.real(float64(x))
	}
	return b.bits(uint64(uint32(int32(x))))
}
