package eval

import (
	"errors"
	"fmt"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/ops"
)

// origin names the element of an input that is read at one place of n: label[1]. It
// is empty for what is computed.
func (r *run) origin(n *graph.Node, place []int) string {
	place = append([]int{}, place...)
	for n.Op.Name != "input" {
		switch n.Op.Name {
		case "mark", "place":
			n = n.Args[0]
		case "where":
			if _, number := n.Args[2].Attr.(graph.Number); !number {
				return ""
			}
			n = n.Args[1]
		case "view":
			v, value := n.Attr.(graph.View), r.at(place)
			from := make([]int, len(v.Map.In))
			for k, in := range v.Map.In {
				from[k] = int(in.Eval(value) / v.Map.DivOf(k))
			}
			n, place = n.Args[0], from
		default:
			return ""
		}
	}
	name := string(n.Attr.(graph.Leaf))
	for _, p := range place {
		name += fmt.Sprintf("[%d]", p)
	}
	return name
}

// element is the first element of ints outside of 0..extent, by its origin, of those
// where a mask, if there is one, holds.
func (r *run) element(n *graph.Node, ints graph.Tensor, mask []graph.Tensor, extent int) (source string) {
	each(ints.Shape, func(i int, place []int) {
		taken := len(mask) == 0 || mask[0].Data[i] != 0
		if v := int(ints.Data[i]); taken && source == "" && (v < 0 || v >= extent) {
			source = r.origin(n, place)
		}
	})
	return source
}

// located says where a reference failed, and by which element of an input.
func (r *run) located(n *graph.Node, args []graph.Tensor, err error) error {
	outside := (*ops.IndexError)(nil)
	if at, ok := n.Attr.(graph.Place); ok && err != nil {
		if source := r.element(n.Args[0], args[0], args[1:], int(at.Ext.Eval(r.dim))); source != "" {
			err = errors.New("input " + source + err.Error()[len(at.What):])
		}
	} else if errors.As(err, &outside) && len(outside.At) == 1 { // a label
		return &IndexError{Index: outside.At[0], Extent: outside.Shape[0], Axis: n.Args[0].Type.Rank() - 1, Span: n.Span,
			Source: r.element(n.Args[1], args[1], nil, outside.Shape[0])}
	}
	if err != nil && n.Op.Class == graph.CheckOp {
		return &CheckError{err.Error(), n.Span}
	}
	return err
}
