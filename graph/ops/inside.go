package ops

import (
	"fmt"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// Inside reports whether all elements of an int tensor are known to be places of
// an axis of that extent: argmax gives one of the axis it runs along.
func Inside(n *node, ext shape.Dim) bool { return natural(n) && below(n, ext) }

func yes(a shape.Answer) bool { return a == shape.Yes }

// positive reports whether an int is known to be at least 1, and no more than most.
func positive(n *node, most shape.Dim) bool {
	d, ok := uniform(n)
	return ok && yes(shape.Facts{}.NonNeg(d.AddInt(-1))) && yes(shape.Facts{}.NonNeg(most.Sub(d)))
}

// uniform is the value of an int tensor whose elements are one number.
func uniform(n *node) (shape.Dim, bool) {
	switch a := n.Attr.(type) {
	case graph.Number:
		return shape.Const(int64(a)), true
	case graph.Index:
		for _, s := range a.E.Syms() {
			if s.Axis >= 0 {
				return a.E, false
			}
		}
		return a.E, true
	case graph.View:
		if len(a.Map.Guard) == 0 {
			return uniform(n.Args[0])
		}
	}
	return shape.Dim{}, false
}

// throughout asks of a choice, or of elements moved, what is asked of all that they may be.
func throughout(n *node, ask func(*node) bool) (answer, ok bool) {
	switch n.Op.Name {
	case "where":
		return ask(n.Args[1]) && ask(n.Args[2]), true
	case "view":
		v := n.Attr.(graph.View)
		return ask(n.Args[0]) && (len(v.Map.Guard) == 0 || v.Fill == 0), true
	case "reshape", "mark", "nonzero", "some", "whole", "place":
		return ask(n.Args[0]), true
	}
	return false, false
}

// natural reports whether ints are known to be at least 0.
func natural(n *node) bool {
	if answer, ok := throughout(n, natural); ok {
		return answer
	}
	switch n.Op.Name {
	case "const":
		return n.Attr.(graph.Number) >= 0
	case "index":
		return yes(shape.Facts{Ext: n.Type.Shape}.NonNeg(n.Attr.(graph.Index).E))
	case "argmax", "argmin":
		return true
	case "imod":
		d, ok := uniform(n.Args[1])
		return ok && positive(n.Args[1], d)
	case "iadd", "imul", "imin":
		return natural(n.Args[0]) && natural(n.Args[1])
	case "imax":
		return natural(n.Args[0]) || natural(n.Args[1])
	}
	return false
}

// below reports whether ints are known to be less than a dim, which itself is
// not 0 where there are any.
func below(n *node, d shape.Dim) bool {
	if answer, ok := throughout(n, func(x *node) bool { return below(x, d) }); ok {
		return answer && yes(shape.Facts{}.NonNeg(d.AddInt(-1)))
	}
	switch n.Op.Name {
	case "const":
		return yes(shape.Facts{}.Less(shape.Const(int64(n.Attr.(graph.Number))), d))
	case "index":
		return yes(shape.Facts{Ext: n.Type.Shape}.Less(n.Attr.(graph.Index).E, d))
	case "argmax", "argmin":
		along := n.Args[0].Type.Shape[n.Attr.(graph.Axis)]
		return yes(shape.Facts{}.NonNeg(along.AddInt(-1))) && yes(shape.Facts{}.NonNeg(d.Sub(along)))
	case "imod":
		return positive(n.Args[1], d)
	case "imin":
		return below(n.Args[0], d) || below(n.Args[1], d)
	case "imax":
		return below(n.Args[0], d) && below(n.Args[1], d)
	}
	return false
}

// CheckKeys names the checks of a node; equal checks of one graph have equal names.
func CheckKeys(n *node) (out []string) {
	if n.Op.Checks == nil || !n.Op.Checks(n) {
		return nil
	}
	at, isGather := n.Attr.(graph.Gather)
	if !isGather {
		what := ""
		if p, ok := n.Attr.(graph.Place); ok {
			what = p.Ext.String()
		}
		return []string{checkKey(what, n.Args[0], n.Args[1:])}
	}
	ext, ints := n.Args[0].Type.Shape, n.Args[1:]
	if n.Op.Class == graph.ScatterOp {
		ext = n.Type.Shape
	}
	var mask []*node
	if at.Masked {
		mask = ints[len(ints)-1:]
	}
	for k, by := range at.By {
		if by >= 0 {
			out = append(out, checkKey(ext[k].String(), ints[by], mask))
		}
	}
	return out
}

func checkKey(what string, x *node, mask []*node) string {
	k := fmt.Sprint(what, " ", x.ID)
	for _, m := range mask {
		k += fmt.Sprint(" ", m.ID)
	}
	return k
}
