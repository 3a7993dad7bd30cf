// Package rewrite simplifies graphs by rules that are rows in tables: a pattern,
// a guard, a replacement, and whether the row is exact. It runs when derivatives
// have been taken.
//
// For the derivative of sum(x * x) the rules "x·1", "view of a constant" and
// dead-node removal leave of
//
//	%3 = const {1} : real
//	%4 = view %3 {[]} : real [n]
//	%5 = mul %4 %0 : real [n]
//	%6 = add %5 %5 : real [n]
//
// the graph
//
//	%1 = add %0 %0 : real [n]
package rewrite

import (
	"sync"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/ops"
)

// Rule is one row: From becomes To, or what Make makes of a node of one of the
// operators On; nil means that it does not apply. If is a further condition on
// what the letters of From have matched.
type Rule struct {
	Name     string
	From, To string
	If       func(b *graph.Builder, x map[string]*graph.Node) bool
	On       []string
	Make     func(b *graph.Builder, n *graph.Node) *graph.Node
	Exact    bool // finite operands give the same numbers, or more accurate ones

	from, to *pattern
}

// Rules are all rows, the exact ones first.
func Rules() []*Rule { return append(append(append([]*Rule{}, algebra...), structure...), loose...) }

// Program simplifies every graph of a program: marks go, rules apply, nodes
// that nothing needs disappear.
func Program(p *graph.Program) { p.Rebuild(transform(false)) }

// Expand replaces composites by simpler operators and simplifies again.
func Expand(p *graph.Program) { p.Rebuild(transform(true)) }

// Nodes simplifies what some nodes depend on into a new graph, with the loose
// rules too if asked, and returns them in it.
func Nodes(roots []*graph.Node, expand, inexact bool) []*graph.Node {
	e := newEngine(expand, inexact)
	e.load(roots)
	return e.results(roots)
}

func transform(expand bool) graph.Transform {
	return func(_ *graph.Graph, roots []*graph.Node) (*graph.Graph, func(*graph.Node) *graph.Node) {
		e := newEngine(expand, false)
		e.load(roots)
		now := map[*graph.Node]*graph.Node{}
		out := e.results(roots)
		for i, n := range roots {
			now[n] = out[i]
		}
		return e.clean.G, func(n *graph.Node) *graph.Node { return now[n] }
	}
}

// index holds the rules by the operator at their root, parsed once.
var index = sync.OnceValue(func() map[string][]*Rule {
	out := map[string][]*Rule{}
	for _, r := range Rules() {
		on := r.On
		if r.From != "" {
			r.from, r.to = parse(r.From), parse(r.To)
			on = []string{r.from.op}
		}
		for _, name := range on {
			out[name] = append(out[name], r)
		}
	}
	return out
})

// engine simplifies bottom-up into a scratch graph, each node once.
type engine struct {
	b, clean *graph.Builder
	rules    map[string][]*Rule
	inexact  bool
	expand   bool
	now      map[*graph.Node]*graph.Node // old node → simplified
	normal   map[*graph.Node]*graph.Node // scratch node → simplified
	fired    map[*Rule]bool
	used     map[*graph.Node]map[int]bool  // values of old loops that are read
	values   map[*graph.Node][]*graph.Node // old loop → its values
	instead  map[*graph.Node]*graph.Node   // old calls whose values another yields too
	calls    map[string]*called            // regions of calls, by their keys and what is read
}

func newEngine(expand, inexact bool) *engine {
	return &engine{
		b: ops.NewBuilder(graph.New()), clean: ops.NewBuilder(graph.New()),
		rules: index(), inexact: inexact, expand: expand,
		now:    map[*graph.Node]*graph.Node{},
		normal: map[*graph.Node]*graph.Node{},
		fired:  map[*Rule]bool{},
		used:   map[*graph.Node]map[int]bool{},
		values: map[*graph.Node][]*graph.Node{},
		calls:  map[string]*called{},
	}
}

// old brings a node of the old graph over; its operands have been.
func (e *engine) old(n *graph.Node) {
	args := make([]*graph.Node, len(n.Args))
	for i, a := range n.Args {
		args[i] = e.now[a]
	}
	switch n.Op.Class {
	case graph.RegionOp:
		e.owner(n, args)
	case graph.ResultOp:
		e.now[n] = e.simplify(e.values[e.ownerOf(n)][n.Attr.(graph.Count)])
	default:
		e.now[n] = e.simplify(e.b.Copy(n, args...))
	}
}

// simplify applies rules until none does. What a rule made is simplified from
// its operands up. A node that comes round again stays as it is.
func (e *engine) simplify(n *graph.Node) *graph.Node {
	if done, ok := e.normal[n]; ok {
		return done
	}
	e.normal[n] = n
	from := n
	args, changed := make([]*graph.Node, len(n.Args)), false
	for i, a := range n.Args {
		args[i] = e.simplify(a)
		changed = changed || args[i] != a
	}
	out := n
	if changed {
		out = e.simplify(e.b.Copy(n, args...))
	} else if r := e.apply(n); r != nil && r != n {
		out = e.simplify(r)
	}
	if out.Name == "" && out.Op.Class != graph.LeafOp {
		out.Name = from.Name
	}
	e.normal[from], e.normal[out] = out, out
	return out
}

// apply is what the first rule that matches makes of n, nil if none does.
func (e *engine) apply(n *graph.Node) *graph.Node {
	e.b.Span, e.b.Rule = n.Span, n.Rule
	if e.expand && n.Op.Expand != nil {
		return n.Op.Expand(e.b, n)
	}
	for _, r := range e.rules[n.Op.Name] {
		if !r.Exact && !e.inexact {
			continue
		}
		if out := r.apply(e.b, n); out != nil && out != n {
			e.fired[r] = true
			return out
		}
	}
	return nil
}

func (r *Rule) apply(b *graph.Builder, n *graph.Node) *graph.Node {
	if r.Make != nil {
		return r.Make(b, n)
	}
	x := bound{}
	if !r.from.match(n, x) || r.If != nil && !r.If(b, x) {
		return nil
	}
	return r.to.build(b, x, n.Type)
}

// results copies what roots need into the clean graph.
func (e *engine) results(roots []*graph.Node) []*graph.Node {
	out := make([]*graph.Node, len(roots))
	for i, n := range roots {
		out[i] = e.now[n]
	}
	copied := map[*graph.Node]*graph.Node{}
	for _, n := range graph.Reachable(out...) {
		args := make([]*graph.Node, len(n.Args))
		for i, a := range n.Args {
			args[i] = copied[a]
		}
		copied[n] = e.clean.Copy(n, args...)
	}
	for i, n := range out {
		out[i] = copied[n]
	}
	return out
}
