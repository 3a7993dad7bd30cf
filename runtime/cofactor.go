package runtime

import "math"

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
	for _, v := range a {
		if v != v {
			fillNaN(c)
			return
		}
	}
	o := orders.take(newOrder)
	defer orders.give(o)
	o.reset(n)
	copy(lu, a)
	p := 1.0
	for k := range n - 1 {
		if swapGreatest(o, lu, n, k) {
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

// swapGreatest exchanges rows and columns so that the greatest element from (k, k)
// on comes there. It reports whether that changes the sign of the determinant.
func swapGreatest[T Float](o *order, lu []T, n, k int) (odd bool) {
	p, q := k, k
	for i := k; i < n; i++ {
		for j := k; j < n; j++ {
			if math.Abs(float64(lu[i*n+j])) > math.Abs(float64(lu[p*n+q])) {
				p, q = i, j
			}
		}
	}
	for j := range n {
		lu[k*n+j], lu[p*n+j] = lu[p*n+j], lu[k*n+j]
	}
	for i := range n {
		lu[i*n+k], lu[i*n+q] = lu[i*n+q], lu[i*n+k]
	}
	o.rows[k], o.rows[p] = o.rows[p], o.rows[k]
	o.cols[k], o.cols[q] = o.cols[q], o.cols[k]
	return (p != k) != (q != k)
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
