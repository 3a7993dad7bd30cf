package runtime

// packBlock copies kn rows and n columns of b to dst, row-major.
func packBlock[T Float](dst []T, b *matrix[T], kn, n int) {
	if b.s0 == 1 {
		packColumns(dst, b, kn, n)
		return
	}
	for p := range kn {
		row := dst[p*n:][:n]
		at := b.off + p*b.s0
		for j := range row {
			row[j] = b.v[at+j*b.s1]
		}
	}
}

// packColumns is packBlock for contiguous columns, four at a time.
func packColumns[T Float](dst []T, b *matrix[T], kn, n int) {
	j := 0
	for ; j+4 <= n; j += 4 {
		at := b.off + j*b.s1
		u0, u1 := b.v[at:][:kn], b.v[at+b.s1:][:kn]
		u2, u3 := b.v[at+2*b.s1:][:kn], b.v[at+3*b.s1:][:kn]
		for p := range u0 {
			d := (*[4]T)(dst[p*n+j:])
			d[0], d[1], d[2], d[3] = u0[p], u1[p], u2[p], u3[p]
		}
	}
	for ; j < n; j++ {
		for p, v := range b.v[b.off+j*b.s1:][:kn] {
			dst[p*n+j] = v
		}
	}
}

// A packList keeps packs between calls.
type packList[T Float] struct{ shelf[pack[T]] }

var (
	packs32 packList[float32]
	packs64 packList[float64]
)

// ReserveMatMul32 makes sure that n calls of [MatMul32] at a time, from now on,
// need not allocate. A constructor calls it with the workers of its team.
func ReserveMatMul32(n int) { packs32.reserve(n) }

// ReserveMatMul64 is [ReserveMatMul32] for [MatMul64].
func ReserveMatMul64(n int) { packs64.reserve(n) }

// reserve makes sure that n packs are there.
func (l *packList[T]) reserve(n int) { l.shelf.reserve(n, newPack[T]) }

// take returns a pack that nobody else has.
func (l *packList[T]) take() *pack[T] { return l.shelf.take(newPack[T]) }
