package runtime

import "math"

// These have no faster form than the one in float64, rounded once.

// Cbrt32 returns the cube root of x.
func Cbrt32(x float32) float32 { return float32(Cbrt64(float64(x))) }

// Exp232 returns 2 to the power x.
func Exp232(x float32) float32 { return float32(Exp264(float64(x))) }

// Log232 returns the logarithm of x to base 2.
func Log232(x float32) float32 { return float32(Log264(float64(x))) }

// Log1032 returns the logarithm of x to base 10.
func Log1032(x float32) float32 { return float32(Log1064(float64(x))) }

// Sin32 returns the sine of x.
func Sin32(x float32) float32 { return float32(Sin64(float64(x))) }

// Cos32 returns the cosine of x.
func Cos32(x float32) float32 { return float32(Cos64(float64(x))) }

// Tan32 returns the tangent of x.
func Tan32(x float32) float32 { return float32(Tan64(float64(x))) }

// Asin32 returns the arcsine of x.
func Asin32(x float32) float32 { return float32(Asin64(float64(x))) }

// Acos32 returns the arccosine of x.
func Acos32(x float32) float32 { return float32(Acos64(float64(x))) }

// Atan32 returns the arctangent of x.
func Atan32(x float32) float32 { return float32(Atan64(float64(x))) }

// Sinh32 returns the hyperbolic sine of x.
func Sinh32(x float32) float32 { return float32(Sinh64(float64(x))) }

// Cosh32 returns the hyperbolic cosine of x.
func Cosh32(x float32) float32 { return float32(Cosh64(float64(x))) }

// Asinh32 returns the inverse hyperbolic sine of x.
func Asinh32(x float32) float32 { return float32(Asinh64(float64(x))) }

// Acosh32 returns the inverse hyperbolic cosine of x.
func Acosh32(x float32) float32 { return float32(Acosh64(float64(x))) }

// Atanh32 returns the inverse hyperbolic tangent of x.
func Atanh32(x float32) float32 { return float32(Atanh64(float64(x))) }

// Lgamma32 returns the logarithm of the absolute value of the gamma function at x.
func Lgamma32(x float32) float32 { return float32(Lgamma64(float64(x))) }

// Digamma32 returns the derivative of [Lgamma32] at x.
func Digamma32(x float32) float32 { return float32(Digamma64(float64(x))) }

// Atan232 returns the angle of the point (x, y), 0 at the origin.
func Atan232(y, x float32) float32 { return float32(math.Atan2(float64(y), float64(x))) }

// Hypot32 returns the square root of x² + y².
func Hypot32(x, y float32) float32 { return float32(math.Hypot(float64(x), float64(y))) }

// Pow32 returns x to the power y; 0⁰ is 1.
func Pow32(x, y float32) float32 { return float32(math.Pow(float64(x), float64(y))) }

// Polygamma32 returns the derivative of order n of [Digamma32] at x.
func Polygamma32(n int, x float32) float32 { return float32(Polygamma64(n, float64(x))) }
