package check

import (
	"slices"
	"strings"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

func compositeBuiltins() map[string]*builtin {
	return map[string]*builtin{
		"cross_entropy": {params: []string{"logits", "label"}, run: crossEntropy},
		"bce": {params: []string{"logit", "target"}, run: func(b *bcall) val {
			return b.c.elementwise("bce", b.at, b.real(0), b.real(1))
		}},
	}
}

// crossEntropy is -log softmax(logits)[label], for each label.
func crossEntropy(b *bcall) val {
	label := b.c.typed(b.args[1].val, true)
	if first := b.args[0].val; first.kind == kTensor && first.elem() == graph.Int && label.ok() && label.elem() == graph.Real {
		return b.c.bad("G0401", b.args[0].at, "logits are reals, labels ints").withHelp(b.c, "the logits come first: cross_entropy(logits, label)")
	}
	if label.ok() && label.elem() == graph.Real && len(label.inner()) > 0 && len(label.inner()) == len(b.args[0].val.inner()) {
		return b.c.bad("G0401", b.args[1].at, "labels are ints, one for each row").withHelp(b.c, "of rows with a 1 at the label, argmax("+short(b.args[1].at)+") makes labels")
	}
	x, y := b.reals(0), b.integer(1)
	if !x.ok() || !y.ok() {
		return b.bad()
	}
	lead := x.inner()[:len(x.inner())-1]
	common, ok := b.c.broadcastTwo(lead, y.inner(), b.at)
	if !ok || !shape.EqualShapes(common, lead) || len(y.inner()) != len(lead) {
		d := diag.New("G0302", b.at, "logits %s take labels %s", shape.Format(x.inner()), shape.Format(lead)).
			WithLabel("the labels are %s", y.shapeText())
		b.c.report(b.c.cite(d, x, y))
		return b.bad()
	}
	idx := union(x.idx, y.idx)
	return tensor(b.c.b.Op("cross_entropy", nil, b.c.lift(x, idx, x.inner()), b.c.lift(y, idx, lead)), idx, b.at)
}

func derivativeBuiltins() map[string]*builtin {
	return map[string]*builtin{
		"grad":     {lazy: gradCall},
		"jacobian": {lazy: func(b *bcall) val { return b.derivative(2, b.jacobianOf, b.jacobianOfAll) }},
		"hessian":  {lazy: func(b *bcall) val { return b.derivative(2, b.hessian, b.hessianOfAll) }},
		"jvp":      {lazy: func(b *bcall) val { return b.derivative(3, b.jvp, b.jvpOfAll) }},
		"vjp":      {lazy: func(b *bcall) val { return b.derivative(3, b.vjp, b.vjpOfAll) }},
		"hvp":      {lazy: func(b *bcall) val { return b.derivative(3, b.hvp, b.hvpOfAll) }},
	}
}

// gradCall is the gradient of a scalar by one binding or several.
func gradCall(b *bcall) val {
	c := b.c
	if !b.byPosition() {
		return b.bad()
	}
	if len(b.e.Args) < 2 {
		return c.bad("G0207", b.at, "grad takes a scalar and what to differentiate it by: grad(y, x)").
			withHelp(c, "a function has no gradient by itself: y = f(x), and then grad(y, x)")
	}
	y := b.differentiable(b.e.Args[0].Value)
	if y.kind == kUntyped {
		y = c.asReal(y)
	}
	y = c.typed(y, false)
	if y.ok() && y.elem() != graph.Real {
		return c.bad("G0604", b.e.Args[0].At, "%s has no derivative", y.describe())
	}
	if y.ok() && len(y.inner()) > 0 {
		return c.bad("G0602", b.e.Args[0].At, "grad takes a scalar, not %s", y.describe()).withHelp(c, "sum(y) makes a scalar of it")
	}
	out := val{kind: kTuple, at: b.at}
	for _, a := range b.e.Args[1:] {
		out.items = append(out.items, b.gradBy(y, a))
	}
	for _, v := range out.items {
		if !v.ok() {
			return v
		}
	}
	if len(out.items) == 1 {
		return out.items[0]
	}
	return out
}

// byPosition reports arguments by name.
func (b *bcall) byPosition() bool {
	for _, a := range b.e.Args {
		if a.Name != nil {
			b.c.errorf("G0205", a.At, "%s takes its arguments by position", b.name)
			return false
		}
	}
	return true
}

// differentiable evaluates what is differentiated.
func (b *bcall) differentiable(e ast.Expr) val {
	v := b.c.expr(b.s, b.f, e)
	if v.kind == kFunc {
		name := short(e.Span())
		return b.c.bad("G0211", e.Span(), "%s is a function, not a value", name).
			withHelp(b.c, "y = "+name+"(x), and then "+b.name+"(y, x)")
	}
	return v
}

// bindHelp says how to differentiate by what is no name.
func bindHelp(b *bcall, a *ast.Arg) string {
	y, text := short(b.e.Args[0].At), short(a.At)
	switch x := a.Value.(type) {
	case *ast.String:
		return "write " + b.name + "(" + y + ", " + x.Value + ")"
	case *ast.List:
		if b.name == "grad" && len(x.Items) > 0 {
			return "write grad(" + y + ", " + strings.Trim(text, "[]") + ")"
		}
	case *ast.Index:
		if id, ok := x.X.(*ast.Ident); ok && b.name == "grad" {
			return "differentiate by all of " + id.Name + ", and take the part: grad(" + y + ", " + id.Name + ")" + strings.TrimPrefix(text, id.Name)
		}
	case *ast.Number:
		return "name what the value is computed from"
	}
	return "bind it first, z = " + text + ", and compute the value from z"
}

// target evaluates what a derivative is taken by.
func (b *bcall) target(a *ast.Arg) val {
	c := b.c
	if rootOf(a.Value) == "" {
		c.report(diag.New("G0601", a.At, "the target of a derivative is a name, not an expression").
			WithHelp("%s", bindHelp(b, a)))
		return b.bad()
	}
	x := c.expr(b.s, b.f, a.Value)
	c.ownTarget(x)
	switch {
	case !x.ok():
	case x.kind == kInst:
		if !c.applied(x) {
			return b.bad()
		}
	case x.kind != kTensor || x.elem() != graph.Real:
		out := c.bad("G0604", a.At, "%s is %s; a derivative is taken by a real", short(a.At), x.describe())
		if x.kind == kTensor && x.elem() == graph.Int {
			out.withHelp(c, "bind r = real("+short(a.At)+"), compute the value from r, and differentiate by r")
		}
		return out
	}
	return x
}

// gradBy is the gradient by one target.
func (b *bcall) gradBy(y val, a *ast.Arg) val {
	c := b.c
	x := b.target(a)
	if !x.ok() || !y.ok() {
		return b.bad()
	}
	if x.kind == kInst {
		return b.gradOfAll(y, x)
	}
	y, x = c.exposed(y, x)
	if !b.reached(y.node, x) {
		return b.noJacobian(y, x)
	}
	return b.slope(y, x)
}

// reached warns where y does not depend on x.
func (b *bcall) reached(y *graph.Node, x val) bool {
	if dependsOn(y, x.node) {
		return true
	}
	b.warnZero(x)
	return false
}

// dependsOn reports whether y is computed from x, not by stop alone.
func dependsOn(y, x *graph.Node) bool {
	seen := map[*graph.Node]bool{}
	var from func(n *graph.Node) bool
	from = func(n *graph.Node) bool {
		if n == x || seen[n] || n.Op.Name == "stop" {
			return n == x
		}
		seen[n] = true
		return slices.ContainsFunc(n.Args, from)
	}
	return from(y)
}

func (b *bcall) warnZero(x val) {
	d := diag.Warn("G0603", x.at, "the derivative by %s is zero: the value does not depend on it", short(x.at))
	if !x.origin.IsZero() {
		d = d.WithRelated(x.origin, "%s is bound here", short(x.at))
	}
	b.c.report(d)
}
