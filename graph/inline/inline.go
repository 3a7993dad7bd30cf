// Package inline writes out those calls of recursive functions that gain by it:
// where a body is small with all that it calls, so that it becomes straight-line
// code; and where a region is called from one place only. Of
//
//	func det(M [n, n]) { if n == 1 { return M[0, 0] } .. for j in 0..n { d = d + sign * M[0, j] * det(minor(M, j)) } .. }
//
// called for n = 10 there remain the regions for n = 9, 8 .. 5, each called from as
// many places as it has columns; that of 5 holds all of its minors.
package inline

import (
	"slices"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/ops"
	"github.com/gradgen/gradgen/graph/shape"
)

// Limits, in operations on elements.
const (
	small = 1500 // a body to be straight-line code
	tiny  = 40   // less than a call is worth
)

// Program writes out calls in every graph of a program that has some.
func Program(p *graph.Program) {
	p.Rebuild(func(g *graph.Graph, roots []*graph.Node) (*graph.Graph, func(*graph.Node) *graph.Node) {
		w := &writer{sites: map[string]int{}, known: map[*graph.Region]int64{}, done: map[*graph.Region]*graph.Region{}}
		w.count(graph.Reachable(roots...), map[string]bool{})
		if len(w.sites) == 0 {
			return g, func(n *graph.Node) *graph.Node { return n }
		}
		now := map[*graph.Node]*graph.Node{}
		in := &body{w, ops.NewBuilder(graph.New()), now, w.work(graph.Reachable(roots...)) <= small, map[*graph.Node][]*graph.Node{}}
		for _, n := range roots {
			in.node(n)
		}
		return in.b.G, func(n *graph.Node) *graph.Node { return now[n] }
	})
}

// writer holds what is known of the regions of a graph.
type writer struct {
	sites map[string]int // from how many places a region is called
	known map[*graph.Region]int64
	done  map[*graph.Region]*graph.Region // regions of calls with what they call written out
}

// count counts the places of calls, in each region once.
func (w *writer) count(nodes []*graph.Node, seen map[string]bool) {
	for _, n := range nodes {
		for _, r := range n.Regions {
			_, isCall := n.Attr.(graph.Callee)
			if isCall {
				w.sites[r.Key()]++
			}
			if !isCall || !seen[r.Key()] {
				seen[r.Key()] = true
				w.count(r.Body.Nodes, seen)
			}
		}
	}
}

// most is more work than is asked about.
const most = 1 << 40

// work counts operations on elements; a dim that the run gives counts as usual.
func (w *writer) work(nodes []*graph.Node) (sum int64) {
	for _, n := range nodes {
		each := int64(1)
		if at, isScan := n.Attr.(graph.Scan); isScan {
			each = elements([]shape.Dim{at.Trip})
		}
		for _, r := range n.Regions {
			sum += each * w.region(r)
		}
		switch n.Op.Class {
		case graph.LeafOp, graph.ViewOp, graph.ReshapeOp, graph.MarkOp, graph.ResultOp, graph.RegionOp:
		case graph.ReduceOp, graph.ArgReduceOp:
			sum += elements(n.Args[0].Type.Shape)
		default:
			sum += elements(n.Type.Shape)
		}
		if sum > most {
			return most
		}
	}
	return sum
}

func (w *writer) region(r *graph.Region) int64 {
	if _, ok := w.known[r]; !ok {
		w.known[r] = w.work(r.Body.Nodes)
	}
	return w.known[r]
}

// usual is what a dim counts that the run gives.
const usual = 16

func elements(ext []shape.Dim) int64 {
	n := int64(1)
	for _, d := range ext {
		n = min(most, n*max(1, d.Eval(func(*shape.Sym) int64 { return usual })))
	}
	return n
}

// body is a graph or region being copied; flat says that all calls in it are
// written out.
type body struct {
	*writer
	b    *graph.Builder
	now  map[*graph.Node]*graph.Node
	flat bool

	values map[*graph.Node][]*graph.Node // of calls written out
}

func (y *body) node(n *graph.Node) *graph.Node {
	if have := y.now[n]; have != nil {
		return have
	}
	if n.Op.Class == graph.ResultOp {
		if out := y.call(n.Args[0]); out != nil {
			y.now[n] = out[n.Attr.(graph.Count)]
			return y.now[n]
		}
	}
	args := y.nodes(n.Args)
	c := *n
	c.Regions = slices.Clone(n.Regions)
	for i, r := range n.Regions {
		_, isCall := n.Attr.(graph.Callee)
		c.Regions[i] = y.inside(r, !isCall && y.flat)
	}
	y.now[n] = y.b.Copy(&c, args...)
	return y.now[n]
}

func (y *body) nodes(ns []*graph.Node) []*graph.Node {
	out := make([]*graph.Node, len(ns))
	for i, n := range ns {
		out[i] = y.node(n)
	}
	return out
}

// call writes out a call, nil where it stays one.
func (y *body) call(n *graph.Node) []*graph.Node {
	if _, isCall := n.Attr.(graph.Callee); !isCall {
		return nil
	}
	r := n.Regions[0]
	if !y.flat && y.sites[r.Key()] > 1 && y.region(r) > tiny {
		return nil
	}
	if y.values[n] == nil {
		in := &body{y.writer, y.b, map[*graph.Node]*graph.Node{}, y.flat, map[*graph.Node][]*graph.Node{}}
		for i, p := range r.Params {
			in.now[p] = y.node(n.Args[i])
		}
		y.values[n] = in.nodes(r.Results)
	}
	return y.values[n]
}

// inside is a region with what it calls written out.
func (w *writer) inside(r *graph.Region, flat bool) *graph.Region {
	if w.done[r] == nil {
		in := &body{w, ops.NewBuilder(graph.New()), map[*graph.Node]*graph.Node{}, flat || w.region(r) <= small, map[*graph.Node][]*graph.Node{}}
		params := in.nodes(r.Params)
		w.done[r] = in.b.Close(params, in.nodes(r.Results), nil)
	}
	return w.done[r]
}
