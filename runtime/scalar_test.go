package runtime

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUnary(t *testing.T) {
	for _, c := range unaryValues {
		require.InEpsilon(t, c.want, c.f64(c.x), 1e-14, "%s64(%v)", c.name, c.x)
		// The float32 argument is another number: compare at that number.
		x := float32(c.x)
		require.LessOrEqual(t, ulps(c.f32(x), c.f64(float64(x))), 1.0, "%s32(%v)", c.name, x)
	}
}

func TestUnarySpecials(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		name    string
		f       func(float64) float64
		x, want float64
	}{
		{"Sigmoid", Sigmoid64, inf, 1}, {"Sigmoid", Sigmoid64, -inf, 0},
		{"Softplus", Softplus64, inf, inf}, {"Softplus", Softplus64, -inf, 0},
		{"Silu", Silu64, inf, inf}, {"Silu", Silu64, -inf, 0},
		{"Gelu", Gelu64, inf, inf}, {"Gelu", Gelu64, -inf, 0},
		{"Relu", Relu64, inf, inf}, {"Relu", Relu64, -inf, 0},
		{"Rsqrt", Rsqrt64, 0, inf}, {"Rsqrt", Rsqrt64, inf, 0},
		{"Sign", Sign64, -3, -1}, {"Sign", Sign64, 0, 0}, {"Sign", Sign64, inf, 1},
		{"Abs", Abs64, -3, 3}, {"Sqrt", Sqrt64, 9, 3},
		{"Floor", Floor64, -1.5, -2}, {"Ceil", Ceil64, -1.5, -1},
		{"Round", Round64, 2.5, 2}, {"Round", Round64, 3.5, 4}, {"Round", Round64, -0.5, 0},
		{"Sigmoid", Sigmoid64, -745, math.Exp(-745)}, // subnormal, or 0 where the machine's exp flushes
	} {
		require.Equal(t, c.want, c.f(c.x)+0, "%s64(%v)", c.name, c.x)
		require.True(t, math.IsNaN(c.f(nan)), "%s64(NaN)", c.name)
	}
}

func TestExact32(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		name string
		f32  func(float32) float32
		f64  func(float64) float64
	}{
		{"Abs", Abs32, Abs64}, {"Sqrt", Sqrt32, Sqrt64}, {"Rsqrt", Rsqrt32, Rsqrt64}, {"Sign", Sign32, Sign64}, {"Relu", Relu32, Relu64},
		{"Floor", Floor32, Floor64}, {"Ceil", Ceil32, Ceil64}, {"Round", Round32, Round64},
	} {
		for _, x := range []float32{0, 0.5, 1.5, 2.5, -0.5, -1.25, 1e10, -1e-40, 16777216, float32(math.Inf(1))} {
			require.LessOrEqual(t, ulps(c.f32(x), c.f64(float64(x))), 0.5, "%s32(%v)", c.name, x)
		}
		require.True(t, IsNaN32(c.f32(nan)), "%s32(NaN)", c.name)
	}
}

func TestBinary(t *testing.T) {
	for _, c := range []struct {
		name       string
		f32        func(_, _ float32) float32
		f64        func(_, _ float64) float64
		x, y, want float64
	}{
		{"Max", Max32, Max64, 1, 2, 2}, {"Max", Max32, Max64, 2, 1, 2},
		{"Min", Min32, Min64, 1, 2, 1}, {"Min", Min32, Min64, 2, 1, 1},
		{"Hypot", Hypot32, Hypot64, 3, -4, 5}, {"Hypot", Hypot32, Hypot64, 0, 0, 0},
		{"Atan2", Atan232, Atan264, 0, 0, 0}, {"Atan2", Atan232, Atan264, 0, 1, 0},
		{"Pow", Pow32, Pow64, 2, 0.5, math.Sqrt2}, {"Pow", Pow32, Pow64, 0, 0, 1}, {"Pow", Pow32, Pow64, -2, 3, -8},
		{"Mod", Mod32, Mod64, 7, 3, 1}, {"Mod", Mod32, Mod64, -7, 3, 2}, {"Mod", Mod32, Mod64, 7, -3, -2},
		{"Mod", Mod32, Mod64, -7, -3, -1}, {"Mod", Mod32, Mod64, 6, -3, 0},
		{"Div", Div32, Div64, 7, 2, 3}, {"Div", Div32, Div64, -7, 2, -4},
	} {
		require.InDelta(t, c.want, c.f64(c.x, c.y), 1e-15, "%s64(%v, %v)", c.name, c.x, c.y)
		require.Equal(t, float32(c.want), c.f32(float32(c.x), float32(c.y)), "%s32(%v, %v)", c.name, c.x, c.y)
	}
	nan := math.NaN()
	for _, f := range []func(_, _ float64) float64{Max64, Min64} {
		require.True(t, math.IsNaN(f(nan, 1)))
		require.True(t, math.IsNaN(f(1, nan)))
	}
}

