package runtime

import "math"

// Matrices are square unless said otherwise, n×n and row-major in slices of that
// length. Results and scratch must not overlap operands; nothing allocates once
// warm. Large matrices are worked on in blocks of [blockEdge] columns or rows, so that
// most of the work is matrix products; one block is the plain algorithm.

// Solve32 sets x to the n×m solution of a·x = b, and to NaN if a is singular.
// It eliminates in the scratch lu with the greatest pivot of each column.
func Solve32(x, lu, a, b []float32, n, m int) { solve(&packs32, x, lu, a, b, n, m) }

// Solve64 is [Solve32] for float64.
func Solve64(x, lu, a, b []float64, n, m int) { solve(&packs64, x, lu, a, b, n, m) }

// Inv32 sets x to the inverse of a, and to NaN if a is singular, with scratch lu.
func Inv32(x, lu, a []float32, n int) { inv(&packs32, x, lu, a, n) }

// Inv64 is [Inv32] for float64.
func Inv64(x, lu, a []float64, n int) { inv(&packs64, x, lu, a, n) }

// Det32 sets d[0] to the determinant of a, with scratch lu.
func Det32(d, lu, a []float32, n int) { det(&packs32, d, lu, a, n) }

// Det64 is [Det32] for float64.
func Det64(d, lu, a []float64, n int) { det(&packs64, d, lu, a, n) }

// Logdet32 sets d[0] to the logarithm of the absolute value of the determinant
// of a, with scratch lu; it is -Inf if a is singular.
func Logdet32(d, lu, a []float32, n int) { logdet(&packs32, d, lu, a, n) }

// Logdet64 is [Logdet32] for float64.
func Logdet64(d, lu, a []float64, n int) { logdet(&packs64, d, lu, a, n) }

// Cofactor32 sets c to the cofactors of a, the derivative of its determinant, with
// scratch lu. It eliminates with the greatest pivot of all, so that c is right where
// a is singular, too.
func Cofactor32(c, lu, a []float32, n int) { cofactor(c, lu, a, n) }

// Cofactor64 is [Cofactor32] for float64.
func Cofactor64(c, lu, a []float64, n int) { cofactor(c, lu, a, n) }

// CofactorAlong32 sets c to the derivative of the cofactors of the n×n matrix a along
// each of hs, one after the other: for one h that is the Hessian of the determinant,
// times h. It is right whatever the rank of a.
func CofactorAlong32(n int, c, a []float32, hs ...[]float32) { cofactorAlong(n, c, a, hs) }

// CofactorAlong64 is [CofactorAlong32] for float64.
func CofactorAlong64(n int, c, a []float64, hs ...[]float64) { cofactorAlong(n, c, a, hs) }

// LowerSolve32 sets x to the n×m solution of l·x = b, where l is the lower
// triangle of a, and to NaN if l is singular.
func LowerSolve32(x, a, b []float32, n, m int) { lowerSolve(&packs32, x, a, b, n, m) }

// LowerSolve64 is [LowerSolve32] for float64.
func LowerSolve64(x, a, b []float64, n, m int) { lowerSolve(&packs64, x, a, b, n, m) }

// UpperSolve32 is [LowerSolve32] for the upper triangle of a.
func UpperSolve32(x, a, b []float32, n, m int) { upperSolve(&packs32, x, a, b, n, m) }

// UpperSolve64 is [UpperSolve32] for float64.
func UpperSolve64(x, a, b []float64, n, m int) { upperSolve(&packs64, x, a, b, n, m) }

// Cholesky32 sets l to the lower triangular matrix with l·lᵀ = ½(a + aᵀ), and
// its lower triangle to NaN if that is not positive definite.
func Cholesky32(l, a []float32, n int) { cholesky(&packs32, l, a, n) }

// Cholesky64 is [Cholesky32] for float64.
func Cholesky64(l, a []float64, n int) { cholesky(&packs64, l, a, n) }

func solve[T Float](packs *packList[T], x, lu, a, b []T, n, m int) {
	copy(lu, a)
	copy(x, b)
	if eliminate(packs, lu, x, n, m) == 0 {
		fillNaN(x)
		return
	}
	substituteBack(packs, lu, x, n, m)
}

func inv[T Float](packs *packList[T], x, lu, a []T, n int) {
	copy(lu, a)
	clear(x)
	for i := range n {
		x[i*n+i] = 1
	}
	if eliminate(packs, lu, x, n, n) == 0 {
		fillNaN(x)
		return
	}
	substituteBack(packs, lu, x, n, n)
}

func det[T Float](packs *packList[T], d, lu, a []T, n int) {
	copy(lu, a)
	product := eliminate(packs, lu, nil, n, 0)
	for i := range n {
		if product != 0 { // what is left of a singular matrix says nothing
			product *= float64(lu[i*n+i])
		}
	}
	d[0] = T(product)
}

func logdet[T Float](packs *packList[T], d, lu, a []T, n int) {
	copy(lu, a)
	sum := 0.0
	if eliminate(packs, lu, nil, n, 0) == 0 {
		sum = math.Inf(-1)
	}
	for i := range n {
		if !math.IsInf(sum, -1) {
			sum += math.Log(math.Abs(float64(lu[i*n+i])))
		}
	}
	d[0] = T(sum)
}

func upperSolve[T Float](packs *packList[T], x, a, b []T, n, m int) {
	copy(x, b)
	if singularTriangle(a, n) {
		fillNaN(x)
		return
	}
	substituteBack(packs, a, x, n, m)
}

func lowerSolve[T Float](packs *packList[T], x, a, b []T, n, m int) {
	copy(x, b)
	if singularTriangle(a, n) {
		fillNaN(x)
		return
	}
	substitute(packs, a, x, n, m)
}

// singularTriangle reports a 0 on the diagonal.
func singularTriangle[T Float](a []T, n int) bool {
	for i := range n {
		if a[i*n+i] == 0 {
			return true
		}
	}
	return false
}

func fillNaN[T Float](x []T) {
	for i := range x {
		x[i] = T(math.NaN())
	}
}
