package runtime

import "math"

// Matrices are square unless said otherwise, n×n and row-major in slices of that
// length. Results and scratch must not overlap operands; nothing allocates.

// Solve32 sets x to the n×m solution of a·x = b, and to NaN if a is singular.
// It eliminates in the scratch lu with the greatest pivot of each column.
func Solve32(x, lu, a, b []float32, n, m int) { solve(x, lu, a, b, n, m) }

// Solve64 is [Solve32] for float64.
func Solve64(x, lu, a, b []float64, n, m int) { solve(x, lu, a, b, n, m) }

// Inv32 sets x to the inverse of a, and to NaN if a is singular, with scratch lu.
func Inv32(x, lu, a []float32, n int) { inv(x, lu, a, n) }

// Inv64 is [Inv32] for float64.
func Inv64(x, lu, a []float64, n int) { inv(x, lu, a, n) }

// Det32 sets d[0] to the determinant of a, with scratch lu.
func Det32(d, lu, a []float32, n int) { det(d, lu, a, n) }

// Det64 is [Det32] for float64.
func Det64(d, lu, a []float64, n int) { det(d, lu, a, n) }

// Logdet32 sets d[0] to the logarithm of the absolute value of the determinant
// of a, with scratch lu; it is -Inf if a is singular.
func Logdet32(d, lu, a []float32, n int) { logdet(d, lu, a, n) }

// Logdet64 is [Logdet32] for float64.
func Logdet64(d, lu, a []float64, n int) { logdet(d, lu, a, n) }

// LowerSolve32 sets x to the n×m solution of l·x = b, where l is the lower
// triangle of a, and to NaN if l is singular.
func LowerSolve32(x, a, b []float32, n, m int) { lowerSolve(x, a, b, n, m) }

// LowerSolve64 is [LowerSolve32] for float64.
func LowerSolve64(x, a, b []float64, n, m int) { lowerSolve(x, a, b, n, m) }

// UpperSolve32 is [LowerSolve32] for the upper triangle of a.
func UpperSolve32(x, a, b []float32, n, m int) { upperSolve(x, a, b, n, m) }

// UpperSolve64 is [UpperSolve32] for float64.
func UpperSolve64(x, a, b []float64, n, m int) { upperSolve(x, a, b, n, m) }

// Cholesky32 sets l to the lower triangular matrix with l·lᵀ = ½(a + aᵀ), and
// its lower triangle to NaN if that is not positive definite.
func Cholesky32(l, a []float32, n int) { cholesky(l, a, n) }

// Cholesky64 is [Cholesky32] for float64.
func Cholesky64(l, a []float64, n int) { cholesky(l, a, n) }

func solve[T Float](x, lu, a, b []T, n, m int) {
	copy(lu, a)
	copy(x, b)
	if eliminate(lu, x, n, m) == 0 {
		fillNaN(x)
		return
	}
	substituteBack(lu, x, n, m)
}

func inv[T Float](x, lu, a []T, n int) {
	copy(lu, a)
	clear(x)
	for i := range n {
		x[i*n+i] = 1
	}
	if eliminate(lu, x, n, n) == 0 {
		fillNaN(x)
		return
	}
	substituteBack(lu, x, n, n)
}

func det[T Float](d, lu, a []T, n int) {
	copy(lu, a)
	product := eliminate(lu, nil, n, 0)
	for i := range n {
		if product != 0 { // what is left of a singular matrix says nothing
			product *= float64(lu[i*n+i])
		}
	}
	d[0] = T(product)
}

func logdet[T Float](d, lu, a []T, n int) {
	copy(lu, a)
	sum := 0.0
	if eliminate(lu, nil, n, 0) == 0 {
		sum = math.Inf(-1)
	}
	for i := range n {
		if !math.IsInf(sum, -1) {
			sum += math.Log(math.Abs(float64(lu[i*n+i])))
		}
	}
	d[0] = T(sum)
}

// eliminate brings the n×n matrix a to upper triangular form by row operations,
// done to the n×m matrix x too: row k with the greatest element of its column
// goes first. It returns the sign that exchanges of rows give the determinant,
// or 0 if a is singular.
func eliminate[T Float](a, x []T, n, m int) (sign float64) {
	sign = 1
	for k := range n {
		p := pivot(a, n, k)
		if a[p*n+k] == 0 {
			return 0
		}
		if p != k {
			sign = -sign
			exchange(a[p*n:][:n], a[k*n:][:n])
			exchange(x[p*m:][:m], x[k*m:][:m])
		}
		for i := k + 1; i < n; i++ {
			f := a[i*n+k] / a[k*n+k]
			subtractRow(a[i*n+k:][:n-k], a[k*n+k:][:n-k], f)
			subtractRow(x[i*m:][:m], x[k*m:][:m], f)
		}
	}
	return sign
}

// pivot is the row, from k on, with the greatest element in column k; a NaN
// counts as greatest.
func pivot[T Float](a []T, n, k int) int {
	at, best := k, T(-1)
	for i := k; i < n; i++ {
		v := a[i*n+k]
		if v < 0 {
			v = -v
		}
		if !(v <= best) {
			at, best = i, v
		}
	}
	return at
}

func exchange[T Float](x, y []T) {
	for i := range x {
		x[i], y[i] = y[i], x[i]
	}
}

// subtractRow is x -= f·y.
func subtractRow[T Float](x, y []T, f T) {
	y = y[:len(x)]
	for i := range x {
		x[i] -= f * y[i]
	}
}

func divideRow[T Float](x []T, d T) {
	for i := range x {
		x[i] /= d
	}
}

// substituteBack solves u·x = x in place for the upper triangle u of a.
func substituteBack[T Float](a, x []T, n, m int) {
	for i := n - 1; i >= 0; i-- {
		row := x[i*m:][:m]
		for k := i + 1; k < n; k++ {
			subtractRow(row, x[k*m:][:m], a[i*n+k])
		}
		divideRow(row, a[i*n+i])
	}
}

func upperSolve[T Float](x, a, b []T, n, m int) {
	copy(x, b)
	if singularTriangle(a, n) {
		fillNaN(x)
		return
	}
	substituteBack(a, x, n, m)
}

func lowerSolve[T Float](x, a, b []T, n, m int) {
	copy(x, b)
	if singularTriangle(a, n) {
		fillNaN(x)
		return
	}
	for i := range n {
		row := x[i*m:][:m]
		for k := range i {
			subtractRow(row, x[k*m:][:m], a[i*n+k])
		}
		divideRow(row, a[i*n+i])
	}
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

func cholesky[T Float](l, a []T, n int) {
	clear(l)
	for i := range n {
		for j := range i + 1 {
			s := (a[i*n+j] + a[j*n+i]) / 2
			for k := range j {
				s -= l[i*n+k] * l[j*n+k]
			}
			switch {
			case j < i:
				l[i*n+j] = s / l[j*n+j]
			case s > 0:
				l[i*n+i] = T(math.Sqrt(float64(s)))
			default:
				noFactor(l, n)
				return
			}
		}
	}
}

// noFactor fills the lower triangle with NaN.
func noFactor[T Float](l []T, n int) {
	for i := range n {
		fillNaN(l[i*n:][:i+1])
	}
}
