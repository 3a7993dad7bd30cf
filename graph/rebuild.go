package graph

import "slices"

// Transform makes a new graph of the old one, given the nodes that are needed,
// and tells where old nodes went: nil for those that are gone.
type Transform func(g *Graph, roots []*Node) (now *Graph, of func(*Node) *Node)

// Rebuild replaces every graph of the program by what f makes of it.
func (p *Program) Rebuild(f Transform) {
	for _, at := range p.Places() {
		var nodes []**Node
		for _, r := range slices.Concat(at.Groups...) {
			nodes = append(nodes, r.At)
			for i := range r.checks() {
				nodes = append(nodes, &(*r.Checks)[i])
			}
		}
		replace(f, at.G, nodes)
	}
}

// Places is where a graph is kept, and where nodes of it are: together what is
// computed together.
type Places struct {
	G      **Graph
	Groups [][]Root
}

// Root is where a node is kept, and what is checked with it; nil where nothing
// can be.
type Root struct {
	At     **Node
	Checks *[]*Node
}

func (r Root) checks() []*Node {
	if r.Checks == nil {
		return nil
	}
	return *r.Checks
}

// Places lists the graphs of a program.
func (p *Program) Places() []Places {
	var out []Places
	for _, m := range p.Models {
		out = append(out, m.places()...)
	}
	for _, fn := range p.Funcs {
		out = append(out, Places{&fn.G, [][]Root{values(fn.Args, fn.Results)}})
	}
	return out
}

func (m *Model) places() (out []Places) {
	leaves := values(m.Inputs, m.Constrained)
	own := [][]*Param{m.Params, m.States}
	if m.Base != nil {
		own = nil
	}
	for _, ps := range own {
		for _, p := range ps {
			leaves = append(leaves, Root{At: &p.Node})
			if p.Init.Value != nil {
				g := isolated(&p.Init.Value)
				out = append(out, Places{&g, [][]Root{{{At: &p.Init.Value}}}})
			}
		}
	}
	out = append(out, Places{&m.Predict.G, append([][]Root{leaves}, m.Predict.groups(false)...)}, Places{&m.Train.G, m.Train.groups(true)})
	for _, r := range m.Rules {
		roots := []Root{{At: &r.P}}
		for i := range r.States {
			roots = append(roots, Root{At: &r.States[i].Next})
		}
		out = append(out, Places{&r.G, [][]Root{roots}})
	}
	return out
}

// groups are what a call of Predict, Evaluate and Reset computes, or a training
// step; with several losses these stand apart.
func (b *Body) groups(training bool) [][]Root {
	var next, start []Root
	for _, c := range b.Carries {
		next = append(next, Root{&c.Next, &c.Checks})
		start = append(start, Root{At: &c.Leaf}, Root{At: &c.Init})
	}
	outputs, losses := values(b.Outputs), values(b.Metrics, b.Losses, b.Updates, b.Grads)
	if !training {
		return [][]Root{append(outputs, next...), losses, start}
	}
	if len(b.Losses) < 2 {
		return [][]Root{outputs, append(losses, next...), start}
	}
	out := [][]Root{outputs, append(values(b.Metrics, b.Updates, b.Grads), next...), start}
	for _, loss := range b.Losses {
		out = append(out, values([]*Value{loss}))
	}
	return out
}

func values(lists ...[]*Value) []Root {
	var out []Root
	for _, vs := range lists {
		for _, v := range vs {
			out = append(out, Root{&v.Node, &v.Checks})
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

// Owns reports whether a node belongs to a graph.
func (g *Graph) Owns(n *Node) bool { return g.owns(n) }

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
