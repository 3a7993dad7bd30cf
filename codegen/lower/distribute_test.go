package lower

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph/diff"
	"github.com/gradgen/gradgen/graph/rewrite"
	"github.com/gradgen/gradgen/graph/shape"
)

// distances lowers the derivatives of Σ (L·(x - μ) + q·(x - μ))² over rows of x.
func (b *bench) distances(by ...string) *kernel.Program {
	leaf := map[string]*node{
		"x": b.real("input", "x", "n", 12), "mu": b.real("input", "mu", 12), "L": b.real("input", "L", 12, 12), "q": b.real("input", "q", 12)}
	d := b.Sub(leaf["x"], b.rows(leaf["mu"]))
	e := b.Add(b.matmul(d, leaf["L"]), b.Mul(b.rows(leaf["q"]), d))
	var xs []*node
	for _, name := range by {
		xs = append(xs, leaf[name])
	}
	return b.program(rewrite.Nodes(diff.Grad(b.Builder, b.Sum(b.Mul(e, e), 0, 1), xs), true, false)...)
}

// rows is v for each of n rows.
func (b *bench) rows(v *node) *node {
	return b.View(v, shape.Map{In: []shape.Dim{shape.Idx(1)}}, 0, dims("n", 12))
}

// overRows counts the products with rows.
func overRows(p *kernel.Program) (count int) {
	for _, k := range p.Sections[0].Kernels {
		kernel.Walk(k.Body, func(s kernel.Stmt) {
			if m, ok := s.(*kernel.MatMul); ok && m.M.Mentions(".hi") {
				count++
			}
		})
	}
	return count
}

func TestSumsOverProductsAreTakenBeforeThem(t *testing.T) {
	p := newBench(t, map[string]int64{"n": 37}).distances("mu")
	require.Equal(t, 1, overRows(p), "L·(x - μ) alone\n%s", text(p))
}

func TestProductsThatAreAskedForAnywayAreSummed(t *testing.T) {
	p := newBench(t, map[string]int64{"n": 37}).distances("x", "mu")
	require.Equal(t, 2, overRows(p), "%s", text(p))
}
