package runtime

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestApart(t *testing.T) {
	x := make([]float64, 10)
	require.True(t, Apart(x[:5], x[5:]))
	require.True(t, Apart(x[5:], x[:5], make([]float64, 3)))
	require.True(t, Apart(x[:5], nil, x[5:5]))
	require.False(t, Apart(x, x))
	require.False(t, Apart(x[:5], x[7:], x[4:6]))
	require.False(t, Apart(x[3:4], x))
	require.True(t, Apart(x[:0], x))
}
