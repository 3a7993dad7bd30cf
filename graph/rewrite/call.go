package rewrite

import (
	"fmt"
	"maps"
	"slices"

	"github.com/gradgen/gradgen/graph"
)

// called is the region of calls of which certain values are read, simplified.
type called struct {
	region *graph.Region
	params []int          // of the old region, those that are left
	values map[int]*value // by number in the old region
}

// value is what a value of a call has become: one of its values, an argument of the
// old call, or a constant.
type value struct {
	result, argument int // -1: it is none
	constant         *graph.Node
}

// call brings a call over.
func (e *engine) call(n *graph.Node, args []*graph.Node) []*graph.Node {
	used := slices.Sorted(maps.Keys(e.used[n]))
	key := fmt.Sprint(n.Regions[0].Key(), used)
	c := e.calls[key]
	if c == nil {
		c = e.simplified(n.Regions[0], used)
		e.calls[key] = c
	}
	out := make([]*graph.Node, len(n.Regions[0].Results))
	var owner *graph.Node
	if len(c.region.Results) > 0 {
		operands := make([]*graph.Node, len(c.params))
		for i, k := range c.params {
			operands[i] = args[k]
		}
		owner = e.b.Region("call", graph.Callee{Name: n.Attr.(graph.Callee).Name}, n.Type, []*graph.Region{c.region}, operands...)
	}
	for k, v := range c.values {
		switch {
		case v.constant != nil:
			out[k] = e.b.Copy(v.constant)
		case v.argument >= 0:
			out[k] = args[v.argument]
		default:
			out[k] = e.b.Result(owner, v.result)
		}
	}
	return out
}

// simplified is the region of a call with the results that are used.
func (e *engine) simplified(r *graph.Region, used []int) *called {
	in := newEngine(e.expand, e.inexact)
	in.calls = e.calls
	roots := slices.Clone(r.Params)
	for _, k := range used {
		roots = append(roots, r.Results[k])
	}
	in.load(roots)
	out := in.results(roots)
	params, c := out[:len(r.Params)], &called{values: map[int]*value{}}
	var results, kept []*graph.Node
	for i, k := range used {
		n, v := out[len(params)+i], &value{-1, -1, nil}
		switch at := slices.Index(params, n); {
		case at >= 0:
			v.argument = at
		case n.Op.Name == "const":
			v.constant = n
		default:
			if v.result = slices.Index(results, n); v.result < 0 {
				v.result, results = len(results), append(results, n)
			}
		}
		c.values[k] = v
	}
	needed := graph.Reachable(results...)
	for i, p := range params {
		if slices.Contains(needed, p) {
			c.params, kept = append(c.params, i), append(kept, p)
		}
	}
	c.region = in.clean.Close(kept, results, nil)
	return c
}

// merged finds calls whose values another call yields too: that of a derivative,
// which computes its function again. It is taken for both where it does not need
// what the first one gives.
func merged(nodes []*graph.Node) map[*graph.Node]*graph.Node {
	first := map[string]*graph.Node{}
	name := func(region string, args []*graph.Node) string {
		for _, a := range args {
			region += fmt.Sprint(" ", a.ID)
		}
		return region
	}
	for _, n := range nodes {
		if _, isCall := n.Attr.(graph.Callee); isCall {
			first[name(n.Regions[0].Key(), n.Args)] = n
		}
	}
	instead := map[*graph.Node]*graph.Node{}
	for _, n := range nodes {
		c, isCall := n.Attr.(graph.Callee)
		if !isCall || c.Of == "" {
			continue
		}
		for k := range len(n.Args) + 1 {
			if f := first[name(c.Of, n.Args[:k])]; f != nil && instead[f] == nil && !needs(n, f, instead) {
				instead[f] = n
			}
		}
	}
	return instead
}

// needs reports whether n depends on f, calls that are replaced being so.
func needs(n, f *graph.Node, instead map[*graph.Node]*graph.Node) bool {
	return slices.Contains(inOrder([]*graph.Node{n}, instead), f)
}

// inOrder lists what roots depend on, operands first, where calls are replaced.
func inOrder(roots []*graph.Node, instead map[*graph.Node]*graph.Node) (out []*graph.Node) {
	seen := map[*graph.Node]bool{}
	var visit func(n *graph.Node)
	visit = func(n *graph.Node) {
		for instead[n] != nil {
			n = instead[n]
		}
		if seen[n] {
			return
		}
		seen[n] = true
		for _, a := range n.Args {
			visit(a)
		}
		out = append(out, n)
	}
	for _, r := range roots {
		visit(r)
	}
	return out
}
