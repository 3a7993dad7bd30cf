package ops

import (
	"slices"

	"github.com/gradgen/gradgen/graph"
)

// anyTaken is v, zero in matrices of which nothing is taken: there the guard of ct
// is false along all of axes. The other elements that are not taken have
// cotangent 0.
func anyTaken(b *builder, v *node, ct graph.Cotangent, axes ...int) graph.Cotangent {
	if ct.Guard == nil {
		return graph.Cotangent{Value: v}
	}
	taken := b.Restore(b.Reduce("any", ct.Guard, axes...), axes, v.Type.Shape)
	return guarded(b, v, graph.Cotangent{Guard: taken})
}

// matrixAxes are the last two axes of x.
func matrixAxes(x *node) graph.Axes { return graph.Axes{x.Type.Rank() - 2, x.Type.Rank() - 1} }

// perMatrix stretches one number for each matrix x to the matrix.
func perMatrix(b *builder, v, x *node) *node { return b.Restore(v, matrixAxes(x), x.Type.Shape) }

// pullInv: Y = A⁻¹, Ā = -Yᵀ·Ȳ·Yᵀ.
func pullInv(b *builder, n *node, ct graph.Cotangent) []graph.Cotangent {
	t := turned(b, n)
	return []graph.Cotangent{anyTaken(b, b.Neg(times(b, times(b, t, ct.Value), t)), ct, matrixAxes(n)...)}
}

// pushInv: Ẏ = -Y·Ȧ·Y.
func pushInv(b *builder, n *node, t []*node) *node {
	if t[0] == nil {
		return nil
	}
	return b.Neg(times(b, times(b, n, t[0]), n))
}

// perElement hands the cotangent of a number v, per matrix, to the elements of
// the matrix: Ā = v̄·slope.
func perElement(b *builder, n *node, ct graph.Cotangent, slope *node) []graph.Cotangent {
	x := n.Args[0]
	wide := through(ct, func(v *node) *node { return perMatrix(b, v, x) })
	return []graph.Cotangent{guarded(b, b.Mul(wide.Value, slope), wide)}
}

// slopeDet is ∂y/∂A for y = det A, the cofactors of A.
func slopeDet(b *builder, n *node) *node {
	a := n.Args[0]
	if k, fixed := a.Type.Shape[a.Type.Rank()-1].IsConst(); fixed && k > 0 && k <= smallMatrix {
		return smallCofactors(b, a, int(k))
	}
	return b.Op("cofactor", nil, a)
}

// The cofactors of A are the gradient of its determinant, and their derivative along
// H, K, .. is linear in these; the order of derivatives does not matter. So the adjoint
// of each of A, H, K, .. is a derivative of the same kind: that of A one along C̄, too,
// those of H, K, .. one along C̄ instead.
func pullCofactor(b *builder, n *node, ct graph.Cotangent) []graph.Cotangent {
	var out []graph.Cotangent
	for k := range n.Args {
		out = append(out, anyTaken(b, cofactorAlong(b, n, k, ct.Value), ct, matrixAxes(n)...))
	}
	return out
}

func pushCofactor(b *builder, n *node, t []*node) (sum *node) {
	for k, h := range t {
		if h == nil {
			continue
		}
		term := cofactorAlong(b, n, k, h)
		if sum != nil {
			term = b.Add(sum, term)
		}
		sum = term
	}
	return sum
}

// cofactorAlong is the derivative n of cofactors along h, too, or with h in place of
// direction k.
func cofactorAlong(b *builder, n *node, k int, h *node) *node {
	args := append(append([]*node{}, n.Args...), h)
	if k > 0 {
		args = slices.Delete(args, k, k+1)
	}
	return b.Op("cofactor_along", nil, args...)
}

// slopeLogdet is ∂y/∂A for y = log |det A|: A⁻ᵀ.
func slopeLogdet(b *builder, n *node) *node { return turned(b, b.Op("inv", nil, n.Args[0])) }

func pullDet(b *builder, n *node, ct graph.Cotangent) []graph.Cotangent {
	return perElement(b, n, ct, slopeDet(b, n))
}

func pushDet(b *builder, n *node, t []*node) *node { return pushElements(b, n, t, slopeDet) }

