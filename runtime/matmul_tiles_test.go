//go:build amd64 && linux && !purego

package runtime

import (
	"math/rand/v2"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// with runs a test with a set of instructions, or says that the processor lacks them.
func with(t *testing.T, set instructions, test func(t *testing.T)) {
	t.Run([]string{portable: "portable", avx2: "AVX2", avx512: "AVX-512"}[set], func(t *testing.T) {
		if set > processor() {
			t.Skip("this processor does not have the instructions")
		}
		tiles, wide := useTiles, useAVX512
		defer func() { useTiles, useAVX512 = tiles, wide }()
		useTiles, useAVX512 = chosen(set)
		test(t)
	})
}

// withTilings runs a test with tiles as they are, and with blocks so short and copies
// made so early that small products have them.
func withTilings(t *testing.T, test func(t *testing.T)) {
	t.Run("as it is", test)
	defer func(n, w tiling) { tilesAVX2, tilesAVX512 = n, w }(tilesAVX2, tilesAVX512)
	for _, tiles := range []*tiling{&tilesAVX2, &tilesAVX512} {
		tiles.k, tiles.copied, tiles.copiedPages, tiles.copiedFar = 8, 2, 2, 2
		tiles.often, tiles.many, tiles.room = 2, 2, 1<<8
	}
	t.Run("short blocks and copies", test)
}

// TestMatMulByInstructions runs the tests of products with less than the processor has.
func TestMatMulByInstructions(t *testing.T) {
	for set := portable; set <= avx512; set++ {
		with(t, set, func(t *testing.T) {
			TestMatMul(t)
			TestMatMulRuns(t)
			TestMatMulKept(t)
			TestMatMulKeptIsMatMul(t)
			TestMatMulRowsDoNotMatter(t)
			TestMatMulLongSteps(t)
		})
	}
}

// testTargetsAgree multiplies with AVX2 and with AVX-512: a product has the same bits,
// but for that of a matrix and a vector.
func testTargetsAgree[T Float](t *testing.T, mul func([]T, int, int, int, []T, int, int, int, []T, int, int, int, int, int, int, bool)) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 60 {
		m, n, k := 1+r.IntN(40), 2+r.IntN(150), 1+r.IntN(60)
		A, B := randomMatrix[T](r, layouts[r.IntN(len(layouts))], m, k), randomMatrix[T](r, layouts[r.IntN(len(layouts))], k, n)
		C := randomMatrix[T](r, layouts[r.IntN(3)], m, n)
		acc := r.IntN(2) > 0
		got := append([]T(nil), C.v...)
		for _, wide := range []bool{false, true} {
			useAVX512 = wide
			c := got
			if wide {
				c = C.v
			}
			mul(c, C.off, C.s0, C.s1, A.v, A.off, A.s0, A.s1, B.v, B.off, B.s0, B.s1, m, n, k, acc)
		}
		require.Equal(t, got, C.v, "%d×%d×%d", m, n, k)
	}
}

func TestTargetsAgree(t *testing.T) {
	with(t, avx512, func(t *testing.T) {
		withTilings(t, func(t *testing.T) {
			testTargetsAgree(t, MatMul32)
			testTargetsAgree(t, MatMul64)
		})
	})
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
		for n := 1; n <= 52 || m <= 2 && n <= 140; n++ {
			if m > 9 { // copies of rows in tiles
				n += r.IntN(70)
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
	for set := avx2; set <= avx512; set++ {
		with(t, set, func(t *testing.T) {
			withTilings(t, func(t *testing.T) {
				testTilesAtTheEdge(t, MatMul32)
				testTilesAtTheEdge(t, MatMul64)
			})
		})
	}
}
