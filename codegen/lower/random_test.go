package lower

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// grower adds random nodes to a graph.
type grower struct {
	*bench
	r    *rapid.T
	pool []*node
}

func (g *grower) pick(rank int) *node {
	var fit []*node
	for _, n := range g.pool {
		if n.Type.Rank() >= rank {
			fit = append(fit, n)
		}
	}
	return rapid.SampledFrom(fit).Draw(g.r, "node")
}

func (g *grower) axis(n *node, name string) int {
	return rapid.IntRange(0, n.Type.Rank()-1).Draw(g.r, name)
}

// steps are the ways to make a new node.
var steps = []func(g *grower) *node{
	func(g *grower) *node {
		op := rapid.SampledFrom([]string{"tanh", "relu", "sin", "neg", "sigmoid"}).Draw(g.r, "unary")
		return g.Op(op, nil, g.pick(0))
	},
	func(g *grower) *node {
		op := rapid.SampledFrom([]string{"add", "mul", "sub", "max"}).Draw(g.r, "binary")
		x, y := g.pick(0), g.pick(0)
		if _, ok := graph.BroadcastShape(x.Type.Shape, y.Type.Shape); !ok {
			return x
		}
		return g.Map(op, x, y)
	},
	func(g *grower) *node {
		x := g.pick(1)
		return g.Reduce(rapid.SampledFrom([]string{"sum", "sum", "rmax", "prod"}).Draw(g.r, "reduce"), x, g.axis(x, "axis"))
	},
	func(g *grower) *node {
		x := g.pick(2)
		axes := []int{}
		for k := range x.Type.Shape {
			if rapid.Bool().Draw(g.r, "sum") {
				axes = append(axes, k)
			}
		}
		return g.Sum(x, axes...)
	},
	func(g *grower) *node { // the last axis of one with the first of another
		x, y := g.pick(1), g.pick(2)
		last := x.Type.Rank() - 1
		if y.Type.Rank() != 2 || !x.Type.Shape[last].Equal(y.Type.Shape[0]) {
			return x
		}
		return g.matmul(x, y)
	},
	func(g *grower) *node { // the Gram matrix over an axis
		x := g.pick(2)
		r := x.Type.Rank()
		ext := append(append([]shape.Dim{}, x.Type.Shape...), x.Type.Shape[r-2])
		left, right := shape.Identity(r), shape.Identity(r)
		right.In[r-2] = shape.Idx(r)
		return g.Sum(g.Mul(g.View(x, left, 0, ext), g.View(x, right, 0, ext)), r-1)
	},
	func(g *grower) *node {
		x := g.pick(2)
		return g.Permute(x, rapid.Permutation(sequence(x.Type.Rank())).Draw(g.r, "order"))
	},
	func(g *grower) *node { // shifted, with a number outside
		x := g.pick(1)
		k, by := g.axis(x, "axis"), int64(rapid.IntRange(-2, 2).Draw(g.r, "by"))
		m := shape.Identity(x.Type.Rank())
		m.In[k] = m.In[k].AddInt(by)
		m.Guard = []shape.Cond{{E: m.In[k]}, {E: x.Type.Shape[k].AddInt(-1).Sub(m.In[k])}}
		return g.View(x, m, float64(rapid.IntRange(0, 1).Draw(g.r, "fill")), x.Type.Shape)
	},
	func(g *grower) *node { // windows of two
		x := g.pick(1)
		k := g.axis(x, "axis")
		m := shape.Identity(x.Type.Rank())
		r := x.Type.Rank()
		m.In[k] = m.In[k].Add(shape.Idx(r))
		m.Guard = []shape.Cond{{E: x.Type.Shape[k].AddInt(-1).Sub(m.In[k])}}
		return g.View(x, m, 0, append(append([]shape.Dim{}, x.Type.Shape...), shape.Const(2)))
	},
	func(g *grower) *node {
		x := g.pick(1)
		return g.Op("concat", graph.Axis(g.axis(x, "axis")), x, g.Op("tanh", nil, x))
	},
	func(g *grower) *node { return g.Op("softmax", nil, g.pick(1)) },
	func(g *grower) *node { return g.Op("cumsum", nil, g.pick(1)) },
	func(g *grower) *node { return g.Op("sort", nil, g.pick(1)) },
	func(g *grower) *node { // two axes as one
		x := g.pick(2)
		s := x.Type.Shape
		return g.Reshape(x, append([]shape.Dim{s[0].Mul(s[1])}, s[2:]...))
	},
	func(g *grower) *node {
		x := g.pick(0)
		return g.Where(g.Map("gt", x, g.Like(0, x)), g.Op("exp", nil, g.Op("tanh", nil, x)), g.Like(2, x))
	},
	func(g *grower) *node { // rows by number
		x := g.pick(1)
		places := g.Op("argsort", nil, x)
		m := shape.Identity(x.Type.Rank())
		at := graph.Gather{In: m.In, By: make([]int, len(m.In))}
		for k := range at.By {
			at.By[k] = -1
		}
		k := g.axis(x, "axis")
		at.In[k], at.By[k] = shape.Dim{}, 0
		return g.Op("gather", at, x, places)
	},
}

func sequence(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func TestRandomGraphs(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		b := newBench(r, map[string]int64{"n": 3, "m": int64(rapid.IntRange(1, 4).Draw(r, "m"))})
		g := &grower{bench: b, r: r}
		x, y, z := b.real("param", "x", "n", "m"), b.real("param", "y", "m", 4), b.real("param", "z", 4)
		g.pool = []*node{x, y, z}
		for range rapid.IntRange(1, 9).Draw(r, "nodes") {
			step := rapid.SampledFrom(steps).Draw(r, "step")
			if n := step(g); size(n.Type.Shape) < nominal*nominal*nominal && n.Type.Rank() < 5 {
				g.pool = append(g.pool, g.Op("tanh", nil, n))
			}
		}
		last := g.pool[len(g.pool)-1]
		g.program(last, g.pick(0))
		axes := sequence(last.Type.Rank())
		g.train(g.Sum(g.Mul(last, last), axes...), []*node{x, y, z}, g.scalar(g.pick(0)))
	})
}

func (g *grower) scalar(x *node) *node { return g.Sum(x, sequence(x.Type.Rank())...) }
