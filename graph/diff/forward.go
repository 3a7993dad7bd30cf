package diff

import "github.com/gradgen/gradgen/graph"

// Push is forward mode: the tangents of ys, shaped like ys, from the tangents vs
// of xs. Nothing below xs is followed: each is a variable of its own.
func Push(b *graph.Builder, ys, xs, vs []*graph.Node) []*graph.Node {
	return push(b, ys, xs, vs, newCommon(b.G))
}

// pushing is one pass of forward mode.
type pushing struct {
	b        *graph.Builder
	tangents map[*graph.Node]*graph.Node // nil: zero
	names    *common
}

func push(b *graph.Builder, ys, xs, vs []*graph.Node, names *common) []*graph.Node {
	span, rule := b.Span, b.Rule
	defer func() { b.Span, b.Rule = span, rule }()
	p := &pushing{b, map[*graph.Node]*graph.Node{}, names}
	for i, x := range xs {
		p.tangents[x] = vs[i]
	}
	for _, n := range graph.Reachable(ys...) {
		p.node(n)
	}
	out := make([]*graph.Node, len(ys))
	for i, y := range ys {
		if out[i] = p.tangents[y]; out[i] == nil {
			out[i] = b.Fill(0, y.Type)
		}
	}
	return out
}

// node finds the tangent of a node whose operands have theirs.
func (p *pushing) node(n *graph.Node) {
	args, any := make([]*graph.Node, len(n.Args)), false
	for i, a := range n.Args {
		args[i] = p.tangents[a]
		any = any || args[i] != nil
	}
	p.b.Span, p.b.Rule = n.Span, "tangent of "+n.Op.Name
	switch {
	case p.tangents[n] != nil || !any:
	case n.Op.Stated:
		p.stated(n)
	case n.Op.Class == graph.RegionOp:
		p.owner(n)
	case n.Type.Elem == graph.Real:
		p.tangents[n] = forward(p.b, n, args)
	}
}

// forward applies the forward rule of one node; nil is a zero tangent.
func forward(b *graph.Builder, n *graph.Node, args []*graph.Node) *graph.Node {
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
