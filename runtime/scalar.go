package runtime

import "math"

// The functions below are exact, or correctly rounded, in both widths.

func sign[T Float](x T) T {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x // ±0, NaN
}

// Sign32 returns -1, 0 or 1 as x is negative, zero or positive; NaN of NaN.
func Sign32(x float32) float32 { return sign(x) }

// Sign64 returns -1, 0 or 1 as x is negative, zero or positive; NaN of NaN.
func Sign64(x float64) float64 { return sign(x) }

func maxOf[T Float](x, y T) T {
	if x > y || x != x {
		return x
	}
	return y
}

func minOf[T Float](x, y T) T {
	if x < y || x != x {
		return x
	}
	return y
}

// Max32 returns the greater of x and y, and NaN if either is.
func Max32(x, y float32) float32 { return maxOf(x, y) }

// Max64 returns the greater of x and y, and NaN if either is.
func Max64(x, y float64) float64 { return maxOf(x, y) }

// Min32 returns the lesser of x and y, and NaN if either is.
func Min32(x, y float32) float32 { return minOf(x, y) }

// Min64 returns the lesser of x and y, and NaN if either is.
func Min64(x, y float64) float64 { return minOf(x, y) }

// Clamp32 returns the value of [lo, hi] nearest to x; NaN of NaN.
func Clamp32(x, lo, hi float32) float32 { return minOf(maxOf(x, lo), hi) }

// Clamp64 returns the value of [lo, hi] nearest to x; NaN of NaN.
func Clamp64(x, lo, hi float64) float64 { return minOf(maxOf(x, lo), hi) }

// Relu32 returns x where it is positive and 0 elsewhere; NaN of NaN.
func Relu32(x float32) float32 { return max(x, 0) }

// Relu64 returns x where it is positive and 0 elsewhere; NaN of NaN.
func Relu64(x float64) float64 { return max(x, 0) }

// IsNaN32 reports whether x is not a number.
func IsNaN32(x float32) bool { return x != x }

// IsNaN64 reports whether x is not a number.
func IsNaN64(x float64) bool { return x != x }

// IsFinite32 reports whether x is neither infinite nor NaN.
func IsFinite32(x float32) bool { return x-x == 0 }

// IsFinite64 reports whether x is neither infinite nor NaN.
func IsFinite64(x float64) bool { return x-x == 0 }

// Abs32 returns the absolute value of x.
func Abs32(x float32) float32 {
	return math.Float32frombits(math.Float32bits(x) &^ (1 << 31))
}

// Sqrt32 returns the square root of x.
func Sqrt32(x float32) float32 { return float32(math.Sqrt(float64(x))) }

// Rsqrt32 returns 1/√x.
func Rsqrt32(x float32) float32 { return float32(1 / math.Sqrt(float64(x))) }

// Floor32 returns the greatest integer not above x.
func Floor32(x float32) float32 { return float32(math.Floor(float64(x))) }

// Ceil32 returns the least integer not below x.
func Ceil32(x float32) float32 { return float32(math.Ceil(float64(x))) }

// Round32 returns the integer nearest to x, of two the even one.
func Round32(x float32) float32 { return float32(math.RoundToEven(float64(x))) }

// Powi32 returns x to the power n by repeated multiplication; 1 for n = 0.
func Powi32(x float32, n int) float32 { return float32(Powi64(float64(x), n)) }

// Powi64 returns x to the power n by repeated multiplication; 1 for n = 0.
func Powi64(x float64, n int) float64 {
	if n < 0 {
		return 1 / powu(x, -uint(n))
	}
	return powu(x, uint(n))
}

func powu(x float64, n uint) float64 {
	y := 1.0
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			y *= x
		}
		x *= x
	}
	return y
}

// Div64 returns a/b rounded down.
func Div64(a, b float64) float64 { return math.Floor(a / b) }

// Div32 returns a/b rounded down.
func Div32(a, b float32) float32 { return Floor32(a / b) }

// Mod64 returns the remainder of a by b that has the sign of b.
func Mod64(a, b float64) float64 {
	r := math.Mod(a, b)
	if r != 0 && (r < 0) != (b < 0) {
		r += b
	}
	return r
}

// Mod32 returns the remainder of a by b that has the sign of b.
func Mod32(a, b float32) float32 { return float32(Mod64(float64(a), float64(b))) }

// PowInt32 returns a to the power n by repeated multiplication; 1 for n <= 0.
func PowInt32(a, n int32) int32 {
	y := int32(1)
	for ; n > 0; n /= 2 {
		if n%2 == 1 {
			y *= a
		}
		a *= a
	}
	return y
}

// DivInt32 returns a/b rounded down, and 0 where b is 0.
func DivInt32(a, b int32) int32 {
	if b == 0 {
		return 0
	}
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

// ModInt32 returns the remainder of a by b that has the sign of b, and 0 where
// b is 0.
func ModInt32(a, b int32) int32 {
	if b == 0 {
		return 0
	}
	r := a % b
	if r != 0 && (r < 0) != (b < 0) {
		r += b
	}
	return r
}
