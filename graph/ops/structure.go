package ops

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// What moves elements is linear: values and guards of cotangents go the same way.
var structure = []*graph.Op{
	{Name: "view", Doc: "elements read through an affine map", Arity: 1, Class: graph.ViewOp, Given: true,
		Pullback: pullView, Pushforward: pushView, Reference: refView},
	{Name: "reshape", Doc: "the same elements in row-major order under another shape", Arity: 1,
		Class: graph.ReshapeOp, Given: true, Pullback: pullReshape, Pushforward: pushAgain, Reference: copyOf},
	{Name: "concat", Doc: "operands one after the other along an axis", Arity: -1, Class: graph.ConcatOp,
		Infer: inferConcat, Pullback: pullConcat, Pushforward: pushConcat, Reference: refConcat},
}

func pullReshape(b *builder, n *node, ct graph.Cotangent) []graph.Cotangent {
	return []graph.Cotangent{through(ct, func(v *node) *node { return b.Reshape(v, n.Args[0].Type.Shape) })}
}

func pullConcat(b *builder, n *node, ct graph.Cotangent) []graph.Cotangent {
	axis, from := int(n.Attr.(graph.Axis)), shape.Dim{}
	out := make([]graph.Cotangent, len(n.Args))
	for i, a := range n.Args {
		m := shape.Identity(a.Type.Rank())
		m.In[axis] = m.In[axis].Add(from)
		out[i] = through(ct, func(v *node) *node { return b.View(v, m, 0, a.Type.Shape) })
		from = from.Add(a.Type.Shape[axis])
	}
	return out
}

// pushConcat puts zeros where an operand has no tangent.
func pushConcat(b *builder, n *node, t []*node) *node {
	parts, some := make([]*node, len(t)), false
	for i, a := range n.Args {
		if parts[i] = t[i]; t[i] == nil {
			parts[i] = b.Like(0, a)
		} else {
			some = true
		}
	}
	if !some {
		return nil
	}
	return b.Op("concat", n.Attr, parts...)
}

// pushView has 0 for the tangent of the fill.
func pushView(b *builder, n *node, t []*node) *node {
	if t[0] == nil {
		return nil
	}
	return b.View(t[0], n.Attr.(graph.View).Map, 0, n.Type.Shape)
}

// pullView sums what was read from each element; where the map cannot be
// turned round, it scatters.
func pullView(b *builder, n *node, ct graph.Cotangent) []graph.Cotangent {
	m, operand := n.Attr.(graph.View).Map, n.Args[0].Type.Shape
	if back, ok := b.TransposeView(ct, m, n.Type.Shape, operand); ok {
		return []graph.Cotangent{back}
	}
	at, with := viewScatter(b, m, n.Type.Shape)
	return []graph.Cotangent{scatterBack(b, ct, at, operand, with)}
}

// viewScatter describes the writes of a view's adjoint: subscripts that divide
// become int operands, guards a mask.
func viewScatter(b *builder, m shape.Map, ext []shape.Dim) (graph.Gather, []*node) {
	at := graph.Gather{In: m.In, By: make([]int, len(m.In)), Masked: len(m.Guard) > 0}
	var with []*node
	for k, in := range m.In {
		at.By[k] = -1
		if d := m.DivOf(k); d != 1 {
			at.By[k] = len(with)
			whole := b.IndexValue(in, ext)
			with = append(with, b.Map("idiv", whole, b.Fill(float64(d), whole.Type)))
		}
	}
	var mask *node
	for _, c := range m.Guard {
		mask = both(b, mask, condition(b, c, ext))
	}
	if mask != nil {
		with = append(with, mask)
	}
	return at, with
}

// condition is a guard's condition as a bool tensor.
func condition(b *builder, c shape.Cond, ext []shape.Dim) *node {
	e := b.IndexValue(c.E, ext)
	zero := b.Fill(0, e.Type)
	switch c.Kind {
	case shape.NonNegative:
		return b.Map("ge", e, zero)
	case shape.Zero:
		return b.Map("eq", e, zero)
	}
	return b.Map("eq", b.Map("imod", e, b.Fill(float64(c.Mod), e.Type)), zero)
}

func refView(n *node, args []graph.Tensor, out []int, dims dimsFunc) (graph.Tensor, error) {
	v, x, y := n.Attr.(graph.View), args[0], tensor(out)
	places(out, func(p []int) {
		value := withIndices(dims, p)
		for _, c := range v.Map.Guard {
			if !c.Holds(value) {
				set(y, p, v.Fill)
				return
			}
		}
		q := make([]int, len(x.Shape))
		for k, in := range v.Map.In {
			q[k] = int(in.Eval(value) / v.Map.DivOf(k))
		}
		set(y, p, get(x, q))
	})
	return y, nil
}

func refConcat(n *node, args []graph.Tensor, out []int, _ dimsFunc) (graph.Tensor, error) {
	axis, from, y := int(n.Attr.(graph.Axis)), 0, tensor(out)
	for _, x := range args {
		places(x.Shape, func(p []int) {
			q := append([]int{}, p...)
			q[axis] += from
			set(y, q, get(x, p))
		})
		from += x.Shape[axis]
	}
	return y, nil
}
