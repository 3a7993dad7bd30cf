//go:build !purego

package runtime

import "unsafe"

//go:generate go run ./internal/tilegen

// A tile is the argument of the assembly: up to 6 rows of up to two vectors of
// C, which stay in registers while k columns of A and rows of B pass by. Strides
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

// tiles adds the product of a block of B, kn rows from row k on, to columns j to
// j+n of C. Both are contiguous along their rows. Each element of C takes its
// products in the order of k, one fused multiply-add each, wherever its tile is
// cut.
func (g *product[T]) tiles(b *matrix[T], j, n, k, kn int) {
	size := int(unsafe.Sizeof(b.v[0]))
	lanes := tileVector / size
	var t tile
	t.ldc, t.ldb = uintptr(g.c.s0*size), uintptr(b.s0*size)
	t.ars, t.acs = uintptr(g.a.s0*size), uintptr(g.a.s1*size)
	t.k = kn
	if k > 0 || g.acc {
		t.addToC = 1
	}
	for q := 0; q < n; q += 2 * lanes {
		cols := min(2*lanes, n-q)
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
			t.b = unsafe.Pointer(&b.v[b.off+q])
			if rows := min(tileRows, g.m-i); size == 4 {
				runTile32(&t, rows, vectors, masked)
			} else {
				runTile64(&t, rows, vectors, masked)
			}
		}
	}
}
