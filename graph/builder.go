package graph

import (
	"fmt"

	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/diag"
)

// Builder makes nodes in one graph. Its methods expect operands that fit, which
// the checker has seen to; a misfit is a compiler bug and panics.
type Builder struct {
	G    *Graph
	Ops  map[string]*Op
	Span diag.Span // given to the nodes made from here on
	Rule string    // likewise

	capture func(*Node) *Node // brings operands of other graphs in; nil: there are none
}

// NewBuilder returns a builder over g that knows the given operators.
func NewBuilder(g *Graph, ops map[string]*Op) *Builder { return &Builder{G: g, Ops: ops} }

// Lookup finds an operator by name.
func (b *Builder) Lookup(name string) *Op {
	op, ok := b.Ops[name]
	if !ok {
		panic("graph: internal error: no operator " + name)
	}
	return op
}

// Op makes the node of the named operator, its type inferred.
func (b *Builder) Op(name string, attr Attr, args ...*Node) *Node {
	n, err := b.Try(name, attr, args...)
	if err != nil {
		panic(fmt.Sprintf("graph: internal error: %s: %v", name, err))
	}
	return n
}

// Try is Op with the operator's own complaint about its operands.
func (b *Builder) Try(name string, attr Attr, args ...*Node) (*Node, error) {
	op := b.Lookup(name)
	types := make([]Type, len(args))
	for i, a := range args {
		types[i] = a.Type
	}
	t, err := InferType(op, types, attr)
	if err != nil {
		return nil, err
	}
	return b.Typed(name, attr, t, args...), nil
}

// InferType applies an operator's type rule.
func InferType(op *Op, args []Type, attr Attr) (Type, error) {
	if op.Arity >= 0 && len(args) != op.Arity {
		return Type{}, fmt.Errorf("%d operands, want %d", len(args), op.Arity)
	}
	if op.Given {
		return Type{}, fmt.Errorf("its type is stated, not inferred")
	}
	if op.Infer != nil {
		return op.Infer(args, attr)
	}
	for i, a := range args {
		if want := (Type{Real, args[0].Shape}); !a.Equal(want) {
			return Type{}, fmt.Errorf("operand %d is %s, want %s", i+1, a, want)
		}
	}
	return args[0], nil
}

// Typed makes a node whose type the operands do not determine.
func (b *Builder) Typed(name string, attr Attr, t Type, args ...*Node) *Node {
	return b.G.add(Node{Op: b.Lookup(name), Args: b.local(args), Attr: attr, Type: t, Span: b.Span, Rule: b.Rule})
}

// Copy makes the like of a node, perhaps of another graph, over other operands.
func (b *Builder) Copy(n *Node, args ...*Node) *Node {
	if id, ok := n.Attr.(MarkID); ok {
		b.G.marks = max(b.G.marks, int(id))
	}
	c := *n
	c.Args = b.local(args)
	return b.G.add(c)
}

// Region makes a node with regions.
func (b *Builder) Region(name string, attr Attr, t Type, regions []*Region, args ...*Node) *Node {
	return b.G.add(Node{Op: b.Lookup(name), Args: b.local(args), Attr: attr, Type: t, Regions: regions, Span: b.Span, Rule: b.Rule})
}

// Leaf makes an input, param, state, grad or scalar of that name and type.
func (b *Builder) Leaf(kind, name string, t Type) *Node { return b.Typed(kind, Leaf(name), t) }

// Fill is the tensor of type t whose elements are all v.
func (b *Builder) Fill(v float64, t Type) *Node { return b.Typed("const", Number(v), t) }

// Real is the real scalar v.
func (b *Builder) Real(v float64) *Node { return b.Fill(v, Type{}) }

// Like is the constant v in the shape of x, real.
func (b *Builder) Like(v float64, x *Node) *Node { return b.Fill(v, Type{Real, x.Type.Shape}) }

