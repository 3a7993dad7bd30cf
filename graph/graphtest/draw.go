// Package graphtest helps tests of the passes over graphs: it draws random
// graphs with values for their leaves, and compares derivatives with
// differences.
package graphtest

import (
	"math"
	"math/rand"

	"pgregory.net/rapid"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/eval"
	"github.com/gradgen/gradgen/graph/ops"
	"github.com/gradgen/gradgen/graph/shape"
)

// Dims are the values of the named dims in drawn graphs.
var Dims = map[string]int64{"n": 3, "m": 2}

// Values are the elements of leaves by name.
type Values map[string]graph.Tensor

// Env is the environment with these values.
func (v Values) Env() eval.Env {
	return eval.Env{Dims: Dims, Leaf: func(_, name string) (graph.Tensor, bool) {
		t, ok := v[name]
		return t, ok
	}}
}

// Random fills a tensor of the given type: reals within (-2, 2), away from 0,
// ints 0 to 2, bools.
func Random(r *rand.Rand, t graph.Type) graph.Tensor {
	out := graph.Tensor{Data: make([]float64, shape.Product(t.Shape).Bind(Dims).Eval(nil))}
	for _, d := range t.Shape {
		out.Shape = append(out.Shape, int(d.Bind(Dims).Eval(nil)))
	}
	for i := range out.Data {
		switch t.Elem {
		case graph.Real:
			out.Data[i] = math.Copysign(0.1+1.9*r.Float64(), r.Float64()-0.5)
		case graph.Int:
			out.Data[i] = float64(r.Intn(3))
		case graph.Bool:
			out.Data[i] = float64(r.Intn(2))
		}
	}
	return out
}

// Graph is a drawn graph: a real scalar of some leaves.
type Graph struct {
	B      *graph.Builder
	Leaves []*graph.Node // real
	Y      *graph.Node
	Values Values
}

// Draw draws a graph of that many operations, or a few less.
func Draw(t *rapid.T, size int) *Graph {
	n, m := shape.Var("n"), shape.Var("m")
	g := &Graph{B: ops.NewBuilder(graph.New()), Values: Values{}}
	r := rand.New(rand.NewSource(rapid.Int64().Draw(t, "seed")))
	g.Leaves = []*graph.Node{
		g.leaf("x", n, m), g.leaf("w", m, n), g.leaf("v", n), g.leaf("s"), g.leaf("z", n, shape.Const(4)),
	}
	for _, x := range g.Leaves {
		g.Values[x.Attr.String()] = Random(r, x.Type)
	}
	d := &drawer{t: t, b: g.B, pool: append([]*graph.Node{}, g.Leaves...)}
	for range size {
		rapid.SampledFrom(steps).Draw(t, "step")(d)
	}
	last := d.pool[len(d.pool)-min(3, len(d.pool)):]
	g.Y = g.B.Real(0)
	for _, x := range last {
		g.Y = g.B.Add(g.Y, d.total(x))
	}
	return g
}

func (g *Graph) leaf(name string, ext ...shape.Dim) *graph.Node {
	return g.B.Leaf("input", name, graph.Type{Shape: ext})
}

type drawer struct {
	t    *rapid.T
	b    *graph.Builder
	pool []*graph.Node
}

// total adds all elements, tamed first.
func (d *drawer) total(x *graph.Node) *graph.Node {
	axes := make([]int, x.Type.Rank())
	for k := range axes {
		axes[k] = k
	}
	return d.b.Sum(d.b.Map("sin", x), axes...)
}

func (d *drawer) pick() *graph.Node {
	// Late nodes are more likely, so that graphs become deep.
	k := rapid.IntRange(0, len(d.pool)-1).Draw(d.t, "pick")
	return d.pool[max(k, rapid.IntRange(0, len(d.pool)-1).Draw(d.t, "late"))]
}

// pickRank picks a node with at least one axis.
func (d *drawer) pickRank() (*graph.Node, int) {
	x := d.pick()
	if x.Type.Rank() == 0 || x.Type.Rank() > 3 {
		x = d.pool[0]
	}
	return x, rapid.IntRange(0, x.Type.Rank()-1).Draw(d.t, "axis")
}

// partner picks a node that broadcasts with x.
func (d *drawer) partner(x *graph.Node) *graph.Node {
	y := d.pick()
	if _, ok := graph.BroadcastShape(x.Type.Shape, y.Type.Shape); ok && len(y.Type.Shape) <= len(x.Type.Shape)+1 {
		return y
	}
	return x
}

func (d *drawer) push(x *graph.Node) { d.pool = append(d.pool, x) }

func (d *drawer) name(names ...string) string { return rapid.SampledFrom(names).Draw(d.t, "op") }

// condition is a bool that depends on x in a way a small change does not alter.
func (d *drawer) condition(x *graph.Node) *graph.Node {
	return d.b.Map(d.name("lt", "gt"), x, d.b.Like(0.05, x))
}
