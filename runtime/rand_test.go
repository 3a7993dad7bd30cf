package runtime

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPhilox uses the known answers published with Random123.
func TestPhilox(t *testing.T) {
	for _, v := range []struct {
		key       uint64
		ctr, want [4]uint32
	}{
		{0, [4]uint32{}, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{math.MaxUint64, [4]uint32{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, [4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{0x299f31d0a4093822, [4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, [4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		r0, r1, r2, r3 := Philox4x32(v.key, v.ctr[0], v.ctr[1], v.ctr[2], v.ctr[3])
		require.Equal(t, v.want, [4]uint32{r0, r1, r2, r3})
	}
}

func TestUniform(t *testing.T) {
	require.Equal(t, 0x1p-33, unit(0))
	require.Equal(t, 1-0x1p-33, unit(math.MaxUint32))
	s := Site{Seed: 7, Step: 3, Site: 1, Iter: IterHash(0, 4)}
	u, _, _, _ := Philox4x32(7, 3, 1, s.Iter, 99)
	require.Equal(t, unit(u), s.Uniform64(99))
	require.Equal(t, float32(unit(u)), s.Uniform32(99))
	require.Equal(t, s.Uniform64(99) < 0.5, s.Bernoulli(99, 0.5))
	require.Less(t, round32(unit(math.MaxUint32)), float32(1))
	mean, std := moments(1<<16, func(i int) float64 { return s.Uniform64(uint32(i)) })
	require.InDelta(t, 0.5, mean, 0.005)
	require.InDelta(t, math.Sqrt(1.0/12), std, 0.005)
}

func TestNormal(t *testing.T) {
	s := Site{Seed: 7}
	mean, std := moments(1<<16, func(i int) float64 { return s.Normal64(uint32(i)) })
	require.InDelta(t, 0, mean, 0.02)
	require.InDelta(t, 1, std, 0.02)
	require.Equal(t, float32(s.Normal64(5)), s.Normal32(5))
	require.False(t, math.IsInf(boxMuller(0, 0), 0))
	require.False(t, math.IsNaN(boxMuller(math.MaxUint32, math.MaxUint32)))
}

func moments(n int, f func(int) float64) (mean, std float64) {
	var sum, squares float64
	for i := range n {
		x := f(i)
		sum += x
		squares += x * x
	}
	mean = sum / float64(n)
	return mean, math.Sqrt(squares/float64(n) - mean*mean)
}

func TestIterHashTellsIterationsApart(t *testing.T) {
	seen := map[uint32]bool{0: true}
	for i := range 100 {
		for j := range 100 {
			h := IterHash(IterHash(0, i), j)
			require.False(t, seen[h], "%d %d", i, j)
			seen[h] = true
		}
	}
}

func TestCategorical(t *testing.T) {
	logits := []float64{math.Log(1), math.Log(2), math.Inf(-1), math.Log(5)}
	require.Equal(t, 0, Categorical64(logits, 0.124))
	require.Equal(t, 1, Categorical64(logits, 0.126))
	require.Equal(t, 1, Categorical64(logits, 0.374))
	require.Equal(t, 3, Categorical64(logits, 0.376))
	require.Equal(t, 3, Categorical32([]float32{0, 1, 2, 900}, 1-0x1p-33))
	require.Equal(t, 0, Categorical64([]float64{3, math.Inf(-1)}, 1-0x1p-33))
}
