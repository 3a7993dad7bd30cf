package lower

import (
	"math"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// supposition computes what is certain of values if one comparison is false.
type supposition struct {
	*limiter
	false string // its placeKey
	memo  map[string]guess
}

type guess struct {
	v     float64
	known bool
}

// value is that of n at place, if it is the same whatever the data is.
func (s *supposition) value(n *graph.Node, place []shape.Dim) (float64, bool) {
	if v, ok := n.Attr.(graph.Number); ok {
		return float64(v), true
	}
	if !s.may[n] {
		return 0, false
	}
	key := placeKey(n, place)
	if key == s.false {
		return 0, true
	}
	g, ok := s.memo[key]
	if !ok {
		g.v, g.known = s.compute(n, place)
		s.memo[key] = g
	}
	return g.v, g.known
}

func (s *supposition) compute(n *graph.Node, place []shape.Dim) (float64, bool) {
	to := s.below(n, place)
	args := seeThrough(n)
	vals, known, all := make([]float64, len(args)), make([]bool, len(args)), true
	for i, a := range args {
		vals[i], known[i] = s.value(a, to)
		all = all && known[i]
	}
	switch n.Op.Class {
	case graph.MarkOp:
		return vals[0], all
	case graph.ViewOp:
		v := n.Attr.(graph.View)
		return vals[0], all && (len(v.Map.Guard) == 0 || v.Fill == vals[0])
	case graph.ReduceOp:
		return vals[0], all && vals[0] == n.Op.Identity
	case graph.GatherOp:
		return n.Attr.(graph.Gather).Fill, all && vals[0] == 0
	}
	if all && n.Op.Scalar != nil {
		return n.Op.Scalar.On(n.Attr, vals...), true
	}
	return partly(n, vals, known)
}

// partly is the value of an element-wise operator some of whose operands are
// known. A product with 0 counts as 0, as in a padded product.
func partly(n *graph.Node, vals []float64, known []bool) (float64, bool) {
	has := func(v float64) bool {
		for i := range vals {
			if known[i] && vals[i] == v {
				return true
			}
		}
		return false
	}
	switch n.Op.Name {
	case "where":
		switch {
		case known[0] && vals[0] != 0:
			return vals[1], known[1]
		case known[0]:
			return vals[2], known[2]
		}
		return vals[1], known[1] && known[2] && vals[1] == vals[2]
	case "and", "mul", "imul":
		return 0, has(0)
	case "or":
		return 1, has(1)
	case "sub":
		return vals[0], known[0] && math.IsInf(vals[0], 0) && finite(n.Args[1])
	}
	return 0, false
}

// finite reports whether n is finite whatever the data is: a number, or what
// where(isfinite(x), x, 0) lets through.
func finite(n *graph.Node) bool {
	v, number := n.Attr.(graph.Number)
	switch {
	case number:
		return !math.IsInf(float64(v), 0) && !math.IsNaN(float64(v))
	case n.Op.Class == graph.ViewOp:
		fill := n.Attr.(graph.View).Fill
		return fill-fill == 0 && finite(n.Args[0])
	case n.Op.Name == "where":
		return n.Args[0].Op.Name == "isfinite" && n.Args[0].Args[0] == n.Args[1] && finite(n.Args[2])
	}
	return false
}
