package runtime

import (
	"math"
	"slices"
)

// order is where rows and columns of a matrix have gone, and a column to work on.
type order struct {
	rows, cols []int
	y          []float64
}

func newOrder() *order { return new(order) }

var orders shelf[order]

func (o *order) reset(n int) {
	if n > cap(o.y) {
		o.rows, o.cols, o.y = make([]int, n), make([]int, n), make([]float64, n)
	}
	o.rows, o.cols, o.y = o.rows[:n], o.cols[:n], o.y[:n]
	for i := range n {
		o.rows[i], o.cols[i] = i, i
	}
}

// cofactor finds P·A·Q = L·U. With U₁ the first n-1 rows and columns of U and
// p = det(P·Q)·det U₁, column j of the adjugate det A·A⁻¹ is, for y = L⁻¹·eⱼ,
// p·U₁⁻¹(uₙₙ·y - yₙ·u) above and p·yₙ below, u being the last column: it is without
// a division by uₙₙ, the one pivot that may be 0 where any cofactor is not.
func cofactor[T Float](c, lu, a []T, n int) {
	if anyNaN(a) {
		fillNaN(c)
		return
	}
	o := orders.take(newOrder)
	defer orders.give(o)
	o.reset(n)
	copy(lu, a)
	p := 1.0
	for k := range n - 1 {
		row, col := greatest(lu, n, k)
		swapPlaces(lu, n, k, row, col)
		if o.swap(k, row, col) {
			p = -p
		}
		pivot := lu[k*n:][:n]
		if pivot[k] == 0 {
			clear(c)
			return
		}
		p *= float64(pivot[k])
		for i := k + 1; i < n; i++ {
			row := lu[i*n:][:n]
			row[k] /= pivot[k]
			for j := k + 1; j < n; j++ {
				row[j] -= row[k] * pivot[j]
			}
		}
	}
	for j := range n {
		o.adjugate(func(i, k int) float64 { return float64(lu[i*n+k]) }, n, j)
		for i, y := range o.y {
			c[o.rows[j]*n+o.cols[i]] = T(p * y)
		}
	}
}

func anyNaN[T Float](a []T) bool {
	return slices.ContainsFunc(a, func(v T) bool { return v != v })
}

// greatest finds the greatest element from (k, k) on.
func greatest[T Float](lu []T, n, k int) (row, col int) {
	row, col = k, k
	for i := k; i < n; i++ {
		for j := k; j < n; j++ {
			if math.Abs(float64(lu[i*n+j])) > math.Abs(float64(lu[row*n+col])) {
				row, col = i, j
			}
		}
	}
	return row, col
}

// swapPlaces exchanges row k with another, and column k.
func swapPlaces[T Float](lu []T, n, k, row, col int) {
	for j := range n {
		lu[k*n+j], lu[row*n+j] = lu[row*n+j], lu[k*n+j]
	}
	for i := range n {
		lu[i*n+k], lu[i*n+col] = lu[i*n+col], lu[i*n+k]
	}
}

// swap notes an exchange. It reports whether that changes the sign of the
// determinant.
func (o *order) swap(k, row, col int) (odd bool) {
	o.rows[k], o.rows[row] = o.rows[row], o.rows[k]
	o.cols[k], o.cols[col] = o.cols[col], o.cols[k]
	return (row != k) != (col != k)
}

// adjugate sets y to column j of the adjugate of L·U, over the pivots but the last.
func (o *order) adjugate(lu func(i, k int) float64, n, j int) {
	y := o.y
	clear(y)
	y[j] = 1
	for i := j + 1; i < n; i++ {
		for k := j; k < i; k++ {
			y[i] -= lu(i, k) * y[k]
		}
	}
	last := y[n-1]
	for i := n - 2; i >= 0; i-- {
		y[i] = lu(n-1, n-1)*y[i] - lu(i, n-1)*last
		for k := i + 1; k < n-1; k++ {
			y[i] -= lu(i, k) * y[k]
		}
		y[i] /= lu(i, i)
	}
}
