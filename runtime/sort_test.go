package runtime

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSort(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	src := []float64{3, nan, -1, inf, 3, -inf, nan, 0}
	at := make([]int32, len(src))
	Argsort64(at, src)
	require.Equal(t, []int32{5, 2, 7, 0, 4, 3, 1, 6}, at)
	dst := make([]float64, len(src))
	Sort64(dst, src)
	require.Equal(t, []float64{-inf, -1, 0, 3, 3, inf}, dst[:6])
	require.True(t, math.IsNaN(dst[6]) && math.IsNaN(dst[7]))
}

// TestSortIsStable sorts numbers with many ties.
func TestSortIsStable(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	src := make([]float32, 500)
	for i := range src {
		src[i] = float32(r.IntN(9))
	}
	at, dst := make([]int32, len(src)), make([]float32, len(src))
	require.Zero(t, testing.AllocsPerRun(1, func() {
		Argsort32(at, src)
		Sort32(dst, src)
	}))
	for i, k := range at {
		require.Equal(t, src[k], dst[i])
		if i > 0 {
			require.True(t, dst[i-1] < dst[i] || dst[i-1] == dst[i] && at[i-1] < k)
		}
	}
}
