package ops

import (
	"math"

	"github.com/gradgen/gradgen/graph"
)

var (
	boolResult  = &bits
	sameOrdered = same(boolResult, graph.Real, graph.Int)
	sameAny     = same(boolResult, graph.Real, graph.Int, graph.Bool)
	sameBools   = same(boolResult, graph.Bool)
)

// Comparisons have no derivative: their results are bools.
var compares = []*graph.Op{
	relation("lt", "x < y", sameOrdered, "<", func(x, y float64) bool { return x < y }),
	relation("le", "x <= y", sameOrdered, "<=", func(x, y float64) bool { return x <= y }),
	relation("gt", "x > y", sameOrdered, ">", func(x, y float64) bool { return x > y }),
	relation("ge", "x >= y", sameOrdered, ">=", func(x, y float64) bool { return x >= y }),
	relation("eq", "x == y", sameAny, "==", func(x, y float64) bool { return x == y }),
	relation("ne", "x != y", sameAny, "!=", func(x, y float64) bool { return x != y }),
	short(relation("and", "both x and y", sameBools, "&&", func(x, y float64) bool { return x != 0 && y != 0 }), true),
	short(relation("or", "x or y or both", sameBools, "||", func(x, y float64) bool { return x != 0 || y != 0 }), false),
	{Name: "not", Doc: "true where x is false", Arity: 1, Class: graph.Elementwise, Infer: sameBools,
		Scalar: prefix("!", func(x float64) float64 { return 1 - x }), Samples: at(on(0, 1))},
	{Name: "isnan", Doc: "true where x is not a number", Arity: 1, Class: graph.Elementwise,
		Infer: same(boolResult, graph.Real), Samples: at(on(-4, 4)),
		Scalar: fn1("IsNaN", 1, func(x float64) float64 { return truth(math.IsNaN(x)) })},
	{Name: "isfinite", Doc: "true where x is neither infinite nor NaN", Arity: 1, Class: graph.Elementwise,
		Infer: same(boolResult, graph.Real), Samples: at(on(-4, 4)),
		Scalar: fn1("IsFinite", 1, func(x float64) float64 { return truth(x-x == 0) })},
}

func relation(name, doc string, rule inferFunc, symbol string, f func(x, y float64) bool) *graph.Op {
	return &graph.Op{Name: name, Doc: doc, Arity: 2, Class: graph.Elementwise, Infer: rule,
		Scalar:  infix(symbol, 1, func(x, y float64) float64 { return truth(f(x, y)) }),
		Samples: at(on(0, 1), on(0, 1))}
}

// short makes y matter only where x has not decided.
func short(op *graph.Op, truth bool) *graph.Op {
	op.Takes = func(n *node, k int) (*node, bool) {
		if k == 0 {
			return nil, false
		}
		return n.Args[0], truth
	}
	return op
}

var selections = []*graph.Op{
	// The alternative that is not taken reaches neither value nor derivative.
	{Name: "where", Doc: "the second operand where the first holds, the third elsewhere", Arity: 3,
		Class: graph.Elementwise, Infer: inferSelect, Pullback: pullWhere, Pushforward: pushWhere,
		Samples: at(on(0, 1), on(-4, 4), on(-4, 4)),
		Takes: func(n *node, k int) (*node, bool) {
			if k == 0 {
				return nil, false
			}
			return n.Args[0], k == 1
		},
		Scalar: &graph.Scalar{Cost: 1, Eval: func(x []float64) float64 {
			if x[0] != 0 {
				return x[1]
			}
			return x[2]
		}}},
	{Name: "real", Doc: "an int or a bool as a real", Arity: 1, Class: graph.Elementwise,
		Infer: same(&real, graph.Int, graph.Bool), Samples: at(on(-4, 4)),
		Partials: []func(*builder, []*node, *node) *node{nil},
		Scalar:   &graph.Scalar{Convert: true, Cost: 1, Eval: func(x []float64) float64 { return x[0] }}},
	{Name: "int", Doc: "a real or a bool as an int, towards zero", Arity: 1, Class: graph.Elementwise,
		Infer: same(&ints, graph.Real, graph.Bool), Samples: at(on(-4, 4)),
		Scalar: &graph.Scalar{Convert: true, Cost: 1, Eval: func(x []float64) float64 { return truncated(x[0]) }}},
	{Name: "stop", Doc: "x itself, with derivative zero", Arity: 1, Class: graph.Elementwise,
		Partials: []func(*builder, []*node, *node) *node{nil}, Samples: at(on(-4, 4)),
		Scalar: prefix("+", func(x float64) float64 { return x })},
}

// pullWhere gives the cotangent to the alternative taken, with a guard that
// keeps the local derivatives of the other one out.
func pullWhere(b *builder, n *node, ct graph.Cotangent) []graph.Cotangent {
	c, zero := n.Args[0], b.Like(0, ct.Value)
	not := b.Map("not", c)
	return []graph.Cotangent{
		{},
		{Value: b.Where(c, ct.Value, zero), Guard: both(b, ct.Guard, c)},
		{Value: b.Where(c, zero, ct.Value), Guard: both(b, ct.Guard, not)},
	}
}

// pushWhere selects among tangents.
func pushWhere(b *builder, n *node, t []*node) *node {
	if t[1] == nil && t[2] == nil {
		return nil
	}
	pair := [2]*node{t[1], t[2]}
	for i := range pair {
		if pair[i] == nil {
			pair[i] = b.Like(0, n)
		}
	}
	return b.Where(n.Args[0], pair[0], pair[1])
}

// both is the conjunction of a guard, which may be absent, and c.
func both(b *builder, guard, c *node) *node {
	if guard == nil {
		return c
	}
	return b.Map("and", guard, c)
}

// truncated is x towards zero; what no int can be is the least one, as AMD64 has it.
func truncated(x float64) float64 {
	if y := math.Trunc(x); y >= math.MinInt32 && y <= math.MaxInt32 {
		return y
	}
	return math.MinInt32
}
