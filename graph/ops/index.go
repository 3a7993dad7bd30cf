package ops

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

var indexing = []*graph.Op{
	{Name: "gather", Doc: "elements of the first operand at places given by ints", Arity: -1, Class: graph.GatherOp,
		Infer: inferGather, Pullback: pullGather, Pushforward: pushGather, Reference: refGather,
		Checks: isChecked, Spare: func(b *builder, n, taken *node) *node { return mask(b, n, taken) }, Conditions: placesOf},
	{Name: "scatter", Doc: "zeros, to which elements are added at places given by ints, in order", Arity: -1,
		Class: graph.ScatterOp, Given: true, Pullback: pullScatter, Pushforward: pushAgain, Reference: refScatter,
		Checks: isChecked, Spare: spareScatter, Conditions: placesOf},
}

// placesOf are the subscripts of a gather or scatter that may be outside.
func placesOf(b *builder, n *node) (out []*node) {
	at, ext, ints := n.Attr.(graph.Gather), n.Args[0].Type.Shape, n.Args[1:]
	domain := n.Type.Shape
	if n.Op.Class == graph.ScatterOp {
		ext, domain = domain, ext
	}
	for k, by := range at.By {
		args := []*node{b.IndexValue(at.In[k], domain)}
		if by >= 0 {
			args[0] = ints[by]
		}
		if at.Masked {
			args = append(args, ints[len(ints)-1])
		}
		if !Inside(args[0], ext[k]) {
			out = append(out, b.Op("place", graph.Place{Ext: ext[k], What: Subject(n) + "index"}, args...))
		}
	}
	return out
}

// Subject is the name of what a gather reads, for its message.
func Subject(n *node) string {
	leaf, ok := n.Args[0].Attr.(graph.Leaf)
	if !ok || n.Op.Class != graph.GatherOp || n.Args[0].Op.Name == "arg" {
		return ""
	}
	return string(leaf) + ": "
}

func isChecked(n *node) bool { return n.Attr.(graph.Gather).Checked }

// mask leaves alone the elements of a gather's or scatter's domain where taken
// is false.
func mask(b *builder, n, taken *node) *node {
	at, args := n.Attr.(graph.Gather), slices.Clone(n.Args)
	if at.Masked {
		last := len(args) - 1
		args[last] = b.Map("and", args[last], taken)
	} else {
		at.Masked, args = true, append(args, taken)
	}
	return b.Typed(n.Op.Name, at, n.Type, args...)
}

// spareScatter scatters all or nothing, for each of the first axes that operand
// and result share: an index outside belongs to no element.
func spareScatter(b *builder, n, taken *node) *node {
	at, lead := n.Attr.(graph.Gather), 0
	for lead < len(at.In) && at.By[lead] < 0 && at.In[lead].Equal(shape.Idx(lead)) {
		lead++
	}
	var rest []int
	for k := lead; k < n.Type.Rank(); k++ {
		rest = append(rest, k)
	}
	return mask(b, n, b.View(b.Reduce("any", taken, rest...), shape.Identity(lead), 0, n.Args[0].Type.Shape))
}

// pullGather adds what was read back to its place. The places have been checked.
func pullGather(b *builder, n *node, ct graph.Cotangent) []graph.Cotangent {
	at := unchecked(n)
	out := make([]graph.Cotangent, len(n.Args))
	out[0] = scatterBack(b, ct, at, n.Args[0].Type.Shape, n.Args[1:])
	return out
}

// pushGather reads the tangent; that of the fill is 0.
func pushGather(b *builder, n *node, t []*node) *node {
	if t[0] == nil {
		return nil
	}
	return b.Typed("gather", unchecked(n), n.Type, append([]*node{t[0]}, n.Args[1:]...)...)
}

// unchecked are the places of a gather or scatter that has been checked before.
func unchecked(n *node) graph.Gather {
	at := n.Attr.(graph.Gather)
	at.Checked, at.Fill = false, 0
	return at
}

// scatterBack scatters a cotangent into a tensor of shape ext. An element may be
// non-zero where some contribution may.
func scatterBack(b *builder, ct graph.Cotangent, at graph.Gather, ext []shape.Dim, with []*node) graph.Cotangent {
	t := graph.Type{Elem: graph.Real, Shape: ext}
	scatter := func(v *node) *node {
		return b.Typed("scatter", at, t, append([]*node{v}, with...)...)
	}
	out := graph.Cotangent{Value: scatter(ct.Value)}
	if ct.Guard != nil {
		out.Guard = compare(b, "gt", scatter(b.ToReal(ct.Guard)), 0)
	}
	return out
}

// pullScatter reads the cotangent where the elements were added.
func pullScatter(b *builder, n *node, ct graph.Cotangent) []graph.Cotangent {
	at := unchecked(n)
	out := make([]graph.Cotangent, len(n.Args))
	out[0] = through(ct, func(v *node) *node {
		return b.Typed("gather", at, graph.Type{Elem: v.Type.Elem, Shape: n.Args[0].Type.Shape},
			append([]*node{v}, n.Args[1:]...)...)
	})
	return out
}

// place is where the element at p of the domain is in the tensor of shape ext;
// ok is false where it is masked or outside; outside is an error where it is
// checked.
func place(at graph.Gather, ext, p []int, with []graph.Tensor, dims dimsFunc) (o int, ok bool, err error) {
	if at.Masked && get(with[len(with)-1], p) == 0 {
		return 0, false, nil
	}
	q, value := make([]int, len(ext)), withIndices(dims, p)
	for k := range ext {
		if at.By[k] >= 0 {
			q[k] = int(get(with[at.By[k]], p))
		} else {
			q[k] = int(at.In[k].Eval(value))
		}
	}
	o, ok = offset(ext, q)
	if !ok && at.Checked {
		err = &IndexError{At: q, Shape: ext}
	}
	return o, ok, err
}

// IndexError is the error of a reference where a checked place is outside.
type IndexError struct{ At, Shape []int }

func (e *IndexError) Error() string {
	return fmt.Sprintf("index %v is outside a tensor of shape %v", e.At, e.Shape)
}

func refGather(n *node, args []graph.Tensor, out []int, dims dimsFunc) (y graph.Tensor, err error) {
	at, x := n.Attr.(graph.Gather), args[0]
	y = tensor(out)
	places(out, func(p []int) {
		v := at.Fill
		o, ok, bad := place(at, x.Shape, p, args[1:], dims)
		if ok {
			v = x.Data[o]
		}
		set(y, p, v)
		err = cmp.Or(err, bad)
	})
	return y, err
}

func refScatter(n *node, args []graph.Tensor, out []int, dims dimsFunc) (y graph.Tensor, err error) {
	at, v := n.Attr.(graph.Gather), args[0]
	y = tensor(out)
	places(v.Shape, func(p []int) {
		o, ok, bad := place(at, out, p, args[1:], dims)
		if ok {
			y.Data[o] += get(v, p)
		}
		err = cmp.Or(err, bad)
	})
	return y, err
}
