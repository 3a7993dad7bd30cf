//go:build !purego

package runtime

import "unsafe"

//go:generate go run ./internal/tilegen

// A tile is the argument of the assembly: up to 6 rows of up to two vectors of C,
// or up to two rows of four, which stay in registers while k columns of A and rows of B pass by. Strides
// are in bytes; mask is that of the last vector.
type tile struct {
	c        unsafe.Pointer
	ldc      uintptr
	a        unsafe.Pointer
	ars, acs uintptr
	b        unsafe.Pointer
	ldb      uintptr
	k        int
	mask     unsafe.Pointer
	addToC   int
}

const (
	tileRows   = 6
	tileVector = 32 // bytes
)

// useTiles is decided at start-up; tests turn it off to compare.
var useTiles = hasAVX2()

// masks hold, for n valid elements, -1 n times and then 0, read from the end of
// the ones backwards.
var (
	masks32 = [16]int32{-1, -1, -1, -1, -1, -1, -1, -1}
	masks64 = [8]int64{-1, -1, -1, -1}
)

// copies reports whether blocks of B are copied for tiles: where their rows are
// not contiguous, and where enough rows of C use each block to pay for having it
// without gaps, which keep the cache from holding it.
func (g *product[T]) copies() bool {
	const rows = 24
	return useTiles && (g.b.s1 != 1 || g.m >= rows && g.c.s1 == 1)
}

// tiles adds the product of a block of B, kn rows from row k on, to columns j to
// j+n of C, which is contiguous along its rows. Each element of C takes its
// products in the order of k, one fused multiply-add each, wherever its tile is
// cut. B is read in place, or copied to p, a panel of columns after the other.
func (g *product[T]) tiles(p *pack[T], b *matrix[T], j, n, k, kn int) {
	size := int(unsafe.Sizeof(b.v[0]))
	lanes := tileVector / size
	width := 2 * lanes
	if g.m <= 2 {
		width = 4 * lanes // few rows: more sums under way at a time
	}
	copied := p != nil && g.copies()
	var t tile
	t.ldc, t.ldb = uintptr(g.c.s0*size), uintptr(b.s0*size)
	if copied {
		t.ldb = uintptr(width * size)
	}
	t.ars, t.acs = uintptr(g.a.s0*size), uintptr(g.a.s1*size)
	t.k = kn
	if k > 0 || g.acc {
		t.addToC = 1
	}
	for q := 0; q < n; q += width {
		cols := min(width, n-q)
		if copied {
			packPanel(p.b[:], b, q, cols, kn, width)
			t.b = unsafe.Pointer(&p.b[0])
		} else {
			t.b = unsafe.Pointer(&b.v[b.off+q])
		}
		vectors := (cols + lanes - 1) / lanes
		valid := cols - (vectors-1)*lanes
		masked := valid < lanes
		if masked && size == 4 {
			t.mask = unsafe.Pointer(&masks32[8-valid])
		} else if masked {
			t.mask = unsafe.Pointer(&masks64[4-valid])
		}
		for i := 0; i < g.m; i += tileRows {
			t.c = unsafe.Pointer(&g.c.v[g.c.off+i*g.c.s0+j+q])
			t.a = unsafe.Pointer(&g.a.v[g.a.off+i*g.a.s0+k*g.a.s1])
			if rows := min(tileRows, g.m-i); size == 4 {
				runTile32(&t, rows, vectors, masked)
			} else {
				runTile64(&t, rows, vectors, masked)
			}
		}
	}
}

// packPanel copies cols columns of kn rows of b, from column q on, to rows of
// width elements.
func packPanel[T Float](dst []T, b *matrix[T], q, cols, kn, width int) {
	at := b.off + q*b.s1
	if b.s1 == 1 {
		for p := range kn {
			copy(dst[p*width:][:cols], b.v[at+p*b.s0:])
		}
		return
	}
	c := 0
	for ; c+4 <= cols && b.s0 == 1; c += 4 {
		u0, u1 := b.v[at+c*b.s1:][:kn], b.v[at+(c+1)*b.s1:][:kn]
		u2, u3 := b.v[at+(c+2)*b.s1:][:kn], b.v[at+(c+3)*b.s1:][:kn]
		for p := range u0 {
			d := (*[4]T)(dst[p*width+c:])
			d[0], d[1], d[2], d[3] = u0[p], u1[p], u2[p], u3[p]
		}
	}
	for ; c < cols; c++ {
		for p := range kn {
			dst[p*width+c] = b.v[at+c*b.s1+p*b.s0]
		}
	}
}
