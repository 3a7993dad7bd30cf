package runtime

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMatMulKept(t *testing.T) {
	var keep32 Kept32
	testMatMul(t, func(c []float32, cOff, csM, csN int, a []float32, aOff, asM, asK int, b []float32, bOff, bsK, bsN int, m, n, k int, acc bool) {
		keep32.Renew()
		first := append([]float32(nil), c...)
		MatMulKept32(&keep32, 2, first, cOff, csM, csN, a, aOff, asM, asK, b, bOff, bsK, bsN, m, n, k, acc)
		MatMulKept32(&keep32, 2, c, cOff, csM, csN, a, aOff, asM, asK, b, bOff, bsK, bsN, m, n, k, acc)
		require.Equal(t, first, c)
	})
	var keep64 Kept64
	testMatMul(t, func(c []float64, cOff, csM, csN int, a []float64, aOff, asM, asK int, b []float64, bOff, bsK, bsN int, m, n, k int, acc bool) {
		keep64.Renew()
		MatMulKept64(&keep64, 2, c, cOff, csM, csN, a, aOff, asM, asK, b, bOff, bsK, bsN, m, n, k, acc)
	})
}

// TestMatMulKeptIsMatMul makes products of many shapes with one keep, which workers
// share, in turn with other parts of B: they have the bits of MatMul32.
func TestMatMulKeptIsMatMul(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	const n, k, steps = 77, 700, 2
	rows := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(r.NormFloat64())
		}
		return x
	}
	a, b := rows(60*k), rows(steps*n*k)
	for _, strides := range [][2]int{{n, 1}, {1, k}} {
		var keep Kept32
		for pass := range 3 {
			keep.Renew()
			b[pass]++
			for step := range steps {
				want, got := make([]float32, 60*n), make([]float32, 60*n)
				MatMul32(want, 0, n, 1, a, 0, k, 1, b, step*n*k, strides[0], strides[1], 60, n, k, false)
				var workers sync.WaitGroup
				for lo, hi := 0, 0; lo < 60; lo = hi {
					hi = min(lo+1+r.IntN(20), 60)
					lo, hi := lo, hi
					workers.Go(func() {
						MatMulKept32(&keep, 9, got, lo*n, n, 1, a, lo*k, k, 1, b, step*n*k, strides[0], strides[1], hi-lo, n, k, false)
					})
				}
				workers.Wait()
				require.Equal(t, want, got)
			}
		}
	}
}
