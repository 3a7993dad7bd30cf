package runtime

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ulps is the error of got in units in the last place of float32 at want.
func ulps(got float32, want float64) float64 {
	w := float32(want)
	switch {
	case math.IsNaN(want) || math.IsInf(float64(w), 0):
		if got == w || got != got && w != w {
			return 0
		}
		return math.Inf(1)
	case math.IsNaN(float64(got)) || math.IsInf(float64(got), 0):
		return math.Inf(1)
	}
	_, e := math.Frexp(want)
	return math.Abs(float64(got)-want) / math.Ldexp(1, max(e-24, -149))
}

var fast = []struct {
	name string
	f32  func(float32) float32
	f64  func(float64) float64
}{
	{"Exp", Exp32, math.Exp},
	{"Expm1", Expm132, math.Expm1},
	{"Log", Log32, math.Log},
	{"Log1p", Log1p32, math.Log1p},
	{"Tanh", Tanh32, math.Tanh},
	{"Sigmoid", Sigmoid32, Sigmoid64},
	{"Silu", Silu32, Silu64},
	{"Softplus", Softplus32, Softplus64},
	{"Erf", Erf32, math.Erf},
	{"Erfc", Erfc32, math.Erfc},
	{"Gelu", Gelu32, Gelu64},
}

// TestFast32 walks over all exponents and both signs.
func TestFast32(t *testing.T) {
	step := uint64(2053)
	if testing.Short() {
		step = 40009
	}
	for _, f := range fast {
		worst, at := 0.0, float32(0)
		for bits := uint64(0); bits < 1<<32; bits += step {
			x := math.Float32frombits(uint32(bits))
			if u := ulps(f.f32(x), f.f64(float64(x))); u > worst {
				worst, at = u, x
			}
		}
		assert.LessOrEqual(t, worst, 1.0, "%s32(%v)", f.name, at)
		t.Logf("%s32: at most %.3f ulp, at %v", f.name, worst, at)
	}
}

func TestFast32Specials(t *testing.T) {
	inf := float32(math.Inf(1))
	specials := []float32{0, float32(math.Copysign(0, -1)), inf, -inf, float32(math.NaN()), 1, -1, math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32, 88.72284, 88.72283, -103.97, -87.33655}
	for _, f := range fast {
		for _, x := range specials {
			want := f.f64(float64(x))
			require.LessOrEqual(t, ulps(f.f32(x), want), 1.0, "%s32(%v) = %v, want %v", f.name, x, f.f32(x), want)
		}
	}
	for _, f := range []func(float32) float32{Expm132, Log1p32, Tanh32, Erf32} {
		require.True(t, math.Signbit(float64(f(specials[1]))), "the sign of zero")
		require.False(t, math.Signbit(float64(f(0))), "the sign of zero")
	}
}

var sink32 float32

func BenchmarkScalar32(b *testing.B) {
	x := make([]float32, 1024)
	for i := range x {
		x[i] = 0.01 + 4*float32(i)/1024
	}
	for _, f := range fast {
		b.Run(f.name, func(b *testing.B) {
			for b.Loop() {
				for _, v := range x {
					sink32 = f.f32(v)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1024, "ns/element")
		})
		b.Run(f.name+"/math", func(b *testing.B) {
			for b.Loop() {
				for _, v := range x {
					sink32 = float32(f.f64(float64(v)))
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1024, "ns/element")
		})
	}
}
