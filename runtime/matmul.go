package runtime

// MatMul32 computes C = A·B, or C += A·B if acc, where A is m×k, B is k×n and
// C is m×n. Element (i, j) of C is c[cOff+i*csM+j*csN], element (i, p) of A is
// a[aOff+i*asM+p*asK] and element (p, j) of B is b[bOff+p*bsK+j*bsN]; strides
// are not negative. C must not overlap A or B.
//
// Each element is summed in the order of p whatever m is, so a product cut into
// rows has the same bits as the whole one. It runs on the calling goroutine and
// does not allocate once warm.
func MatMul32(c []float32, cOff, csM, csN int, a []float32, aOff, asM, asK int, b []float32, bOff, bsK, bsN int, m, n, k int, acc bool) {
	p := product[float32]{c: matrix[float32]{c, cOff, csM, csN}, a: matrix[float32]{a, aOff, asM, asK}, b: matrix[float32]{b, bOff, bsK, bsN},
		m: m, n: n, k: k, acc: acc, runs: 1, groups: 1}
	p.run(&packs32)
}

// MatMul64 is [MatMul32] for float64.
func MatMul64(c []float64, cOff, csM, csN int, a []float64, aOff, asM, asK int, b []float64, bOff, bsK, bsN int, m, n, k int, acc bool) {
	p := product[float64]{c: matrix[float64]{c, cOff, csM, csN}, a: matrix[float64]{a, aOff, asM, asK}, b: matrix[float64]{b, bOff, bsK, bsN},
		m: m, n: n, k: k, acc: acc, runs: 1, groups: 1}
	p.run(&packs64)
}

// matmulNaive is the meaning of MatMul32 and MatMul64 and the oracle of their
// tests.
func matmulNaive[T Float](c []T, cOff, csM, csN int, a []T, aOff, asM, asK int, b []T, bOff, bsK, bsN int, m, n, k int, acc bool) {
	for i := range m {
		for j := range n {
			at := cOff + i*csM + j*csN
			if !acc {
				c[at] = 0
			}
			for p := range k {
				c[at] += a[aOff+i*asM+p*asK] * b[bOff+p*bsK+j*bsN]
			}
		}
	}
}

// A matrix is a strided view: element (i, j) is v[off+i*s0+j*s1].
type matrix[T Float] struct {
	v           []T
	off, s0, s1 int
}

func (x *matrix[T]) transpose() { x.s0, x.s1 = x.s1, x.s0 }

// A product is a call of MatMul32 or MatMul64, or of the functions for runs: A
// and C have so many runs of m rows, and A and B so many groups of k columns or
// rows, a distance apart.
type product[T Float] struct {
	c, a, b matrix[T]
	m, n, k int
	acc     bool

	runs, groups   int
	cRun, aRun     int
	aGroup, bGroup int

	wide   bool // with AVX-512
	width  int  // of panels of B
	copies bool // panels are copied
	tiled  bool // A has been copied, in tiles

	keep *kept[T] // has the panels of B, if anything
}

// Blocks of B of blockK rows and blockN columns stay in the second-level cache
// while the rows of A pass by.
const (
	blockK = 128
	blockN = 256
)

// A pack holds a copied block of B, two rows of C and a row of A, and where there
// are tiles a copied block of A.
type pack[T Float] struct {
	b    [packSize]T
	c    [2][blockN]T
	a    [blockK]T
	rows []T
}

func newPack[T Float]() *pack[T] {
	p := new(pack[T])
	if useTiles {
		p.rows = make([]T, 3<<15)
	}
	return p
}

// run chooses the form that reads memory in order. A product with few columns
// is turned into its transpose, Cᵀ = Bᵀ·Aᵀ. Where rows of B are contiguous, or
// worth copying, rows of C are sums of scaled rows of B, computed in tiles where
// the processor has the registers for them; otherwise its elements are dot
// products.
func (g *product[T]) run(packs *packList[T]) {
	if g.m <= 0 || g.n <= 0 {
		return
	}
	if g.k <= 0 {
		if !g.acc {
			g.clear()
		}
		return
	}
	turned := g.turns()
	if turned {
		g.a, g.b, g.m, g.n = g.b, g.a, g.n, g.m
		g.a.transpose()
		g.b.transpose()
		g.c.transpose()
	}
	if useTiles {
		g.tiles(packs, turned)
		return
	}
	if g.b.s1 == 1 && g.c.s1 == 1 {
		g.sumRows(nil)
		return
	}
	p := packs.take()
	if g.m <= 4 && g.b.s1 != 1 && g.b.s0 == 1 {
		g.dots(p)
	} else {
		g.sumRows(p)
	}
	packs.give(p)
}

// turns decides whether the transpose is computed. With tiles, whose sums round
// differently from those of dots, it must not depend on the number of rows.
func (g *product[T]) turns() bool {
	columns := g.c.s1 != 1 && g.c.s0 == 1
	if useTiles {
		return g.n == 1 || columns
	}
	const few = 4
	return g.n < few && g.m > g.n || columns && g.m >= few
}

// clear sets C to 0, the sum of no products.
func (g *product[T]) clear() {
	for i := range g.m {
		for j := range g.n {
			g.c.v[g.c.off+i*g.c.s0+j*g.c.s1] = 0
		}
	}
}
