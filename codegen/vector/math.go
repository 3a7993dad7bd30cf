package vector

import "math"

// The functions below have one definition for both widths and any number of
// lanes. They are accurate to 2 units in the last place of float32 and 4 of
// float64.

// of is a constant: the first for float32, the second for float64.
func (b *builder) of(narrow, wide float64) V {
	if b.f.Wide {
		return b.real(wide)
	}
	return b.real(narrow)
}

// divide is x/y. Where y is the same in all steps of a long loop, it is a product
// with 1/y, y and x scaled so that this is in the range of floats; the result is
// rounded twice then.
func (b *builder) divide(x, y V) V {
	if inverse, ok := b.inverse(y); ok {
		return b.op(Mul, x, inverse)
	}
	if b.refused || b.col == "" || b.level[y] == 2 || b.level[x] < 2 || b.short() {
		return b.op(Div, x, y)
	}
	size := b.abs(y)
	scale := b.op(Blend, b.imm(Compare, less, size, b.of(0x1p-100, 0x1p-900)), b.of(0x1p64, 0x1p500), b.real(1))
	scale = b.op(Blend, b.imm(Compare, greater, size, b.of(0x1p100, 0x1p900)), b.of(0x1p-64, 0x1p-500), scale)
	factor := b.op(Div, b.real(1), b.op(Mul, y, scale))
	return b.op(Mul, b.op(Mul, x, scale), factor)
}

// inverse is 1/y of a constant in straight-line code, if both are far from the ends
// of the range of floats.
func (b *builder) inverse(y V) (V, bool) {
	if b.straight == nil || b.refused || b.f.Values[y].Op != Const {
		return 0, false
	}
	bits := b.f.Values[y].Bits
	c, most := math.Float64frombits(bits), 0x1p900
	if !b.f.Wide {
		c, most = float64(math.Float32frombits(uint32(bits))), 0x1p100
	}
	if size := math.Abs(c); !(size < most && size > 1/most) {
		return 0, false
	}
	return b.real(1 / c), true
}

// short reports a loop of few steps.
func (b *builder) short() bool {
	n, known := b.part().Count.IsConst()
	return known && n < 64
}

// polynomial evaluates p at x, by Horner's scheme, which in code that has little else
// to do meanwhile is applied to the coefficients of even and odd powers, or to every
// fourth one.
func (b *builder) polynomial(p poly, x V) V {
	c := p[0]
	if b.f.Wide {
		c = p[1]
	}
	switch {
	case !b.strided || len(c) < 6:
		return b.horner(c, x)
	case len(c) < 16:
		return b.halves(c, x, 2)
	}
	return b.halves(c, x, 4)
}

// horner evaluates the polynomial with coefficients c.
func (b *builder) horner(c []float64, x V) V {
	out := b.real(c[len(c)-1])
	for i := len(c) - 2; i >= 0; i-- {
		out = b.op(FMA, out, x, b.real(c[i]))
	}
	return out
}

// interleaved evaluates p at x as two polynomials in x², which takes half as long
// where nothing else is to do meanwhile.
func (b *builder) interleaved(p poly, x, square V) V {
	var even, odd poly
	for w, c := range p {
		for i, v := range c {
			if i%2 == 0 {
				even[w] = append(even[w], v)
			} else {
				odd[w] = append(odd[w], v)
			}
		}
	}
	return b.op(FMA, b.polynomial(odd, square), x, b.polynomial(even, square))
}

// halves evaluates it as the sum of polynomials in x² for even and odd powers, and
// these in turn like that where there are to be four parts.
func (b *builder) halves(c []float64, x V, parts int) V {
	if parts == 1 {
		return b.horner(c, x)
	}
	var half [2][]float64
	for i, a := range c {
		half[i%2] = append(half[i%2], a)
	}
	square := b.op(Mul, x, x)
	return b.op(FMA, b.halves(half[1], square, parts/2), x, b.halves(half[0], square, parts/2))
}

// The layout of floats: bits of the fraction, bias of the exponent.
func (b *builder) fraction() int { return map[bool]int{false: 23, true: 52}[b.f.Wide] }

func (b *builder) bias() uint64 { return map[bool]uint64{false: 127, true: 1023}[b.f.Wide] }

