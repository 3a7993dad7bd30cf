package runtime

import (
	"math"
	"math/rand/v2"
	"testing"
)

// A convolution of an image [h, w, c] by windows [s, s, c, f] as a product of runs:
// its rows are the places of a row of the result, its groups the rows of a window.
type convolution struct{ h, w, c, s, f int }

func (q convolution) naive(y, x, kernel []float64) {
	for i := range q.h - q.s + 1 {
		for j := range q.w - q.s + 1 {
			for d := range q.s {
				for e := range q.s * q.c {
					for f := range q.f {
						y[(i*(q.w-q.s+1)+j)*q.f+f] += x[(i+d)*q.w*q.c+j*q.c+e] * kernel[(d*q.s*q.c+e)*q.f+f]
					}
				}
			}
		}
	}
}

func testRuns[T Float](t *testing.T, mul func(c []T, cOff, csR, csM, csN int, a []T, aOff, asR, asM, asG, asK int, b []T, bOff, bsG, bsK, bsN int, runs, m, n, groups, k int, acc bool)) {
	r := rand.New(rand.NewPCG(8, 9))
	draw := func(n int) ([]T, []float64) {
		x, y := make([]T, n), make([]float64, n)
		for i := range x {
			x[i] = T(r.NormFloat64())
			y[i] = float64(x[i])
		}
		return x, y
	}
	for _, q := range []convolution{{28, 28, 1, 5, 6}, {14, 14, 6, 5, 16}, {5, 9, 3, 3, 1}, {8, 8, 40, 3, 35}, {4, 5, 2, 2, 3}, {6, 7, 130, 3, 9}} {
		oh, ow, inside := q.h-q.s+1, q.w-q.s+1, q.s*q.c
		x, wantX := draw(q.h * q.w * q.c)
		kernel, wantK := draw(q.s * inside * q.f)
		y, wantY := draw(oh * ow * q.f)
		q.naive(wantY, wantX, wantK)
		mul(y, 0, ow*q.f, q.f, 1, x, 0, q.w*q.c, q.c, q.w*q.c, 1, kernel, 0, inside*q.f, q.f, 1, oh, ow, q.f, q.s, inside, true)
		requireClose(t, wantY, y, q.s*inside, "%v", q)

		// The same with filters before places, so that rows of the result have gaps.
		turned := make([]T, len(y))
		mul(turned, 0, ow, 1, oh*ow, x, 0, q.w*q.c, q.c, q.w*q.c, 1, kernel, 0, inside*q.f, q.f, 1, oh, ow, q.f, q.s, inside, false)
		back := make([]T, len(y))
		for i := range oh * ow {
			for f := range q.f {
				back[i*q.f+f] = turned[f*oh*ow+i]
			}
		}
		clear(wantY)
		q.naive(wantY, wantX, wantK)
		requireClose(t, wantY, back, q.s*inside, "%v turned", q)
	}
	c := []T{1, 2}
	mul(c, 0, 2, 1, 1, nil, 0, 0, 0, 0, 0, nil, 0, 0, 0, 0, 1, 2, 1, 0, 3, false)
	requireClose(t, []float64{0, 0}, c, 1, "no groups")
}

// requireClose compares sums of k products of about unit size.
func requireClose[T Float](t *testing.T, want []float64, got []T, k int, message string, args ...any) {
	t.Helper()
	for i, v := range want {
		if d := math.Abs(v - float64(got[i])); !(d <= roundoff[T]()*float64(k+1)*8) {
			t.Fatalf("%v and %v at %d: "+message, append([]any{v, got[i], i}, args...)...)
		}
	}
}

func TestMatMulRuns(t *testing.T) {
	t.Run("32", func(t *testing.T) { testRuns(t, MatMulRuns32) })
	t.Run("64", func(t *testing.T) { testRuns(t, MatMulRuns64) })
}

// Rows of A are copied where its columns lie far apart.
func TestMatMulLongSteps(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 9))
	far := []layout{
		func(r, c int) (int, int, int) { return 5, 1, 1100 },
		func(r, c int) (int, int, int) { return 2, 1030, 1 },
	}
	row := func(r, c int) (int, int, int) { return 0, c, 1 }
	for _, form := range far {
		m, n, k := 150, 100, 401
		A, B, C := randomMatrix[float32](r, form, m, k), randomMatrix[float32](r, row, k, n), randomMatrix[float32](r, row, m, n)
		want := append([]float32(nil), C.v...)
		matmulNaive(want, 0, n, 1, A.v, A.off, A.s0, A.s1, B.v, 0, n, 1, m, n, k, true)
		MatMul32(C.v, 0, n, 1, A.v, A.off, A.s0, A.s1, B.v, 0, n, 1, m, n, k, true)
		requireProduct(t, want, C.v, k, "%v", form)
	}
	// The gradient of weights that a sequence [b, s, k] meets, of errors [s, b, n].
	b, s, k, n := 6, 50, 30, 70
	x, dz := randomMatrix[float64](r, row, b, s*k), randomMatrix[float64](r, row, s, b*n)
	want, got := make([]float64, k*n), make([]float64, k*n)
	for i := range b {
		for j := range s {
			matmulNaive(want, 0, n, 1, x.v, (i*s+j)*k, 1, 0, dz.v, (j*b+i)*n, 0, 1, k, n, 1, true)
		}
	}
	MatMulRuns64(got, 0, 0, n, 1, x.v, 0, 0, 1, k, s*k, dz.v, 0, b*n, n, 1, 1, k, n, s, b, false)
	requireClose(t, want, got, b*s, "sequence")
}
