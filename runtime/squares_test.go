package runtime

import (
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
