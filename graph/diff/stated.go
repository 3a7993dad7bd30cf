package diff

import "github.com/gradgen/gradgen/graph"

// targets are what a value with a stated derivative depends on, and the
// placeholders for their tangents in its tangent.
func targets(n *graph.Node) (xs, placeholders []*graph.Node) {
	rest := n.Args[2:]
	return rest[:len(rest)/2], rest[len(rest)/2:]
}

// stated hands the cotangent of a value with a stated derivative to what it
// depends on: the tangent is linear in its placeholders, so their cotangents,
// wherever they are taken, are those of the targets.
func (s *sweep) stated(n *graph.Node, ct graph.Cotangent) {
	xs, placeholders := targets(n)
	inner := newSweep(s.b, n.Args[1:2], placeholders)
	inner.names, inner.bare = s.names, s.bare
	inner.from(n.Args[1], ct)
	for i, d := range placeholders {
		s.give(xs[i], inner.adjoint(d))
	}
}

// stated puts the tangents of the targets in the place of the placeholders.
func (p *pushing) stated(n *graph.Node) {
	xs, placeholders := targets(n)
	now := map[*graph.Node]*graph.Node{}
	for i, d := range placeholders {
		now[d] = p.tangents[xs[i]]
		if now[d] == nil {
			now[d] = p.b.Fill(0, d.Type)
		}
	}
	for _, m := range graph.Reachable(n.Args[1]) {
		if now[m] != nil {
			continue
		}
		args, changed := make([]*graph.Node, len(m.Args)), false
		for i, a := range m.Args {
			args[i] = now[a]
			changed = changed || args[i] != a
		}
		if now[m] = m; changed {
			now[m] = p.b.Copy(m, args...)
		}
	}
	p.tangents[n] = now[n.Args[1]]
}
