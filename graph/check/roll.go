package check

import (
	"cmp"
	"slices"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// A for whose body is the same for every index stays a loop: a scan whose
// carries are the outer names that the body binds again, over stacked
// parameters. Whether it can is found by trying. The body is checked once, with
// the index as the step of a scan; where anything in it needs the index when
// code is generated, that is an error, and the file is checked again with that
// loop unrolled. So what an unrolled loop means is the meaning of both.

// loopIn is a for loop in what is checked: a model, with those over its
// parameters, or a function.
type loopIn struct {
	st *ast.For
	in string
}

// again is thrown when a loop that was to stay one has to be unrolled; the
// check of the file begins anew.
type again struct{}

// rolling is a for that stays a loop while its body is checked.
type rolling struct {
	st    *ast.For
	lo, n int
	id    int
	makes bool     // parameters or states of its own
	own   []memory // the states that each iteration has of its own
}

// around is a loop around a statement: which, its part of the names of instances,
// and its region where it stays a loop.
type around struct {
	loop *forLoop
	text string
	r    *region
}

// forLoop is a for under way, and what the model had declared before it.
type forLoop struct{ params, states int }

func (c *checker) beginFor() *forLoop {
	if c.m == nil {
		return &forLoop{}
	}
	return &forLoop{len(c.m.Params), len(c.m.States)}
}

// endFor puts what all iterations share, and one of them declared, before what
// each makes of its own.
func (c *checker) endFor(l *forLoop) {
	if c.m == nil || c.base != nil {
		return
	}
	for _, list := range [][]*graph.Param{c.m.Params[l.params:], c.m.States[l.states:]} {
		slices.SortStableFunc(list, func(a, b *graph.Param) int { return c.makes(l, a) - c.makes(l, b) })
	}
}

// makes is 1 for a parameter that each iteration of a loop makes of its own.
func (c *checker) makes(l *forLoop, p *graph.Param) int {
	if slices.Contains(c.makers[p], l) {
		return 1
	}
	return 0
}

// turn is an iteration of an unrolled loop in a region.
type turn struct {
	in *region
	k  int
}

// unroll begins the check of the file anew, with a loop unrolled.
func (c *checker) unroll(r *region, at diag.Span, because string) {
	c.unrollLoop(r.roll.st, at, because)
}

func (c *checker) unrollLoop(st *ast.For, at diag.Span, because string) {
	key := loopIn{st, c.home}
	if _, twice := c.flat[key]; twice {
		panic("check: internal error: a loop that is unrolled stays a loop: " + because)
	}
	c.flat[key] = graph.Unrolled{Loop: firstLine(st.At), At: firstLine(at), Because: because}
	panic(again{})
}

// unrolledLoops lists the loops that were to stay loops and could not, in source order.
func (c *checker) unrolledLoops() []graph.Unrolled {
	var out []graph.Unrolled
	for _, u := range c.flat {
		out = append(out, u)
	}
	slices.SortFunc(out, func(a, b graph.Unrolled) int {
		return cmp.Or(cmp.Compare(a.Loop.File.Name, b.Loop.File.Name), cmp.Compare(a.Loop.Start, b.Loop.Start), cmp.Compare(a.Because, b.Because))
	})
	return slices.Compact(out)
}

// rollable reports whether a body holds nothing that stands at the top of a
// model only, and does not return.
func rollable(b *ast.Block) bool {
	ok := true
	for _, st := range b.Stmts {
		if _, session := st.(*ast.Carry); session {
			return false
		}
	}
	ast.Inspect(b, func(n ast.Spanned) bool {
		switch n.(type) {
		case *ast.Broken, *ast.Return, *ast.Input, *ast.Output, *ast.Metric, *ast.Loss, *ast.Train, *ast.Dim:
			ok = false
		case *ast.Func:
			return false
		}
		return ok
	})
	return ok
}

// rollFor checks the body once, as that of a scan.
func (c *checker) rollFor(s *scope, f *frame, st *ast.For, lo, n, remat int) {
	inner := newScope(s, false)
	outer, inits := c.rebound(s, st)
	r := c.enter(inner)
	r.roll, r.trip, r.inits = &rolling{st: st, lo: lo, n: n, id: len(c.rolls)}, shape.Const(int64(n)), inits
	c.rolls = append(c.rolls, r)
	c.rolled = append(c.rolled, r)
	r.step = r.arg(graph.Type{Elem: graph.Int}, st.Index.Text)
	from := tensor(nil, nil, st.At)
	from.aff = new(shape.Dim)
	*from.aff = shape.Const(int64(lo))
	inner.put(&entry{name: st.Index.Text, val: c.stepValue(r, trips{lo: from, count: r.trip}, st.Index), span: st.Index.At, what: "index", declared: true})
	first, last := make([]*entry, len(outer)), make([]*entry, len(outer))
	for i, e := range outer {
		p := r.arg(inits[i].Type, e.name)
		r.carries = append(r.carries, p)
		v := c.marked(f, e.name, tensor(p, union(c.active), e.span))
		v.name, v.origin = e.name, e.val.origin
		inner.put(&entry{name: e.name, val: v, span: e.span, noWarn: true})
		first[i] = inner.names[e.name]
	}
	c.rollBody(r, inner, f, st)
	for i, e := range outer {
		last[i] = inner.names[e.name]
		last[i].noWarn, e.used = true, e.used || first[i].used
		r.nexts = append(r.nexts, c.passedOn(r, last[i], inits[i].Type))
	}
	for i, e := range outer {
		if e.val.kind == kUntyped && constant(r, outer, r.nexts[i]) {
			c.unroll(r, last[i].span, e.name+" is a constant")
		}
	}
	c.unused(inner, f)
	c.carryStates(r)
	if c.settleAsked(r); !c.worthRolling(r, remat) {
		c.unroll(r, st.At, "its body is small")
	}
	c.leave()
	c.rolled = c.rolled[:len(c.rolled)-1]
	c.closeRolled(s, f, r, outer, last, remat)
}

func (c *checker) rollBody(r *region, inner *scope, f *frame, st *ast.For) {
	loops, at, rest, notes := f.loops, f.loopAt, c.rest, c.journal
	f.loops = append(loops[:len(loops):len(loops)], around{c.beginFor(), graph.Stack{Lo: r.roll.lo, N: r.roll.n}.Range(), r})
	f.loopAt, c.rest, c.journal = st.At, nil, nil
	c.block(inner, f, st.Body.Stmts)
	c.endFor(f.loops[len(loops)].loop)
	f.loops, f.loopAt, c.rest, c.journal = loops, at, rest, notes
}

// rebound lists the names of the scope around a loop that its body binds again,
// with their values before it.
func (c *checker) rebound(s *scope, st *ast.For) (outer []*entry, inits []*graph.Node) {
	seen := map[string]bool{}
	for _, name := range bindings(st.Body) {
		e := s.inBody(name)
		if seen[name] || e == nil || e.declared {
			continue
		}
		seen[name] = true
		v := e.val
		if v.kind == kUntyped && c.quiet == 0 {
			v = c.asReal(v)
		}
		if v.kind != kTensor || v.aff != nil {
			c.unrollLoop(st, e.span, name+" is no tensor")
		}
		outer, inits = append(outer, e), append(inits, c.lift(v, union(c.active), v.inner()))
	}
	return outer, inits
}

// bindings lists the names that the statements of a block bind outside of the
// blocks in it, in order.
func bindings(b *ast.Block) []string {
	var out []string
	ast.Inspect(b, func(n ast.Spanned) bool {
		switch n := n.(type) {
		case *ast.Func:
			return false
		case *ast.Target:
			out = append(out, n.Name.Text)
		case *ast.Carry:
			out = append(out, n.Name.Text)
		case *ast.Collect:
			out = append(out, n.Name.Text)
		}
		return true
	})
	return out
}

// passedOn is what a carried name passes on to the next iteration: of the type
// it had, or the loop is unrolled.
func (c *checker) passedOn(r *region, e *entry, want graph.Type) *graph.Node {
	v := e.val
	if v.kind != kTensor || v.aff != nil {
		c.unroll(r, e.span, e.name+" is no tensor")
	}
	n := c.b.Local(c.lift(v, union(c.active), v.inner()))
	if !n.Type.Equal(want) {
		c.unroll(r, e.span, e.name+" was "+want.String()+" and becomes "+n.Type.String())
	}
	return n
}

// constant reports whether n is made of numbers alone: where the loop is
// unrolled, a name that was a constant before stays one.
func constant(r *region, outer []*entry, n *graph.Node) bool {
	untyped := map[*graph.Node]bool{r.step: true}
	for i, e := range outer {
		untyped[r.carries[i]] = e.val.kind == kUntyped
	}
	for _, x := range graph.Reachable(n) {
		if x.Op.Name == "arg" && !untyped[x] {
			return false
		}
	}
	return true
}

// smallLoop is the number of nodes, all iterations together, up to which a loop
// without parameters is unrolled.
const smallLoop = 6000

// worthRolling decides between two forms that mean the same. Code over small or
// element-wise values is faster unrolled: it fuses, and small functions become
// straight-line code. So only those stay loops that make parameters, recompute,
// work with parameters in products or the like, or would be long.
func (c *checker) worthRolling(r *region, remat int) bool {
	if r.roll.makes || remat > 0 {
		return true
	}
	nodes := graph.Reachable(r.results()...)
	params, dear := false, false
	for _, n := range nodes {
		params = params || r.source[n] != nil && r.source[n].Op.Name == "param"
		switch n.Op.Class {
		case graph.ReduceOp, graph.RowOp, graph.CompositeOp, graph.RegionOp, graph.CallOp:
			dear = true
		}
	}
	return params && dear || len(nodes)*r.roll.n > smallLoop
}

// changed lists the states of their own that iterations have changed.
func (r *region) changed() []memory {
	var out []memory
	for _, m := range r.roll.own {
		if now := r.states[m.path]; now.node != m.arg {
			out = append(out, memory{m.path, now.node})
		}
	}
	return out
}

func (r *region) results() []*graph.Node {
	out := append([]*graph.Node{}, r.nexts...)
	for _, m := range r.changed() {
		out = append(out, r.b.Local(m.arg))
	}
	return out
}

// closeRolled makes the scan, and binds the last values of what is carried.
func (c *checker) closeRolled(s *scope, f *frame, r *region, outer, inner []*entry, remat int) {
	results, changed := r.results(), r.changed()
	slices, sliced := r.used(r.slices, results)
	captures, captured := r.used(r.captures, results)
	params := append(append(append([]*graph.Node{r.step}, r.carries...), slices...), captures...)
	attr := graph.Scan{Trip: r.trip, Carries: len(r.carries), Slices: len(slices), Collects: len(changed), Remat: remat}
	operands := append(append(append([]*graph.Node{}, r.inits...), sliced...), captured...)
	body := r.b.Close(params, results, nil)
	out := c.b.Results(c.b.Region("scan", attr, graph.Type{Elem: graph.Bool}, []*graph.Region{body}, operands...))
	for i, e := range outer {
		v := tensor(out[i], union(c.active), inner[i].span)
		c.hint(f, v, e.name)
		c.define(newScope(s, false), f, ast.Name{Node: ast.Node{At: inner[i].span}, Text: e.name}, v, inner[i].inst)
	}
	c.lastStates(r, out[len(outer):])
	for k, m := range changed {
		v := r.states[m.path]
		v.node = out[len(r.carries)+k]
		c.setState(m.path, v)
	}
}