func TestClamp(t *testing.T) {
	for x, want := range map[float64]float64{-3: -1, 0.5: 0.5, 9: 2} {
		require.Equal(t, want, Clamp64(x, -1, 2))
		require.Equal(t, float32(want), Clamp32(float32(x), -1, 2))
	}
	require.True(t, IsNaN64(Clamp64(math.NaN(), -1, 2)))
}

func TestClasses(t *testing.T) {
	for x, finite := range map[float64]bool{0: true, -3: true, math.Inf(1): false, math.Inf(-1): false} {
		require.Equal(t, finite, IsFinite64(x))
		require.Equal(t, finite, IsFinite32(float32(x)))
		require.False(t, IsNaN64(x) || IsNaN32(float32(x)))
	}
	require.True(t, IsNaN32(float32(math.NaN())))
	require.False(t, IsFinite64(math.NaN()) || IsFinite32(float32(math.NaN())))
}

func TestPowi(t *testing.T) {
	for n := -9; n <= 20; n++ {
		for _, x := range []float64{-1.5, 0.3, 2} {
			require.InEpsilon(t, math.Pow(x, float64(n)), Powi64(x, n), 1e-14)
			require.LessOrEqual(t, ulps(Powi32(float32(x), n), math.Pow(float64(float32(x)), float64(n))), 0.51)
		}
	}
	require.Equal(t, 1.0, Powi64(0, 0))
	require.Equal(t, 1.0, Powi64(math.NaN(), 0))
	require.Equal(t, math.Inf(1), Powi64(0, -1))
	require.Equal(t, -1.0, Powi64(-1, math.MinInt+1))
	require.Equal(t, 1.0, Powi64(-1, math.MinInt))
}

func TestPowInt(t *testing.T) {
	for a := int32(-9); a <= 9; a++ {
		y := int32(1)
		for n := range int32(40) {
			require.Equal(t, y, PowInt32(a, n), "%d^%d", a, n)
			y *= a
		}
		require.EqualValues(t, 1, PowInt32(a, -1))
	}
}

func TestDivModInt(t *testing.T) {
	for a := int32(-9); a <= 9; a++ {
		for b := int32(-4); b <= 4; b++ {
			if b == 0 {
				continue
			}
			require.Equal(t, int32(math.Floor(float64(a)/float64(b))), DivInt32(a, b), "%d %d", a, b)
			r := ModInt32(a, b)
			require.Equal(t, a, DivInt32(a, b)*b+r)
			require.True(t, r == 0 || (r < 0) == (b < 0), "%d %d", a, b)
		}
	}
}

