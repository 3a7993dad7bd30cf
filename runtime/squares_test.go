package runtime

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSumSquares(t *testing.T) {
	for n := range 40 {
		x, y, want := make([]float32, n), make([]float64, n), 0.0
		for i := range x {
			x[i], y[i] = float32(i), float64(i)
			want += float64(i) * float64(i)
		}
		require.Equal(t, want, SumSquares32(x))
		require.Equal(t, want, SumSquares64(y))
	}
}

// Numbers of every size, not whole: near the plain sum, and far above the range of
// float32 squares.
func TestSumSquaresOfAnything(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 3))
	for range 50 {
		n := r.IntN(200)
		x, y, want, wide := make([]float32, n), make([]float64, n), 0.0, 0.0
		for i := range x {
			x[i] = float32(r.NormFloat64() * 1e25)
			y[i] = r.NormFloat64()
			want += float64(x[i]) * float64(x[i])
			wide += y[i] * y[i]
		}
		require.InEpsilon(t, 1+want, 1+SumSquares32(x), 1e-13)
		require.InEpsilon(t, 1+wide, 1+SumSquares64(y), 1e-13)
	}
}
