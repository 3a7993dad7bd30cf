package runtime

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFans(t *testing.T) {
	for _, c := range []struct {
		shape         []int
		fanIn, fanOut int
	}{
		{nil, 1, 1}, {[]int{7}, 7, 7}, {[]int{784, 128}, 784, 128}, {[]int{5, 5, 6, 16}, 150, 16},
	} {
		fanIn, fanOut := Fans(c.shape...)
		require.Equal(t, []int{c.fanIn, c.fanOut}, []int{fanIn, fanOut}, "%v", c.shape)
	}
}

func TestInitDistributions(t *testing.T) {
	const n = 300 * 200
	in := Init{Seed: 1, Param: 2}
	stat := func(fill func([]float64)) (mean, std, largest float64) {
		x := make([]float64, n)
		fill(x)
		mean, std = moments(n, func(i int) float64 { return x[i] })
		for _, v := range x {
			largest = max(largest, math.Abs(v))
		}
		return
	}
	check := func(wantMean, wantStd float64, fill func([]float64)) float64 {
		mean, std, largest := stat(fill)
		require.InDelta(t, wantMean, mean, 0.02*wantStd)
		require.InEpsilon(t, wantStd, std, 0.02)
		return largest
	}
	check(3, 0.5, func(x []float64) { InitNormal(x, in, 3, 0.5) })
	check(1, 4/math.Sqrt(12), func(x []float64) { InitUniform(x, in, -1, 3) })
	check(0, math.Sqrt(2.0/300), func(x []float64) { InitHe(x, in, 300, 200) })
	check(0, math.Sqrt(1.0/300), func(x []float64) { InitLecun(x, in, 300, 200) })
	bound := math.Sqrt(6.0 / 500)
	require.LessOrEqual(t, check(0, bound/math.Sqrt(3), func(x []float64) { InitXavier(x, in, 300, 200) }), bound)
}

func TestInitDependsOnSeedParamAndElementOnly(t *testing.T) {
	a, b, short := make([]float64, 10), make([]float32, 10), make([]float64, 4)
	InitNormal(a, Init{1, 0}, 0, 1)
	InitNormal(b, Init{1, 0}, 0, 1)
	InitNormal(short, Init{1, 0}, 0, 1)
	for i, v := range a {
		require.Equal(t, float32(v), b[i])
	}
	require.Equal(t, a[:4], short)
	for _, other := range []Init{{2, 0}, {1, 1}} {
		InitNormal(short, other, 0, 1)
		require.NotEqual(t, a[:4], short)
	}
	InitConst(b, 0.1)
	require.Equal(t, float32(0.1), b[9])
}

func TestInitWithinInvertsTheConstraint(t *testing.T) {
	want := []float64{1e-300, 1e-9, 0.5, 1, 40, 1e300}
	u := make([]float64, len(want))
	InitWithin(u, 0, math.Inf(1), func(s []float64) { copy(s, want) })
	for i, s := range want {
		require.InEpsilon(t, s, Softplus64(u[i]), 1e-12)
	}
	want = []float64{-1 + 1e-9, -0.25, 2.9}
	InitWithin(u[:3], -1, 3, func(s []float64) { copy(s, want) })
	for i, s := range want {
		require.InDelta(t, s, -1+4*Sigmoid64(u[i]), 1e-14)
	}
	InitWithin(u[:2], -1, 3, func(s []float64) { s[0], s[1] = -1, 3 })
	require.False(t, math.IsInf(u[0], 0) || math.IsInf(u[1], 0), "draws on a bound")
}

func TestInitOrthogonal(t *testing.T) {
	for _, shape := range [][]int{{4, 4}, {7, 3}, {3, 7}, {2, 3, 5}, {6}, {}} {
		n, _ := elements(shape)
		x := make([]float64, n)
		InitOrthogonal(x, Init{Seed: 5}, shape...)
		rows, cols := 1, 1
		if len(shape) > 0 {
			cols = shape[len(shape)-1]
			rows = n / cols
		}
		for a := range min(rows, cols) {
			for b := range min(rows, cols) {
				var dot float64
				for k := range max(rows, cols) {
					if rows >= cols {
						dot += x[k*cols+a] * x[k*cols+b]
					} else {
						dot += x[a*cols+k] * x[b*cols+k]
					}
				}
				want := 0.0
				if a == b {
					want = 1
				}
				require.InDelta(t, want, dot, 1e-14, "%v", shape)
			}
		}
	}
}
