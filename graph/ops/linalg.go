package ops

import (
	"fmt"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// Linear algebra works on the last two axes; the axes before them, equal in all
// operands, count matrices. What a singular matrix has no value for is NaN.
//
// The derivatives are those of Giles, "Collected matrix derivative results for
// forward and reverse mode algorithmic differentiation" (2008), and for cholesky
// of Murray, "Differentiation of the Cholesky decomposition" (2016), section 3.
var linalg = []*graph.Op{
	matrices("inv", "inverse of a matrix", 1, inferSquare, pullInv, pushInv, refInv, graph.Call{Func: "Inv", Scratch: true}),
	matrices("det", "determinant", 1, inferDet, pullDet, pushDet, refDet, graph.Call{Func: "Det", Scratch: true}),
	matrices("cofactor", "the derivative of the determinant: det A·A⁻ᵀ, and its limit where A is singular", 1, inferSquare,
		pullCofactor, pushCofactor, refCofactor, graph.Call{Func: "Cofactor", Scratch: true}),
	matrices("cofactor_along", "the derivative of the cofactors of operand 1 along each of the others", -1, inferAlong,
		pullCofactor, pushCofactor, refAlong, graph.Call{Func: "CofactorAlong", Variadic: true}),
	matrices("logdet", "logarithm of the absolute value of the determinant", 1, inferDet, pullLogdet, pushLogdet,
		refLogdet, graph.Call{Func: "Logdet", Scratch: true}),
	matrices("solve", "X with A·X = B", 2, inferSolve, pullSolve, pushSolve, refSolve, graph.Call{Func: "Solve", Scratch: true}),
	matrices("lower_solve", "X with L·X = B for the lower triangle L of the first operand", 2, inferSolve,
		pullTriangle("upper_solve", lower), pushTriangle(lower), refLowerSolve, graph.Call{Func: "LowerSolve"}),
	matrices("upper_solve", "X with U·X = B for the upper triangle U of the first operand", 2, inferSolve,
		pullTriangle("lower_solve", upper), pushTriangle(upper), refUpperSolve, graph.Call{Func: "UpperSolve"}),
	matrices("cholesky", "lower triangle L with L·Lᵀ = ½(A + Aᵀ), which must be positive definite", 1, inferSquare,
		pullCholesky, pushCholesky, refCholesky, graph.Call{Func: "Cholesky"}),
}

func matrices(name, doc string, arity int, infer inferFunc, pull pullback, push pushforward, ref reference, c graph.Call) *graph.Op {
	return &graph.Op{Name: name, Doc: doc, Arity: arity, Class: graph.CallOp, Infer: infer,
		Pullback: pull, Pushforward: push, Reference: ref, Call: c}
}

// inferSquare is the rule of functions from square matrices to such.
func inferSquare(args []graph.Type, _ graph.Attr) (graph.Type, error) {
	a := args[0]
	r := a.Rank()
	if a.Elem != real || r < 2 || !a.Shape[r-1].Equal(a.Shape[r-2]) {
		return graph.Type{}, fmt.Errorf("the operand is %s, want real square matrices", a)
	}
	return a, nil
}

// inferAlong is the rule of functions of square matrices of one shape.
func inferAlong(args []graph.Type, attr graph.Attr) (graph.Type, error) {
	if len(args) < 2 {
		return graph.Type{}, fmt.Errorf("%d operands, want 2 or more", len(args))
	}
	for k, a := range args[1:] {
		if !a.Equal(args[0]) {
			return graph.Type{}, fmt.Errorf("operand %d is %s, operand 1 is %s", k+2, a, args[0])
		}
	}
	return inferSquare(args[:1], attr)
}

// inferDet is the rule of functions from square matrices to numbers.
func inferDet(args []graph.Type, attr graph.Attr) (graph.Type, error) {
	t, err := inferSquare(args, attr)
	if err != nil {
		return t, err
	}
	return graph.Type{Elem: real, Shape: t.Shape[:t.Rank()-2]}, nil
}

// inferSolve is the rule of solve(A, B) and kin.
func inferSolve(args []graph.Type, attr graph.Attr) (graph.Type, error) {
	a, err := inferSquare(args[:1], attr)
	if err != nil {
		return a, err
	}
	x, r := args[1], a.Rank()
	if x.Elem != real || x.Rank() != r || !shape.EqualShapes(x.Shape[:r-1], a.Shape[:r-1]) {
		return graph.Type{}, fmt.Errorf("operand 2 is %s, operand 1 is %s", x, a)
	}
	return x, nil
}

// turned exchanges the last two axes.
func turned(b *builder, x *node) *node {
	perm := make([]int, x.Type.Rank())
	for k := range perm {
		perm[k] = k
	}
	r := len(perm)
	perm[r-1], perm[r-2] = r-2, r-1
	return b.Permute(x, perm)
}

// times is the matrix product x·y: Σ over k of x[.., i, k]·y[.., k, j].
func times(b *builder, x, y *node) *node {
	r := x.Type.Rank()
	domain := append(append([]shape.Dim{}, x.Type.Shape[:r-1]...), y.Type.Shape[r-1], x.Type.Shape[r-1])
	left, right := shape.Identity(r), shape.Identity(r)
	left.In[r-1] = shape.Idx(r)
	right.In[r-2], right.In[r-1] = shape.Idx(r), shape.Idx(r-1)
	return b.Sum(b.Mul(b.View(x, left, 0, domain), b.View(y, right, 0, domain)), r)
}

// sided keeps the elements at [.., i, j] with side·(i - j) ≥ from and has 0
// elsewhere.
func sided(b *builder, x *node, side, from int64) *node {
	r := x.Type.Rank()
	m := shape.Identity(r)
	m.Guard = []shape.Cond{{Kind: shape.NonNegative, E: shape.Idx(r - 2).Sub(shape.Idx(r - 1)).Scale(side).AddInt(-from)}}
	return b.View(x, m, 0, x.Type.Shape)
}

// lower and upper are the triangles of matrices, the diagonal included.
func lower(b *builder, x *node) *node { return sided(b, x, 1, 0) }

func upper(b *builder, x *node) *node { return sided(b, x, -1, 0) }

// symmetric is ½(x + xᵀ).
func symmetric(b *builder, x *node) *node { return b.Scale(0.5, b.Add(x, turned(b, x))) }
