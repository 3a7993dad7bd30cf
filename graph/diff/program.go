package diff

import (
	"slices"
	"strconv"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/ops"
)

// Program takes all derivatives a program asks for: it replaces every node of
// class DerivOp, innermost first, and fills Train.Grads with the gradients of
// each loss by the parameters it trains.
func Program(p *graph.Program) {
	p.Rebuild(resolve)
	for _, m := range p.Models {
		if len(m.Train.Losses) > 0 {
			m.Train.Grads = lossGradients(m)
		}
	}
}

// lossGradients differentiates each loss by every parameter its rules update.
func lossGradients(m *graph.Model) []*graph.Value {
	b := ops.NewBuilder(m.Train.G)
	var out []*graph.Value
	for _, loss := range m.Train.Losses {
		var xs []*graph.Node
		from := len(out)
		for _, i := range trained(m, loss.Name) {
			p := m.Params[i]
			xs = append(xs, b.Leaf(p.Node.Op.Name, p.Path, p.Node.Type))
			out = append(out, &graph.Value{Name: p.Path, Span: p.Span, Loss: loss.Name})
		}
		for i, g := range Grad(b, loss.Node, xs) {
			out[from+i].Node = g
		}
	}
	return out
}

// trained lists the parameters that occur in rules for a loss, ascending.
func trained(m *graph.Model, loss string) []int {
	var out []int
	for _, r := range m.Rules {
		if r.Loss == loss {
			out = append(out, r.Params...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// resolver rebuilds a graph without derivatives still to be taken.
type resolver struct {
	b     *graph.Builder
	now   map[*graph.Node]*graph.Node   // old node → new node
	asked map[string][]*graph.Node      // derivatives that are taken together
	owned map[*graph.Node][]*graph.Node // old loop → its values

	places map[*graph.Node]*graph.Node // directions → what stands for one of them
	names  *common
}

// resolve visits operands first, so that a derivative of a derivative finds the
// inner one already taken.
func resolve(g *graph.Graph, _ []*graph.Node) (*graph.Graph, func(*graph.Node) *graph.Node) {
	r := newResolver(ops.NewBuilder(graph.New()), newCommon(g))
	r.all(g)
	return r.b.G, func(n *graph.Node) *graph.Node { return r.now[n] }
}

func newResolver(b *graph.Builder, names *common) *resolver {
	return &resolver{b, map[*graph.Node]*graph.Node{}, map[string][]*graph.Node{}, map[*graph.Node][]*graph.Node{}, map[*graph.Node]*graph.Node{}, names}
}

// together names what is taken in one pass: in reverse all derivatives of one
// value, of vjps by one cotangent; in forward mode those in one direction.
func together(n *graph.Node) string {
	var at []*graph.Node
	switch n.Op.Name {
	case "gradient":
		at = n.Args[:1]
	case "vjp":
		at = []*graph.Node{n.Args[0], n.Args[2]}
	case "jvp":
		at = n.Args[1:]
	}
	key := n.Op.Name
	for _, a := range at {
		key += " " + strconv.Itoa(a.ID)
	}
	return key
}

func (r *resolver) all(g *graph.Graph) {
	for _, n := range g.Nodes {
		if n.Op.Class == graph.DerivOp {
			r.asked[together(n)] = append(r.asked[together(n)], n)
		}
	}
	for _, n := range g.Nodes {
		if r.now[n] == nil {
			r.node(n)
		}
	}
}

// region resolves the derivatives inside a body, shared ones once.
func (r *resolver) region(old *graph.Region) *graph.Region {
	if r.names.regions[old] == nil {
		r.names.regions[old] = r.resolved(old)
	}
	return r.names.regions[old]
}

func (r *resolver) resolved(old *graph.Region) *graph.Region {
	in := newResolver(r.b.Inner(nil), r.names)
	in.all(old.Body)
	var params, results []*graph.Node
	for _, p := range old.Params {
		params = append(params, in.now[p])
	}
	for _, n := range old.Results {
		results = append(results, in.now[n])
	}
	return in.b.Close(params, results, nil)
}

func (r *resolver) node(n *graph.Node) {
	switch {
	case n.Op.Name == "gradient":
		r.pulled(n, r.b.Real(1))
		return
	case n.Op.Name == "vjp":
		r.pulled(n, r.now[n.Args[2]])
		return
	case n.Op.Name == "jvp":
		r.pushed(n)
		return
	case n.Op.Class == graph.DerivOp:
		r.products(n)
		return
	case n.Op.Class == graph.ResultOp && r.owned[n.Args[0]] != nil:
		r.now[n] = r.owned[n.Args[0]][n.Attr.(graph.Count)]
		return
	}
	args := make([]*graph.Node, len(n.Args))
	for i, a := range n.Args {
		args[i] = r.now[a]
	}
	c := *n
	c.Regions = make([]*graph.Region, len(n.Regions))
	for i, in := range n.Regions {
		c.Regions[i] = r.region(in)
	}
	r.now[n] = r.b.Copy(&c, args...)
	if a, isScan := n.Attr.(graph.Scan); isScan && a.Remat > 1 && !a.Counted {
		r.owned[n] = blocks(r.b, r.now[n])
	}
}

// pulled takes all derivatives of a value in one sweep, from its cotangent u. A
// target that is still to come cannot be in the value: its derivative is zero.
func (r *resolver) pulled(n, u *graph.Node) {
	var asked, xs []*graph.Node
	for _, d := range r.asked[together(n)] {
		if x := r.now[d.Args[1]]; x != nil {
			asked, xs = append(asked, d), append(xs, x)
		} else {
			r.now[d] = r.b.Fill(0, d.Type)
		}
	}
	for i, g := range pull(r.b, r.now[n.Args[0]], u, xs, r.names) {
		if g.Name == "" {
			g.Name = asked[i].Name
		}
		r.now[asked[i]] = g
	}
}

// pushed takes the derivatives, in one direction, of all values that there are yet.
func (r *resolver) pushed(n *graph.Node) {
	var asked, ys, xs, vs []*graph.Node
	for _, d := range r.asked[together(n)] {
		if y := r.now[d.Args[0]]; y != nil && r.now[d] == nil {
			asked, ys = append(asked, d), append(ys, y)
		}
	}
	for k := 1; k < len(n.Args); k += 2 {
		xs, vs = append(xs, r.now[n.Args[k]]), append(vs, r.now[n.Args[k+1]])
	}
	for i, t := range push(r.b, ys, xs, vs, r.names) {
		r.now[asked[i]] = t
	}
}

// products takes a Jacobian-vector or vector-Jacobian product for each element of
// a first axis.
func (r *resolver) products(n *graph.Node) {
	y := r.now[n.Args[0]]
	var xs, vs []*graph.Node
	for k := 1; k < len(n.Args); k += 2 {
		xs, vs = append(xs, r.now[n.Args[k]]), append(vs, r.now[n.Args[k+1]])
	}
	r.now[n] = r.each(vs, func(vs []*graph.Node) *graph.Node {
		if n.Op.Name == "jvps" {
			return push(r.b, []*graph.Node{y}, xs, vs, r.names)[0]
		}
		return pull(r.b, y, vs[0], xs, r.names)[0]
	})
}

// each takes a product for every element of the first axis of vs: once, for
// placeholders, and then lifted to that axis, or where loops are in the way one
// after the other in a loop.
func (r *resolver) each(vs []*graph.Node, one func(vs []*graph.Node) *graph.Node) *graph.Node {
	places, lifted := make([]*graph.Node, len(vs)), map[*graph.Node]*graph.Node{}
	for i, v := range vs {
		if r.places[v] == nil {
			r.places[v] = r.b.Mark(r.b.Fill(0, graph.Type{Shape: v.Type.Shape[1:]}))
		}
		places[i] = r.places[v]
		lifted[places[i]] = v
	}
	t := one(places)
	fixed := map[*graph.Node]*graph.Node{}
	for _, n := range graph.Reachable(t) {
		fixed[n] = n
	}
	if out, ok := r.b.Lift([]*graph.Node{t}, vs[0].Type.Shape[0], lifted, fixed); ok {
		return out[0]
	}
	return r.turns(vs, places, t)
}

// turns is t for each element of vs at the places of the placeholders, by a scan
// that captures what does not depend on them.
func (r *resolver) turns(vs, places []*graph.Node, t *graph.Node) *graph.Node {
	at := map[*graph.Node]bool{}
	for _, p := range places {
		at[p] = true
	}
	varies := dependents([]*graph.Node{t}, at)
	params := append([]*graph.Node{r.b.Inner(nil).Arg(0, graph.Type{Elem: graph.Int})}, places...)
	operands := append([]*graph.Node{}, vs...)
	walkDown([]*graph.Node{t}, func(n *graph.Node) bool {
		if varies[n] || n.Op.Name == "const" || n.Op.Name == "index" || n.Op.Name == "table" {
			return !at[n]
		}
		params, operands = append(params, n), append(operands, n)
		return false
	})
	attr := graph.Scan{Trip: vs[0].Type.Shape[0], Slices: len(vs), Collects: 1}
	body := r.b.Close(params, []*graph.Node{t}, nil)
	return r.b.Result(r.b.Region("scan", attr, graph.Type{Elem: graph.Bool}, []*graph.Region{body}, operands...), 0)
}
