package check

import (
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
	x, y := b.vector(0), b.integer(1)
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
	return map[string]*builtin{"grad": {lazy: gradCall}}
}

// gradCall is the gradient of a scalar by one binding or several.
func gradCall(b *bcall) val {
	c := b.c
	if len(b.e.Args) < 2 {
		return c.bad("G0207", b.at, "grad takes a scalar and what to differentiate it by: grad(y, x)")
	}
	y := c.expr(b.s, b.f, b.e.Args[0].Value)
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

// gradBy is the gradient by one target. Under indices y is summed over them:
// the target is bound under the same ones, so each of its elements sees the y
// of its own iteration only.
func (b *bcall) gradBy(y val, a *ast.Arg) val {
	c := b.c
	if !isPath(a.Value) {
		c.report(diag.New("G0601", a.At, "the target of a derivative is a name, not an expression").
			WithHelp("bind it first: z = %s", short(a.At)))
		return b.bad()
	}
	x := c.expr(b.s, b.f, a.Value)
	if !x.ok() || !y.ok() {
		return b.bad()
	}
	if x.kind == kInst {
		return c.refuse(a.At, "derivatives by whole layer instances")
	}
	if x.kind != kTensor {
		return c.bad("G0604", a.At, "%s is %s; a derivative is taken by a real", short(a.At), x.describe())
	}
	if x.elem() != graph.Real {
		return c.bad("G0604", a.At, "%s is %s; a derivative is taken by a real", short(a.At), x.describe())
	}
	if len(union(x.idx, y.idx)) > len(x.idx) {
		return c.refuse(a.At, "derivatives under an index by a name bound outside it")
	}
	total := c.b.Sum(y.node, seq(len(y.idx))...)
	if !reaches(total, x.node) {
		c.report(diag.Warn("G0603", a.At, "the derivative by %s is zero: the value does not depend on it", short(a.At)))
		return tensor(c.b.Like(0, x.node), x.idx, a.At)
	}
	return tensor(c.b.Typed("gradient", nil, x.node.Type, total, x.node), x.idx, a.At)
}

func isPath(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return true
	case *ast.Field:
		return isPath(e.X)
	}
	return false
}

func reaches(y, x *graph.Node) bool {
	for _, n := range graph.Reachable(y) {
		if n == x {
			return true
		}
	}
	return false
}

// refusedBuiltins belong to the language and are not compiled yet.
func refusedBuiltins() map[string]*builtin {
	t := map[string]*builtin{}
	for _, name := range []string{
		"jacobian", "hessian", "hvp", "jvp", "vjp",
		"det", "logdet", "inv", "solve", "cholesky", "triangular_solve",
		"dropout", "random.normal", "random.uniform", "random.bernoulli", "random.categorical",
	} {
		t[name] = &builtin{lazy: func(b *bcall) val {
			b.c.argsOnly(b.s, b.f, b.e)
			return b.c.bad("G0902", b.e.Fun.Span(), "%s is not supported in this version", name)
		}}
	}
	return t
}
