package ops

import "github.com/gradgen/gradgen/graph"

// pullback is a reverse rule, pushforward a forward rule.
type (
	pullback    = func(b *builder, n *node, ct graph.Cotangent) []graph.Cotangent
	pushforward = func(b *builder, n *node, t []*node) *node
)

// through applies a linear operation to value and guard.
func through(ct graph.Cotangent, f func(*node) *node) graph.Cotangent {
	out := graph.Cotangent{Value: f(ct.Value)}
	if ct.Guard != nil {
		out.Guard = f(ct.Guard)
	}
	return out
}

// restore stretches a cotangent of a reduction back to the operand's shape.
func restore(b *builder, n *node, ct graph.Cotangent) graph.Cotangent {
	axes, ext := reducedAxes(n), n.Args[0].Type.Shape
	return through(ct, func(v *node) *node { return b.Restore(v, axes, ext) })
}

// guarded is v where the guard of ct holds and 0 elsewhere, with that guard.
func guarded(b *builder, v *node, ct graph.Cotangent) graph.Cotangent {
	if ct.Guard != nil {
		v = pick(b, ct.Guard, v, 0)
	}
	return graph.Cotangent{Value: v, Guard: ct.Guard}
}

// pushAgain is the forward rule of what is linear in its first operand: the
// tangent goes the same way.
func pushAgain(b *builder, n *node, t []*node) *node {
	if t[0] == nil {
		return nil
	}
	return b.Typed(n.Op.Name, n.Attr, n.Type, append([]*node{t[0]}, n.Args[1:]...)...)
}

// slope is the derivative of a reduction's result by each element of its first
// operand, in the shape of that.
type slope = func(b *builder, n *node) *node

// pullSlope is the reverse rule: x̄ = ȳ·∂y/∂x.
func pullSlope(s slope) pullback {
	return func(b *builder, n *node, ct graph.Cotangent) []graph.Cotangent {
		out, back := make([]graph.Cotangent, len(n.Args)), restore(b, n, ct)
		out[0] = guarded(b, b.Mul(back.Value, s(b, n)), back)
		return out
	}
}

// pushSlope is the forward rule: ẏ = Σ ẋ·∂y/∂x.
func pushSlope(s slope) pushforward {
	return func(b *builder, n *node, t []*node) *node {
		if t[0] == nil {
			return nil
		}
		return b.Sum(b.Mul(t[0], s(b, n)), reducedAxes(n)...)
	}
}
