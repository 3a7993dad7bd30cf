package runtime

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// drawMatrix has elements around 0 and, where definite, is m·mᵀ + 1.
func drawMatrix[T Float](r *rand.Rand, n int, definite bool) []T {
	m := make([]T, n*n)
	for i := range m {
		m[i] = T(r.NormFloat64())
	}
	if !definite {
		return m
	}
	out := timesNaive(m, turned(m, n), n, n)
	for i := range n {
		out[i*n+i]++
	}
	return out
}

func turned[T Float](a []T, n int) []T {
	out := make([]T, len(a))
	for i := range n {
		for j := range n {
			out[j*n+i] = a[i*n+j]
		}
	}
	return out
}

// timesNaive is a·b for n×n and n×m matrices.
func timesNaive[T Float](a, b []T, n, m int) []T {
	out := make([]T, n*m)
	matmulNaive(out, 0, m, 1, a, 0, n, 1, b, 0, m, 1, n, m, n, false)
	return out
}

// triangle keeps one triangle of a.
func triangle[T Float](a []T, n int, lower bool) []T {
	out := make([]T, len(a))
	for i := range n {
		for j := range n {
			if lower && j <= i || !lower && j >= i {
				out[i*n+j] = a[i*n+j]
			}
		}
	}
	return out
}

// What is found is put back into the equation it solves.
func testResiduals[T Float](t *testing.T, packs *packList[T], tol float64) {
	r := rand.New(rand.NewPCG(1, 2))
	near := func(want, got []T, what string, n int) {
		t.Helper()
		scale := 1.0
		for _, v := range want {
			scale = max(scale, math.Abs(float64(v)))
		}
		require.InDeltaSlice(t, want, got, tol*scale*float64(n), "%s, n = %d", what, n)
	}
	for _, n := range []int{1, 2, 3, 4, 5, 9, 17, 31, 32, 33, 63, 64, 65, 100, 200} {
		m := min(1+n%4, n)
		a, b, s := drawMatrix[T](r, n, true), drawMatrix[T](r, n, false), drawMatrix[T](r, n, true)
		exchange(a[:n], a[(n-1)*n:]) // so that pivots have to be looked for
		right := b[:n*m]
		x, lu := make([]T, n*m), make([]T, n*n)
		solve(packs, x, lu, a, right, n, m)
		near(right, timesNaive(a, x, n, m), "solve", n)
		lowerSolve(packs, x, s, right, n, m)
		near(right, timesNaive(triangle(s, n, true), x, n, m), "lower triangle", n)
		upperSolve(packs, x, s, right, n, m)
		near(right, timesNaive(triangle(s, n, false), x, n, m), "upper triangle", n)
		one, y := make([]T, n*n), make([]T, n*n)
		for i := range n {
			one[i*n+i] = 1
		}
		inv(packs, y, lu, a, n)
		near(one, timesNaive(a, y, n, n), "inverse", n)
		cholesky(packs, y, s, n)
		near(s, timesNaive(y, turned(y, n), n, n), "cholesky", n)
		assert.Equal(t, triangle(y, n, true), y)
		log, product := make([]T, 1), 0.0
		logdet(packs, log, lu, s, n)
		for i := range n {
			product += 2 * math.Log(float64(y[i*n+i]))
		}
		near([]T{T(product)}, log, "logdet", n)
	}
}

func TestLinearAlgebraResiduals(t *testing.T) {
	testResiduals(t, &packs64, 1e-12)
	testResiduals(t, &packs32, 1e-4)
}

func TestLinearAlgebraKnownValues(t *testing.T) {
	a := []float64{0, 2, 1, 3, 0, 0, 1, 1, 1} // det: -2·3·1 + 1·3·1 = -3
	d, lu := make([]float64, 1), make([]float64, 9)
	Det64(d, lu, a, 3)
	assert.InDelta(t, -3, d[0], 1e-15)
	Logdet64(d, lu, a, 3)
	assert.InDelta(t, math.Log(3), d[0], 1e-15)
	x := make([]float64, 4)
	Inv64(x, lu[:4], []float64{4, 2, 2, 5}, 2)
	assert.InDeltaSlice(t, []float64{5. / 16, -1. / 8, -1. / 8, 1. / 4}, x, 1e-16)
	Cholesky64(x, []float64{4, 1, 3, 5}, 2)
	assert.Equal(t, []float64{2, 0, 1, 2}, x)
	Solve64(x[:2], lu[:4], []float64{0, 1, 2, 0}, []float64{8, 12}, 2, 1)
	assert.Equal(t, []float64{6, 8}, x[:2])
}

func TestSingularMatricesHaveNoNumbers(t *testing.T) {
	singular, zero := []float32{1, 2, 2, 4}, make([]float32, 4)
	lu, b := make([]float32, 4), []float32{1, 2}
	for _, a := range [][]float32{singular, zero, {float32(math.NaN()), 0, 0, 1}} {
		x := make([]float32, 4)
		Inv32(x, lu, a, 2)
		assert.True(t, x[0] != x[0], "inverse of %v: %v", a, x)
		Solve32(x[2:], lu, a, b, 2, 1)
		assert.True(t, x[2] != x[2], "solution of %v: %v", a, x)
		Cholesky32(x, a, 2)
		assert.True(t, x[0] != x[0] && x[1] == 0 && x[2] != x[2] && x[3] != x[3], "factor of %v: %v", a, x)
	}
	x := make([]float32, 2)
	for _, f := range []func(x, a, b []float32, n, m int){LowerSolve32, UpperSolve32} {
		f(x, []float32{1, 2, 3, 0}, b, 2, 1)
		assert.True(t, x[0] != x[0] && x[1] != x[1])
	}
	Det32(x, lu, singular, 2)
	Logdet32(x[1:], lu, singular, 2)
	assert.Equal(t, []float32{0, float32(math.Inf(-1))}, x)
}

func TestLinearAlgebraDoesNotAllocate(t *testing.T) {
	a := drawMatrix[float32](rand.New(rand.NewPCG(1, 1)), 5, true)
	x, lu, b, d := make([]float32, 25), make([]float32, 25), make([]float32, 25), make([]float32, 1)
	assert.Zero(t, testing.AllocsPerRun(10, func() {
		Solve32(x, lu, a, b, 5, 5)
		Inv32(x, lu, a, 5)
		Det32(d, lu, a, 5)
		Logdet32(d, lu, a, 5)
		LowerSolve32(x, a, b, 5, 5)
		UpperSolve32(x, a, b, 5, 5)
		Cholesky32(x, a, 5)
	}))
}
