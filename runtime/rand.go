package runtime

import "math"

// Philox4x32 is the counter-based generator Philox4x32-10: it returns four
// random words for a key and a counter, and keeps no state.
func Philox4x32(key uint64, c0, c1, c2, c3 uint32) (r0, r1, r2, r3 uint32) {
	const mul0, mul1 = 0xD2511F53, 0xCD9E8D57
	const weyl0, weyl1 = 0x9E3779B9, 0xBB67AE85
	k0, k1 := uint32(key), uint32(key>>32)
	for range 10 {
		p0, p1 := uint64(c0)*mul0, uint64(c2)*mul1
		c0, c1, c2, c3 = uint32(p1>>32)^c1^k0, uint32(p1), uint32(p0>>32)^c3^k1, uint32(p0)
		k0 += weyl0
		k1 += weyl1
	}
	return c0, c1, c2, c3
}

// A Site is one random call of a model at one step: the part of the counter
// that its elements share.
type Site struct {
	Seed uint64 // the key
	Step uint32 // training step of a trainer, call number of a predictor
	Site uint32 // number of the call in the source
	Iter uint32 // [IterHash] of the numbers of the enclosing iterations
}

// IterHash mixes the number of one more enclosing iteration, inner ones later,
// into the hash of the outer ones; outside of all iterations the hash is 0.
func IterHash(outer uint32, i int) uint32 {
	h := outer + 0x9E3779B9 + uint32(i)
	h = (h ^ h>>16) * 0x85EBCA6B
	h = (h ^ h>>13) * 0xC2B2AE35
	return h ^ h>>16
}

// Uniform64 returns a uniform number of (0, 1) for an element.
func (s Site) Uniform64(element uint32) float64 {
	u, _, _, _ := Philox4x32(s.Seed, s.Step, s.Site, s.Iter, element)
	return unit(u)
}

// Uniform32 is Uniform64 in float32.
func (s Site) Uniform32(element uint32) float32 { return round32(s.Uniform64(element)) }

// round32 rounds a number of (0, 1) to float32, below 1.
func round32(u float64) float32 { return min(float32(u), 1-0x1p-24) }

// Normal64 returns a standard normal number for an element.
func (s Site) Normal64(element uint32) float64 {
	u, v, _, _ := Philox4x32(s.Seed, s.Step, s.Site, s.Iter, element)
	return boxMuller(u, v)
}

// Normal32 is Normal64 in float32.
func (s Site) Normal32(element uint32) float32 { return float32(s.Normal64(element)) }

// Bernoulli reports true with probability p for an element.
func (s Site) Bernoulli(element uint32, p float64) bool { return s.Uniform64(element) < p }

// Categorical32 returns the index that a uniform number u of (0, 1) selects,
// where index i has a probability in proportion to e to the power logits[i].
func Categorical32(logits []float32, u float64) int { return categorical(logits, u) }

// Categorical64 is [Categorical32] for float64.
func Categorical64(logits []float64, u float64) int { return categorical(logits, u) }

func categorical[T Float](logits []T, u float64) int {
	top := math.Inf(-1)
	for _, l := range logits {
		top = max(top, float64(l))
	}
	var sum float64
	for _, l := range logits {
		sum += math.Exp(float64(l) - top)
	}
	rest, last := u*sum, 0
	for i, l := range logits {
		if p := math.Exp(float64(l) - top); p > 0 {
			if rest < p {
				return i
			}
			rest -= p
			last = i
		}
	}
	return last // rounding
}

// unit maps a word to (0, 1), both ends excluded.
func unit(u uint32) float64 { return (float64(u) + 0.5) * (1.0 / (1 << 32)) }

// boxMuller maps two words to a standard normal number.
func boxMuller(u, v uint32) float64 {
	return math.Sqrt(-2*math.Log(unit(u))) * math.Cos(2*math.Pi*unit(v))
}

// DrawUniform64 returns element number element of the uniform numbers of (0, 1)
// of a random call: seed in two halves, step, hash of the enclosing iterations,
// and the number of the call in the source.
func DrawUniform64(low, high, step, iter, element, site int) float64 {
	return drawSite(low, high, step, iter, site).Uniform64(uint32(element))
}

// DrawUniform32 is [DrawUniform64] in float32.
func DrawUniform32(low, high, step, iter, element, site int) float32 {
	return drawSite(low, high, step, iter, site).Uniform32(uint32(element))
}

// DrawNormal64 is [DrawUniform64] for standard normal numbers.
func DrawNormal64(low, high, step, iter, element, site int) float64 {
	return drawSite(low, high, step, iter, site).Normal64(uint32(element))
}

// DrawNormal32 is [DrawNormal64] in float32.
func DrawNormal32(low, high, step, iter, element, site int) float32 {
	return drawSite(low, high, step, iter, site).Normal32(uint32(element))
}

// BatchIter is the hash that the iterations of batch i of a step begin with. The
// first batch, and that of a step of one batch, draws as without batches.
func BatchIter(i int) int32 {
	if i == 0 {
		return 0
	}
	return int32(IterHash(0, i))
}

// MixIter32 is [IterHash] on ints.
func MixIter32(outer, i int32) int32 { return int32(IterHash(uint32(outer), int(i))) }

// SeedHalves splits a seed into the ints that the draws of a model take.
func SeedHalves(seed uint64) (low, high int32) { return int32(uint32(seed)), int32(uint32(seed >> 32)) }

func drawSite(low, high, step, iter, site int) Site {
	return Site{Seed: uint64(uint32(high))<<32 | uint64(uint32(low)), Step: uint32(step), Site: uint32(site), Iter: uint32(iter)}
}