func pullLogdet(b *builder, n *node, ct graph.Cotangent) []graph.Cotangent {
	return perElement(b, n, ct, slopeLogdet(b, n))
}

func pushLogdet(b *builder, n *node, t []*node) *node { return pushElements(b, n, t, slopeLogdet) }

// pushElements: ẏ = Σ Ȧ·∂y/∂A.
func pushElements(b *builder, n *node, t []*node, s slope) *node {
	if t[0] == nil {
		return nil
	}
	return b.Sum(b.Mul(t[0], s(b, n)), matrixAxes(t[0])...)
}

// pullSolve: A·X = B, B̄ = A⁻ᵀ·X̄, Ā = -B̄·Xᵀ. Columns of B do not meet.
func pullSolve(b *builder, n *node, ct graph.Cotangent) []graph.Cotangent {
	bar := b.Op("solve", nil, turned(b, n.Args[0]), ct.Value)
	return pullFactors(b, n, ct, bar, b.Neg(times(b, bar, turned(b, n))))
}

func pullFactors(b *builder, n *node, ct graph.Cotangent, right, left *node) []graph.Cotangent {
	axes := matrixAxes(n)
	return []graph.Cotangent{anyTaken(b, left, ct, axes...), anyTaken(b, right, ct, axes[0])}
}

// pushSolve: Ẋ = A⁻¹·(Ḃ - Ȧ·X).
func pushSolve(b *builder, n *node, t []*node) *node {
	return solveAgain(b, n, t[1], t[0])
}

// solveAgain is A⁻¹·(right - left·X) for X of the same equation, nil being 0.
func solveAgain(b *builder, n, right, left *node) *node {
	if left != nil {
		left = b.Neg(times(b, left, n))
	}
	switch {
	case right == nil && left == nil:
		return nil
	case right == nil:
		right = left
	case left != nil:
		right = b.Add(right, left)
	}
	return b.Op(n.Op.Name, nil, n.Args[0], right)
}

// pullTriangle is pullSolve for a triangle of A, the only part that is read;
// transposed is the operator for the other one.
func pullTriangle(transposed string, part func(*builder, *node) *node) pullback {
	return func(b *builder, n *node, ct graph.Cotangent) []graph.Cotangent {
		bar := b.Op(transposed, nil, turned(b, n.Args[0]), ct.Value)
		out := pullFactors(b, n, ct, bar, b.Neg(times(b, bar, turned(b, n))))
		read := part(b, b.Fill(1, graph.Type{Elem: graph.Bool, Shape: n.Args[0].Type.Shape}))
		if out[0].Guard != nil {
			read = b.Map("and", read, out[0].Guard)
		}
		out[0] = guarded(b, out[0].Value, graph.Cotangent{Guard: read})
		return out
	}
}

// pushTriangle is pushSolve for a triangle of A.
func pushTriangle(part func(*builder, *node) *node) pushforward {
	return func(b *builder, n *node, t []*node) *node {
		if t[0] == nil {
			return solveAgain(b, n, t[1], nil)
		}
		return solveAgain(b, n, t[1], part(b, t[0]))
	}
}

// halved is Φ of Murray: the lower triangle, with half the diagonal.
func halved(b *builder, x *node) *node {
	return b.Scale(0.5, b.Add(lower(b, x), sided(b, x, 1, 1)))
}

// pullCholesky: Ā is the symmetric part of L⁻ᵀ·Φ(Lᵀ·L̄)·L⁻¹.
func pullCholesky(b *builder, n *node, ct graph.Cotangent) []graph.Cotangent {
	t := turned(b, n)
	left := b.Op("upper_solve", nil, t, halved(b, times(b, t, lower(b, ct.Value))))
	both := b.Op("upper_solve", nil, t, turned(b, left))
	return []graph.Cotangent{anyTaken(b, symmetric(b, both), ct, matrixAxes(n)...)}
}

// pushCholesky: L̇ = L·Φ(L⁻¹·Ȧ·L⁻ᵀ) with the symmetric part of Ȧ.
func pushCholesky(b *builder, n *node, t []*node) *node {
	if t[0] == nil {
		return nil
	}
	left := b.Op("lower_solve", nil, n, symmetric(b, t[0]))
	return times(b, n, halved(b, b.Op("lower_solve", nil, n, turned(b, left))))
}