func (b *builder) signBit() V { return b.real(math.Copysign(0, -1)) }

func (b *builder) infinity() V { return b.real(math.Inf(1)) }

func (b *builder) neg(x V) V {
	if y, ok := b.negated(x); ok {
		return y
	}
	return b.op(Xor, x, b.signBit())
}

func (b *builder) abs(x V) V { return b.op(AndNot, b.signBit(), x) }

func (b *builder) not(x V) V { return b.op(Xor, x, b.bits(^uint64(0))) }

// withSign gives x, which is not negative, the sign of y.
func (b *builder) withSign(x, y V) V { return b.op(Or, x, b.op(And, y, b.signBit())) }

// relu is x where it is above 0 or NaN.
func (b *builder) relu(x V) V { return b.op(And, x, b.imm(Compare, notLessEqual, x, b.real(0))) }

func (b *builder) sign(x V) V {
	one := b.op(Or, b.real(1), b.op(And, x, b.signBit()))
	nonzero := b.op(Or, b.imm(Compare, less, x, b.real(0)), b.imm(Compare, greater, x, b.real(0)))
	return b.op(Blend, nonzero, one, x)
}

// max is the greater of x and y, and NaN if either is. [Max] gives y in doubt.
func (b *builder) max(x, y V) V { return b.extreme(Max, x, y) }

func (b *builder) min(x, y V) V { return b.extreme(Min, x, y) }

func (b *builder) extreme(op Op, x, y V) V {
	if b.refused {
		return 0
	}
	if b.f.Values[x].Op == Const {
		x, y = y, x
	}
	if b.f.Values[y].Op == Const {
		return b.op(op, y, x)
	}
	return b.op(Blend, b.imm(Compare, unordered, x, x), x, b.op(op, x, y))
}

// clamp keeps x between two constants; NaN stays NaN.
func (b *builder) clamp(x, lo, hi V) V { return b.op(Max, lo, b.op(Min, hi, x)) }

// nearestInt rounds x.
func (b *builder) nearestInt(x V) V { return b.imm(Round, nearest, x) }

// expRest is eʳ - 1, where x = k·log 2 + r.
func (b *builder) expRest(x, k V) V {
	r := b.op(FNMA, k, b.of(0x1.62e4p-1, 0x1.62e42fefap-1), x)
	r = b.op(FNMA, k, b.of(math.Ln2-0x1.62e4p-1, ln2Low), r)
	r2 := b.op(Mul, r, r)
	return b.op(FMA, r2, b.interleaved(expPoly, r, r2), r)
}

// ln2Low is the logarithm of 2 less 0x1.62e42fefap-1.
const ln2Low = 0.693147180559945309417232121458176568075500134360255254120680009493393621969694715605863326996418687 - 0x1.62e42fefap-1

// exp is eˣ.
func (b *builder) exp(x V) V { return b.expAbove(b.op(Min, b.of(89, 710), x)) }

// expAbove is eˣ for x up to 89 (710). It scales eʳ in two steps, so that the power of 2
// may be larger or smaller than any float. The lowest bits of a large float are k and
// twice the bias: its halves are the exponents of two powers whose product is 2ᵏ.
func (b *builder) expAbove(x V) V {
	x = b.op(Max, b.of(-104, -746), x)
	shifter := b.of(0x1.8p23+2*127, 0x1.8p52+2*1023)
	shifted := b.op(FMA, x, b.real(math.Log2E), shifter)
	p := b.expRest(x, b.op(Sub, shifted, shifter))
	half := b.imm(Shr, 1, shifted)
	s := b.imm(Shl, b.fraction(), half)
	return b.op(Mul, b.op(FMA, p, s, s), b.imm(Shl, b.fraction(), b.op(SubBits, shifted, half)))
}

// expm1 is eˣ - 1.
func (b *builder) expm1(x V) V {
	y := b.halfExpm1(b.clamp(x, b.of(-20, -40), b.of(89, 710)))
	return b.op(Add, y, y)
}

