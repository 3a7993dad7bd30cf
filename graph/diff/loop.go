package diff

import (
	"strings"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// Loops differentiate to loops. The derivative of
//
//	scan(h, x) -> h' = tanh(h·w + x)
//
// is a second scan over the same steps, last step first, that carries the
// adjoint of h and the sum for w, and collects the adjoints of x. What it needs
// of the first scan becomes collects of that (its tape): carries as they were
// before each step, and values that are dear; cheap ones are computed again.

// walk is the body of a scan or while, copied to be differentiated.
type walk struct {
	b, w                      *graph.Builder // of the loop, and of the copied body
	n                         *graph.Node
	parts                     graph.Loop
	index                     *graph.Node
	carries, slices, captures []*graph.Node // parameters in w
	results                   []*graph.Node // of the body, in w
	names                     *common
	args                      int
	wide                      map[*graph.Node]bool // products that are computed again
}

// derived is a second loop over the steps of the first.
type derived struct {
	carries  []carried
	slices   []operand
	captures []operand
	collects []*graph.Node // in w
	reverse  bool
}

// carried is a carry of a derived loop: its parameter, first and next value.
type carried struct{ arg, init, next *graph.Node }

// operand is a parameter of a derived loop and what it stands for.
type operand struct{ arg, value *graph.Node }

func newWalk(b *graph.Builder, n *graph.Node, names *common) *walk {
	x := &walk{b: b, w: b.Inner(nil), n: n, parts: n.Parts(), names: names}
	body := n.Regions[len(n.Regions)-1]
	var params []*graph.Node
	for _, p := range body.Params {
		params = append(params, x.arg(p))
	}
	rest := params
	if _, isScan := n.Attr.(graph.Scan); isScan {
		x.index, rest = params[0], params[1:]
	} else {
		x.index = x.typed(graph.Type{Elem: graph.Int})
	}
	c, s := len(x.parts.Inits), len(x.parts.Slices)
	x.carries, x.slices, x.captures = rest[:c], rest[c:c+s], rest[c+s:]
	x.results = x.w.Inline(body, params)
	return x
}

// arg is a new parameter like p.
func (x *walk) arg(p *graph.Node) *graph.Node {
	n := x.typed(p.Type)
	n.Name = p.Name
	return n
}

func (x *walk) typed(t graph.Type) *graph.Node {
	x.args++
	return x.w.Arg(x.args-1, t)
}

// params are those of the first loop's body.
func (x *walk) params() []*graph.Node {
	out := append(append(append([]*graph.Node{}, x.carries...), x.slices...), x.captures...)
	if _, isScan := x.n.Attr.(graph.Scan); isScan {
		return append([]*graph.Node{x.index}, out...)
	}
	return out
}

// collects are the values that the body yields besides its next carries.
func (x *walk) collects() []*graph.Node { return x.results[len(x.carries):] }

// result is the value of the loop that is collect k of its body.
func (x *walk) result(k int) *graph.Node {
	at := len(x.carries) + k
	if _, isWhile := x.n.Attr.(graph.While); isWhile {
		at++
	}
	return x.b.Result(x.n, at)
}

// trip is the number of steps; count is it as an int where only the run tells.
func (x *walk) trip() (trip shape.Dim, count *graph.Node) {
	switch a := x.n.Attr.(type) {
	case graph.Scan:
		return a.Trip, x.parts.Count
	case graph.While:
		if a.Trips == "" {
			return shape.Var(x.names.Next()), x.b.Result(x.n, a.Carries)
		}
		return shape.Var(a.Trips), x.b.Result(x.n, a.Carries)
	}
	panic("diff: internal error: no loop")
}

// derive adds a derived loop and returns its values: last carries, collects.
func (x *walk) derive(d derived) []*graph.Node {
	x.widely(&d)
	need := x.needs(d)
	tapes := x.record(need.kept)
	trip, count := x.trip()
	attr := graph.Scan{Trip: trip, Carries: len(d.carries), Slices: len(d.slices), Collects: len(d.collects), Counted: count != nil}
	if a, isScan := x.n.Attr.(graph.Scan); isScan {
		attr.Reverse, attr.Remat = a.Reverse, a.Remat
	}
	attr.Reverse = attr.Reverse != d.reverse
	params, operands := []*graph.Node{x.index}, []*graph.Node{}
	var results []*graph.Node
	for _, c := range d.carries {
		params, operands, results = append(params, c.arg), append(operands, c.init), append(results, c.next)
	}
	add := func(list []operand) {
		for _, o := range list {
			params, operands = append(params, o.arg), append(operands, o.value)
		}
	}
	instead := map[*graph.Node]*graph.Node{}
	stand := func(n *graph.Node) *graph.Node {
		if n.Op.Name == "arg" {
			return n
		}
		instead[n] = x.arg(n)
		return instead[n]
	}
	add(d.slices)
	add(need.slices)
	for i, n := range need.kept {
		add([]operand{{stand(n), tapes[i]}})
	}
	attr.Slices += len(need.slices) + len(need.kept)
	add(d.captures)
	add(need.captures)
	for _, n := range need.fixed {
		add([]operand{{stand(n), x.outside(n)}})
	}
	if count != nil {
		operands = append(operands, count)
	}
	body := x.w.Close(params, append(results, d.collects...), instead)
	owner := x.b.Region("scan", attr, graph.Type{Elem: graph.Bool}, []*graph.Region{body}, operands...)
	return x.b.Results(owner)[:len(d.carries)+len(d.collects)] // an equal loop may have been extended
}

// outside computes a value that only captures enter in the graph of the loop.
func (x *walk) outside(n *graph.Node) *graph.Node {
	now := map[*graph.Node]*graph.Node{}
	for i, p := range x.captures {
		now[p] = x.parts.Captures[i]
	}
	return x.b.CopyAll([]*graph.Node{n}, now, nil)[0]
}

// record makes values of the body, at every step, values of the loop.
func (x *walk) record(kept []*graph.Node) []*graph.Node {
	at := make([]int, len(kept))
	have := map[*graph.Node]int{}
	for k, n := range x.collects() {
		if _, twice := have[n]; !twice {
			have[n] = k
		}
	}
	grown := false
	for i, n := range kept {
		k, ok := have[n]
		if !ok {
			k, grown = len(x.collects()), true
			x.results, have[n] = append(x.results, n), k
		}
		at[i] = k
	}
	if grown {
		x.extend()
	}
	out := make([]*graph.Node, len(kept))
	for i, k := range at {
		out[i] = x.result(k)
	}
	return out
}

// extend makes the loop yield all results.
func (x *walk) extend() {
	regions := append([]*graph.Region{}, x.n.Regions...)
	regions[len(regions)-1] = x.w.Close(x.params(), x.results, nil)
	switch a := x.n.Attr.(type) {
	case graph.Scan:
		a.Collects = len(x.collects())
		x.n.Extend(a, regions)
	case graph.While:
		a.Collects = len(x.collects())
		if a.Trips == "" {
			a.Trips = x.names.Next()
		}
		x.n.Extend(a, regions)
	}
}

// needed is what a derived loop reads of the first: slices and captures of it,
// values kept on the tape, and values that are the same at every step.
type needed struct {
	slices, captures []operand
	kept, fixed      []*graph.Node
}

// needs walks from the values of a derived loop down to what the first loop has
// or can keep.
func (x *walk) needs(d derived) needed {
	own := map[*graph.Node]bool{}
	roots := append([]*graph.Node{}, d.collects...)
	for _, c := range d.carries {
		own[c.arg] = true
		roots = append(roots, c.next)
	}
	for _, o := range append(append([]operand{}, d.slices...), d.captures...) {
		own[o.arg] = true
	}
	second, varying := dependents(roots, own), dependents(roots, x.steps())
	operands := map[*graph.Node]*graph.Node{}
	for i, p := range x.slices {
		operands[p] = x.parts.Slices[i]
	}
	for i, p := range x.captures {
		operands[p] = x.parts.Captures[i]
	}
	var out needed
	walkDown(roots, func(n *graph.Node) (into bool) {
		switch {
		case second[n]:
			return !own[n]
		case n == x.index:
		case operands[n] != nil && varying[n]:
			out.slices = append(out.slices, operand{n, operands[n]})
		case operands[n] != nil:
			out.captures = append(out.captures, operand{n, operands[n]})
		case n.Op.Name == "arg", varying[n] && !x.again() && rowOfCarry(n):
			out.kept = append(out.kept, n)
		case !dear(n) || x.wide[n] || x.again():
			return true
		case !varying[n]:
			out.fixed = append(out.fixed, n)
		default:
			out.kept = append(out.kept, n)
		}
		return false
	})
	return out
}

// rowOfCarry reports a lookup in a carry that takes less room than the carry: a
// row, say, of what a loop updates row by row.
func rowOfCarry(n *graph.Node) bool {
	if n.Op.Class != graph.GatherOp || n.Args[0].Type.Rank() <= n.Type.Rank() {
		return false
	}
	x := n.Args[0]
	for x.Op.Class == graph.MarkOp {
		x = x.Args[0]
	}
	return x.Op.Name == "arg"
}

// again reports whether all but the carries is to be computed again.
func (x *walk) again() bool {
	a, isScan := x.n.Attr.(graph.Scan)
	return isScan && a.Remat > 0
}

// steps are the parameters whose values differ from step to step.
func (x *walk) steps() map[*graph.Node]bool {
	out := map[*graph.Node]bool{x.index: true}
	for _, p := range append(append([]*graph.Node{}, x.carries...), x.slices...) {
		out[p] = true
	}
	return out
}

// walkDown visits what roots depend on, each node once, going on to operands
// where visit says so.
func walkDown(roots []*graph.Node, visit func(*graph.Node) bool) {
	seen := map[*graph.Node]bool{}
	var down func(n *graph.Node)
	down = func(n *graph.Node) {
		if seen[n] {
			return
		}
		seen[n] = true
		if visit(n) {
			for _, a := range n.Args {
				down(a)
			}
		}
	}
	for _, r := range roots {
		down(r)
	}
}

// dependents are the nodes that some of from enter.
func dependents(roots []*graph.Node, from map[*graph.Node]bool) map[*graph.Node]bool {
	out := map[*graph.Node]bool{}
	for _, n := range graph.Reachable(roots...) {
		out[n] = from[n]
		for _, a := range n.Args {
			out[n] = out[n] || out[a]
		}
	}
	return out
}

// dear reports whether a value is worth keeping: not a chain of element-wise
// operations, which costs less to compute again than to store and load, and not
// one whose shape only the step tells.
func dear(n *graph.Node) bool {
	switch n.Op.Class {
	case graph.LeafOp, graph.Elementwise, graph.ViewOp, graph.ReshapeOp, graph.ConcatOp, graph.MarkOp, graph.RegionOp, graph.GatherOp, graph.CheckOp:
		return false
	}
	for _, d := range n.Type.Shape {
		for _, v := range d.Vars() {
			if strings.HasPrefix(v, graph.TripMark) {
				return false
			}
		}
	}
	return true
}

// moving finds the carries, slices and captures of a loop that depend on what
// active marks among its operands. Only reals count.
func (x *walk) moving(active func(*graph.Node) bool) map[*graph.Node]bool {
	out := map[*graph.Node]bool{}
	mark := func(params, operands []*graph.Node) {
		for i, p := range params {
			out[p] = p.Type.Elem == graph.Real && active(operands[i])
		}
	}
	mark(x.carries, x.parts.Inits)
	mark(x.slices, x.parts.Slices)
	mark(x.captures, x.parts.Captures)
	for changed := true; changed; {
		changed = false
		on := dependents(x.results, out)
		for j, p := range x.carries {
			if !out[p] && p.Type.Elem == graph.Real && on[x.results[j]] {
				out[p], changed = true, true
			}
		}
	}
	return out
}
