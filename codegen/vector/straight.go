package vector

import (
	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// Straight is straight-line code that runs once: results, each with its elements,
// made of lets and of elements of inputs.
type Straight struct {
	Name    string
	Lets    []*kernel.Let
	Results []Elements
	Single  func(input *kernel.Buffer) bool // a number, not an array
}

// Elements are those of a result, or the one number that it is.
type Elements struct {
	Name   string
	Single bool
	Elem   graph.Elem
	X      []kernel.Expr
}

// BuildStraight makes a function of straight-line code, or reports that it cannot,
// or that it would gain nothing by it. Arrays are passed as pointers, numbers as
// they are. The calls of one elementary function that do not wait for each other
// are made at once, in the lanes of one vector.
func BuildStraight(s *Straight, wide bool) (*Func, bool) {
	b := &builder{
		f: &Func{Straight: s, Wide: wide, Parts: []Part{{}}}, env: map[string]V{}, set: map[string]bool{}, cse: map[key]V{},
		straight: newCalls(s, wide), strided: true,
	}
	for _, r := range s.Results {
		if r.Elem != graph.Real {
			return nil, false
		}
		b.result(r)
	}
	if len(b.straight.far) > 0 && !b.refused {
		b.f.Results = append(b.f.Results, Result{watched, b.emit(Value{Op: Return, Ref: len(b.f.Results), A: [3]V{b.far()}})})
	}
	if !b.ok() {
		return nil, false
	}
	b.f.finish()
	return b.f, b.f.size() <= maxStrided && !b.f.crowded() && b.f.worth()
}

// result builds a result and stores it.
func (b *builder) result(r Elements) {
	if r.Single {
		x := b.expr(r.X[0])
		b.f.Results = append(b.f.Results, Result{r.Name, b.emit(Value{Op: Return, Ref: len(b.f.Results), A: [3]V{x}})})
		return
	}
	b.f.Streams = append(b.f.Streams, Stream{Buf: &kernel.Buffer{Name: r.Name, Kind: kernel.Grad, Elem: r.Elem}, Span: shape.Const(int64(len(r.X)))})
	stream := len(b.f.Streams) - 1
	var x []V
	for i, e := range r.X {
		if x = append(x, b.expr(e)); len(x) == b.half() {
			b.emit(Value{Op: Store, A: [3]V{b.together(x)}, Ref: stream, Imm: i + 1 - len(x)})
			x = nil
		}
	}
	for i, v := range x {
		b.emit(Value{Op: Store, A: [3]V{v}, Ref: stream, Imm: len(r.X) - len(x) + i})
	}
}

// argument reads an element of an input.
func (b *builder) argument(x *kernel.Load) V {
	i, fixed := x.At.Base.IsConst()
	if x.Buf.Kind != kernel.Input || x.Buf.Elem != graph.Real || !fixed || len(x.At.Dyn) > 0 {
		return b.refuse("it reads %s", x.Buf.Name)
	}
	if b.straight.s.Single(x.Buf) {
		return b.scalar(x, graph.Real)
	}
	for k, s := range b.f.Streams {
		if s.Buf == x.Buf {
			return b.emit(Value{Op: Load, Ref: k, Imm: int(i)})
		}
	}
	b.f.Streams = append(b.f.Streams, Stream{Buf: x.Buf, Span: x.Buf.Len()})
	return b.emit(Value{Op: Load, Ref: len(b.f.Streams) - 1, Imm: int(i)})
}

// named is the value of a let, built when it is first asked for.
func (b *builder) named(x *kernel.Ref) V {
	if v, ok := b.env[x.Name]; ok {
		return v
	}
	l := b.straight.lets[x.Name]
	if l == nil {
		return b.refuse("it reads %s", x.Name)
	}
	v := b.expr(l.X)
	b.env[x.Name] = v
	return v
}

// far is 0 where no angle was too large, and otherwise something else.
func (b *builder) far() V {
	all := map[int]V{} // by number of lanes
	for _, mask := range b.straight.far {
		n := b.lanes(mask)
		if other, ok := all[n]; ok {
			mask = b.op(Or, other, mask)
		}
		all[n] = mask
	}
	out := none
	for _, n := range []int{1, b.half(), 2 * b.half()} {
		for k := range n {
			switch mask, ok := all[n]; {
			case ok && out == none:
				out = b.lane(mask, k)
			case ok:
				out = b.op(Or, out, b.lane(mask, k))
			}
		}
	}
	return b.op(And, out, b.real(1))
}

// half is the number of lanes of half a vector.
func (b *builder) half() int { return b.f.half() }

func (f *Func) half() int {
	if f.Wide {
		return 2
	}
	return 4
}

func (b *builder) lanes(v V) int { return b.f.lanes(v) }

// lanes is the number of lanes of a value in straight-line code, 0 of a constant.
func (f *Func) lanes(v V) int {
	x := f.Values[v]
	if x.Lanes > 0 || x.Op == Const {
		return x.Lanes
	}
	return 2 * f.half()
}

// spread is the number of lanes of the result of an operation.
func (b *builder) spread(v Value) int {
	n := 1
	for _, a := range v.A[:v.args()] {
		n = max(n, b.lanes(a))
	}
	switch v.Op {
	case Const:
		return 0
	case Lane:
		return 1
	case PairLow, PairsLow, Upper:
		return b.half()
	case Join:
		return 2 * b.half()
	}
	return n
}

// worth reports that code gains more than a call of it takes.
func (f *Func) worth() bool {
	work := 0
	for _, id := range f.Parts[0].Code {
		switch v := f.Values[id]; {
		case v.Op == Div || v.Op == Sqrt:
			work += 4
		case v.Op != Load && !v.stores() && v.Op != Return:
			work += 1
		}
	}
	return work >= leastStraight
}
