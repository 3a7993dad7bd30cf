package lower

import (
	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// A matrix whose elements are powers that an index counts, as in
//
//	Σ j: x[j]·t[i]^j
//
// is not worth memory where it is multiplied by a vector: each element is asked for
// once, and takes one multiplication from the one before.

// counted reports powers whose exponent goes up with an index; those of a number are
// a table.
func counted(n *graph.Node) bool {
	if n.Op.Name != "powd" {
		return false
	}
	if _, number := unviewed(n.Args[0]).Attr.(graph.Number); number {
		return false
	}
	_, index := n.Args[1].Attr.(graph.Index)
	return index
}

// runs reports the product of a vector and of a matrix of counted powers.
func (p *product) runs() bool {
	rank, kept := len(p.ext), p.kept()
	for i, f := range p.factors {
		vector := p.factors[1-i].used(rank)
		if counted(f.n) && f.m.IsIdentity(rank) && !counted(p.factors[1-i].n) && !equal(vector, kept) && equal(f.used(rank), kept) {
			return true
		}
	}
	return false
}

func equal(a, b []bool) bool { return subset(a, b) && subset(b, a) }

// counts reports a value in which the last result index counts powers.
func counts(x kernel.Expr, idx []shape.Dim) (found bool) {
	if a, ok := x.(*kernel.Apply); ok && a.Op.Name == "powd" && len(idx) > 0 {
		n, index := a.Args[1].(*kernel.IndexExpr)
		last := idx[len(idx)-1]
		return index && !last.Is(0) && !stride(n.E, last).Is(0)
	}
	for _, a := range kernel.Operands(x) {
		found = found || counts(a, idx)
	}
	return found
}

// groupRows is how many rows are summed up at a time.
const groupRows = 512

// running is the sum of such a product: over the last index as it stands, over rows
// in groups, since the powers of a row follow each other.
func (pr *preparer) running(p *product) *graph.Node {
	sum := pr.plainSum(p)
	x, axes := sum.Args[0], sum.Attr.(graph.Axes)
	if x.Type.Rank() != 2 || len(axes) != 1 || p.summed[1] {
		return sum
	}
	// The result's index comes first: x[j, i].
	ext := x.Type.Shape
	at := shape.Idx(0).Scale(groupRows).Add(shape.Idx(1))
	m := shape.Map{In: []shape.Dim{shape.Idx(2), at}, Guard: []shape.Cond{{E: ext[1].AddInt(-1).Sub(at)}}}
	parts := []shape.Dim{shape.CeilDiv(ext[1], shape.Const(groupRows)), shape.Const(groupRows), ext[0]}
	cut := pr.b.View(x, m, 0, parts)
	pr.once[cut] = true
	return pr.b.Sum(pr.b.Sum(cut, 1), 0)
}
