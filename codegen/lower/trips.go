package lower

import (
	"math"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// Run-time dims. A while gives the number of its steps when it has ended, a
// counted scan's last operand before that scan. What has an axis of such an extent
// is computed after that, though no operand says so:
//
//	.n1 = count                               a kernel of its own
//	repeat s0 in 0..n1
//	    tape[s0*k + i] = h[i]                 tape [.n1, k] has grown before

// definer is the node that gives a run-time dim its value.
type definer struct {
	dim  string
	node *graph.Node
}

// definers finds them for the nodes that roots need, each dim once; a while
// comes before scans that run as often.
func definers(roots []root) (out []definer) {
	seen := map[string]bool{}
	add := func(dim string, n *graph.Node) {
		if kernel.RunTime(dim) && !seen[dim] {
			seen[dim] = true
			out = append(out, definer{dim, n})
		}
	}
	var all []*graph.Node
	for _, r := range roots {
		all = append(all, r.node)
	}
	nodes := graph.Reachable(all...)
	for _, n := range nodes {
		if a, ok := n.Attr.(graph.While); ok && a.Trips != "" {
			add(a.Trips, n)
		}
	}
	for _, n := range nodes {
		if a, ok := n.Attr.(graph.Scan); ok && a.Counted {
			for _, v := range a.Trip.Vars() {
				add(v, n.Parts().Count)
			}
		}
	}
	return out
}

// inOrder lists what roots need after what it needs: operands, and what gives
// the run-time dims in its type their values.
func (p *pass) inOrder(roots []*graph.Node) (out []*graph.Node) {
	of := map[string]*graph.Node{}
	for _, d := range p.trips {
		of[d.dim] = d.node
	}
	seen := map[*graph.Node]bool{}
	var visit func(n *graph.Node)
	visit = func(n *graph.Node) {
		if n == nil || seen[n] {
			return
		}
		seen[n] = true
		for _, d := range runTimeOf(n) {
			visit(of[d])
		}
		for _, a := range n.Args {
			visit(a)
		}
		out = append(out, n)
	}
	for _, r := range roots {
		visit(r)
	}
	return out
}

// runTimeOf lists the run-time dims that n has to wait for.
func runTimeOf(n *graph.Node) (out []string) {
	dims := n.Type.Shape
	switch a := n.Attr.(type) {
	case graph.Index:
		dims = append(dims[:len(dims):len(dims)], a.E)
	case graph.Scan:
		dims = append(dims[:len(dims):len(dims)], a.Trip)
	}
	return runTimeDims(dims)
}

func runTimeDims(dims []shape.Dim) (out []string) {
	for _, d := range dims {
		for _, v := range d.Vars() {
			if kernel.RunTime(v) {
				out = append(out, v)
			}
		}
	}
	return out
}

// runTime lists the run-time dims that a stage needs.
func (st *stage) runTime() []string {
	dims := append([]shape.Dim{st.rows}, st.node.Type.Shape...)
	for _, a := range st.reads {
		dims = append(dims, a.n.Type.Shape...)
	}
	if a, ok := st.node.Attr.(graph.Scan); ok && st.alone {
		dims = append(dims, a.Trip)
	}
	kernel.Walk(st.body, func(s kernel.Stmt) {
		if l, ok := s.(*kernel.Loop); ok {
			dims = append(dims, l.Lo, l.Hi)
		}
		for _, x := range kernel.Exprs(s) {
			dims = append(dims, indexDims(*x)...)
		}
	})
	return runTimeDims(dims)
}

// indexDims lists the polynomials whose values an expression uses as ints.
func indexDims(x kernel.Expr) (out []shape.Dim) {
	if e, ok := x.(*kernel.IndexExpr); ok {
		out = append(out, e.E)
	}
	for _, a := range kernel.Operands(x) {
		out = append(out, indexDims(a)...)
	}
	return out
}

// tripStages give the dims that are n, an int, their value.
func (p *pass) tripStages(n *graph.Node) (out []*stage) {
	for _, d := range p.trips {
		if d.node != n || n.Op.Class == graph.RegionOp {
			continue
		}
		st := &stage{node: copyOf(n), alone: true, sets: d.dim}
		t := &kernel.Trip{Dim: d.dim}
		switch a := n.Attr.(type) {
		case graph.Number:
			t.Value = shape.Const(int64(math.Round(float64(a))))
		case graph.Index:
			t.Value = a.E
		default:
			t.Count, st.kernels = p.scalar(n)
			st.reads = []access{whole(n)}
		}
		st.kernels = append(st.kernels, &kernel.Kernel{Name: "trip", Trip: t, Notes: addNote(nil, n)})
		out = append(out, st)
	}
	return out
}

// scalar is memory that holds n alone, and what copies n there where n is an
// element of a tensor that moves with the step of a loop.
func (p *pass) scalar(n *graph.Node) (*kernel.Buffer, []*kernel.Kernel) {
	b := p.buffer(n)
	if _, moves := p.windows[b]; !moves {
		return b, nil
	}
	b = p.arena(n, p.nameOf(n, ""))
	c := p.nest(n, b, copyOf(n))
	return b, []*kernel.Kernel{p.kernel(&group{rows: c.rows, stages: []*stage{c}})}
}
