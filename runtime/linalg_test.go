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

// Cofactors are minors with alternating signs, whatever the rank.
func TestCofactors(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for n := range 7 {
		for rank := range n + 1 {
			a, lu, c := make([]float64, n*n), make([]float64, n*n), make([]float64, n*n)
			for range rank { // whole numbers: singular matrices are so exactly
				left, right := make([]float64, n), make([]float64, n)
				for i := range n {
					left[i], right[i] = float64(r.IntN(7)-3), float64(r.IntN(7)-3)
				}
				for i := range a {
					a[i] += left[i/n] * right[i%n]
				}
			}
			Cofactor64(c, lu, a, n)
			a32, lu32, c32 := narrow(a), make([]float32, n*n), make([]float32, n*n)
			Cofactor32(c32, lu32, a32, n)
			for i := range n {
				for j := range n {
					var minor []float64
					for k, v := range a {
						if k/n != i && k%n != j {
							minor = append(minor, v)
						}
					}
					want := laplace(minor, n-1) * float64(1-(i+j)%2*2)
					assert.InDelta(t, want, c[i*n+j], 1e-9*math.Max(1, math.Abs(want)), "%d of rank %d: %v", n, rank, a)
					assert.InDelta(t, want, float64(c32[i*n+j]), 1e-3*scale(a, n), "%d of rank %d: %v", n, rank, a)
				}
			}
		}
	}
}

// scale is the greatest that a cofactor may be.
func scale(a []float64, n int) float64 {
	most, product := 1.0, 1.0
	for _, v := range a {
		most = math.Max(most, math.Abs(v))
	}
	for i := 1; i < n; i++ {
		product *= most * math.Sqrt(float64(n))
	}
	return product
}

func narrow(a []float64) []float32 {
	out := make([]float32, len(a))
	for i, v := range a {
		out[i] = float32(v)
	}
	return out
}

// laplace is a determinant, expanded along the first row.
func laplace(a []float64, n int) float64 {
	if n == 0 {
		return 1
	}
	sum := 0.0
	for j := range n {
		var minor []float64
		for k, v := range a[n:] {
			if k%n != j {
				minor = append(minor, v)
			}
		}
		sum += a[j] * laplace(minor, n-1) * float64(1-j%2*2)
	}
	return sum
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
		Cofactor32(x, lu, a, 5)
		CofactorAlong32(5, x, a, b, a)
		LowerSolve32(x, a, b, 5, 5)
		UpperSolve32(x, a, b, 5, 5)
		Cholesky32(x, a, 5)
	}))
}
