package check

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

func reductionBuiltins() map[string]*builtin {
	t := map[string]*builtin{}
	for _, name := range []string{"sum", "mean", "prod", "any", "all", "var", "std", "norm", "logsumexp"} {
		t[name] = &builtin{params: []string{"x", "axis?", "keep?"}, run: reduceCall}
	}
	for _, name := range []string{"max", "min"} {
		t[name] = &builtin{lazy: extremum}
	}
	return t
}

// extremum is max or min: of two tensors element by element, or over axes.
func extremum(b *bcall) val {
	args := b.c.arguments(b.s, b.f, b.e)
	for _, a := range args {
		if !a.val.ok() {
			return b.bad()
		}
	}
	if len(args) < 2 || args[1].name != "" {
		if !b.match([]string{"x", "axis?", "keep?"}, args) {
			return b.bad()
		}
		return reduceCall(b)
	}
	if !b.match([]string{"a", "b"}, args) {
		return b.bad()
	}
	x, y := b.args[0].val, b.args[1].val
	if x.kind == kUntyped && y.kind == kUntyped {
		if b.name == "max" {
			return b.dimPairAny(x, y, shape.Max)
		}
		return b.dimPairAny(x, y, shape.Min)
	}
	x, y = b.c.sameElem(x, y)
	for _, v := range []val{x, y} {
		if v.kind == kKnown || v.kind == kTensor && v.elem() == graph.Bool {
			return b.c.wrongType(v, "bool", "real", "of conditions, "+map[string]string{"max": "a or b", "min": "a and b"}[b.name])
		}
	}
	op := b.name
	if isInt(x) {
		op = "i" + op
	}
	return b.c.elementwise(op, b.at, x, y)
}

// dimPairAny is dimPair for constants that may be fractions.
func (b *bcall) dimPairAny(x, y val, fn func(a, d shape.Dim) shape.Dim) val {
	if x.den.Is(1) && y.den.Is(1) {
		return untyped(fn(x.num, y.num), b.at)
	}
	return b.c.elementwise(b.name, b.at, b.c.asReal(x), b.c.asReal(y))
}

// reduceCall is a reduction over axes.
func reduceCall(b *bcall) val {
	if v := b.args[0].val; v.kind == kInst && b.name == "sum" && !b.has(1) {
		return b.c.instSum(v, b.at)
	}
	v := b.any(0)
	if !v.ok() {
		return v
	}
	axes, ok := b.axes(v, 1)
	if !ok {
		return b.bad()
	}
	keep := b.flag(2)
	shifted := offset(axes, v.lead())
	node := b.reduceNode(v, shifted)
	if node == nil {
		return b.bad()
	}
	if keep {
		node = b.c.keepDims(node, graph.Axes(shifted), v.node.Type.Shape)
	}
	return b.on(v, node)
}

func (b *bcall) reduceNode(v val, axes []int) *graph.Node {
	c := b.c
	node := c.nodeOf(v)
	switch b.name {
	case "mean":
		n := shape.Const(1)
		for _, a := range axes {
			n = n.Mul(node.Type.Shape[a])
		}
		total := c.b.Sum(c.b.ToReal(node), axes...)
		return c.b.Div(total, c.realOf(untyped(n, b.at)))
	case "var", "std", "norm":
		if v = c.asReal(v); !v.ok() {
			return nil
		}
		if len(axes) == 0 {
			return c.scalarSpread(b.name, node)
		}
		return c.b.Op(b.name, graph.Axes(axes), node)
	}
	op := comprehensions[b.name].op(v.elem())
	if op == "" {
		c.errorf("G0401", b.at, "%s does not apply to %ss", b.name, v.elem())
		return nil
	}
	return c.b.Reduce(op, c.countable(op, node), axes...)
}

// scalarSpread is var, std or norm of a scalar.
func (c *checker) scalarSpread(name string, x *graph.Node) *graph.Node {
	if name == "norm" {
		return c.b.Map("abs", x)
	}
	return c.b.Like(0, x)
}

// keepDims puts axes of extent 1 where a reduction took some away.
func (c *checker) keepDims(n *graph.Node, axes graph.Axes, ext []shape.Dim) *graph.Node {
	m := shape.Map{}
	out := make([]shape.Dim, len(ext))
	for k, d := range ext {
		out[k] = d
		if axes.Has(k) {
			out[k] = shape.Const(1)
		} else {
			m.In = append(m.In, shape.Idx(k))
		}
	}
	return c.b.View(n, m, 0, out)
}
