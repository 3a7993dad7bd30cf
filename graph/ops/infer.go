package ops

import (
	"fmt"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// inferFunc is a type rule.
type inferFunc = func(args []graph.Type, attr graph.Attr) (graph.Type, error)

var (
	real = graph.Real
	ints = graph.Int
	bits = graph.Bool
)

// same wants every operand of one of the element types and all alike, and gives
// a result of the same shape: of element type out, or as the operands where out
// is nil.
func same(out *graph.Elem, elems ...graph.Elem) inferFunc {
	return func(args []graph.Type, _ graph.Attr) (graph.Type, error) {
		if !oneOf(args[0].Elem, elems) {
			return graph.Type{}, fmt.Errorf("operand 1 is %s, want %s", args[0], list(elems))
		}
		for i, a := range args {
			if !a.Equal(args[0]) {
				return graph.Type{}, fmt.Errorf("operand %d is %s, operand 1 is %s", i+1, a, args[0])
			}
		}
		if out == nil {
			return args[0], nil
		}
		return graph.Type{Elem: *out, Shape: args[0].Shape}, nil
	}
}

// each wants operands of exactly these element types in one shape, which is the
// result's too, with element type out.
func each(out graph.Elem, elems ...graph.Elem) inferFunc {
	return func(args []graph.Type, _ graph.Attr) (graph.Type, error) {
		for i, a := range args {
			if want := (graph.Type{Elem: elems[i], Shape: args[0].Shape}); !a.Equal(want) {
				return graph.Type{}, fmt.Errorf("operand %d is %s, want %s", i+1, a, want)
			}
		}
		return graph.Type{Elem: out, Shape: args[0].Shape}, nil
	}
}

func oneOf(e graph.Elem, elems []graph.Elem) bool {
	for _, x := range elems {
		if e == x {
			return true
		}
	}
	return false
}

func list(elems []graph.Elem) string {
	s := ""
	for i, e := range elems {
		if i > 0 {
			s += " or "
		}
		s += e.String()
	}
	return s
}

// counted wants a Count attribute besides what rule wants.
func counted(rule inferFunc) inferFunc {
	return func(args []graph.Type, attr graph.Attr) (graph.Type, error) {
		if _, ok := attr.(graph.Count); !ok {
			return graph.Type{}, fmt.Errorf("no count")
		}
		return rule(args, attr)
	}
}

// inferSelect is the rule of where(c, a, b).
func inferSelect(args []graph.Type, _ graph.Attr) (graph.Type, error) {
	c, a, b := args[0], args[1], args[2]
	switch {
	case c.Elem != bits:
		return graph.Type{}, fmt.Errorf("the condition is %s, want bool", c)
	case !a.Equal(b):
		return graph.Type{}, fmt.Errorf("the alternatives are %s and %s", a, b)
	case !shape.EqualShapes(a.Shape, c.Shape):
		return graph.Type{}, fmt.Errorf("the condition is %s, the alternatives are %s", c, a)
	}
	return a, nil
}

// reduced is the rule of a reduction of elements in to elements out.
func reduced(in, out graph.Elem) inferFunc {
	return func(args []graph.Type, attr graph.Attr) (graph.Type, error) {
		axes, ok := attr.(graph.Axes)
		if !ok || len(axes) == 0 {
			return graph.Type{}, fmt.Errorf("no axes")
		}
		if args[0].Elem != in {
			return graph.Type{}, fmt.Errorf("the operand is %s, want %s", args[0], in)
		}
		for i, k := range axes {
			if k < 0 || k >= args[0].Rank() || i > 0 && axes[i-1] >= k {
				return graph.Type{}, fmt.Errorf("%s of %s", axes, args[0])
			}
		}
		return graph.Type{Elem: out, Shape: without(args[0].Shape, axes)}, nil
	}
}

// without drops axes of a shape.
func without(s []shape.Dim, axes graph.Axes) []shape.Dim {
	var out []shape.Dim
	for k, d := range s {
		if !axes.Has(k) {
			out = append(out, d)
		}
	}
	return out
}

// inferArg is the rule of argmax and argmin.
func inferArg(args []graph.Type, attr graph.Attr) (graph.Type, error) {
	k, ok := attr.(graph.Axis)
	switch {
	case !ok:
		return graph.Type{}, fmt.Errorf("no axis")
	case int(k) < 0 || int(k) >= args[0].Rank():
		return graph.Type{}, fmt.Errorf("%s of %s", k, args[0])
	case args[0].Elem == bits:
		return graph.Type{}, fmt.Errorf("the operand is %s, want real or int", args[0])
	}
	return graph.Type{Elem: ints, Shape: without(args[0].Shape, graph.Axes{int(k)})}, nil
}

// onRows is the rule of what works along the last axis and keeps the shape.
func onRows(out graph.Elem) inferFunc {
	return func(args []graph.Type, _ graph.Attr) (graph.Type, error) {
		if args[0].Elem != real || args[0].Rank() == 0 {
			return graph.Type{}, fmt.Errorf("the operand is %s, want a real with a last axis", args[0])
		}
		return graph.Type{Elem: out, Shape: args[0].Shape}, nil
	}
}

// onWholeRows is [onRows] of reals, and of ints, which stay ints.
func onWholeRows(out graph.Elem) inferFunc {
	return func(args []graph.Type, attr graph.Attr) (graph.Type, error) {
		if args[0].Elem == ints && args[0].Rank() > 0 {
			return args[0], nil
		}
		return onRows(out)(args, attr)
	}
}

// inferConcat is the rule of concat.
func inferConcat(args []graph.Type, attr graph.Attr) (graph.Type, error) {
	axis, ok := attr.(graph.Axis)
	if !ok || len(args) == 0 || int(axis) < 0 || int(axis) >= args[0].Rank() {
		return graph.Type{}, fmt.Errorf("no operand or no such axis")
	}
	out := append([]shape.Dim{}, args[0].Shape...)
	for i, a := range args[1:] {
		if a.Elem != args[0].Elem || a.Rank() != args[0].Rank() {
			return graph.Type{}, fmt.Errorf("operand %d is %s, operand 1 is %s", i+2, a, args[0])
		}
		for k, d := range a.Shape {
			if k == int(axis) {
				out[k] = out[k].Add(d)
			} else if !d.Equal(out[k]) {
				return graph.Type{}, fmt.Errorf("operand %d is %s, operand 1 is %s: axis %d differs", i+2, a, args[0], k)
			}
		}
	}
	return graph.Type{Elem: args[0].Elem, Shape: out}, nil
}

// inferGather is the rule of gather: elements of the first operand in the shape
// of the int operands.
func inferGather(args []graph.Type, attr graph.Attr) (graph.Type, error) {
	at, ok := attr.(graph.Gather)
	switch {
	case !ok || len(args) < 2:
		return graph.Type{}, fmt.Errorf("no indices")
	case len(at.In) != args[0].Rank() || len(at.By) != len(at.In):
		return graph.Type{}, fmt.Errorf("%d subscripts of %s", len(at.In), args[0])
	}
	domain := args[1].Shape
	for i, a := range args[1:] {
		want := graph.Type{Elem: ints, Shape: domain}
		if at.Masked && i == len(args)-2 {
			want.Elem = bits
		}
		if !a.Equal(want) {
			return graph.Type{}, fmt.Errorf("operand %d is %s, want %s", i+2, a, want)
		}
	}
	return graph.Type{Elem: args[0].Elem, Shape: domain}, nil
}

// inferCrossEntropy is the rule of cross_entropy(logits, label).
func inferCrossEntropy(args []graph.Type, _ graph.Attr) (graph.Type, error) {
	z := args[0]
	if z.Elem != real || z.Rank() == 0 {
		return graph.Type{}, fmt.Errorf("the logits are %s, want a real with a last axis of classes", z)
	}
	want := graph.Type{Elem: ints, Shape: z.Shape[:z.Rank()-1]}
	if !args[1].Equal(want) {
		return graph.Type{}, fmt.Errorf("the label is %s, want %s", args[1], want)
	}
	return graph.Type{Elem: real, Shape: want.Shape}, nil
}
