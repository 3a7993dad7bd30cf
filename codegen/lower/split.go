package lower

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// A sum of terms with limits of their own, as of what goes along the edges into a
// node and out of it, is one sum for each of them:
//
//	Σ v: where(dst[e] == v, a[v], 0) + where(src[e] == v, b[v], 0)
//
// Together they are neutral nowhere.

// split takes such sums apart, in a copy of the graph.
func (p *pass) split(roots []root, table map[string]*graph.Op) []root {
	all := make([]*graph.Node, len(roots))
	for i, r := range roots {
		all[i] = r.node
	}
	nodes := graph.Reachable(all...)
	may, terms := compared(nodes), map[*graph.Node][][]term{}
	for _, n := range nodes {
		if n.Op.Name == "sum" && may[n] {
			if ts := limitedTerms(n, may); len(ts) > 1 {
				terms[n] = ts
			}
		}
	}
	if len(terms) == 0 {
		return roots
	}
	c := &splitter{b: graph.NewBuilder(graph.New(), table), terms: terms, copies: map[*graph.Node]*graph.Node{}}
	for _, n := range nodes {
		c.copies[n] = c.copy(n)
	}
	same := map[*graph.Node]*graph.Node{}
	for param, x := range p.same {
		if c.copies[param] != nil {
			same[c.copies[param]] = x
		}
	}
	p.same = same
	out := append([]root{}, roots...)
	for i := range out {
		out[i].node = c.copies[out[i].node]
	}
	return out
}

// limitedTerms groups the terms that n sums by their limits, if not n as a whole but
// one of them has few places.
func limitedTerms(n *graph.Node, may map[*graph.Node]bool) (groups [][]term) {
	if len(couples(limitsOf(n, may))) > 0 {
		return nil
	}
	at, few := map[string]int{}, false
	for _, t := range addends(term{n: n.Args[0], place: identity(n.Args[0].Type.Shape)}) {
		key := ""
		if lims := limitsAt(n, t.n, t.place, may); len(couples(lims)) > 0 {
			few = true
			for _, l := range lims {
				key += placeKey(l.n, l.at) + ";"
			}
		}
		k, ok := at[key]
		if !ok {
			k, groups = len(groups), append(groups, nil)
			at[key] = k
		}
		groups[k] = append(groups[k], t)
	}
	if !few {
		return nil
	}
	return groups
}

// term is one of what is added up: n, read through views, the outer one first.
type term struct {
	n     *graph.Node
	place []shape.Dim
	views []*graph.Node
}

// addends takes a sum apart, through views that are 0 outside.
func addends(t term) []term {
	v, view := t.n.Attr.(graph.View)
	switch {
	case t.n.Op.Name == "add":
		return append(addends(term{t.n.Args[0], t.place, t.views}), addends(term{t.n.Args[1], t.place, t.views})...)
	case view && t.n.Op.Class == graph.ViewOp && (len(v.Map.Guard) == 0 || v.Fill == 0):
		inner := addends(term{t.n.Args[0], (&limiter{}).below(t.n, t.place), append(t.views[:len(t.views):len(t.views)], t.n)})
		if len(inner) > 1 {
			return inner
		}
	}
	return []term{t}
}

type splitter struct {
	b      *graph.Builder
	terms  map[*graph.Node][][]term
	copies map[*graph.Node]*graph.Node
}

func (c *splitter) copy(n *graph.Node) *graph.Node {
	c.b.Span, c.b.Rule = n.Span, n.Rule
	var out *graph.Node
	if terms := c.terms[n]; terms != nil {
		for _, group := range terms {
			x := c.read(group[0])
			for _, t := range group[1:] {
				x = c.b.Add(x, c.read(t))
			}
			out = c.plus(out, c.b.Sum(x, n.Attr.(graph.Axes)...))
		}
	} else {
		args := make([]*graph.Node, len(n.Args))
		for i, a := range n.Args {
			args[i] = c.copies[a]
		}
		out = c.b.Copy(n, args...)
	}
	if out.Name == "" {
		out.Name = n.Name
	}
	return out
}

func (c *splitter) read(t term) *graph.Node {
	x := c.copies[t.n]
	for i := len(t.views) - 1; i >= 0; i-- {
		x = c.b.View(x, t.views[i].Attr.(graph.View).Map, 0, t.views[i].Type.Shape)
	}
	return x
}

func (c *splitter) plus(a, b *graph.Node) *graph.Node {
	if a == nil {
		return b
	}
	return c.b.Add(a, b)
}
