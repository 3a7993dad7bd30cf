package runtime

import "math"

// Abs64 returns the absolute value of x.
func Abs64(x float64) float64 { return math.Abs(x) }

// Sqrt64 returns the square root of x.
func Sqrt64(x float64) float64 { return math.Sqrt(x) }

// Rsqrt64 returns 1/√x.
func Rsqrt64(x float64) float64 { return 1 / math.Sqrt(x) }

// Cbrt64 returns the cube root of x.
func Cbrt64(x float64) float64 { return math.Cbrt(x) }

// Exp64 returns e to the power x.
func Exp64(x float64) float64 { return math.Exp(x) }

// Exp264 returns 2 to the power x.
func Exp264(x float64) float64 { return math.Exp2(x) }

// Expm164 returns e to the power x, less 1, accurate near 0.
func Expm164(x float64) float64 { return math.Expm1(x) }

// Log64 returns the natural logarithm of x.
func Log64(x float64) float64 { return math.Log(x) }

// Log264 returns the logarithm of x to base 2.
func Log264(x float64) float64 { return math.Log2(x) }

// Log1064 returns the logarithm of x to base 10.
func Log1064(x float64) float64 { return math.Log10(x) }

// Log1p64 returns the natural logarithm of 1+x, accurate near 0.
func Log1p64(x float64) float64 { return math.Log1p(x) }

// Sin64 returns the sine of x.
func Sin64(x float64) float64 { return math.Sin(x) }

// Cos64 returns the cosine of x.
func Cos64(x float64) float64 { return math.Cos(x) }

// SinCos64 returns the sine and the cosine of x, the numbers that Sin64 and Cos64
// return.
func SinCos64(x float64) (sin, cos float64) { return math.Sincos(x) }

// Tan64 returns the tangent of x.
func Tan64(x float64) float64 { return math.Tan(x) }

// Asin64 returns the arcsine of x.
func Asin64(x float64) float64 { return math.Asin(x) }

// Acos64 returns the arccosine of x.
func Acos64(x float64) float64 { return math.Acos(x) }

// Atan64 returns the arctangent of x.
func Atan64(x float64) float64 { return math.Atan(x) }

// Atan264 returns the angle of the point (x, y), 0 at the origin.
func Atan264(y, x float64) float64 { return math.Atan2(y, x) }

// Sinh64 returns the hyperbolic sine of x.
func Sinh64(x float64) float64 { return math.Sinh(x) }

// Cosh64 returns the hyperbolic cosine of x.
func Cosh64(x float64) float64 { return math.Cosh(x) }

// Tanh64 returns the hyperbolic tangent of x.
func Tanh64(x float64) float64 { return math.Tanh(x) }

// Asinh64 returns the inverse hyperbolic sine of x.
func Asinh64(x float64) float64 { return math.Asinh(x) }

// Acosh64 returns the inverse hyperbolic cosine of x.
func Acosh64(x float64) float64 { return math.Acosh(x) }

// Atanh64 returns the inverse hyperbolic tangent of x.
func Atanh64(x float64) float64 { return math.Atanh(x) }

// Erf64 returns the error function of x.
func Erf64(x float64) float64 { return math.Erf(x) }

// Erfc64 returns 1 less the error function of x, accurate for large x.
func Erfc64(x float64) float64 { return math.Erfc(x) }

// Lgamma64 returns the logarithm of the absolute value of the gamma function
// at x.
func Lgamma64(x float64) float64 {
	y, _ := math.Lgamma(x)
	return y
}

// Floor64 returns the greatest integer not above x.
func Floor64(x float64) float64 { return math.Floor(x) }

// Ceil64 returns the least integer not below x.
func Ceil64(x float64) float64 { return math.Ceil(x) }

// Round64 returns the integer nearest to x, of two the even one.
func Round64(x float64) float64 { return math.RoundToEven(x) }

// Hypot64 returns the square root of x² + y².
func Hypot64(x, y float64) float64 { return math.Hypot(x, y) }

// Pow64 returns x to the power y; 0⁰ is 1.
func Pow64(x, y float64) float64 { return math.Pow(x, y) }

// Sigmoid64 returns 1/(1+e⁻ˣ).
func Sigmoid64(x float64) float64 {
	if x < 0 {
		e := math.Exp(x)
		return e / (1 + e)
	}
	return 1 / (1 + math.Exp(-x))
}

// Softplus64 returns log(1+eˣ).
func Softplus64(x float64) float64 {
	if x > 0 {
		return x + math.Log1p(math.Exp(-x))
	}
	return math.Log1p(math.Exp(x))
}

// Silu64 returns x times the sigmoid of x.
func Silu64(x float64) float64 {
	if x < -750 { // -∞ too, where the product would be NaN
		return 0
	}
	return x * Sigmoid64(x)
}

// Gelu64 returns x·Φ(x), where Φ is the distribution function of the standard
// normal.
func Gelu64(x float64) float64 {
	if x < -40 { // -∞ too, where the product would be NaN
		return 0
	}
	return 0.5 * x * math.Erfc(-x/math.Sqrt2)
}