// halfExpm1 is (eˣ - 1)/2 = 2ᵏ⁻¹·p + (2ᵏ⁻¹ - ½), for x between -20 and 89 (-40 and 710). The
// lowest bits of a large float are the exponent of 2ᵏ⁻¹.
func (b *builder) halfExpm1(x V) V {
	shifter := b.of(0x1.8p23+126, 0x1.8p52+1022)
	shifted := b.op(FMA, x, b.real(math.Log2E), shifter)
	p := b.expRest(x, b.op(Sub, shifted, shifter))
	s := b.imm(Shl, b.fraction(), shifted)
	return b.op(FMA, s, p, b.op(Sub, s, b.real(0.5)))
}

// log splits x = 2ᵏ·(1+f) with 1+f in [√½, √2).
func (b *builder) log(x V) V {
	tiny := b.imm(Compare, less, x, b.of(0x1p-126, 0x1p-1022))
	normal := b.op(Blend, tiny, b.op(Mul, x, b.of(0x1p23, 0x1p52)), x)
	root := math.Float64bits(math.Sqrt2 / 2)
	if !b.f.Wide {
		root = uint64(math.Float32bits(math.Sqrt2 / 2))
	}
	one := b.bias() << b.fraction()
	shifted := b.op(AddBits, normal, b.bits(one-root))
	exponent := b.imm(Shr, b.fraction(), shifted)
	shifter := b.of(0x1p23, 0x1p52) // in the low bits of which a whole number stands
	k := b.op(Sub, b.op(Or, exponent, shifter), b.of(0x1p23+127, 0x1p52+1023))
	k = b.op(Sub, k, b.op(And, tiny, b.of(23, 52)))
	fraction := b.op(And, shifted, b.bits(1<<b.fraction()-1))
	f := b.op(Sub, b.op(AddBits, fraction, b.bits(root)), b.real(1))
	return b.logEnds(x, b.logNormal(k, f))
}

// logNormal is k·log 2 + log(1+f).
func (b *builder) logNormal(k, f V) V {
	s := b.op(Div, f, b.op(Add, b.real(2), f))
	z := b.op(Mul, s, s)
	r := b.op(Mul, z, b.polynomial(logPoly, z)) // log(1+f) = 2s + s·r = f - (h - s·(h + r))
	h := b.op(Mul, b.op(Mul, b.real(0.5), f), f)
	low := b.op(Mul, k, b.of(math.Ln2-0x1.62e4p-1, ln2Low))
	y := b.op(FMA, s, b.op(Add, h, r), low)
	return b.op(FMA, k, b.of(0x1.62e4p-1, 0x1.62e42fefap-1), b.op(Sub, f, b.op(Sub, h, y)))
}

// logEnds gives y where x is a positive number, and at 0, below, at infinity and
// at NaN what the logarithm is there.
func (b *builder) logEnds(x, y V) V {
	y = b.op(Blend, b.imm(Compare, notLess, x, b.infinity()), x, y)
	y = b.op(Blend, b.imm(Compare, equal, x, b.real(0)), b.real(math.Inf(-1)), y)
	return b.op(Or, y, b.imm(Compare, less, x, b.real(0)))
}

// log1p corrects the logarithm of the rounded u = 1+x by the error, divided by u.
func (b *builder) log1p(x V) V {
	u := b.op(Add, b.real(1), x)
	lost := b.op(Sub, x, b.op(Sub, u, b.real(1)))
	inside := b.op(And, b.imm(Compare, greater, u, b.real(0)), b.imm(Compare, less, u, b.infinity()))
	return b.op(Add, b.log(u), b.op(And, inside, b.op(Div, lost, u)))
}

// tanh is h/(1+h) for positive x, where h = (e²ˣ-1)/2, and odd. While h is small,
// h·(1 - h/(1+h)), which is the same, is rounded less.
func (b *builder) tanh(x V) V {
	a := b.op(Min, b.of(10, 20), b.abs(x))
	h := b.halfExpm1(b.op(Add, a, a))
	y := b.op(Div, h, b.op(Add, h, b.real(1)))
	y = b.op(Blend, b.imm(Compare, less, h, b.real(0.5)), b.op(FNMA, h, y, h), y)
	return b.withSign(y, x)
}

