package runtime

// MatMul32 computes C = A·B, or C += A·B if acc, where A is m×k, B is k×n and
// C is m×n. Element (i, j) of C is c[cOff+i*csM+j*csN], element (i, p) of A is
// a[aOff+i*asM+p*asK] and element (p, j) of B is b[bOff+p*bsK+j*bsN]; strides
// are not negative. C must not overlap A or B.
//
// Each element is summed in the order of p whatever m and n are, so a product
// cut into rows or columns has the same bits as the whole one. It runs on the
// calling goroutine and does not allocate once warm.
func MatMul32(c []float32, cOff, csM, csN int, a []float32, aOff, asM, asK int, b []float32, bOff, bsK, bsN int, m, n, k int, acc bool) {
	matmulNaive(c, cOff, csM, csN, a, aOff, asM, asK, b, bOff, bsK, bsN, m, n, k, acc)
}

// MatMul64 is [MatMul32] for float64.
func MatMul64(c []float64, cOff, csM, csN int, a []float64, aOff, asM, asK int, b []float64, bOff, bsK, bsN int, m, n, k int, acc bool) {
	matmulNaive(c, cOff, csM, csN, a, aOff, asM, asK, b, bOff, bsK, bsN, m, n, k, acc)
}

// matmulNaive is the meaning of MatMul32 and MatMul64 and the oracle of their
// tests.
func matmulNaive[T Float](c []T, cOff, csM, csN int, a []T, aOff, asM, asK int, b []T, bOff, bsK, bsN int, m, n, k int, acc bool) {
	for i := range m {
		for j := range n {
			var s T
			for p := range k {
				s += a[aOff+i*asM+p*asK] * b[bOff+p*bsK+j*bsN]
			}
			if at := cOff + i*csM + j*csN; acc {
				c[at] += s
			} else {
				c[at] = s
			}
		}
	}
}
