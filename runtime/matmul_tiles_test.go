//go:build amd64 && linux && !purego

package runtime

import (
	"math/rand/v2"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// TestTilesOff runs the tests of products on the portable path.
func TestTilesOff(t *testing.T) {
	defer func(on bool) { useTiles = on }(useTiles)
	useTiles = false
	TestMatMul(t)
	TestMatMulRowsDoNotMatter(t)
}

// edge returns n elements that end where memory ends: reading or writing one
// more is a fault.
func edge[T Float](t *testing.T, n int) []T {
	page := syscall.Getpagesize()
	size := int(unsafe.Sizeof(T(0)))
	room := (n*size + page - 1) / page * page
	mem, err := syscall.Mmap(-1, 0, room+page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	require.NoError(t, err)
	require.NoError(t, syscall.Mprotect(mem[room:], syscall.PROT_NONE))
	t.Cleanup(func() { _ = syscall.Munmap(mem) })
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&mem[room-n*size])), n)
}

// testTilesAtTheEdge multiplies matrices that lie by rows or by columns, of all
// sizes of what is left over, each at the end of memory.
func testTilesAtTheEdge[T Float](t *testing.T, mul func([]T, int, int, int, []T, int, int, int, []T, int, int, int, int, int, int, bool)) {
	r := rand.New(rand.NewPCG(5, 6))
	for m := 1; m <= 28; m++ {
		for n := 1; n <= 35 || m == 1 && n <= 140; n++ {
			if m > 9 { // copies of rows in tiles
				n += 60
			}
			k := 1 + r.IntN(9+40/min(n, 4))
			a, b, c := edge[T](t, m*k), edge[T](t, k*n), edge[T](t, m*n)
			for form := range 8 {
				for _, x := range [][]T{a, b, c} {
					for i := range x {
						x[i] = T(r.NormFloat64())
					}
				}
				as, ak := strides(form&1 > 0, m, k)
				bk, bs := strides(form&2 > 0, k, n)
				acc := form&4 > 0
				want := append([]T(nil), c...)
				matmulNaive(want, 0, n, 1, a, 0, as, ak, b, 0, bk, bs, m, n, k, acc)
				mul(c, 0, n, 1, a, 0, as, ak, b, 0, bk, bs, m, n, k, acc)
				requireProduct(t, want, c, k, "%d×%d×%d, form %d", m, n, k, form)
			}
		}
	}
}

// strides are those of an r×c matrix by rows or by columns.
func strides(columns bool, r, c int) (int, int) {
	if columns {
		return 1, r
	}
	return c, 1
}

func TestSumSquaresStaysInside(t *testing.T) {
	for n := 1; n < 70; n++ {
		require.Zero(t, SumSquares32(edge[float32](t, n)))
		require.Zero(t, SumSquares64(edge[float64](t, n)))
	}
}

func TestTilesStayInside(t *testing.T) {
	if !useTiles {
		t.Skip("this processor has no AVX2")
	}
	testTilesAtTheEdge(t, MatMul32)
	testTilesAtTheEdge(t, MatMul64)
}
