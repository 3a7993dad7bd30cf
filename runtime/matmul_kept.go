package runtime

import "sync"

// Kept32 keeps what [MatMulKept32] has copied of the right operand of a product, for
// the calls that follow. The zero value is ready to be used.
type Kept32 struct{ kept[float32] }

// Kept64 is [Kept32] for [MatMulKept64].
type Kept64 struct{ kept[float64] }

// kept holds panels of a matrix, of which a pass makes several products.
type kept[T Float] struct {
	mu   sync.Mutex
	is   right[T]
	v    []T
	full bool
}

// right is what tells right operands apart: where they lie, and their size.
type right[T Float] struct {
	from         *T
	s0, s1, k, n int
}

// Renew says that what B holds may have changed since the last call.
func (k *kept[T]) Renew() {
	k.mu.Lock()
	k.full = false
	k.mu.Unlock()
}

// MatMulKept32 is [MatMul32] for a matrix B that stays as it is from one call of
// keep.Renew to the next, in which there are about so many products with it. It
// allocates when it first meets B. Workers may call it at the same time.
func MatMulKept32(keep *Kept32, times int, c []float32, cOff, csM, csN int, a []float32, aOff, asM, asK int, b []float32, bOff, bsK, bsN int, m, n, k int, acc bool) {
	p := product[float32]{c: matrix[float32]{c, cOff, csM, csN}, a: matrix[float32]{a, aOff, asM, asK}, b: matrix[float32]{b, bOff, bsK, bsN},
		m: m, n: n, k: k, acc: acc, runs: 1, groups: 1}
	if times < 2 || !p.runKept(&packs32, &keep.kept) {
		p.run(&packs32)
	}
}

// MatMulKept64 is [MatMulKept32] for float64.
func MatMulKept64(keep *Kept64, times int, c []float64, cOff, csM, csN int, a []float64, aOff, asM, asK int, b []float64, bOff, bsK, bsN int, m, n, k int, acc bool) {
	p := product[float64]{c: matrix[float64]{c, cOff, csM, csN}, a: matrix[float64]{a, aOff, asM, asK}, b: matrix[float64]{b, bOff, bsK, bsN},
		m: m, n: n, k: k, acc: acc, runs: 1, groups: 1}
	if times < 2 || !p.runKept(&packs64, &keep.kept) {
		p.run(&packs64)
	}
}