// Dim is the value of a dimension as an int scalar.
func (b *Builder) Dim(d shape.Dim) *Node { return b.IndexValue(d, nil) }

// IndexValue is an int tensor of the given shape with e evaluated at each element.
func (b *Builder) IndexValue(e shape.Dim, ext []shape.Dim) *Node {
	return b.Typed("index", Index{e}, Type{Int, ext})
}

// View reads x through a map; the result has shape ext. Views of views become
// one, views of constants constants, the identity nothing.
func (b *Builder) View(x *Node, m shape.Map, fill float64, ext []shape.Dim) *Node {
	m = m.Prune(ext)
	t := Type{x.Type.Elem, ext}
	inner, isView := x.Attr.(View)
	_, isConst := x.Attr.(Number)
	switch {
	case m.IsIdentity(x.Type.Rank()) && shape.EqualShapes(ext, x.Type.Shape):
		return x
	case isConst && x.Op.Name == "const" && (len(m.Guard) == 0 || float64(x.Attr.(Number)) == fill):
		return b.Fill(float64(x.Attr.(Number)), t)
	case isView && (len(m.Guard) == 0 || len(inner.Map.Guard) == 0 || inner.Fill == fill):
		if len(m.Guard) == 0 {
			fill = inner.Fill
		}
		return b.View(x.Args[0], shape.Compose(m, inner.Map), fill, ext)
	}
	return b.Typed("view", View{m, fill}, t, x)
}

// Broadcast stretches x to a shape as NumPy does: aligned at the right, axes of
// extent 1 repeated.
func (b *Builder) Broadcast(x *Node, ext []shape.Dim) *Node {
	if shape.EqualShapes(x.Type.Shape, ext) {
		return x
	}
	m := shape.Map{In: make([]shape.Dim, x.Type.Rank())}
	lead := len(ext) - x.Type.Rank()
	for k, d := range x.Type.Shape {
		if d.Is(1) && !ext[lead+k].Is(1) {
			m.In[k] = shape.Dim{}
		} else {
			m.In[k] = shape.Idx(lead + k)
		}
	}
	return b.View(x, m, 0, ext)
}

// BroadcastShape is the common shape of operands; ok is false where extents clash.
func BroadcastShape(shapes ...[]shape.Dim) (out []shape.Dim, ok bool) {
	for _, s := range shapes {
		if out, ok = broadcastTwo(out, s); !ok {
			return out, false
		}
	}
	return out, true
}

func broadcastTwo(a, c []shape.Dim) ([]shape.Dim, bool) {
	if len(a) < len(c) {
		a, c = c, a
	}
	out := append([]shape.Dim{}, a...)
	for k := range c {
		at := len(a) - len(c) + k
		switch {
		case a[at].Equal(c[k]), c[k].Is(1):
		case a[at].Is(1):
			out[at] = c[k]
		default:
			return out, false
		}
	}
	return out, true
}

// Map applies an element-wise operator after broadcasting its operands.
func (b *Builder) Map(name string, args ...*Node) *Node { return b.MapAttr(name, nil, args...) }

// MapAttr is Map for an operator with an attribute.
func (b *Builder) MapAttr(name string, attr Attr, args ...*Node) *Node {
	shapes := make([][]shape.Dim, len(args))
	for i, a := range args {
		shapes[i] = a.Type.Shape
	}
	ext, ok := BroadcastShape(shapes...)
	if !ok {
		panic(fmt.Sprintf("graph: internal error: %s: shapes %v do not broadcast", name, shapes))
	}
	stretched := make([]*Node, len(args))
	for i, a := range args {
		stretched[i] = b.Broadcast(a, ext)
	}
	return b.Op(name, attr, stretched...)
}

// Add, Sub, Mul, Div and Neg are the arithmetic of reals, with broadcasting.
func (b *Builder) Add(x, y *Node) *Node { return b.Map("add", x, y) }

