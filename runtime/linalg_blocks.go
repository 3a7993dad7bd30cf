package runtime

import "math"

// blockEdge is the width of the blocks in which matrices are worked on.
const blockEdge = 16

// addProduct is c += a·b, where c is m×n and a has k columns.
func addProduct[T Float](packs *packList[T], c, a, b matrix[T], m, n, k int) {
	g := product[T]{c: c, a: a, b: b, m: m, n: n, k: k, acc: true, runs: 1, groups: 1}
	g.run(packs)
}

// from is the row-major matrix of that many columns that begins at (i, j) of a.
func from[T Float](a []T, cols, i, j int) matrix[T] { return matrix[T]{a, i*cols + j, cols, 1} }

// addRow is x += f·y.
func addRow[T Float](x, y []T, f T) {
	y = y[:len(x)]
	for i := range x {
		x[i] += f * y[i]
	}
}

func divideRow[T Float](x []T, d T) {
	for i := range x {
		x[i] /= d
	}
}

func exchange[T Float](x, y []T) {
	for i := range x {
		x[i], y[i] = y[i], x[i]
	}
}

// eliminate brings the n×n matrix a to upper triangular form by row operations,
// done to the n×m matrix x too: row k with the greatest element of its column
// goes first. It returns the sign that exchanges of rows give the determinant,
// or 0 if a is singular. Below the diagonal stay the factors by which rows were
// added.
func eliminate[T Float](packs *packList[T], a, x []T, n, m int) (sign float64) {
	sign = 1
	for lo := 0; lo < n && sign != 0; lo += blockEdge {
		hi := min(lo+blockEdge, n)
		sign *= eliminatePanel(a, x, n, m, lo, hi)
		eliminateRows(a, x, n, m, lo, hi)
		if hi == n {
			break
		}
		factors := from(a, n, hi, lo)
		addProduct(packs, from(a, n, hi, hi), factors, from(a, n, lo, hi), n-hi, n-hi, hi-lo)
		addProduct(packs, from(x, m, hi, 0), factors, from(x, m, lo, 0), n-hi, m, hi-lo)
	}
	return sign
}

// eliminateRows does to the rest of the rows lo to hi, and to x, what has been
// done to their columns lo to hi.
func eliminateRows[T Float](a, x []T, n, m, lo, hi int) {
	for i := lo + 1; i < hi; i++ {
		for k := lo; k < i; k++ {
			f := a[i*n+k]
			addRow(x[i*m:][:m], x[k*m:][:m], f)
			if hi < n {
				addRow(a[i*n+hi:(i+1)*n], a[k*n+hi:(k+1)*n], f)
			}
		}
	}
}

// eliminatePanel does the columns lo to hi of a, exchanging whole rows.
func eliminatePanel[T Float](a, x []T, n, m, lo, hi int) (sign float64) {
	sign = 1
	for k := lo; k < hi; k++ {
		p := pivot(a, n, k)
		d := a[p*n+k]
		if d == 0 {
			return 0
		}
		if p != k {
			sign = -sign
			exchange(a[p*n:][:n], a[k*n:][:n])
			exchange(x[p*m:][:m], x[k*m:][:m])
		}
		for i := k + 1; i < n; i++ {
			a[i*n+k] /= -d
			addRow(a[i*n+k+1:i*n+hi], a[k*n+k+1:k*n+hi], a[i*n+k])
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

// substituteBack solves u·x = x in place for the upper triangle u of a, the last
// row first. Until all are found, -x stands in the rows that are.
func substituteBack[T Float](packs *packList[T], a, x []T, n, m int) {
	for hi := n; hi > 0; hi -= min(blockEdge, hi) {
		lo := max(0, hi-blockEdge)
		if hi < n {
			addProduct(packs, from(x, m, lo, 0), from(a, n, lo, hi), from(x, m, hi, 0), hi-lo, m, n-hi)
		}
		for i := hi - 1; i >= lo; i-- {
			row := x[i*m:][:m]
			for k := i + 1; k < hi; k++ {
				addRow(row, x[k*m:][:m], a[i*n+k])
			}
			divideRow(row, -a[i*n+i])
		}
	}
	divideRow(x, -1)
}

// substitute is substituteBack for the lower triangle, the first row first.
func substitute[T Float](packs *packList[T], a, x []T, n, m int) {
	for lo := 0; lo < n; lo += blockEdge {
		hi := min(lo+blockEdge, n)
		if lo > 0 {
			addProduct(packs, from(x, m, lo, 0), from(a, n, lo, 0), from(x, m, 0, 0), hi-lo, m, lo)
		}
		for i := lo; i < hi; i++ {
			row := x[i*m:][:m]
			for k := lo; k < i; k++ {
				addRow(row, x[k*m:][:m], a[i*n+k])
			}
			divideRow(row, -a[i*n+i])
		}
	}
	divideRow(x, -1)
}

// cholesky finds l column block after column block. What is not found yet is
// -½(a + aᵀ), to which products of what is are added.
func cholesky[T Float](packs *packList[T], l, a []T, n int) {
	for i := range n {
		for j := range i + 1 {
			l[i*n+j] = -(a[i*n+j] + a[j*n+i]) / 2
		}
	}
	for lo := 0; lo < n; lo += blockEdge {
		hi := min(lo+blockEdge, n)
		if lo > 0 {
			found := matrix[T]{l, lo * n, 1, n} // rows lo to hi of l, transposed
			addProduct(packs, from(l, n, lo, lo), from(l, n, lo, 0), found, n-lo, hi-lo, lo)
		}
		if !choleskyPanel(l, n, lo, hi) {
			for i := range n {
				fillNaN(l[i*n:][:i+1])
			}
			break
		}
	}
	for i := range n {
		clear(l[i*n+i+1 : (i+1)*n])
	}
}

// choleskyPanel does the columns lo to hi; ok is false where there is no root.
func choleskyPanel[T Float](l []T, n, lo, hi int) (ok bool) {
	for i := lo; i < n; i++ {
		for j := lo; j < min(i+1, hi); j++ {
			x, y := l[i*n+lo:i*n+j], l[j*n+lo:j*n+j]
			s := -l[i*n+j]
			for k := range x {
				s -= x[k] * y[k]
			}
			switch {
			case j < i:
				l[i*n+j] = s / l[j*n+j]
			case s > 0:
				l[i*n+i] = T(math.Sqrt(float64(s)))
			default:
				return false
			}
		}
	}
	return true
}
