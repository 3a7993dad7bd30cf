package lower

import (
	"slices"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// A limit is a comparison of ints that says where an axis of a domain begins or
// ends. In
//
//	Σ e: where(dst[e] == v, msg[e], 0)
//
// the operand is neutral wherever `dst[e] == v` fails, so the loop over v runs
// from dst[e] to dst[e]+1; `j <= i`, both sides of which the place gives, becomes
// the end of the loop over j or the beginning of that over i.
type limit struct {
	n     *graph.Node
	at    []shape.Dim  // where it is read, in indices of the domain
	conds []shape.Cond // where the place decides; else:

	axis      int          // what data bounds
	rest      shape.Dim    // axis + rest is compared with data
	data      *graph.Node  // read at
	on        map[int]bool // the axes that data depends on
	low, high bool         // which ends
	less      [2]int64     // what is added to the ends: 1 for `a > data` and `a <= data`
}

// firstFresh numbers indices that are of no domain: those of inner reductions.
const firstFresh = 1 << 20

// limiter finds limits.
type limiter struct {
	seen  map[string]bool
	may   map[*graph.Node]bool // depend on a comparison of ints by what is computed element by element
	fresh int
}

// seeThrough lists the operands on which the elements of n depend one by one.
func seeThrough(n *graph.Node) []*graph.Node {
	switch n.Op.Class {
	case graph.Elementwise:
		return n.Args
	case graph.ViewOp, graph.ReduceOp:
		return n.Args[:1]
	case graph.MarkOp:
		return n.Args[:1]
	case graph.GatherOp:
		if n.Attr.(graph.Gather).Masked {
			return n.Args[len(n.Args)-1:]
		}
	}
	return nil
}

// below is where the operands of n that are seen through are read.
func (l *limiter) below(n *graph.Node, place []shape.Dim) []shape.Dim {
	switch n.Op.Class {
	case graph.ViewOp:
		m := n.Attr.(graph.View).Map
		to := make([]shape.Dim, len(m.In))
		for k, in := range m.In {
			to[k] = at(in, place)
			if d := m.DivOf(k); d != 1 {
				to[k] = shape.Quotient(to[k], shape.Const(d))
			}
		}
		return to
	case graph.ReduceOp:
		axes, kept := n.Attr.(graph.Axes), 0
		to := make([]shape.Dim, n.Args[0].Type.Rank())
		for k, e := range n.Args[0].Type.Shape {
			switch {
			case !axes.Has(k):
				to[k] = place[kept]
				kept++
			case !e.Is(1):
				to[k] = shape.Idx(firstFresh + l.fresh)
				l.fresh++
			}
		}
		return to
	}
	return place
}

// compared marks the nodes that depend on a comparison of ints.
func compared(nodes []*graph.Node) map[*graph.Node]bool {
	may := map[*graph.Node]bool{}
	for _, n := range nodes {
		may[n] = comparison(n) != ""
		for _, a := range seeThrough(n) {
			may[n] = may[n] || may[a]
		}
	}
	return may
}

var mirrored = map[string]string{"lt": "gt", "le": "ge", "gt": "lt", "ge": "le", "eq": "eq"}

// comparison is the name of a comparison of ints.
func comparison(n *graph.Node) string {
	if mirrored[n.Op.Name] == "" || n.Args[0].Type.Elem != graph.Int {
		return ""
	}
	return n.Op.Name
}

// identity is the place of a domain's own element; axes of extent 1 have no index.
func identity(ext []shape.Dim) []shape.Dim {
	idx := make([]shape.Dim, len(ext))
	for k, e := range ext {
		if !e.Is(1) {
			idx[k] = shape.Idx(k)
		}
	}
	return idx
}

// find lists the limits that n depends on, n being read at place.
func (l *limiter) find(n *graph.Node, place []shape.Dim) (out []limit) {
	key := placeKey(n, place)
	if !l.may[n] || l.seen[key] {
		return nil
	}
	l.seen[key] = true
	if lim, ok := limitOf(n, place); ok {
		return []limit{lim}
	}
	to := l.below(n, place)
	for _, a := range seeThrough(n) {
		out = append(out, l.find(a, to)...)
	}
	return out
}

// limitOf reads a comparison as a limit.
func limitOf(n *graph.Node, place []shape.Dim) (limit, bool) {
	op := comparison(n)
	if op == "" || hasFresh(place) {
		return limit{}, false
	}
	x, known := affine(n.Args[0], place)
	y, other := affine(n.Args[1], place)
	lim := limit{n: n, at: place}
	switch {
	case known && other:
		lim.conds = relations(op, x, y)
		return lim, true
	case known:
		lim.data = n.Args[1]
	case other:
		op, x, lim.data = mirrored[op], y, n.Args[0]
	default:
		return limit{}, false
	}
	lim.on = map[int]bool{}
	dependsOn(lim.data, place, lim.on)
	lim.low, lim.high = op == "eq" || op == "gt" || op == "ge", op == "eq" || op == "lt" || op == "le"
	if op == "gt" {
		lim.less[0] = 1
	}
	if op == "le" || op == "eq" {
		lim.less[1] = 1
	}
	return lim, lim.choose(x)
}

// choose finds the axis of x that the limit bounds.
func (l *limit) choose(x shape.Dim) bool {
	for _, s := range x.Syms() {
		if s.Axis < 0 || l.on[s.Axis] {
			continue
		}
		coef, rest, ok := x.Linear(s)
		if !ok || !coef.Is(1) {
			continue
		}
		l.axis, l.rest = s.Axis, rest
		for _, o := range rest.Syms() {
			axesIn(shape.Of(o), l.on)
		}
		return true
	}
	return false
}

// relations writes a comparison of what the place gives as conditions.
func relations(op string, x, y shape.Dim) []shape.Cond {
	at := func(e shape.Dim) shape.Cond { return shape.Cond{Kind: shape.NonNegative, E: e} }
	switch op {
	case "lt":
		return []shape.Cond{at(y.Sub(x).AddInt(-1))}
	case "le":
		return []shape.Cond{at(y.Sub(x))}
	case "gt":
		return []shape.Cond{at(x.Sub(y).AddInt(-1))}
	case "ge":
		return []shape.Cond{at(x.Sub(y))}
	}
	return []shape.Cond{at(x.Sub(y)), at(y.Sub(x))}
}

// affine is the value of an int that its place alone decides.
func affine(n *graph.Node, place []shape.Dim) (shape.Dim, bool) {
	switch v := n.Attr.(type) {
	case graph.Index:
		return at(v.E, place), true
	case graph.Number:
		return shape.Const(int64(v)), true
	case graph.View:
		if n.Op.Class == graph.ViewOp && len(v.Map.Guard) == 0 {
			return affine(n.Args[0], (&limiter{}).below(n, place))
		}
		return shape.Dim{}, false
	}
	switch {
	case n.Op.Class == graph.MarkOp:
		return affine(n.Args[0], place)
	case n.Op.Name != "iadd" && n.Op.Name != "isub" && n.Op.Name != "imul":
		return shape.Dim{}, false
	}
	x, ok := affine(n.Args[0], place)
	y, also := affine(n.Args[1], place)
	_, fixed := x.IsConst()
	_, too := y.IsConst()
	switch {
	case n.Op.Name == "imul":
		return x.Mul(y), ok && also && (fixed || too)
	case n.Op.Name == "isub":
		y = y.Scale(-1)
	}
	return x.Add(y), ok && also
}

// dependsOn collects the axes of the domain that n, read at place, depends on.
func dependsOn(n *graph.Node, place []shape.Dim, into map[int]bool) {
	if e, ok := affine(n, place); ok {
		axesIn(e, into)
		return
	}
	switch n.Op.Class {
	case graph.Elementwise, graph.MarkOp, graph.ViewOp:
		to := (&limiter{}).below(n, place)
		for _, a := range seeThrough(n) {
			dependsOn(a, to, into)
		}
		if n.Op.Class == graph.ViewOp {
			for _, g := range n.Attr.(graph.View).Map.Guard {
				axesIn(at(g.E, place), into)
			}
		}
		return
	}
	for _, d := range place {
		axesIn(d, into)
	}
}

// axesIn collects the indices that d mentions.
func axesIn(d shape.Dim, into map[int]bool) {
	for _, s := range d.Syms() {
		if s.Axis >= 0 {
			into[s.Axis] = true
		}
		for _, a := range s.Args {
			axesIn(a, into)
		}
	}
}

func hasFresh(place []shape.Dim) bool {
	in := map[int]bool{}
	for _, d := range place {
		axesIn(d, in)
	}
	for k := range in {
		if k >= firstFresh {
			return true
		}
	}
	return false
}

// limitsOf lists the limits of reduction n: those its operand is neutral without.
func limitsOf(n *graph.Node, may map[*graph.Node]bool) []limit {
	return limitsAt(n, n.Args[0], identity(n.Args[0].Type.Shape), may)
}

// limitsAt is limitsOf where the operand of n is x, read at place.
func limitsAt(n, x *graph.Node, place []shape.Dim, may map[*graph.Node]bool) []limit {
	return outside(x, place, n.Op.Identity, may)
}

// outside lists the limits that x, read at place, is a number without.
func outside(x *graph.Node, place []shape.Dim, number float64, may map[*graph.Node]bool) []limit {
	if !may[x] {
		return nil
	}
	l := &limiter{seen: map[string]bool{}, may: may}
	return slices.DeleteFunc(l.find(x, place), func(lim limit) bool {
		k := &supposition{limiter: l, false: placeKey(lim.n, lim.at), memo: map[string]guess{}}
		v, ok := k.value(x, place)
		return !ok || v != number
	})
}