// Sub is x - y.
func (b *Builder) Sub(x, y *Node) *Node { return b.Map("sub", x, y) }

// Mul is x·y.
func (b *Builder) Mul(x, y *Node) *Node { return b.Map("mul", x, y) }

// Div is x/y.
func (b *Builder) Div(x, y *Node) *Node { return b.Map("div", x, y) }

// Neg is -x.
func (b *Builder) Neg(x *Node) *Node { return b.Map("neg", x) }

// Scale is c·x.
func (b *Builder) Scale(c float64, x *Node) *Node { return b.Mul(b.Like(c, x), x) }

// Where selects a where c holds and d elsewhere.
func (b *Builder) Where(c, a, d *Node) *Node { return b.Map("where", c, a, d) }

// ToReal converts an int or bool to real.
func (b *Builder) ToReal(x *Node) *Node {
	if x.Type.Elem == Real {
		return x
	}
	return b.Map("real", x)
}

// Reduce applies a reduction over axes; without axes it is x itself.
func (b *Builder) Reduce(name string, x *Node, axes ...int) *Node {
	if len(axes) == 0 {
		return x
	}
	return b.Op(name, Axes(axes), x)
}

// Sum adds over axes.
func (b *Builder) Sum(x *Node, axes ...int) *Node { return b.Reduce("sum", x, axes...) }

// Restore undoes the rank change of a reduction: r, reduced over axes, is
// stretched back to the shape ext.
func (b *Builder) Restore(r *Node, axes Axes, ext []shape.Dim) *Node {
	m := shape.Map{}
	for k := range ext {
		if !axes.Has(k) {
			m.In = append(m.In, shape.Idx(k))
		}
	}
	return b.View(r, m, 0, ext)
}

// Permute reorders axes: axis k of the result is axis perm[k] of x.
func (b *Builder) Permute(x *Node, perm []int) *Node {
	m := shape.Map{In: make([]shape.Dim, len(perm))}
	ext := make([]shape.Dim, len(perm))
	for k, p := range perm {
		m.In[p] = shape.Idx(k)
		ext[k] = x.Type.Shape[p]
	}
	return b.View(x, m, 0, ext)
}

// Reshape gives x another shape with as many elements, in row-major order.
func (b *Builder) Reshape(x *Node, ext []shape.Dim) *Node {
	if shape.EqualShapes(x.Type.Shape, ext) {
		return x
	}
	if x.Op.Class == ReshapeOp {
		return b.Reshape(x.Args[0], ext)
	}
	return b.Typed("reshape", nil, Type{x.Type.Elem, ext}, x)
}

// Mark wraps x in an identity of its own, which nothing merges or folds.
func (b *Builder) Mark(x *Node) *Node {
	b.G.marks++
	return b.Typed("mark", MarkID(b.G.marks), x.Type, x)
}

// TransposeView is the adjoint of reading a tensor of shape operand through m
// with result shape ext: a guarded view of ct, summed over what m leaves open.
// Guards of cotangents go the same way. ok is false where m has no transpose.
func (b *Builder) TransposeView(ct Cotangent, m shape.Map, ext, operand []shape.Dim) (Cotangent, bool) {
	t, free, ok := m.Transpose(ext, operand)
	if !ok {
		return Cotangent{}, false
	}
	full := append(append([]shape.Dim{}, operand...), free...)
	axes := make([]int, len(free))
	for i := range free {
		axes[i] = len(operand) + i
	}
	out := Cotangent{}
	out.Value = b.Sum(b.View(ct.Value, t, 0, full), axes...)
	switch {
	case ct.Guard != nil:
		out.Guard = b.Reduce("any", b.View(ct.Guard, t, 0, full), axes...)
	case len(t.Guard) > 0 && len(free) == 0:
		// What a slice leaves out is certainly zero, whatever lies behind it.
		out.Guard = b.View(b.Fill(1, Type{Bool, ext}), t, 0, full)
	}
	return out, true
}
