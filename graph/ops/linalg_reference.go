package ops

import (
	"math"
	"slices"

	"github.com/gradgen/gradgen/graph"
)

// matrix is a list of rows.
type matrix [][]float64

// matrixAt reads matrix number k of a tensor.
func matrixAt(t graph.Tensor, k int) matrix {
	r := len(t.Shape)
	rows, cols := t.Shape[r-2], t.Shape[r-1]
	m := make(matrix, rows)
	for i := range m {
		at := (k*rows + i) * cols
		m[i] = append([]float64{}, t.Data[at:at+cols]...)
	}
	return m
}

// perMatrixRef applies f to the operands' matrices, one after the other; it
// gives the elements of the result.
func perMatrixRef(f func(a []matrix) []float64) reference {
	return func(_ *node, args []graph.Tensor, out []int, _ dimsFunc) (graph.Tensor, error) {
		y, r := tensor(out), len(args[0].Shape)
		y.Data = y.Data[:0]
		for k := range len(tensor(args[0].Shape[:r-2]).Data) {
			ms := make([]matrix, len(args))
			for i, a := range args {
				ms[i] = matrixAt(a, k)
			}
			y.Data = append(y.Data, f(ms)...)
		}
		return y, nil
	}
}

func (m matrix) flat() []float64 {
	var out []float64
	for _, row := range m {
		out = append(out, row...)
	}
	return out
}

func square0(n int) matrix {
	m := make(matrix, n)
	for i := range m {
		m[i] = make([]float64, n)
	}
	return m
}

var (
	refInv = perMatrixRef(func(a []matrix) []float64 {
		one := square0(len(a[0]))
		for i := range one {
			one[i][i] = 1
		}
		x, _ := eliminate(a[0], one)
		return x.flat()
	})
	refSolve = perMatrixRef(func(a []matrix) []float64 {
		x, _ := eliminate(a[0], a[1])
		return x.flat()
	})
	refDet = perMatrixRef(func(a []matrix) []float64 {
		_, pivots := eliminate(a[0], make(matrix, len(a[0])))
		det := 1.0
		for _, p := range pivots {
			det *= p
		}
		return []float64{det}
	})
	refCofactor = perMatrixRef(func(a []matrix) []float64 { return matrixCofactors(a[0]) })
	// The determinant is linear in each row, so a derivative along H is the sum over the
	// rows with one taken from H, as long as no other direction has taken it.
	refAlong  = perMatrixRef(func(a []matrix) []float64 { return rowsFrom(a[0], a[1:], map[int]bool{}) })
	refLogdet = perMatrixRef(func(a []matrix) []float64 {
		_, pivots := eliminate(a[0], make(matrix, len(a[0])))
		sum := 0.0
		for _, p := range pivots {
			sum += math.Log(math.Abs(p))
		}
		return []float64{sum}
	})
	refLowerSolve = perMatrixRef(func(a []matrix) []float64 { return substitute(a[0], a[1], 1).flat() })
	refUpperSolve = perMatrixRef(func(a []matrix) []float64 { return substitute(a[0], a[1], -1).flat() })
	refCholesky   = perMatrixRef(func(a []matrix) []float64 { return factor(a[0]).flat() })
)

// rowsFrom adds up the cofactors of a with rows of hs in place of rows not taken: of
// these elements no cofactor is a derivative.
func rowsFrom(a matrix, hs []matrix, taken map[int]bool) []float64 {
	if len(hs) == 0 {
		c := matrixCofactors(a)
		for i := range taken {
			clear(c[i*len(a):][:len(a)])
		}
		return c
	}
	sum := make([]float64, len(a)*len(a))
	for i := range a {
		if taken[i] {
			continue
		}
		changed := slices.Clone(a)
		changed[i] = hs[0][i]
		taken[i] = true
		subtract(sum, rowsFrom(changed, hs[1:], taken), -1)
		delete(taken, i)
	}
	return sum
}

