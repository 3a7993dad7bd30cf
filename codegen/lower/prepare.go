package lower

import (
	"maps"
	"slices"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/ops"
	"github.com/gradgen/gradgen/graph/shape"
)

// contractOp is a recognised matrix product: it exists inside this package only.
var contractOp = &graph.Op{Name: "contract", Arity: 2, Class: graph.CompositeOp, Given: true}

// preparer copies a graph, turning sums of products into contractions whose
// operands are plain strided reads of stored nodes, and sums to a scalar into
// sums of sums, so that the inner ones join the kernels that make their operands.
type preparer struct {
	b      *graph.Builder
	memo   map[*graph.Node]*graph.Node
	forced map[*graph.Node]bool
	once   map[*graph.Node]bool // views that read each element once
	// Of the old graph: x → relu(x), and by how many nodes a node is read.
	relus   map[*graph.Node]*graph.Node
	sums    map[*graph.Node][]*graph.Node // x → sums of x
	readers map[*graph.Node]int
	pairs   *pairs
}

func (p *pass) prepare(roots []root) []root {
	table := maps.Clone(ops.Table())
	table[contractOp.Name], table[overlapOp.Name] = contractOp, overlapOp
	pr := &preparer{b: graph.NewBuilder(graph.New(), table), memo: map[*graph.Node]*graph.Node{},
		forced: map[*graph.Node]bool{}, once: map[*graph.Node]bool{}}
	p.ops, p.forced, p.once = table, pr.forced, pr.once
	out := make([]root, len(roots))
	roots = p.split(roots, table)
	pr.survey(roots)
	for param, x := range p.same {
		pr.memo[param] = pr.b.Typed(x.Op.Name, x.Attr, x.Type)
	}
	for i, r := range roots {
		out[i] = r
		out[i].node = pr.node(r.node)
		if r.over != nil && out[i].node.Op.Class == graph.LeafOp {
			out[i].node = pr.copied(out[i].node) // read before it is replaced
		}
	}
	return out
}

// copied is n as a value of its own.
func (pr *preparer) copied(n *graph.Node) *graph.Node {
	if n.Type.Elem == graph.Bool {
		return pr.b.Map("or", n, n)
	}
	return pr.b.Typed("stop", nil, n.Type, n)
}

// survey counts readers and remembers rectified values: relu(x) > 0 says the
// same as x > 0 and lets x be forgotten.
func (pr *preparer) survey(roots []root) {
	pr.relus, pr.readers = map[*graph.Node]*graph.Node{}, map[*graph.Node]int{}
	pr.sums = map[*graph.Node][]*graph.Node{}
	all := make([]*graph.Node, len(roots))
	for i, r := range roots {
		all[i] = r.node
		pr.readers[r.node]++
	}
	nodes, results := graph.Reachable(all...), map[*graph.Node]bool{}
	for _, n := range all {
		results[n] = true
	}
	pr.pairs = findPairs(nodes, results)
	for _, n := range nodes {
		switch n.Op.Name {
		case "relu":
			pr.relus[n.Args[0]] = n
		case "sum":
			pr.sums[n.Args[0]] = append(pr.sums[n.Args[0]], n)
		}
		for _, a := range n.Args {
			pr.readers[a]++
		}
	}
}

// node is n in the new graph.
func (pr *preparer) node(n *graph.Node) *graph.Node {
	if have, ok := pr.memo[n]; ok {
		return have
	}
	span, rule := pr.b.Span, pr.b.Rule
	out := pr.convert(n)
	pr.b.Span, pr.b.Rule = span, rule
	if out.Name == "" {
		out.Name = n.Name
	}
	pr.memo[n], pr.memo[out] = out, out
	return out
}

func (pr *preparer) convert(n *graph.Node) *graph.Node {
	pr.b.Span, pr.b.Rule = n.Span, n.Rule
	switch {
	case n.Op.Class == graph.MarkOp:
		return pr.node(n.Args[0])
	case n.Op.Name == "sum" && !pr.pairs.sparse[n] && !pr.pairs.passing[n]:
		if u := pr.unfold(n); u != nil {
			return pr.node(u)
		}
		if s := pr.multiple(n); s != nil {
			return s
		}
		if s := pr.distributed(n); s != nil {
			return s
		}
		if c := pr.contraction(n); c != nil {
			return c
		}
	}
	args := make([]*graph.Node, len(n.Args))
	for i, a := range n.Args {
		if y := pr.relus[a]; y != nil && n.Op.Name == "gt" && isZero(n.Args[1]) {
			a = y
		}
		args[i] = pr.node(a)
	}
	pr.b.Span, pr.b.Rule = n.Span, n.Rule
	if n.Op.Class == graph.ReduceOp {
		return pr.nested(n, pr.turned(n.Attr.(graph.Axes), args[0]))
	}
	if n.Op.Class == graph.GatherOp {
		args[0] = past(n, args)
	}
	if len(args) > 0 {
		if c := pr.permuted(n, args[0]); c != nil {
			return c
		}
	}
	copied := pr.b.Copy(n, args...)
	if n.Op.Class == graph.CompositeOp && n.Op.Expand != nil {
		return pr.node(n.Op.Expand(pr.b, copied))
	}
	return copied
}

// nested splits a reduction over rows and more: first within each row, then over
// the rows. The first part joins the kernel that makes its operand.
func (pr *preparer) nested(n, x *graph.Node) *graph.Node {
	axes := n.Attr.(graph.Axes)
	if long(n.Args[0]) {
		return pr.piecewise(n, x)
	}
	if len(axes) < 2 || axes[0] != 0 || x.Type.Shape[0].Is(1) {
		return pr.b.Typed(n.Op.Name, n.Attr, n.Type, x)
	}
	t := graph.Type{Elem: n.Type.Elem, Shape: append(x.Type.Shape[:1:1], n.Type.Shape...)}
	rows := pr.b.Typed(n.Op.Name, axes[1:], t, x)
	return pr.b.Typed(n.Op.Name, graph.Axes{0}, n.Type, rows)
}

// multiple is Σ c·x as c·Σ x, where the sum of x is asked for already; c is a scalar.
func (pr *preparer) multiple(n *graph.Node) *graph.Node {
	p := takeApart(n, 1)
	if p == nil || len(p.factors) != 1 || len(p.scalars) == 0 && p.number == 1 {
		return nil
	}
	f := p.factors[0]
	if !f.m.IsIdentity(len(p.ext)) || !shape.EqualShapes(f.n.Type.Shape, p.ext) {
		return nil
	}
	for _, s := range pr.sums[f.n] {
		if slices.Equal(s.Attr.(graph.Axes), n.Attr.(graph.Axes)) {
			return pr.epilogue(p, pr.node(s), nil, n)
		}
	}
	return nil
}

func isZero(n *graph.Node) bool { v, ok := n.Attr.(graph.Number); return ok && v == 0 }
