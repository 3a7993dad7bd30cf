//go:build amd64 && linux && !purego

package runtime

import (
	"math"
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

func testTilesAtTheEdge[T Float](t *testing.T, mul func([]T, int, int, int, []T, int, int, int, []T, int, int, int, int, int, int, bool)) {
	r := rand.New(rand.NewPCG(5, 6))
	for m := 1; m <= 8; m++ {
		for n := 1; n <= 35; n++ {
			k := 1 + r.IntN(9)
			a, b, c := edge[T](t, m*k), edge[T](t, k*n), edge[T](t, m*n)
			for i := range a {
				a[i] = T(r.NormFloat64())
			}
			for i := range b {
				b[i] = T(r.NormFloat64())
			}
			want := make([]T, m*n)
			matmulNaive(want, 0, n, 1, a, 0, k, 1, b, 0, n, 1, m, n, k, false)
			mul(c, 0, n, 1, a, 0, k, 1, b, 0, n, 1, m, n, k, false)
			for i := range want {
				require.InDelta(t, float64(want[i]), float64(c[i]), 16*roundoff[T]())
			}
		}
	}
}

func TestTilesStayInside(t *testing.T) {
	if !useTiles {
		t.Skip("this processor has no AVX2")
	}
	testTilesAtTheEdge(t, MatMul32)
	testTilesAtTheEdge(t, MatMul64)
}

func roundoff[T Float]() float64 {
	if unsafe.Sizeof(T(0)) == 4 {
		return math.Pow(2, -23)
	}
	return math.Pow(2, -52)
}
