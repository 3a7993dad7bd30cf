package check_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/graph"
)

// A range that an int begins below 0 begins there where accesses allow it.
func TestRangesThatBeginBelowZero(t *testing.T) {
	args := map[string]graph.Tensor{"x": tensor([]float64{1, 2, 4, 8, 16}, 5), "k": scalar(-2)}
	dims := map[string]int64{"n": 5}
	got := call(t, "func F(x [n], k int) = sum(j in k..n - 3: x[j + 3])", args, dims)
	require.Equal(t, []float64{2 + 4 + 8 + 16}, got[0].Data)
	args["k"] = scalar(2)
	got = call(t, "func F(x [n], k int) = sum(j in k..n: x[j])", args, dims)
	require.Equal(t, []float64{4 + 8 + 16}, got[0].Data)
}