// sigmoid is n - n·e/(1+e) where e = e^-|x|: n is 1 for positive x and e for negative x. It
// is rounded less than n/(1+e), which is the same. Times a large power of 2, e is above
// the smallest normal number.
func (b *builder) sigmoid(x V) V {
	a := b.op(Max, b.of(-104, -746), b.op(Or, x, b.signBit()))
	shifter := b.of(0x1.8p23+127+64, 0x1.8p52+1023+128)
	shifted := b.op(FMA, a, b.real(math.Log2E), shifter)
	s := b.imm(Shl, b.fraction(), shifted)
	e := b.op(FMA, b.expRest(a, b.op(Sub, shifted, shifter)), s, s)
	n := b.op(Blend, x, b.op(Mul, e, b.of(0x1p-64, 0x1p-128)), b.real(1))
	return b.op(FNMA, n, b.op(Div, e, b.op(Add, e, b.of(0x1p64, 0x1p128))), n)
}

func (b *builder) silu(x V) V {
	x = b.op(Max, b.of(-120, -760), x) // there the sigmoid is 0
	return b.op(Mul, x, b.sigmoid(x))
}

// softplus is log(1+eˣ) = max(x, 0) + log(1+e^-|x|).
func (b *builder) softplus(x V) V {
	e := b.expAbove(b.op(Or, x, b.signBit()))
	return b.op(Add, b.relu(x), b.log1p(e))
}

// gauss is e^(-f·x²) for f = ½ or 1, the rounding of x² made good.
func (b *builder) gauss(x V, f float64) V {
	square := b.op(Mul, x, x)
	lost := b.op(FMS, x, x, square)
	e := b.exp(b.op(Mul, square, b.real(-f)))
	return b.op(FNMA, b.op(Mul, lost, b.real(f)), e, e)
}

// tail is the distribution function of the standard normal at -a over e^(-a²/2),
// for a ≥ 0. The latter may be below the range of floats where the product with
// something large is not.
func (b *builder) tail(a V) V {
	u := b.op(Add, a, b.real(4))
	return b.op(Div, b.polynomial(tailPoly, b.op(Div, b.op(Sub, a, b.real(4)), u)), u)
}

// farTail is tail with one division, which is less accurate near 0.
func (b *builder) farTail(a V) V {
	r := b.op(Div, b.real(1), b.op(Add, a, b.real(4)))
	return b.op(Mul, b.polynomial(tailPoly, b.op(FNMA, b.real(8), r, b.real(1))), r)
}

// gelu is x·Φ(x).
func (b *builder) gelu(x V) V {
	x = b.op(Max, b.of(-15, -39), x) // there the result is 0
	inside := b.op(Min, b.of(15, 39), x)
	small := b.op(Mul, b.gauss(inside, 0.5), b.op(Mul, b.tail(b.abs(inside)), inside))
	return b.op(Blend, b.imm(Compare, less, x, b.real(0)), small, b.op(Sub, x, small))
}

// erfc is 2Φ(-√2·x).
func (b *builder) erfc(x V) V {
	a := b.op(Min, b.of(11, 28), b.abs(x))
	small := b.op(Mul, b.gauss(a, 1), b.tail(b.op(Mul, a, b.real(math.Sqrt2))))
	small = b.op(Add, small, small)
	return b.op(Blend, b.imm(Compare, less, x, b.real(0)), b.op(Sub, b.real(2), small), small)
}

// erf is 1 less erfc for positive x, odd, and a polynomial for small x.
func (b *builder) erf(x V) V { return b.erfOf(x, b.exp(b.neg(b.op(Mul, x, x)))) }

// erfOf is erf with e^(-x²) as it comes from the rounded square, which its
// derivative needs too.
func (b *builder) erfOf(x, e V) V {
	a := b.op(Min, b.of(11, 28), b.abs(x))
	e = b.op(FNMA, b.op(FMS, a, a, b.op(Mul, a, a)), e, e)
	large := b.op(FNMA, b.op(Add, e, e), b.farTail(b.op(Mul, a, b.real(math.Sqrt2))), b.real(1))
	small := b.op(FMA, a, b.polynomial(erfPoly, b.op(Mul, a, a)), a)
	y := b.op(Blend, b.imm(Compare, less, a, b.real(1)), small, large)
	return b.withSign(y, x)
}

func floatBits(x float64) uint64 { return math.Float64bits(x) }
