package ops

import (
	"math"

	"github.com/gradgen/gradgen/graph"
)

// Composites have derivatives of their own, more accurate than those of what
// they expand to.
var softmaxes = []*graph.Op{
	// y = eˣ/Σeˣ; a row of all -inf has value 0. With the symmetric Jacobian
	// x̄ = y·(ȳ - Σȳ·y), and ẏ likewise of ẋ.
	{Name: "softmax", Doc: "eˣ over its sum along the last axis; 0 where all are -inf", Arity: 1, Class: graph.CompositeOp,
		Infer: onRows(graph.Real), Expand: expandSoftmax, Reference: onLine(refSoftmax),
		Pullback: func(b *builder, n *node, ct graph.Cotangent) []graph.Cotangent {
			return []graph.Cotangent{guarded(b, softmaxJacobian(b, n, ct.Value), rowGuard(b, ct, n))}
		},
		Pushforward: func(b *builder, n *node, t []*node) *node {
			if t[0] == nil {
				return nil
			}
			return softmaxJacobian(b, n, t[0])
		}},
	// y = x - log Σeˣ; x̄ = ȳ - eʸ·Σȳ, and ẏ = ẋ - Σeʸ·ẋ.
	{Name: "log_softmax", Doc: "logarithm of the softmax along the last axis", Arity: 1, Class: graph.CompositeOp,
		Infer: onRows(graph.Real), Expand: expandLogSoftmax, Reference: onLine(refLogSoftmax),
		Pullback: func(b *builder, n *node, ct graph.Cotangent) []graph.Cotangent {
			x := b.Sub(ct.Value, b.Mul(b.Map("exp", n), rowSum(b, ct.Value)))
			return []graph.Cotangent{guarded(b, x, rowGuard(b, ct, n))}
		},
		Pushforward: func(b *builder, n *node, t []*node) *node {
			if t[0] == nil {
				return nil
			}
			return b.Sub(t[0], rowSum(b, b.Mul(b.Map("exp", n), t[0])))
		}},
	// y = log Σeˣ; by x it is eˣ⁻ʸ, and 0 where x is -inf.
	{Name: "logsumexp", Doc: "log Σeˣ over axes; -inf of none", Arity: 1, Class: graph.CompositeOp,
		Infer: reduced(graph.Real, graph.Real), Expand: expandLogSumExp, Reference: overAxes(refLogSumExp),
		Pullback: pullSlope(shares), Pushforward: pushSlope(shares)},
}

// softmaxJacobian is y·(v - Σv·y) along rows.
func softmaxJacobian(b *builder, y, v *node) *node { return b.Mul(y, b.Sub(v, rowSum(b, b.Mul(v, y)))) }

// rowSum is the sum along the last axis, stretched back.
func rowSum(b *builder, x *node) *node {
	return b.Restore(b.Sum(x, lastAxis(x)...), lastAxis(x), x.Type.Shape)
}

// shares is eˣ⁻ʸ for y = log Σeˣ, and 0 where x is -inf.
func shares(b *builder, n *node) *node {
	x := n.Args[0]
	y := b.Restore(n, n.Attr.(graph.Axes), x.Type.Shape)
	return pick(b, compare(b, "ne", x, math.Inf(-1)), b.Map("exp", b.Sub(x, y)), 0)
}

// lastAxis is the last axis of x.
func lastAxis(x *node) graph.Axes { return graph.Axes{x.Type.Rank() - 1} }

// rowGuard is the guard of an operand whose rows along the last axis each
// depend on the whole row: true where any of the row is.
func rowGuard(b *builder, ct graph.Cotangent, x *node) graph.Cotangent {
	if ct.Guard == nil {
		return ct
	}
	last := lastAxis(x)
	return graph.Cotangent{Guard: b.Restore(b.Reduce("any", ct.Guard, last...), last, x.Type.Shape)}
}

// shifted gives for x, reduced over axes: the maximum m, or 0 where it is not
// finite, and eˣ⁻ᵐ, which cannot overflow.
func shifted(b *builder, x *node, axes graph.Axes) (m, e *node) {
	m = b.Reduce("rmax", x, axes...)
	m = pick(b, b.Map("isfinite", m), m, 0)
	return m, b.Map("exp", b.Sub(x, b.Restore(m, axes, x.Type.Shape)))
}

func expandSoftmax(b *builder, n *node) *node {
	axes := lastAxis(n)
	_, e := shifted(b, n.Args[0], axes)
	sum := b.Sum(e, axes...)
	scale := pick(b, compare(b, "ne", sum, 0), inverse(b, sum), 0)
	return b.Mul(e, b.Restore(scale, axes, n.Type.Shape))
}

func expandLogSoftmax(b *builder, n *node) *node {
	x, axes := n.Args[0], lastAxis(n)
	m, e := shifted(b, x, axes)
	log := b.Map("log", b.Sum(e, axes...))
	wide := func(r *node) *node { return b.Restore(r, axes, x.Type.Shape) }
	y := b.Sub(b.Sub(x, wide(m)), wide(log))
	return pick(b, compare(b, "ne", x, math.Inf(-1)), y, math.Inf(-1))
}

func expandLogSumExp(b *builder, n *node) *node {
	axes := n.Attr.(graph.Axes)
	m, e := shifted(b, n.Args[0], axes)
	return b.Add(m, b.Map("log", b.Sum(e, axes...)))
}

func refLogSumExp(x []float64) float64 {
	m := math.Inf(-1)
	for _, v := range x {
		m = greater(m, v)
	}
	if math.IsInf(m, 0) {
		return m
	}
	sum := 0.0
	for _, v := range x {
		sum += math.Exp(v - m)
	}
	return m + math.Log(sum)
}

func refLogSoftmax(dst, src []float64) {
	all := refLogSumExp(src)
	for i, v := range src {
		dst[i] = v - all
		if math.IsInf(v, -1) {
			dst[i] = v
		}
	}
}

func refSoftmax(dst, src []float64) {
	refLogSoftmax(dst, src)
	for i, v := range dst {
		dst[i] = math.Exp(v)
	}
}
