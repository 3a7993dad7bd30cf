package runtime

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// A layout gives the strides of an r×c matrix.
type layout func(r, c int) (off, s0, s1 int)

var layouts = []layout{
	func(r, c int) (int, int, int) { return 0, c, 1 },
	func(r, c int) (int, int, int) { return 3, 1, r },
	func(r, c int) (int, int, int) { return 1, c + 5, 1 },
	func(r, c int) (int, int, int) { return 2, 2*c + 1, 2 },
	func(r, c int) (int, int, int) { return 0, 3, 3 * r },
}

func randomMatrix[T Float](r *rand.Rand, at layout, rows, cols int) matrix[T] {
	off, s0, s1 := at(rows, cols)
	v := make([]T, off+rows*s0+cols*s1+1)
	for i := range v {
		v[i] = T(r.NormFloat64())
	}
	return matrix[T]{v, off, s0, s1}
}

func testMatMul[T Float](t *testing.T, mul func([]T, int, int, int, []T, int, int, int, []T, int, int, int, int, int, int, bool)) {
	r := rand.New(rand.NewPCG(1, 2))
	sizes := [][3]int{{1, 1, 1}, {2, 3, 0}, {1, 1, 300}, {7, 1, 130}, {1, 9, 131}, {3, 17, 5}, {40, 3, 9}, {5, 300, 7}, {9, 8, 257}, {0, 4, 4}, {4, 0, 4}, {33, 2, 129}}
	for range 8 {
		sizes = append(sizes, [3]int{1 + r.IntN(20), 1 + r.IntN(20), r.IntN(40)})
	}
	for _, s := range sizes {
		m, n, k := s[0], s[1], s[2]
		for la, a := range layouts {
			for lb, b := range layouts {
				for lc, c := range layouts {
					acc := (la+lb+lc)%2 == 0
					A, B, C := randomMatrix[T](r, a, m, k), randomMatrix[T](r, b, k, n), randomMatrix[T](r, c, m, n)
					want := append([]T(nil), C.v...)
					matmulNaive(want, C.off, C.s0, C.s1, A.v, A.off, A.s0, A.s1, B.v, B.off, B.s0, B.s1, m, n, k, acc)
					mul(C.v, C.off, C.s0, C.s1, A.v, A.off, A.s0, A.s1, B.v, B.off, B.s0, B.s1, m, n, k, acc)
					requireProduct(t, want, C.v, k, "%d×%d×%d, layouts %d %d %d", m, n, k, la, lb, lc)
				}
			}
		}
	}
}

// requireProduct compares sums of k products of about unit size. The portable
// form rounds as the naive loop does; a fused multiply-add rounds once where
// that rounds twice, so that the two differ by at most k roundings.
func requireProduct[T Float](t *testing.T, want, got []T, k int, message string, args ...any) {
	t.Helper()
	if !useTiles {
		require.Equal(t, want, got, append([]any{message}, args...)...)
		return
	}
	eps := roundoff[T]()
	for i := range want {
		if d := math.Abs(float64(want[i]) - float64(got[i])); !(d <= eps*float64(k+1)*8) {
			require.Failf(t, "products differ", "%g and %g: "+message, append([]any{want[i], got[i]}, args...)...)
		}
	}
}

// roundoff is the distance of 1 to the next number.
func roundoff[T Float]() float64 {
	if unsafe.Sizeof(T(0)) == 4 {
		return math.Pow(2, -23)
	}
	return math.Pow(2, -52)
}

func TestMatMul(t *testing.T) {
	t.Run("32", func(t *testing.T) { testMatMul(t, MatMul32) })
	t.Run("64", func(t *testing.T) { testMatMul(t, MatMul64) })
}

func TestMatMulDoesNotAllocate(t *testing.T) {
	x, w := make([]float32, 64*96), make([]float32, 96*32)
	c := make([]float32, 96*64)
	require.Zero(t, testing.AllocsPerRun(10, func() {
		MatMul32(c, 0, 32, 1, x, 0, 96, 1, w, 0, 32, 1, 64, 32, 96, false) // forward
		MatMul32(c, 0, 32, 1, x, 0, 1, 96, w, 0, 32, 1, 96, 32, 64, false) // dW
		MatMul32(c, 0, 96, 1, x, 0, 32, 1, w, 0, 1, 32, 64, 96, 32, true)  // dX
		MatMul32(c, 0, 1, 1, x, 0, 96, 1, w, 0, 1, 1, 64, 1, 96, false)    // vector
	}))
}

func TestReserveMatMul(t *testing.T) {
	var l packList[float32]
	l.reserve(2)
	a, b := l.take(), l.take()
	require.NotSame(t, a, b)
	require.Nil(t, l.slots[0].Load())
	c := l.take()
	for _, p := range []*pack[float32]{a, b, c} {
		l.give(p)
	}
	require.Same(t, a, l.take())
	for range 2 * len(l.slots) {
		l.give(new(pack[float32]))
	}
	require.NotNil(t, l.slots[len(l.slots)-1].Load())
	ReserveMatMul32(1)
	ReserveMatMul64(1)
	require.NotNil(t, packs64.take())
}

// TestMatMulRowsDoNotMatter cuts products into pieces of rows.
func TestMatMulRowsDoNotMatter(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for at, form := range append(layouts, layouts[0]) {
		m, n, k := 13, 21, 150
		if at == len(layouts) {
			n = 150 // wide enough for rows to be computed as such
		}
		A, B := randomMatrix[float32](r, form, m, k), randomMatrix[float32](r, form, k, n)
		whole := make([]float32, m*n)
		MatMul32(whole, 0, n, 1, A.v, A.off, A.s0, A.s1, B.v, B.off, B.s0, B.s1, m, n, k, false)
		for rows := 1; rows < m; rows++ {
			cut := make([]float32, m*n)
			for i := 0; i < m; i += rows {
				MatMul32(cut, i*n, n, 1, A.v, A.off+i*A.s0, A.s0, A.s1, B.v, B.off, B.s0, B.s1, min(rows, m-i), n, k, false)
			}
			require.Equal(t, whole, cut, "%d rows", rows)
		}
	}
}

func benchmarkMatMul[T Float](b *testing.B, mul func([]T, int, int, int, []T, int, int, int, []T, int, int, int, int, int, int, bool), m, k, n int) {
	a, w, c := make([]T, m*k), make([]T, k*n), make([]T, m*n)
	for i := range a {
		a[i] = T(i%7) - 3
	}
	for i := range w {
		w[i] = T(i%5) - 2
	}
	run := func(name string, f func()) {
		b.Run(fmt.Sprintf("%s/%dx%dx%d", name, m, k, n), func(b *testing.B) {
			for b.Loop() {
				f()
			}
			b.ReportMetric(2*float64(m)*float64(k)*float64(n)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
	run("forward", func() { mul(c, 0, n, 1, a, 0, k, 1, w, 0, n, 1, m, n, k, false) })
	run("dW", func() { mul(w, 0, n, 1, a, 0, 1, k, c, 0, n, 1, k, n, m, false) })
	run("dX", func() { mul(a, 0, k, 1, c, 0, n, 1, w, 0, 1, n, m, k, n, false) })
}

func BenchmarkMatMul32(b *testing.B) {
	for _, s := range [][3]int{{64, 784, 128}, {8, 784, 128}, {1, 784, 128}, {32, 128, 10}, {256, 256, 256}, {256, 256, 1}} {
		benchmarkMatMul(b, MatMul32, s[0], s[1], s[2])
	}
}

func BenchmarkMatMul64(b *testing.B) {
	benchmarkMatMul(b, MatMul64, 64, 784, 128)
}
