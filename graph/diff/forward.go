package diff

import "github.com/gradgen/gradgen/graph"

// Push is forward mode: the tangents of ys, shaped like ys, from the tangents vs
// of xs. Nothing below xs is followed: each is a variable of its own.
func Push(b *graph.Builder, ys, xs, vs []*graph.Node) []*graph.Node {
	span, rule := b.Span, b.Rule
	defer func() { b.Span, b.Rule = span, rule }()
	tangents := map[*graph.Node]*graph.Node{}
	for i, x := range xs {
		tangents[x] = vs[i]
	}
	for _, n := range graph.Reachable(ys...) {
		if tangents[n] != nil || n.Type.Elem != graph.Real {
			continue
		}
		args, any := make([]*graph.Node, len(n.Args)), false
		for i, a := range n.Args {
			args[i] = tangents[a]
			any = any || args[i] != nil
		}
		if any {
			b.Span, b.Rule = n.Span, "tangent of "+n.Op.Name
			tangents[n] = push(b, n, args)
		}
	}
	out := make([]*graph.Node, len(ys))
	for i, y := range ys {
		if out[i] = tangents[y]; out[i] == nil {
			out[i] = b.Fill(0, y.Type)
		}
	}
	return out
}

// push applies the forward rule of one node; nil is a zero tangent.
func push(b *graph.Builder, n *graph.Node, args []*graph.Node) *graph.Node {
	if n.Op.Partials == nil {
		if n.Op.Pushforward == nil {
			return nil
		}
		return n.Op.Pushforward(b, n, args)
	}
	var sum *graph.Node
	for i, partial := range n.Op.Partials {
		if partial == nil || args[i] == nil {
			continue
		}
		p := partial(b, n.Args, n)
		if p == nil || isConst(p, 0) {
			continue
		}
		t := args[i]
		if !isConst(p, 1) {
			t = b.Mul(t, p)
		}
		if sum == nil {
			sum = t
		} else {
			sum = b.Add(sum, t)
		}
	}
	return sum
}
