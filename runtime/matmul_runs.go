package runtime

// MatMulRuns32 computes products whose rows and summed indices come in runs, as
// those of a convolution do: C = A·B, or C += A·B if acc, where row (q, i) of C and
// A, q below runs and i below m, begins at c[cOff+q*csR+i*csM] and a[aOff+q*asR+i*asM],
// and column (h, p) of A and row (h, p) of B, h below groups and p below k, lie
// h*asG+p*asK and h*bsG+p*bsK behind that.
//
// The sums run over groups in order, and within each over p; as with [MatMul32] it
// does not matter how rows are shared out.
func MatMulRuns32(c []float32, cOff, csR, csM, csN int, a []float32, aOff, asR, asM, asG, asK int, b []float32, bOff, bsG, bsK, bsN int, runs, m, n, groups, k int, acc bool) {
	p := product[float32]{c: matrix[float32]{c, cOff, csM, csN}, a: matrix[float32]{a, aOff, asM, asK}, b: matrix[float32]{b, bOff, bsK, bsN},
		m: m, n: n, k: k, acc: acc, runs: runs, groups: groups, cRun: csR, aRun: asR, aGroup: asG, bGroup: bsG}
	p.runAll(&packs32)
}

// MatMulRuns64 is [MatMulRuns32] for float64.
func MatMulRuns64(c []float64, cOff, csR, csM, csN int, a []float64, aOff, asR, asM, asG, asK int, b []float64, bOff, bsG, bsK, bsN int, runs, m, n, groups, k int, acc bool) {
	p := product[float64]{c: matrix[float64]{c, cOff, csM, csN}, a: matrix[float64]{a, aOff, asM, asK}, b: matrix[float64]{b, bOff, bsK, bsN},
		m: m, n: n, k: k, acc: acc, runs: runs, groups: groups, cRun: csR, aRun: asR, aGroup: asG, bGroup: bsG}
	p.runAll(&packs64)
}

// runAll computes a product of runs: at once by panels where the rows of C are
// contiguous, otherwise one after the other.
func (g *product[T]) runAll(packs *packList[T]) {
	if useTiles && g.c.s1 == 1 && g.n > 1 && g.m > 0 && g.k > 0 && g.groups > 0 {
		g.tiles(packs, false)
		return
	}
	one := *g
	one.runs, one.groups = 1, 1
	for q := range g.runs {
		for h := range max(g.groups, 1) {
			one.c.off = g.c.off + q*g.cRun
			one.a.off = g.a.off + q*g.aRun + h*g.aGroup
			one.b.off = g.b.off + h*g.bGroup
			one.acc = g.acc || h > 0
			if g.groups <= 0 {
				one.k = 0
			}
			part := one // run may turn it
			part.run(packs)
		}
	}
}
