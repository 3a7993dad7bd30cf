package runtime

import "math"

// Exp32 returns e to the power x.
func Exp32(x float32) float32 { return float32(math.Exp(float64(x))) }

// Expm132 returns e to the power x, less 1, accurate near 0.
func Expm132(x float32) float32 { return float32(math.Expm1(float64(x))) }

// Log32 returns the natural logarithm of x.
func Log32(x float32) float32 { return float32(math.Log(float64(x))) }

// Log1p32 returns the natural logarithm of 1+x, accurate near 0.
func Log1p32(x float32) float32 { return float32(math.Log1p(float64(x))) }

// Tanh32 returns the hyperbolic tangent of x.
func Tanh32(x float32) float32 { return float32(math.Tanh(float64(x))) }

// Sigmoid32 returns 1/(1+e⁻ˣ).
func Sigmoid32(x float32) float32 { return float32(Sigmoid64(float64(x))) }

// Softplus32 returns log(1+eˣ).
func Softplus32(x float32) float32 { return float32(Softplus64(float64(x))) }

// Silu32 returns x times the sigmoid of x.
func Silu32(x float32) float32 { return float32(Silu64(float64(x))) }

// Erf32 returns the error function of x.
func Erf32(x float32) float32 { return float32(math.Erf(float64(x))) }

// Erfc32 returns 1 less the error function of x, accurate for large x.
func Erfc32(x float32) float32 { return float32(math.Erfc(float64(x))) }

// Gelu32 returns x·Φ(x), where Φ is the distribution function of the standard
// normal.
func Gelu32(x float32) float32 { return float32(Gelu64(float64(x))) }
