package graph

// Transform makes a new graph of the old one, given the nodes that are needed,
// and tells where old nodes went: nil for those that are gone.
type Transform func(g *Graph, roots []*Node) (now *Graph, of func(*Node) *Node)

// Rebuild replaces every graph of the program by what f makes of it.
func (p *Program) Rebuild(f Transform) {
	for _, m := range p.Models {
		m.rebuild(f)
	}
	for _, fn := range p.Funcs {
		replace(f, &fn.G, values(fn.Args, fn.Results))
	}
}

func (m *Model) rebuild(f Transform) {
	leaves := values(m.Inputs, m.Constrained)
	own := [][]*Param{m.Params, m.States}
	if m.Base != nil {
		own = nil
	}
	for _, ps := range own {
		for _, p := range ps {
			leaves = append(leaves, &p.Node)
			if p.Init.Value != nil {
				g := isolated(&p.Init.Value)
				replace(f, &g, []**Node{&p.Init.Value})
			}
		}
	}
	replace(f, &m.Predict.G, append(leaves, m.Predict.values()...))
	replace(f, &m.Train.G, m.Train.values())
	for _, r := range m.Rules {
		roots := []**Node{&r.P}
		for i := range r.States {
			roots = append(roots, &r.States[i].Next)
		}
		replace(f, &r.G, roots)
	}
}

func (b *Body) values() []**Node {
	out := values(b.Outputs, b.Metrics, b.Losses, b.Updates, b.Grads)
	for _, c := range b.Carries {
		out = append(out, &c.Leaf, &c.Init, &c.Next)
	}
	return out
}

func values(lists ...[]*Value) []**Node {
	var out []**Node
	for _, vs := range lists {
		for _, v := range vs {
			out = append(out, &v.Node)
		}
	}
	return out
}

// replace transforms one graph and the places that point into it. A leaf that
// stands for something declared may belong to no graph yet; it stays.
func replace(f Transform, g **Graph, at []**Node) {
	var roots []*Node
	for _, n := range at {
		if (*g).owns(*n) {
			roots = append(roots, *n)
		}
	}
	now, of := f(*g, roots)
	for _, n := range at {
		if (*g).owns(*n) {
			*n = of(*n)
		}
	}
	*g = now
}

func (g *Graph) owns(n *Node) bool { return n.ID < len(g.Nodes) && g.Nodes[n.ID] == n }

// Owns reports whether a node belongs to the graph that b builds.
func (b *Builder) Owns(n *Node) bool { return b.G.owns(n) }

// isolated moves a node with all it depends on into a graph of its own.
func isolated(at **Node) *Graph {
	b, now := &Builder{G: New()}, map[*Node]*Node{}
	for _, n := range Reachable(*at) {
		args := make([]*Node, len(n.Args))
		for i, a := range n.Args {
			args[i] = now[a]
		}
		now[n] = b.Copy(n, args...)
	}
	*at = now[*at]
	return b.G
}
