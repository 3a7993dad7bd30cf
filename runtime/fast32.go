package runtime

import "math"

// The functions of this file evaluate short polynomials in float64, where
// rounding and range are no concern, and round once: their errors are below
// one unit in the last place of float32. The coefficients are Chebyshev fits.

// expParts returns 2ᵏ and eʳ-1 for x = k·log 2 + r with |r| ≤ log(2)/2, so that
// eˣ = 2ᵏ + 2ᵏ·(eʳ-1). |x| must be below 700.
func expParts(x float64) (scale, p float64) {
	const shift = 0x1.8p52 // adding it rounds to an integer, in the low bits
	t := x*math.Log2E + shift
	r := x - (t-shift)*math.Ln2
	scale = math.Float64frombits((math.Float64bits(t) + 1023) << 52)
	p = r * (1.00000001077157 + r*(0.5000000013457727+r*(0.16666505260408124+
		r*(0.04166646500604005+r*(0.008369148490856347+r*0.0013933641031986701)))))
	return scale, p
}

// atanh2 returns 2·atanh s for |s| ≤ 0.172.
func atanh2(s float64) float64 {
	z := s * s
	return s * (1.9999999986313182 + z*(0.6666681533815119+z*(0.3997485051751905+z*0.29924390479144986)))
}

// logNormal returns the logarithm of a normal x > 0, where x = 2ᵏ·(1+f) with
// 1+f in [√½, √2).
func logNormal(x float64) float64 {
	const root = 0x3FE6A09E667F3BCD // bits of √½
	bits := math.Float64bits(x)
	k := int64(bits-root) >> 52
	f := math.Float64frombits(bits-uint64(k)<<52) - 1
	return float64(k)*math.Ln2 + atanh2(f/(2+f))
}

// Exp32 returns e to the power x.
func Exp32(x float32) float32 {
	if x > 89 {
		return float32(math.Inf(1))
	}
	if x < -104 {
		return 0
	}
	s, p := expParts(float64(x))
	return float32(s + s*p)
}

// Expm132 returns e to the power x, less 1, accurate near 0.
func Expm132(x float32) float32 {
	if x > 89 {
		return float32(math.Inf(1))
	}
	if x < -18 {
		return -1
	}
	if x == 0 {
		return x
	}
	s, p := expParts(float64(x))
	return float32(s*p + (s - 1))
}

// Log32 returns the natural logarithm of x.
func Log32(x float32) float32 {
	if x > 0 && x <= math.MaxFloat32 {
		return float32(logNormal(float64(x)))
	}
	return float32(math.Log(float64(x))) // 0, negative, +Inf, NaN
}

// Log1p32 returns the natural logarithm of 1+x, accurate near 0.
func Log1p32(x float32) float32 {
	f := float64(x)
	if f >= -0.25 && f <= 0.375 && f != 0 {
		return float32(atanh2(f / (2 + f)))
	}
	if f > -1 && f <= math.MaxFloat32 && f != 0 {
		return float32(logNormal(1 + f))
	}
	return float32(math.Log1p(f)) // ±0, -1 and below, +Inf, NaN
}

// Tanh32 returns the hyperbolic tangent of x.
func Tanh32(x float32) float32 {
	if x > 10 {
		return 1
	}
	if x < -10 {
		return -1
	}
	if x == 0 {
		return x
	}
	s, p := expParts(2 * float64(x))
	m := s*p + (s - 1) // e²ˣ - 1
	return float32(m / (m + 2))
}

// Sigmoid32 returns 1/(1+e⁻ˣ).
func Sigmoid32(x float32) float32 {
	if x > 104 {
		return 1
	}
	if x < -104 {
		return 0
	}
	s, p := expParts(-float64(x))
	return float32(1 / (1 + s + s*p))
}

// Silu32 returns x times the sigmoid of x.
func Silu32(x float32) float32 {
	if x > 104 {
		return x
	}
	if x < -110 {
		return 0
	}
	s, p := expParts(-float64(x))
	return float32(float64(x) / (1 + s + s*p))
}

// Softplus32 returns log(1+eˣ).
func Softplus32(x float32) float32 {
	if x > 104 {
		return x
	}
	if x < -104 {
		return 0
	}
	s, p := expParts(-math.Abs(float64(x)))
	y := s + s*p
	s = y / (2 + y)
	z := s * s // log(1+y) = 2·atanh(y/(2+y))
	l := s * (2.000000007681759 + z*(0.6666632164137777+z*(0.40024595230703747+z*(0.27965157745197267+z*0.2815777836310908))))
	return float32(max(float64(x), 0) + l)
}

// erfSmall returns the error function for |x| ≤ 1.
func erfSmall(x float64) float64 {
	z := x * x
	return x * (1.1283791658483509 + z*(-0.37612626666720334+z*(0.11283594715160218+z*(-0.026854212010626412+z*(0.005189087423433974+z*(-0.000801686428716587+z*(7.875875062685488e-05)))))))
}

// erfcLarge returns 1 less the error function for 1 ≤ x ≤ 10.6, as
// e^(-x²)·t·q(t) with t = 1/(1+x/2).
func erfcLarge(x float64) float64 {
	s, p := expParts(-x * x)
	t := 2 / (2 + x)
	q := 0.2820992895596621 + t*(0.2819539730225748+t*(0.24877596213191158+t*(0.1606934458524202+t*(0.1650478352756562+t*(-0.2922308903275613+t*(0.6477945511557578+t*(-1.232874507800063+t*(1.280569235928084+t*(-0.7447891817638876+t*(0.23452496969587586+t*(-0.03156468278751887)))))))))))
	return (s + s*p) * t * q
}

// erfc returns 1 less the error function for |x| ≤ 10.6.
func erfc(x float64) float64 {
	if x > 1 {
		return erfcLarge(x)
	}
	if x < -1 {
		return 2 - erfcLarge(-x)
	}
	return 1 - erfSmall(x)
}

// Erf32 returns the error function of x.
func Erf32(x float32) float32 {
	f := float64(x)
	switch {
	case x > 4:
		return 1
	case x < -4:
		return -1
	case x > 1:
		return float32(1 - erfcLarge(f))
	case x < -1:
		return float32(erfcLarge(-f) - 1)
	}
	return float32(erfSmall(f))
}

// Erfc32 returns 1 less the error function of x, accurate for large x.
func Erfc32(x float32) float32 {
	if x > 10.5 {
		return 0
	}
	if x < -4 {
		return 2
	}
	return float32(erfc(float64(x)))
}

// Gelu32 returns x·Φ(x), where Φ is the distribution function of the standard
// normal.
func Gelu32(x float32) float32 {
	if x > 6 {
		return x
	}
	if x < -14.8 {
		return 0
	}
	return float32(0.5 * float64(x) * erfc(float64(x)*(-1/math.Sqrt2)))
}
