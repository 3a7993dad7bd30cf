package graph

import "github.com/gradgen/gradgen/graph/shape"

// Lift computes nodes of a body for all values of a new first axis at once, in
// b's graph: the step of a scan, or one of many directions. lifted maps nodes of
// the body to what they stand for with the new axis first, fixed those that are
// the same along it. ok is false where an operator has no such form: a loop, or
// a parameter that neither map knows.
func (b *Builder) Lift(roots []*Node, extent shape.Dim, lifted, fixed map[*Node]*Node) (out []*Node, ok bool) {
	l := &lifting{b: b, extent: extent, lifted: lifted, fixed: fixed, varies: map[*Node]bool{}}
	for _, n := range Reachable(roots...) {
		l.varies[n] = lifted[n] != nil
		for _, a := range n.Args {
			l.varies[n] = l.varies[n] || l.varies[a]
		}
	}
	for _, r := range roots {
		y := l.node(r)
		if y == nil {
			return nil, false
		}
		out = append(out, y)
	}
	return out, true
}

type lifting struct {
	b             *Builder
	extent        shape.Dim
	lifted, fixed map[*Node]*Node
	varies        map[*Node]bool
}

// node is n with the new axis; nil where that is impossible.
func (l *lifting) node(n *Node) *Node {
	if y := l.lifted[n]; y != nil {
		return y
	}
	y := l.compute(n)
	if y != nil {
		if y.Name == "" {
			y.Name = n.Name
		}
		l.lifted[n] = y
	}
	return y
}

func (l *lifting) compute(n *Node) *Node {
	if !l.varies[n] {
		y := l.outside(n)
		if y == nil {
			return nil
		}
		m := shape.Map{}
		for k := range n.Type.Shape {
			m.In = append(m.In, shape.Idx(k+1))
		}
		return l.b.View(y, m, 0, l.shape(n.Type.Shape))
	}
	var args []*Node
	for _, a := range n.Args {
		y := l.node(a)
		if y == nil {
			return nil
		}
		args = append(args, y)
	}
	l.b.Span, l.b.Rule = n.Span, n.Rule
	t := Type{n.Type.Elem, l.shape(n.Type.Shape)}
	switch n.Op.Class {
	case ViewOp:
		v := n.Attr.(View)
		return l.b.View(args[0], shiftedMap(v.Map), v.Fill, t.Shape)
	case ReshapeOp:
		return l.b.Reshape(args[0], t.Shape)
	case GatherOp:
		return l.gather(n, args, t)
	case ScatterOp:
		return l.b.Typed("scatter", shiftedGather(n.Attr.(Gather)), t, args...)
	case Elementwise, ReduceOp, ArgReduceOp, ConcatOp, RowOp, CallOp, CheckOp, CompositeOp:
		return l.b.Typed(n.Op.Name, shiftedAttr(n.Attr), t, args...)
	}
	return nil
}

// outside computes what does not vary, once.
func (l *lifting) outside(n *Node) *Node {
	if y := l.fixed[n]; y != nil {
		return y
	}
	switch n.Op.Class {
	case RegionOp, ResultOp, MarkOp, DerivOp:
		return nil
	}
	if _, isLeaf := n.Attr.(Leaf); isLeaf {
		return nil
	}
	args := make([]*Node, len(n.Args))
	for i, a := range n.Args {
		if args[i] = l.outside(a); args[i] == nil {
			return nil
		}
	}
	l.fixed[n] = l.b.Copy(n, args...)
	return l.fixed[n]
}

func (l *lifting) shape(ext []shape.Dim) []shape.Dim {
	return append([]shape.Dim{l.extent}, ext...)
}

// gather keeps what does not vary without the new axis.
func (l *lifting) gather(n *Node, args []*Node, t Type) *Node {
	g := n.Attr.(Gather)
	if l.varies[n.Args[0]] {
		g = shiftedGather(g)
	} else {
		g.In = shiftedAll(g.In)
		args[0] = l.outside(n.Args[0])
	}
	return l.b.Typed("gather", g, t, args...)
}

func shifted(d shape.Dim) shape.Dim {
	return d.Subst(func(s *shape.Sym) (shape.Dim, bool) { return shape.Idx(s.Axis + 1), s.Axis >= 0 })
}

func shiftedAll(in []shape.Dim) []shape.Dim {
	out := make([]shape.Dim, len(in))
	for k, d := range in {
		out[k] = shifted(d)
	}
	return out
}

func shiftedMap(m shape.Map) shape.Map {
	out := shape.Map{In: append([]shape.Dim{shape.Idx(0)}, shiftedAll(m.In)...)}
	if m.Div != nil {
		out.Div = append([]int64{1}, m.Div...)
	}
	for _, g := range m.Guard {
		g.E = shifted(g.E)
		out.Guard = append(out.Guard, g)
	}
	return out
}

func shiftedGather(g Gather) Gather {
	g.In = append([]shape.Dim{shape.Idx(0)}, shiftedAll(g.In)...)
	g.By = append([]int{-1}, g.By...)
	return g
}

func shiftedAttr(a Attr) Attr {
	switch a := a.(type) {
	case Axes:
		out := make(Axes, len(a))
		for i, k := range a {
			out[i] = k + 1
		}
		return out
	case Axis:
		return a + 1
	}
	return a
}
