package rewrite

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/ops"
	"github.com/gradgen/gradgen/graph/shape"
)

// Loops. In the body of a scan,
//
//	what is the same at every step is computed before it;
//	what depends on the step through slices only is computed for all steps at
//	once, before it, where it is more than element-wise (hoist.go);
//	a carried sum of a contraction becomes one contraction over all steps, after
//	it, and so does a collected one with a factor that stays (sink.go);
//	and what nobody reads is dropped.

// loop is a scan being rewritten. Its values are told apart by their number in
// the old scan.
type loop struct {
	b, w     *graph.Builder // around the loop, and of its body
	attr     graph.Scan
	index    *graph.Node
	carries  []carry
	collects []collect
	slices   []operand
	captures []operand
	count    *graph.Node
	values   []*graph.Node // by old number: known without the loop
	args     int
}

type carry struct {
	arg, init, next *graph.Node
	number          int
	used            bool
}

type collect struct {
	node   *graph.Node
	number int // -1: none of the old scan's
	result *graph.Node
}

type operand struct{ arg, value *graph.Node }

// open copies the body of a scan. used tells which values somebody reads.
func open(b *graph.Builder, n *graph.Node, used map[int]bool) *loop {
	l := &loop{b: b, w: ops.NewBuilder(graph.New()), attr: n.Attr.(graph.Scan), values: make([]*graph.Node, len(n.ResultTypes()))}
	p, body := n.Parts(), n.Regions[0]
	l.count = p.Count
	var params []*graph.Node
	for _, q := range body.Params {
		params = append(params, l.arg(q.Type, q.Name))
	}
	results := l.w.Inline(body, params)
	c, s := len(p.Inits), len(p.Slices)
	l.index = params[0]
	for j, init := range p.Inits {
		l.carries = append(l.carries, carry{params[1+j], init, results[j], j, used[j]})
	}
	for i, x := range p.Slices {
		l.slices = append(l.slices, operand{params[1+c+i], x})
	}
	for i, x := range p.Captures {
		l.captures = append(l.captures, operand{params[1+c+s+i], x})
	}
	for k, y := range results[c:] {
		if used[c+k] {
			l.collects = append(l.collects, collect{y, c + k, nil})
		}
	}
	return l
}

func (l *loop) arg(t graph.Type, name string) *graph.Node {
	n := l.w.Arg(l.args, t)
	n.Name = name
	l.args++
	return n
}

// static reports whether the number of steps is a dim known at entry.
func (l *loop) static() bool { return l.count == nil }

// spacious reports whether values may be stored for all steps: remat saves just that.
func (l *loop) spacious() bool { return l.static() && l.attr.Remat == 0 }

// roots are all that the body yields.
func (l *loop) roots() []*graph.Node {
	var out []*graph.Node
	for _, c := range l.carries {
		out = append(out, c.next)
	}
	for _, c := range l.collects {
		out = append(out, c.node)
	}
	return out
}

// replace puts other nodes in the place of nodes of the body.
func (l *loop) replace(instead map[*graph.Node]*graph.Node) {
	if len(instead) == 0 {
		return
	}
	out := l.w.CopyAll(l.roots(), map[*graph.Node]*graph.Node{}, instead)
	for j := range l.carries {
		l.carries[j].next = out[j]
	}
	for k := range l.collects {
		l.collects[k].node = out[len(l.carries)+k]
	}
}

// prune drops carries that no value and no other carry reads.
func (l *loop) prune() {
	needed := map[*graph.Node]bool{}
	var visit func(n *graph.Node)
	visit = func(n *graph.Node) {
		if needed[n] {
			return
		}
		needed[n] = true
		for _, a := range n.Args {
			visit(a)
		}
		for _, c := range l.carries {
			if c.arg == n {
				visit(c.next)
			}
		}
	}
	for _, c := range l.carries {
		if c.used {
			needed[c.arg] = true
			visit(c.next)
		}
	}
	for _, c := range l.collects {
		visit(c.node)
	}
	var kept []carry
	for _, c := range l.carries {
		if c.used || needed[c.arg] {
			kept = append(kept, c)
		}
	}
	l.carries = kept
}

// scan rewrites a scan and gives its values, nil for those nobody reads.
func scan(b *graph.Builder, n *graph.Node, used map[int]bool) []*graph.Node {
	l := open(b, n, used)
	l.constants()
	l.prune()
	l.made()
	l.hoist()
	l.constants()
	after := l.sink()
	l.prune()
	values := l.close()
	l.finish(after)
	return values
}

