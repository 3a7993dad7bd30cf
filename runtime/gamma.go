package runtime

import "math"

// Digamma64 returns ψ(x), the derivative of [Lgamma64] at x. It is NaN at the
// poles 0, -1, -2, ..
func Digamma64(x float64) float64 { return Polygamma64(0, x) }

// Polygamma64 returns the derivative of order n of [Digamma64] at x, for
// n ≥ 0. It is NaN at the poles 0, -1, -2, ..
func Polygamma64(n int, x float64) float64 {
	return math.NaN()
}
