package runtime

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Derivatives of cofactors are those of polynomials, which are exact in rational
// numbers, at and beside matrices of any rank.
func TestCofactorsAlongDirections(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	whole := func(n int) []float64 {
		a := make([]float64, n)
		for i := range a {
			a[i] = float64(r.IntN(7) - 3)
		}
		return a
	}
	for n := 1; n <= 8; n++ {
		for k := 1; k <= 3 && (k < 3 || n < 6); k++ {
			for rank := max(0, n-k-2); rank <= n; rank++ {
				for _, noise := range []float64{0, 1e-12, 1e-6, 1e-200} {
					if noise != 0 && n > 6 {
						continue // exact numbers take their time
					}
					a, left, right := make([]float64, n*n), whole(n*rank), whole(n*rank)
					for i := range a {
						for l := range rank {
							a[i] += left[i/n*rank+l] * right[i%n*rank+l]
						}
						a[i] += noise * r.NormFloat64()
					}
					var hs [][]float64
					var hs32 [][]float32
					for range k {
						hs = append(hs, whole(n*n))
						hs32 = append(hs32, narrow(hs[len(hs)-1]))
					}
					c, c32 := make([]float64, n*n), make([]float32, n*n)
					CofactorAlong64(n, c, a, hs...)
					CofactorAlong32(n, c32, narrow(a), hs32...)
					want := exactAlong(n, a, hs)
					// As many factors as a minor has rows, as large as the rows of a and of the hs are.
					scale := math.Pow(max(1, norm(a)/math.Sqrt(float64(n))), float64(max(0, n-1-k)))
					for _, h := range hs {
						scale *= max(1, norm(h))
					}
					assert.InDeltaSlice(t, want, c, 1e-14*scale, "%d of rank %d along %d, %g beside", n, rank, k, noise)
					if noise == 0 {
						assert.InDeltaSlice(t, want, widen(c32), 1e-7*scale, "%d of rank %d along %d", n, rank, k)
					}
				}
			}
		}
	}
}

func norm(a []float64) float64 {
	sum := 0.0
	for _, v := range a {
		sum += v * v
	}
	return math.Sqrt(sum)
}

func widen(a []float32) (out []float64) {
	for _, v := range a {
		out = append(out, float64(v))
	}
	return out
}

// exactAlong adds up minors of a with rows of the directions in the place of its own.
func exactAlong(n int, a []float64, hs [][]float64) []float64 {
	out := make([]float64, n*n)
	for place := range out {
		row, col := place/n, place%n
		sum := new(big.Rat)
		var choose func(rows [][]float64, left []int, k int)
		choose = func(rows [][]float64, left []int, k int) {
			if k == len(hs) {
				sum.Add(sum, exactMinor(rows, row, col))
				return
			}
			for at, i := range left {
				next := slices.Clone(rows)
				next[i] = hs[k][i*n:][:n]
				choose(next, slices.Delete(slices.Clone(left), at, at+1), k+1)
			}
		}
		var rows [][]float64
		var left []int
		for i := range n {
			rows = append(rows, a[i*n:][:n])
			if i != row {
				left = append(left, i)
			}
		}
		choose(rows, left, 0)
		out[place], _ = sum.Float64()
		if (row+col)%2 == 1 {
			out[place] = -out[place]
		}
	}
	return out
}

// exactMinor is the determinant without a row and a column.
func exactMinor(rows [][]float64, row, col int) *big.Rat {
	var m [][]*big.Rat
	for i, values := range rows {
		if i == row {
			continue
		}
		var line []*big.Rat
		for j, v := range values {
			if j != col {
				line = append(line, new(big.Rat).SetFloat64(v))
			}
		}
		m = append(m, line)
	}
	det := big.NewRat(1, 1)
	for k := range m {
		pivot := slices.IndexFunc(m[k:], func(line []*big.Rat) bool { return line[k].Sign() != 0 })
		if pivot < 0 {
			return new(big.Rat)
		}
		if pivot > 0 {
			m[k], m[k+pivot] = m[k+pivot], m[k]
			det.Neg(det)
		}
		det.Mul(det, m[k][k])
		for _, line := range m[k+1:] {
			f := new(big.Rat).Quo(line[k], m[k][k])
			for j := k; j < len(line); j++ {
				line[j].Sub(line[j], new(big.Rat).Mul(f, m[k][j]))
			}
		}
	}
	return det
}

func TestCofactorsAlongWhatIsNoNumber(t *testing.T) {
	c := make([]float64, 4)
	nan := math.NaN()
	for _, pair := range [][2][]float64{{{1, 2, 3, nan}, {1, 1, 1, 1}}, {{0, 0, 0, 0}, {1, nan, 1, 1}}} {
		CofactorAlong64(2, c, pair[0], pair[1])
		assert.True(t, slices.IndexFunc(c, func(v float64) bool { return v == v }) < 0, "%v", c)
	}
	CofactorAlong64(1, c[:1], c[1:2], []float64{2})
	assert.True(t, math.IsNaN(c[0]))
}
