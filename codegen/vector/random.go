package vector

import (
	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
)

// drawUniform is [runtime.DrawUniform32] or [runtime.DrawUniform64] to the last bit,
// a number in each lane.
func drawUniform(b *builder, x *kernel.Apply, a []V) V {
	site, ok := x.Attr.(graph.Count)
	if !ok {
		return b.refuse("a draw has no site")
	}
	key := [2]V{b.word(a[0]), b.word(a[1])}
	counter := [4]V{b.word(a[2]), b.word(b.integer(int64(site))), b.word(a[3]), b.word(a[4])}
	if b.f.Wide {
		word := b.imm(ShrPair, 32, b.imm(ShlPair, 32, b.philox(key, counter)[0]))
		real := b.op(Sub, b.op(Or, word, b.real(0x1p52)), b.real(0x1p52))
		return b.op(Mul, b.op(Add, real, b.real(0.5)), b.real(0x1p-32))
	}
	odd := counter
	for i := range odd {
		odd[i] = b.imm(ShrPair, 32, odd[i])
	}
	halves := b.philox(key, counter, odd)
	word := b.op(Or, b.imm(ShrPair, 32, b.imm(ShlPair, 32, halves[0])), b.imm(ShlPair, 32, halves[1]))
	high := b.op(FromInt, b.imm(Shr, 16, word))
	low := b.op(FromInt, b.imm(Shr, 16, b.imm(Shl, 16, word)))
	sum := b.op(FMA, high, b.real(0x1p16), b.op(Add, low, b.real(0.5))) // the one step that rounds
	return b.op(Min, b.op(Mul, sum, b.real(0x1p-32)), b.real(1-0x1p-24))
}

// word puts the bits of an int into the low half of each lane or pair of lanes.
func (b *builder) word(x V) V {
	if b.f.Wide {
		return b.op(Add, x, b.real(0x1.8p52))
	}
	return x
}

// philox is the first word of Philox4x32-10 for each of the counters, in the low
// halves of pairs of lanes, where its operands are too; the high halves hold
// anything. The rounds of the counters stand side by side, for each waits for the
// one before. J. Salmon, M. Moraes, R. Dror, D. Shaw: Parallel Random Numbers: As
// Easy as 1, 2, 3, 2011.
func (b *builder) philox(key [2]V, counters ...[4]V) []V {
	multiply := [2]V{b.bits(0xD2511F53), b.bits(0xCD9E8D57)}
	weyl := [2]V{b.bits(0x9E3779B9), b.bits(0xBB67AE85)}
	mixed := func(product, word, key V) V {
		return b.op(XorBits, b.op(XorBits, b.imm(ShrPair, 32, product), word), key)
	}
	for range 10 {
		for i, c := range counters {
			p, q := b.op(MulPair, c[0], multiply[0]), b.op(MulPair, c[2], multiply[1])
			counters[i] = [4]V{mixed(q, c[1], key[0]), q, mixed(p, c[3], key[1]), p}
		}
		key = [2]V{b.op(AddBits, key[0], weyl[0]), b.op(AddBits, key[1], weyl[1])}
	}
	words := make([]V, len(counters))
	for i, c := range counters {
		words[i] = c[0]
	}
	return words
}
