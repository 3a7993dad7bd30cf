package codegen

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/graph"
)

// recurrence is a network of width 64 that runs for 10,000 steps.
const recurrence = `import "nn"
model Long {
    input x [64]
    param W [64, 64] ~ orthogonal
    scan%s t in 0..10000 {
        carry h [64] = 0
        h = tanh(h @ W + x * sin(real(t)))
    }
    loss sum(h^2)
    train nn.SGD(lr = 0.01)
}
`

// stepMemory is the length of a training step's arena, in real numbers.
func stepMemory(t *testing.T, option string) int64 {
	r, list, err := Compile("long.grad", fmt.Appendf(nil, recurrence, option), Options{})
	require.NoError(t, err)
	require.Empty(t, list)
	n, constant := r.Unit.Models[0].Train.ArenaLen[graph.Real].IsConst()
	require.True(t, constant)
	return n
}

// With remat = k a step keeps every k-th of T hidden states, and what the
// backward pass of k steps needs (three rows each); the smallest sum is at the
// square root of T/3. What does not depend on k is a few weights' room.
func TestRematMemoryShrinksAsTheSquareRoot(t *testing.T) {
	const steps, width, rest = 10_000, 64, 3 * 64 * 64
	require.GreaterOrEqual(t, stepMemory(t, ""), int64(2*width*steps))
	for _, k := range []int64{10, 50, 100, 200, 1000} {
		got := stepMemory(t, fmt.Sprintf("(remat = %d)", k))
		require.LessOrEqual(t, got, width*(steps/k+3*k)+rest, "remat = %d", k)
		require.GreaterOrEqual(t, got, width*(steps/k+k), "remat = %d", k)
	}
}
