package diff

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// guards multiplies adjoints, which are 0 where their guards are false, by
// factors that may not be numbers there.
type guards struct {
	b       *graph.Builder
	reduced map[*graph.Node]bool // nodes that only reductions use
	factor  map[*graph.Node]bool // operands of contractions
	bounded map[*graph.Node]bool // known answers of finite
}

func newGuards(b *graph.Builder) guards {
	return guards{b, map[*graph.Node]bool{}, map[*graph.Node]bool{}, map[*graph.Node]bool{}}
}

// use notes that user has n as an operand.
func (g guards) use(n, user *graph.Node) {
	only, seen := g.reduced[n]
	g.reduced[n] = user.Op.Class == graph.ReduceOp && (only || !seen)
}

// findFactors notes the operands of contractions, once all uses are known.
func (g guards) findFactors(order []*graph.Node) {
	for _, n := range order {
		if n.Op.Class == graph.Elementwise && g.contraction(n) {
			for _, a := range n.Args {
				g.factor[a] = true
			}
		}
	}
}

// product is ct.Value · p for the partial p of n, and 0 where the guard is false.
//
// In a contraction the guard is not applied to the product, so that adjoints of
// matrix products are matrix products; a factor that might not be finite is
// masked instead, where nothing that is taken uses it.
func (g guards) product(n *graph.Node, ct graph.Cotangent, p *graph.Node) *graph.Node {
	switch {
	case ct.Guard == nil, selects(p):
		return g.b.Mul(ct.Value, p)
	case !g.contraction(n):
		v := g.b.Mul(ct.Value, p)
		return g.b.Where(ct.Guard, v, g.b.Like(0, v))
	case !g.finite(p):
		p = g.b.Where(g.anywhere(ct.Guard, varies(p)), p, g.b.Like(0, p))
	}
	return g.b.Mul(ct.Value, p)
}

// selects reports whether p is made of constants and conditions only.
func selects(p *graph.Node) bool {
	for _, a := range p.Args {
		if _, ok := a.Attr.(graph.Number); !ok && a.Type.Elem == graph.Real {
			return false
		}
	}
	return p.Op.Class == graph.Elementwise || p.Op.Name == "const"
}

// contraction reports whether n is the body of a contraction: used by
// reductions only, each operand repeated along some axis, as in A[i,k]·B[k,j].
func (g guards) contraction(n *graph.Node) bool {
	if !g.reduced[n] || len(n.Args) < 2 {
		return false
	}
	for _, a := range n.Args {
		all := true
		for _, used := range varies(a) {
			all = all && used
		}
		if all {
			return false
		}
	}
	return true
}

// varies lists the axes along which a view of its operand varies.
func varies(n *graph.Node) []bool {
	out := make([]bool, n.Type.Rank())
	v, ok := n.Attr.(graph.View)
	for k := range out {
		out[k] = !ok
	}
	note := func(d shape.Dim) {
		for _, s := range d.Syms() {
			if s.Axis >= 0 {
				out[s.Axis] = true
			}
		}
	}
	for _, in := range v.Map.In {
		note(in)
	}
	for _, c := range v.Map.Guard {
		note(c.E)
	}
	return out
}

// anywhere is whether a guard holds somewhere along the axes that are not used.
func (g guards) anywhere(guard *graph.Node, used []bool) *graph.Node {
	var axes graph.Axes
	for k, u := range used {
		if !u {
			axes = append(axes, k)
		}
	}
	return g.b.Restore(g.b.Reduce("any", guard, axes...), axes, guard.Type.Shape)
}

// finite reports whether n is finite as long as leaves and contractions are;
// functions of matrices are not where those are singular.
func (g guards) finite(n *graph.Node) bool {
	if known, ok := g.bounded[n]; ok {
		return known
	}
	ok := n.Op.Class != graph.CallOp && (n.Op.Class != graph.Elementwise || total(n))
	if n.Op.Class != graph.ReduceOp || !g.contraction(n.Args[0]) {
		for _, a := range n.Args {
			ok = ok && (a.Type.Elem != graph.Real || g.finite(a))
		}
	}
	g.bounded[n] = ok
	return ok
}

// total reports whether an element-wise operator has a finite value wherever it
// was tried: a logarithm, a quotient and a root have not.
func total(n *graph.Node) bool {
	points := []float64{-2, -1, -0.5, 0, 0.5, 1, 2}
	x := make([]float64, len(n.Args))
	var try func(k int) bool
	try = func(k int) bool {
		if k == len(x) {
			y := n.Op.Scalar.On(n.Attr, x...)
			return y-y == 0
		}
		for _, x[k] = range points {
			if !try(k + 1) {
				return false
			}
		}
		return true
	}
	return try(0)
}
