package vector

import (
	"math"
	"slices"
)

// halfPi is π/2 in three parts, each as many bits as a float holds. The fused
// product of the first with the k below is subtracted exactly, since what is left is
// below 1 and a multiple of the last bit of both.
var halfPi = [3][2]float64{
	{0x1.921fb60000000p+0, 0x1.921fb54442d18p+0},
	{-0x1.777a5c0000000p-25, 0x1.1a62633145c07p-54},
	{-0x1.ee59da0000000p-50, -0x1.f1976b7ed8fbcp-110},
}

// turns are the greatest angles for which sin and cos are accurate.
func (f *Func) turns() float64 { return map[bool]float64{false: 0x1p16, true: 0x1p25}[f.Wide] }

// circular is the sine of x = k·π/2 + r plus a number of quarter turns. It is no
// good for |x| above turns, which the caller of the function has to look at.
func (b *builder) circular(x V, quarters float64) V {
	b.watch(b.abs(x))
	k := b.nearestInt(b.op(Mul, x, b.real(2/math.Pi)))
	r := x
	for _, p := range halfPi { // x less the first product is exact
		r = b.op(FNMA, k, b.of(p[0], p[1]), r)
	}
	z := b.op(Mul, r, r)
	sine := b.op(FMA, b.op(Mul, z, r), b.polynomial(sinPoly, z), r)
	cosine := b.op(FMA, b.op(Mul, z, z), b.polynomial(cosPoly, z), b.op(FNMA, b.real(0.5), z, b.real(1)))
	n := b.op(Add, k, b.of(0x1.8p23+quarters, 0x1.8p52+quarters)) // a whole number in the low bits
	top := b.fraction() + 8
	if b.f.Wide {
		top = 63
	}
	y := b.op(Blend, b.imm(Shl, top, n), cosine, sine) // odd
	return b.op(Xor, y, b.op(And, b.imm(Shl, top-1, n), b.signBit()))
}

func (b *builder) sin(x V) V { return b.circular(x, 0) }

func (b *builder) cos(x V) V { return b.circular(x, 1) }

// watched is the name of the greatest angle as a result.
const watched = "greatest angle"

// watch keeps the greatest of the values given as a result of the function; those
// of one step are added up, which takes less time, as they are not negative.
func (b *builder) watch(x V) {
	if b.straight != nil && !b.refused {
		if mask := b.imm(Compare, notLessEqual, x, b.real(b.f.turns())); !slices.Contains(b.straight.far, mask) {
			b.straight.far = append(b.straight.far, mask)
		}
		return
	}
	if b.refused || len(b.rows) > 0 || b.col == "" || b.level[x] < 2 {
		b.refuse("it takes sines")
		return
	}
	if _, known := b.env[watched]; !known {
		b.env[watched] = b.real(0)
	}
	for _, r := range b.reduced {
		if r.name == watched {
			b.watchToo(r.red, x)
			return
		}
	}
	b.reduce(watched, Max, x)
}

// watchToo adds x to what goes into a reduction, which moves behind it.
func (b *builder) watchToo(red int, x V) {
	code := b.part().Code
	at := slices.IndexFunc(code, func(id V) bool { v := b.f.Values[id]; return v.Op == Accumulate && v.Ref == red })
	id := code[at]
	if sum := b.op(Add, b.f.Values[id].A[0], x); !b.refused {
		b.f.Values[id].A[0] = sum
		code = b.part().Code
		b.part().Code = append(slices.Delete(code, at, at+1), id)
	}
}
