//go:build !purego

package runtime

import "unsafe"

//go:generate go run ./internal/tilegen

// A tile is the argument of the assembly of products: rows of C, which stay in
// registers, a few at a time, while k columns of A and rows of B pass by. Strides
// are in bytes; mask is that of the last vector of a row, last the number of
// elements it leaves. After k columns A and B jump to the next of so many groups.
// The assembly moves a and counts in left.
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
	rows     int
	last     int

	groups       int
	ajump, bjump uintptr
	left         int

	// Where rows of A lie in tiles, each column of a tile's rows side by side, acs is
	// 0 and apart is the size of an element; step is from row to row of tiles.
	step, apart uintptr
}

// masks hold, for n valid elements, -1 n times and then 0, read from the end of
// the ones backwards.
var (
	masks32 = [16]int32{-1, -1, -1, -1, -1, -1, -1, -1}
	masks64 = [8]int64{-1, -1, -1, -1}
)

// mask returns that of the first n elements of a vector of AVX2. AVX-512 makes masks
// of numbers.
func mask[T Float](n int) unsafe.Pointer {
	if unsafe.Sizeof(T(0)) == 4 {
		return unsafe.Pointer(&masks32[8-n])
	}
	return unsafe.Pointer(&masks64[4-n])
}

// lanes is the number of elements of a vector of AVX2, which copies use.
func lanes[T Float]() int { return tilesAVX2.vector / int(unsafe.Sizeof(T(0))) }

// dotsInstead reports whether the elements of C are dot products: C is a row, a
// column before it was turned, and the columns of B are contiguous.
func (g *product[T]) dotsInstead(turned bool) bool {
	return turned && g.m == 1 && g.b.s0 == 1 && g.b.s1 != 1
}

// tiles computes C by tiles, or as dot products. Each element of C takes its
// products in an order that depends on k alone, wherever C is cut.
func (g *product[T]) tiles(packs *packList[T], turned bool) {
	dots := g.dotsInstead(turned)
	g.shape(dots)
	if !dots && !g.copies && g.c.s1 == 1 {
		if g.tileRow(); g.k > 0 {
			g.panels(nil)
		}
		return
	}
	p := packs.take()
	switch {
	case dots:
		g.tileDots(p)
	case g.c.s1 == 1:
		g.panels(p)
	default:
		g.scattered(p)
	}
	packs.give(p)
}

// tileRow does what it can of a product that is one long row: it takes rows of B,
// in eights. What is left is added by panels.
func (g *product[T]) tileRow() {
	const long = 512 // bytes
	size, lanes := int(unsafe.Sizeof(T(0))), g.lanes()
	k := g.k / 8 * 8
	if g.m != 1 || g.runs != 1 || g.groups != 1 || g.n*size < long || k == 0 {
		return
	}
	t := tile{c: unsafe.Pointer(&g.c.v[g.c.off]), a: unsafe.Pointer(&g.a.v[g.a.off]), acs: uintptr(g.a.s1 * size),
		b: unsafe.Pointer(&g.b.v[g.b.off]), ldb: uintptr(g.b.s0 * size), k: k, rows: g.n / lanes, last: g.n % lanes, mask: g.mask(g.n % lanes)}
	if g.acc {
		t.addToC = 1
	}
	switch {
	case g.wide && size == 4:
		row32Z(&t)
	case g.wide:
		row64Z(&t)
	case size == 4:
		row32(&t)
	default:
		row64(&t)
	}
	g.a.off, g.b.off, g.k, g.acc = g.a.off+k*g.a.s1, g.b.off+k*g.b.s0, g.k-k, true
}

// scattered computes C by rows where no side of it is contiguous.
func (g *product[T]) scattered(p *pack[T]) {
	h := *g
	for i := range g.m {
		for j := 0; j < g.n; j += blockN {
			h.m, h.n = 1, min(blockN, g.n-j)
			h.a.off, h.b.off = g.a.off+i*g.a.s0, g.b.off+j*g.b.s1
			row := g.loadRow(p, 0, i, j, h.n, 0)
			h.c, h.acc = matrix[T]{row, 0, 0, 1}, true
			h.shape(false)
			h.panels(p)
			g.storeRow(row, i, j)
		}
	}
}

// panels computes C, whose rows are contiguous, by panels of a few columns of B,
// copied to p if there is one, for blocks of rows of A that stay in the cache.
func (g *product[T]) panels(p *pack[T]) {
	for in := range g.parts {
		g.part(p, in)
	}
}

// parts cuts the summed index.
func (g *product[T]) parts(yield func(inner) bool) {
	most := g.tiling().k
	if g.k > most || g.groups == 1 {
		blocks := (g.k + most - 1) / most
		for at := range g.groups * blocks {
			q, at := at/blocks, at%blocks
			if k := at * g.k / blocks; !yield(inner{q, 1, k, (at+1)*g.k/blocks - k}) {
				return
			}
		}
		return
	}
	blocks := (g.groups*g.k + most - 1) / most
	for at := range blocks {
		if q, end := at*g.groups/blocks, (at+1)*g.groups/blocks; end > q && !yield(inner{q, end - q, 0, g.k}) {
			return
		}
	}
}

// tileBytes is the greatest size of a block of A, which stays in the second-level
// cache; blocks are about equal.
const tileBytes = 9 << 15

