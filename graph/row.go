package graph

import "github.com/gradgen/gradgen/graph/shape"

// ChosenRow recognises a condition `index == t` for the index along one axis and a
// scalar t, which is how update(x, t, v) tells the row that it replaces.
func ChosenRow(c *Node) (axis int, t *Node, ok bool) {
	m := shape.Identity(c.Type.Rank())
	if v, view := c.Attr.(View); view && c.Op.Class == ViewOp {
		m, c = v.Map, c.Args[0]
	}
	if c.Op.Name != "eq" || len(m.Guard) > 0 || m.Div != nil {
		return 0, nil, false
	}
	for i, a := range c.Args {
		x, isIndex := a.Attr.(Index)
		if t = Repeated(c.Args[1-i]); !isIndex || t == nil {
			continue
		}
		for k, in := range m.In {
			if syms := in.Syms(); x.E.Equal(shape.Idx(k)) && len(syms) == 1 && syms[0].Axis >= 0 && in.Equal(shape.Of(syms[0])) {
				return syms[0].Axis, t, true
			}
		}
	}
	return 0, nil, false
}

// Repeated is the scalar that all elements of n are; nil where n is none such.
func Repeated(n *Node) *Node {
	if v, view := n.Attr.(View); view && n.Op.Class == ViewOp && len(v.Map.In) == 0 && len(v.Map.Guard) == 0 {
		return n.Args[0]
	}
	if n.Type.Rank() == 0 {
		return n
	}
	return nil
}