// constants finds carries that never change, and collects whose values are known.
func (l *loop) constants() {
	instead := map[*graph.Node]*graph.Node{}
	var carries []carry
	for _, c := range l.carries {
		a, first := number(c.init)
		b, next := number(c.next)
		switch {
		case first && next && a == b:
			instead[c.arg] = l.w.Fill(a, c.arg.Type)
			l.values[c.number] = c.init
		case c.next == c.arg:
			instead[c.arg] = l.capture(c.init)
			l.values[c.number] = c.init
		default:
			carries = append(carries, c)
		}
	}
	l.carries = carries
	l.sliceRepeats(instead)
	l.replace(instead)
	var collects []collect
	for _, c := range l.collects {
		if v := l.known(c.node); v != nil && c.number >= 0 {
			l.values[c.number] = v
		} else {
			collects = append(collects, c)
		}
	}
	l.collects = collects
}

// sliceRepeats makes captures of slices whose elements are all the same.
func (l *loop) sliceRepeats(instead map[*graph.Node]*graph.Node) {
	var kept []operand
	for _, s := range l.slices {
		t := s.arg.Type
		v, isView := s.value.Attr.(graph.View)
		c, isConst := number(s.value)
		switch {
		case isConst:
			instead[s.arg] = l.w.Fill(c, t)
		case isView && !uses(v, len(t.Shape)+1)[0]:
			m := shape.Map{In: []shape.Dim{{}}}
			for k := range t.Shape {
				m.In = append(m.In, shape.Idx(k))
			}
			instead[s.arg] = l.capture(l.b.View(s.value.Args[0], shape.Compose(m, v.Map), v.Fill, t.Shape))
		default:
			kept = append(kept, s)
		}
	}
	l.slices = kept
}

// capture is the parameter for a value of the graph around the loop.
func (l *loop) capture(x *graph.Node) *graph.Node {
	for _, c := range l.captures {
		if c.value == x {
			return c.arg
		}
	}
	c := operand{l.arg(x.Type, x.Name), x}
	l.captures = append(l.captures, c)
	return c.arg
}

func (l *loop) slice(x *graph.Node) *graph.Node {
	for _, s := range l.slices {
		if s.value == x {
			return s.arg
		}
	}
	s := operand{l.arg(graph.Type{Elem: x.Type.Elem, Shape: x.Type.Shape[1:]}, x.Name), x}
	l.slices = append(l.slices, s)
	return s.arg
}

// known is the value of a collect that is a slice, or the same at every step.
func (l *loop) known(n *graph.Node) *graph.Node {
	for _, s := range l.slices {
		if s.arg == n {
			return s.value
		}
	}
	if !l.static() {
		return nil
	}
	lifted, fixed := map[*graph.Node]*graph.Node{}, map[*graph.Node]*graph.Node{}
	for _, c := range l.captures {
		fixed[c.arg] = c.value
	}
	if c, isConst := number(n); isConst {
		return l.b.Fill(c, graph.Type{Elem: n.Type.Elem, Shape: append([]shape.Dim{l.attr.Trip}, n.Type.Shape...)})
	}
	if fixed[n] == nil {
		return nil
	}
	out, _ := l.b.Lift([]*graph.Node{n}, l.attr.Trip, lifted, fixed)
	return out[0]
}

// close builds the loop and gives the values of the old one.
func (l *loop) close() []*graph.Node {
	if len(l.carries)+len(l.collects) == 0 {
		return l.values
	}
	slices, captures := l.read()
	params, operands := []*graph.Node{l.index}, []*graph.Node{}
	for _, c := range l.carries {
		params, operands = append(params, c.arg), append(operands, c.init)
	}
	for _, o := range append(append([]operand{}, slices...), captures...) {
		params, operands = append(params, o.arg), append(operands, o.value)
	}
	if l.count != nil {
		operands = append(operands, l.count)
	}
	attr := l.attr
	attr.Carries, attr.Slices, attr.Collects = len(l.carries), len(slices), len(l.collects)
	body := l.w.Close(params, l.roots(), nil)
	owner := l.b.Region("scan", attr, graph.Type{Elem: graph.Bool}, []*graph.Region{body}, operands...)
	for j, c := range l.carries {
		l.values[c.number] = l.b.Result(owner, j)
	}
	for k := range l.collects {
		c := &l.collects[k]
		c.result = l.b.Result(owner, len(l.carries)+k)
		if c.number >= 0 {
			l.values[c.number] = c.result
		}
	}
	return l.values
}

// read lists the slices and captures that the body reads.
func (l *loop) read() (slices, captures []operand) {
	reached := map[*graph.Node]bool{}
	for _, n := range graph.Reachable(l.roots()...) {
		reached[n] = true
	}
	for _, s := range l.slices {
		if reached[s.arg] {
			slices = append(slices, s)
		}
	}
	for _, c := range l.captures {
		if reached[c.arg] {
			captures = append(captures, c)
		}
	}
	return slices, captures
}