// inner is a part of the summed index: groups from group on, in each of them
// kn columns of A from k on.
type inner struct{ group, groups, k, kn int }

// part adds a part of the products to C: blocks of rows of A pass by panels of B. The
// panels are copied once for all rows, unless rows are copied too, which is more work,
// for several groups of panels.
func (g *product[T]) part(p *pack[T], in inner) {
	rows := g.m
	if most := max(tileBytes/(in.groups*in.kn*int(unsafe.Sizeof(T(0)))), 24); g.runs == 1 {
		blocks := (g.m + most - 1) / most
		height := g.tiling().height
		rows = (g.m + height*blocks - 1) / (height * blocks) * height
	}
	cols := g.groupColumns(p, in, rows)
	if cols < g.n && p != nil && g.copiesRows() {
		for i := 0; i < g.m; i += rows {
			block := g.rowBlock(p, in, i, rows)
			for j := 0; j < g.n; j += cols {
				g.packGroup(p, in, j, cols)
				block.multiply(p, in, j, cols)
			}
		}
		return
	}
	for j := 0; j < g.n; j += cols {
		g.packGroup(p, in, j, cols)
		for i := 0; i < g.m; i += rows {
			block := g.rowBlock(p, in, i, rows)
			block.multiply(p, in, j, cols)
		}
	}
}

// rowBlock is the product for rows of A from row i on and a part of the summed index,
// copied where that pays.
func (g *product[T]) rowBlock(p *pack[T], in inner, i, rows int) product[T] {
	b := *g
	b.m = min(rows, g.m-i)
	b.a.off += i*g.a.s0 + in.group*g.aGroup + in.k*g.a.s1
	b.c.off += i * g.c.s0
	b.acc = g.acc || in.group > 0 || in.k > 0
	if p != nil && g.copiesRows() && b.m*in.rowSize()+2*lanes[T]() <= len(p.rows) {
		b.copyRows(p.rows, in)
	}
	return b
}

// multiply adds a part of the products to columns of C from column j on, of each run.
func (g *product[T]) multiply(p *pack[T], in inner, j, cols int) {
	size, lanes, width := int(unsafe.Sizeof(T(0))), g.lanes(), g.width
	t := tile{ldc: uintptr(g.c.s0 * size), ars: uintptr(g.a.s0 * size), acs: uintptr(g.a.s1 * size), ldb: uintptr(g.b.s0 * size), k: in.kn,
		groups: in.groups, ajump: uintptr((g.aGroup - in.kn*g.a.s1) * size), bjump: uintptr((g.bGroup - in.kn*g.b.s0) * size)}
	t.step = t.ars
	if g.tiled {
		size := uintptr(size)
		t.ars, t.acs, t.step, t.apart, t.ajump = size, 0, size*uintptr(in.rowSize()), size, 0
	}
	if g.acc {
		t.addToC = 1
	}
	var b unsafe.Pointer
	apart := width
	if p != nil && g.copies {
		b, t.ldb, t.bjump, apart = unsafe.Pointer(&p.b[0]), uintptr(width*size), 0, g.panelSize(in)
		if g.keep != nil {
			b = unsafe.Pointer(&g.keep.v[g.keptPart(in)])
		}
	} else {
		b = unsafe.Pointer(&g.b.v[g.b.off+in.group*g.bGroup+in.k*g.b.s0+j*g.b.s1])
	}
	for at, end := 0, min(j+cols, g.n); j < end; j, at = j+width, at+apart*size {
		t.b = unsafe.Add(b, at)
		cols := min(width, end-j)
		vectors := (cols + lanes - 1) / lanes
		t.last = cols - (vectors-1)*lanes
		t.mask = g.mask(t.last)
		for r := range g.runs {
			t.rows = g.m
			t.c = unsafe.Pointer(&g.c.v[g.c.off+r*g.cRun+j])
			t.a = unsafe.Pointer(&g.a.v[g.a.off+r*g.aRun])
			g.runPanel(&t, vectors, t.last < lanes)
		}
	}
}

// tileDots computes C, a row, from columns of B, which are contiguous, and the
// row of A, copied to p where it is not.
func (g *product[T]) tileDots(p *pack[T]) {
	size := int(unsafe.Sizeof(T(0)))
	for k := 0; k < g.k; {
		kn := min(len(p.b), g.k-k)
		x := g.a.v[g.a.off+k*g.a.s1:]
		if g.a.s1 != 1 {
			x = p.b[:kn]
			for q := range x {
				x[q] = g.a.v[g.a.off+(k+q)*g.a.s1]
			}
		} else {
			kn = g.k - k
		}
		t := tile{c: unsafe.Pointer(&g.c.v[g.c.off]), ldc: uintptr(g.c.s1 * size), k: kn, rows: g.n,
			a: unsafe.Pointer(&g.b.v[g.b.off+k]), ars: uintptr(g.b.s1 * size), b: unsafe.Pointer(&x[0]), last: kn % g.lanes(), mask: g.mask(kn % g.lanes())}
		if k > 0 || g.acc {
			t.addToC = 1
		}
		switch {
		case g.wide && size == 4:
			dots32Z(&t)
		case g.wide:
			dots64Z(&t)
		case size == 4:
			dots32(&t)
		default:
			dots64(&t)
		}
		k += kn
	}
}
