package demand

import (
	"slices"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// owner hands on what the bodies of a loop or branch need. Loops need all of
// the values these have.
func (a *analysis) owner(n *graph.Node) {
	p := n.Parts()
	switch at := n.Attr.(type) {
	case graph.Scan:
		a.scan(n, at, p)
	case graph.While:
		a.entire(n, 0)
		a.entire(n, 1)
		a.all(n.Args)
	case graph.Callee:
		a.call(n)
	default:
		for k, y := range n.Regions[0].Results {
			if g := a.values[n][k]; g != nil {
				a.give(p.Cond, a.whole(g, y.Type.Shape, graph.AllAxes(y.Type.Rank()), nil))
			}
		}
		a.side(n, 0, p)
		a.side(n, 1, p)
	}
}

// body begins the analysis of a region of n.
func (a *analysis) body(n *graph.Node, k int) *analysis {
	r := n.Regions[k]
	in := newAnalysis(r.Body)
	in.calls = a.calls
	for i, p := range r.Params {
		x := argument(n, i)
		in.checked[p] = x != nil && a.after(x)
	}
	a.inner[r] = in
	return in
}

// entire needs all of the results of a region of n.
func (a *analysis) entire(n *graph.Node, k int) *analysis {
	in := a.body(n, k)
	in.all(n.Regions[k].Results)
	in.run(graph.Reachable(n.Regions[k].Results...))
	return in
}

// argument is the operand of n that parameter i of its regions stands for, nil
// for the step of a scan.
func argument(n *graph.Node, i int) *graph.Node {
	switch n.Attr.(type) {
	case graph.Scan:
		i-- // the step
	case graph.While, graph.Callee:
	default:
		i++ // the condition
	}
	if i < 0 {
		return nil
	}
	return n.Args[i]
}

// mostCalls is how many calls in one another are looked into.
const mostCalls = 2000

// call needs of its arguments what its body needs of them. The body has no checks
// and stays as it is; where there are too many calls to look into, all is needed.
func (a *analysis) call(n *graph.Node) {
	if !slices.ContainsFunc(n.Args, a.after) {
		return
	}
	if *a.calls++; *a.calls > mostCalls {
		a.all(n.Args)
		return
	}
	for i, g := range a.way(n, 0, n.Args) {
		a.give(n.Args[i], g)
	}
	delete(a.inner, n.Regions[0])
}

// side is one side of a branch, whose needs hold where the condition chooses it.
func (a *analysis) side(n *graph.Node, k int, p graph.Loop) {
	for i, g := range a.way(n, k, p.Captures) {
		x := p.Captures[i]
		a.give(x, g.under(literal{a.b.Broadcast(p.Cond, x.Type.Shape), k == 1}))
	}
}

// way is what a body that runs once needs of its operands: of its results it needs
// what is needed of the values of n.
func (a *analysis) way(n *graph.Node, k int, operands []*graph.Node) (needs []guard) {
	in, r := a.body(n, k), n.Regions[k]
	outside := map[*graph.Node]*graph.Node{}
	for i, param := range r.Params {
		outside[param] = operands[i]
	}
	for i, y := range r.Results {
		g := a.values[n][i]
		if len(g) > 0 && !g.isAlways() {
			c := g.node(a.b, y.Type.Shape, nil)
			param := in.b.Arg(len(r.Params)+len(in.taken), c.Type)
			in.taken, outside[param] = append(in.taken, param), c
			g = guard{conj{{param, false}}}
		}
		in.give(y, g)
	}
	in.run(graph.Reachable(r.Results...))
	for _, param := range r.Params {
		needs = append(needs, in.needs[param].each(func(c *graph.Node) *graph.Node {
			if checksWithin(c) {
				return nil
			}
			return a.b.CopyAll([]*graph.Node{c}, outside, nil)[0]
		}))
	}
	return needs
}

// checksWithin reports whether a condition of a body comes after a check in it.
func checksWithin(c *graph.Node) bool { return slices.ContainsFunc(graph.Reachable(c), checks) }

// each replaces the nodes of a guard; nil for one of them leaves it out, so that
// the guard holds at more places.
func (g guard) each(f func(*graph.Node) *graph.Node) guard {
	var out guard
	for _, c := range g {
		d, ok := conj{}, true
		for _, l := range c {
			if n := f(l.n); n != nil && ok {
				d, ok = d.with(literal{n, l.not})
			}
		}
		if ok {
			out = out.add(d)
		}
	}
	return out
}

// scan needs all of what is carried; of slices and captures what some step
// needs, as far as conditions can be told for all steps at once.
func (a *analysis) scan(n *graph.Node, at graph.Scan, p graph.Loop) {
	in := a.entire(n, 0)
	a.all(p.Inits)
	if p.Count != nil {
		a.all([]*graph.Node{p.Count})
	}
	params := n.Regions[0].Params
	slicesOf := params[1+at.Carries : 1+at.Carries+at.Slices]
	captured := params[1+at.Carries+at.Slices:]
	if at.Counted { // its steps are no axis before it runs
		a.all(p.Slices)
		a.all(p.Captures)
		return
	}
	steps := []shape.Dim{at.Trip}
	lifted := map[*graph.Node]*graph.Node{params[0]: a.b.IndexValue(shape.Idx(0), steps)}
	fixed := map[*graph.Node]*graph.Node{}
	for i, s := range slicesOf {
		lifted[s] = p.Slices[i]
	}
	for i, c := range captured {
		fixed[c] = p.Captures[i]
	}
	forAll := func(g guard) guard {
		return g.each(func(c *graph.Node) *graph.Node {
			if checksWithin(c) {
				return nil
			}
			if out, ok := a.b.Lift([]*graph.Node{c}, at.Trip, lifted, fixed); ok {
				return out[0]
			}
			return nil
		})
	}
	for i, s := range slicesOf {
		a.give(p.Slices[i], forAll(in.needs[s]))
	}
	for i, c := range captured {
		a.give(p.Captures[i], a.first(forAll(in.needs[c]), append(slices.Clone(steps), c.Type.Shape...)))
	}
}

// first is where a guard over ext holds for some index of the first axis.
func (a *analysis) first(g guard, ext []shape.Dim) guard {
	rank := len(ext) - 1
	m := shape.Map{In: []shape.Dim{shape.Idx(rank)}}
	for k := range rank {
		m.In = append(m.In, shape.Idx(k))
	}
	last := append(slices.Clone(ext[1:]), ext[0])
	return a.some(a.through(g, m, last), last, graph.Axes{rank})
}