// matrixCofactors are the minors without each row and column, with alternating signs.
func matrixCofactors(a matrix) (out []float64) {
	for i := range a {
		for j := range a {
			rest := matrix{}
			for k, row := range a {
				if k != i {
					rest = append(rest, slices.Concat(row[:j], row[j+1:]))
				}
			}
			minor, pivots := 1.0, []float64{1}
			if len(rest) > 0 {
				_, pivots = eliminate(rest, square0(len(rest)))
			}
			for _, p := range pivots {
				minor *= p
			}
			out = append(out, minor*float64(1-(i+j)%2*2))
		}
	}
	return out
}

// eliminate solves a·x = b by Gauss–Jordan elimination, each time by the
// greatest element of the rows and columns that are left. It gives x and
// numbers whose product is det a.
func eliminate(a, b matrix) (x matrix, pivots []float64) {
	n := len(a)
	rowOf, done := make([]int, n), make([]bool, n)
	for k := range rowOf {
		rowOf[k] = -1
	}
	for range n {
		p, q := greatest(a, done, rowOf)
		pivots = append(pivots, a[p][q])
		rowOf[q], done[p] = p, true
		if a[p][q] == 0 {
			return nans(n, len(b[0])), []float64{0}
		}
		for i := range n {
			if f := a[i][q] / a[p][q]; i != p {
				subtract(a[i], a[p], f)
				subtract(b[i], b[p], f)
			}
		}
	}
	x = make(matrix, n)
	for q, p := range rowOf {
		for _, v := range b[p] {
			x[q] = append(x[q], v/a[p][q])
		}
		for _, later := range rowOf[q+1:] {
			if later < p { // every inversion of a permutation changes its sign
				pivots[0] = -pivots[0]
			}
		}
	}
	return x, pivots
}

// greatest finds the place of the greatest element among the rows and columns
// that are left; NaN counts as greatest.
func greatest(a matrix, done []bool, rowOf []int) (p, q int) {
	best := -1.0
	for i, row := range a {
		for j, v := range row {
			if v = math.Abs(v); !done[i] && rowOf[j] < 0 && !(v <= best) {
				best, p, q = v, i, j
			}
		}
	}
	return p, q
}

func subtract(x, y []float64, f float64) {
	for k := range x {
		x[k] -= f * y[k]
	}
}

func nans(rows, cols int) matrix {
	m := make(matrix, rows)
	for i := range m {
		for range cols {
			m[i] = append(m[i], math.NaN())
		}
	}
	return m
}

// substitute solves a triangular system, column after column of the triangle,
// from the first row on (step 1) or from the last back (step -1).
func substitute(a, x matrix, step int) matrix {
	n := len(a)
	first, beyond := 0, n
	if step < 0 {
		first, beyond = n-1, -1
	}
	for k := first; k != beyond; k += step {
		if a[k][k] == 0 {
			return nans(n, len(x[0]))
		}
		for c := range x[k] {
			x[k][c] /= a[k][k]
		}
		for i := k + step; i != beyond; i += step {
			subtract(x[i], x[k], a[i][k])
		}
	}
	return x
}

// factor is the Cholesky factor of the symmetric part of a, found from
// a = L·D·Lᵀ.
func factor(a matrix) matrix {
	n := len(a)
	l, rest := square0(n), square0(n)
	for i := range n {
		for j := range n {
			rest[i][j] = (a[i][j] + a[j][i]) / 2
		}
	}
	for k := range n {
		d := rest[k][k]
		if !(d > 0) {
			return lowerNaNs(n)
		}
		for i := k; i < n; i++ {
			l[i][k] = rest[i][k] / d * math.Sqrt(d)
		}
		for i := k + 1; i < n; i++ {
			subtract(rest[i], rest[k], rest[i][k]/d)
		}
	}
	return l
}

// lowerNaNs has no numbers in its lower triangle and 0 above.
func lowerNaNs(n int) matrix {
	m := nans(n, n)
	for i := range m {
		clear(m[i][i+1:])
	}
	return m
}
