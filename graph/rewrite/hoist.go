package rewrite

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/ops"
	"github.com/gradgen/gradgen/graph/shape"
)

// dear reports whether a node is more than element-wise work.
func dear(n *graph.Node) bool {
	switch n.Op.Class {
	case graph.ReduceOp, graph.ArgReduceOp, graph.RowOp, graph.CallOp, graph.CompositeOp, graph.ScatterOp:
		return true
	}
	return false
}

// hoist moves out of the loop what no carry enters: before it where the step
// does not matter, and else for all steps at once: x[:, t] @ W is one product.
func (l *loop) hoist() {
	carried, stepping := map[*graph.Node]bool{}, map[*graph.Node]bool{l.index: true}
	for _, c := range l.carries {
		carried[c.arg] = true
	}
	for _, s := range l.slices {
		stepping[s.arg] = true
	}
	carried, stepping = enters(l.roots(), carried), enters(l.roots(), stepping)
	instead := map[*graph.Node]*graph.Node{}
	seen := map[*graph.Node]bool{}
	var down func(n *graph.Node)
	down = func(n *graph.Node) {
		if seen[n] {
			return
		}
		seen[n] = true
		if !carried[n] && dear(n) && !(stepping[n] && ops.Wide(n)) {
			if out := l.outside(n, stepping[n]); out != nil {
				instead[n] = out
				return
			}
		}
		for _, a := range n.Args {
			down(a)
		}
	}
	for _, r := range l.roots() {
		down(r)
	}
	l.replace(instead)
}

// enters marks the nodes that some of from enter.
func enters(roots []*graph.Node, from map[*graph.Node]bool) map[*graph.Node]bool {
	out := map[*graph.Node]bool{}
	for _, n := range graph.Reachable(roots...) {
		out[n] = from[n]
		for _, a := range n.Args {
			out[n] = out[n] || out[a]
		}
	}
	return out
}

// outside computes a node before the loop and gives its parameter.
func (l *loop) outside(n *graph.Node, stepping bool) *graph.Node {
	lifted, fixed := l.maps()
	if !stepping {
		now := map[*graph.Node]*graph.Node{}
		for k, v := range fixed {
			now[k] = v
		}
		return l.capture(l.b.CopyAll([]*graph.Node{n}, now, nil)[0])
	}
	if !l.spacious() {
		return nil
	}
	out, ok := l.b.Lift([]*graph.Node{n}, l.attr.Trip, lifted, fixed)
	if !ok {
		return nil
	}
	return l.slice(out[0])
}

// maps give what the parameters stand for, for all steps.
func (l *loop) maps() (lifted, fixed map[*graph.Node]*graph.Node) {
	lifted, fixed = map[*graph.Node]*graph.Node{}, map[*graph.Node]*graph.Node{}
	lifted[l.index] = l.b.IndexValue(shape.Idx(0), []shape.Dim{l.attr.Trip})
	for _, s := range l.slices {
		lifted[s.arg] = s.value
	}
	for _, c := range l.captures {
		fixed[c.arg] = c.value
	}
	return lifted, fixed
}
