package ops

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// Wide reports a sum of few products that has many more elements than its operands.
func Wide(n *graph.Node) bool {
	axes, sum := n.Attr.(graph.Axes)
	if !sum || n.Op.Name != "sum" {
		return false
	}
	x := unmarked(n.Args[0])
	if x.Op.Name != "mul" {
		return false
	}
	terms := int64(1)
	for _, k := range axes {
		terms *= roughly(x.Type.Shape[k : k+1])
	}
	operands := int64(0)
	for _, a := range x.Args {
		least := Elements(a)
		for a = unmarked(a); a.Op.Class == graph.ViewOp; least = min(least, Elements(a)) {
			a = unmarked(a.Args[0])
		}
		operands += least
	}
	const few = 128
	return terms <= few && 2*operands <= Elements(n)
}

func unmarked(n *graph.Node) *graph.Node {
	for n.Op.Class == graph.MarkOp {
		n = n.Args[0]
	}
	return n
}

// Elements is about how many elements n has.
func Elements(n *graph.Node) int64 { return roughly(n.Type.Shape) }

// roughly multiplies extents; those known at run time only count as long.
func roughly(ext []shape.Dim) int64 {
	const long = 1024
	return shape.Product(ext).Eval(func(*shape.Sym) int64 { return long })
}