// unaryValues were computed with mpmath to 20 digits.
var unaryValues = []struct {
	name    string
	f32     func(float32) float32
	f64     func(float64) float64
	x, want float64
}{
	{"Rsqrt", Rsqrt32, Rsqrt64, 0.001, 31.622776601683792991},
	{"Rsqrt", Rsqrt32, Rsqrt64, 2.0, 0.7071067811865475244},
	{"Rsqrt", Rsqrt32, Rsqrt64, 10000000000.0, 0.00001},
	{"Cbrt", Cbrt32, Cbrt64, 0.001, 0.10000000000000000069},
	{"Cbrt", Cbrt32, Cbrt64, 2.0, 1.2599210498948731648},
	{"Cbrt", Cbrt32, Cbrt64, -27.0, -3.0},
	{"Exp2", Exp232, Exp264, -3.5, 0.08838834764831844055},
	{"Exp2", Exp232, Exp264, 0.25, 1.1892071150027210667},
	{"Exp2", Exp232, Exp264, 10.0, 1024.0},
	{"Log2", Log232, Log264, 0.1, -3.3219280948873622678},
	{"Log2", Log232, Log264, 3.0, 1.5849625007211561815},
	{"Log2", Log232, Log264, 8.0, 3.0},
	{"Log10", Log1032, Log1064, 0.1, -0.99999999999999997589},
	{"Log10", Log1032, Log1064, 3.0, 0.4771212547196624373},
	{"Log10", Log1032, Log1064, 1000.0, 3.0},
	{"Sin", Sin32, Sin64, -2.0, -0.9092974268256816954},
	{"Sin", Sin32, Sin64, 0.5, 0.47942553860420300027},
	{"Sin", Sin32, Sin64, 100.0, -0.50636564110975879366},
	{"Cos", Cos32, Cos64, -2.0, -0.416146836547142387},
	{"Cos", Cos32, Cos64, 0.5, 0.87758256189037271612},
	{"Cos", Cos32, Cos64, 100.0, 0.8623188722876839341},
	{"Tan", Tan32, Tan64, -2.0, 2.1850398632615189916},
	{"Tan", Tan32, Tan64, 0.5, 0.54630248984379051326},
	{"Tan", Tan32, Tan64, 100.0, -0.58721391515692907668},
	{"Asin", Asin32, Asin64, -0.9, -1.1197695149986342376},
	{"Asin", Asin32, Asin64, 0.1, 0.10016742116155980192},
	{"Asin", Asin32, Asin64, 1.0, 1.5707963267948966192},
	{"Acos", Acos32, Acos64, -0.9, 2.6905658417935308569},
	{"Acos", Acos32, Acos64, 0.1, 1.4706289056333368173},
	{"Acos", Acos32, Acos64, 0.5, 1.0471975511965977462},
	{"Atan", Atan32, Atan64, -5.0, -1.3734007669450158609},
	{"Atan", Atan32, Atan64, 0.1, 0.099668652491162032875},
	{"Atan", Atan32, Atan64, 50.0, 1.5507989928217460862},
	{"Sinh", Sinh32, Sinh64, -5.0, -74.203210577788758977},
	{"Sinh", Sinh32, Sinh64, 0.1, 0.1001667500198440314},
	{"Sinh", Sinh32, Sinh64, 8.0, 1490.4788257895501861},
	{"Cosh", Cosh32, Cosh64, -5.0, 74.209948524787844444},
	{"Cosh", Cosh32, Cosh64, 0.1, 1.0050041680558035995},
	{"Cosh", Cosh32, Cosh64, 8.0, 1490.4791612521780886},
	{"Tanh", Tanh32, Tanh64, -5.0, -0.99990920426259513121},
	{"Tanh", Tanh32, Tanh64, 0.1, 0.099667994624955822614},
	{"Tanh", Tanh32, Tanh64, 0.9, 0.71629787019902443162},
	{"Asinh", Asinh32, Asinh64, -5.0, -2.3124383412727526203},
	{"Asinh", Asinh32, Asinh64, 0.1, 0.099834078899207568851},
	{"Asinh", Asinh32, Asinh64, 8.0, 2.7764722807237176735},
	{"Acosh", Acosh32, Acosh64, 1.1, 0.44356825438511538295},
	{"Acosh", Acosh32, Acosh64, 3.0, 1.7627471740390860505},
	{"Acosh", Acosh32, Acosh64, 80.0, 5.0751347504448098598},
	{"Atanh", Atanh32, Atanh64, -0.9, -1.4722194895832203469},
	{"Atanh", Atanh32, Atanh64, 0.1, 0.10033534773107558624},
	{"Atanh", Atanh32, Atanh64, 0.5, 0.5493061443340548457},
	{"Exp", Exp32, Exp64, -20.0, 2.061153622438557828e-9},
	{"Exp", Exp32, Exp64, 0.5, 1.6487212707001281468},
	{"Exp", Exp32, Exp64, 30.0, 10686474581524.462147},
	{"Expm1", Expm132, Expm164, -20.0, -0.99999999793884637756},
	{"Expm1", Expm132, Expm164, 1e-05, 0.000010000050000166667901},
	{"Expm1", Expm132, Expm164, 3.0, 19.085536923187667741},
	{"Log", Log32, Log64, 0.01, -4.6051701859880913472},
	{"Log", Log32, Log64, 1.5, 0.40546510810816438198},
	{"Log", Log32, Log64, 100000000.0, 18.420680743952365472},
	{"Log1p", Log1p32, Log1p64, -0.5, -0.69314718055994530942},
	{"Log1p", Log1p32, Log1p64, 1e-06, 9.9999950000033328783e-7},
	{"Log1p", Log1p32, Log1p64, 20.0, 3.0445224377234229965},
	{"Erf", Erf32, Erf64, -2.0, -0.99532226501895273416},
	{"Erf", Erf32, Erf64, 0.1, 0.1124629160182848984},
	{"Erf", Erf32, Erf64, 1.5, 0.96610514647531072707},
	{"Erfc", Erfc32, Erfc64, -2.0, 1.9953222650189527342},
	{"Erfc", Erfc32, Erfc64, 0.1, 0.8875370839817151016},
	{"Erfc", Erfc32, Erfc64, 5.0, 1.5374597944280348502e-12},
	{"Lgamma", Lgamma32, Lgamma64, 0.25, 1.2880225246980774574},
	{"Lgamma", Lgamma32, Lgamma64, 3.5, 1.2009736023470742248},
	{"Lgamma", Lgamma32, Lgamma64, -2.25, 0.55550154502064747059},
	{"Lgamma", Lgamma32, Lgamma64, 100.0, 359.13420536957539878},
	{"Digamma", Digamma32, Digamma64, 0.25, -4.2274535333762654081},
	{"Digamma", Digamma32, Digamma64, 3.5, 1.1031566406452431872},
	{"Digamma", Digamma32, Digamma64, -2.25, 4.1585835646579722748},
	{"Digamma", Digamma32, Digamma64, 100.0, 4.6001618527380874002},
	{"Sigmoid", Sigmoid32, Sigmoid64, -50.0, 1.928749847963917783e-22},
	{"Sigmoid", Sigmoid32, Sigmoid64, -1.0, 0.26894142136999512075},
	{"Sigmoid", Sigmoid32, Sigmoid64, 0.5, 0.62245933120185456464},
	{"Sigmoid", Sigmoid32, Sigmoid64, 20.0, 0.99999999793884638181},
	{"Softplus", Softplus32, Softplus64, -50.0, 1.928749847963917783e-22},
	{"Softplus", Softplus32, Softplus64, -1.0, 0.31326168751822283405},
	{"Softplus", Softplus32, Softplus64, 0.5, 0.97407698418010668087},
	{"Softplus", Softplus32, Softplus64, 20.0, 20.00000000206115362},
	{"Softplus", Softplus32, Softplus64, 800.0, 800.0},
	{"Silu", Silu32, Silu64, -50.0, -9.6437492398195889151e-21},
	{"Silu", Silu32, Silu64, -1.0, -0.26894142136999512075},
	{"Silu", Silu32, Silu64, 0.5, 0.31122966560092728232},
	{"Silu", Silu32, Silu64, 20.0, 19.999999958776927636},
	{"Gelu", Gelu32, Gelu64, -8.0, -4.9767684594174272988e-15},
	{"Gelu", Gelu32, Gelu64, -1.0, -0.15865525393145705141},
	{"Gelu", Gelu32, Gelu64, 0.5, 0.34573123063700655182},
	{"Gelu", Gelu32, Gelu64, 20.0, 20.0},
}

func TestSinCos(t *testing.T) {
	for _, x := range []float64{0, math.Copysign(0, -1), 1e-300, 0.5, -2, 3.1, 1e5, -1e9, 1e22, math.Inf(1), math.NaN()} {
		sin, cos := SinCos64(x)
		require.Equal(t, math.Float64bits(Sin64(x)), math.Float64bits(sin), "%v", x)
		require.Equal(t, math.Float64bits(Cos64(x)), math.Float64bits(cos), "%v", x)
	}
}
