package lower

import (
	"github.com/gradgen/gradgen/graph"
)

// past is what a gather reads from if its operand is x with some rows replaced, and
// the steps of a loop say that it reads others: of update(x, 2*i, v) in row 2*i + 1, x.
func past(n *graph.Node, args []*graph.Node) *graph.Node {
	x, g := args[0], n.Attr.(graph.Gather)
	for x.Op.Name == "where" {
		axis, t, ok := graph.ChosenRow(x.Args[0])
		if !ok {
			return x
		}
		row, known := affine(t, nil)
		at := g.In[axis]
		if g.By[axis] >= 0 {
			at, ok = affine(args[1+g.By[axis]], identity(n.Type.Shape))
		}
		if apart, fixed := at.Sub(row).IsConst(); !known || !ok || !fixed || apart == 0 || x.Type.Shape[axis].Is(1) {
			return x
		}
		x = x.Args[2]
	}
	return x
}
