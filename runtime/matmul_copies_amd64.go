//go:build !purego

package runtime

import "unsafe"

// leaps reports whether A is read in steps so long that it stays in no cache, or by
// columns, often enough to pay for a copy.
func (g *product[T]) leaps() bool {
	const page, often = 4096, 64
	return g.runs == 1 && g.n >= often && (g.a.s0 == 1 && g.a.s1 > 1 || g.a.s1 == 1 && g.a.s0*int(unsafe.Sizeof(T(0))) >= page)
}

// gap is left between copied rows, or panels, so that they do not meet in the cache.
const gap = 16

// copyRows replaces A by a copy of its first m rows and the columns of a part: in
// tiles where columns are contiguous, otherwise by rows.
func (g *product[T]) copyRows(p *pack[T], m int, in inner) {
	if g.a.s0 == 1 {
		g.copyTiles(p.rows, m, in)
		return
	}
	a, step := g.a, in.groups*in.kn+gap
	for i := range m {
		for q := range in.groups {
			copy(p.rows[i*step+q*in.kn:][:in.kn], a.v[a.off+i*a.s0+q*g.aGroup:])
		}
	}
	g.a, g.aGroup = matrix[T]{p.rows, 0, step, 1}, in.kn
}

// copyTiles is copyRows where columns of A are contiguous.
func (g *product[T]) copyTiles(dst []T, m int, in inner) {
	turned, at := g.a, g.a.off
	turned.transpose()
	whole := max(m-3, 0) / tileHeight
	for q := range in.groups {
		spread(dst[q*tileHeight*in.kn:], &turned, at+q*g.aGroup, in.kn, tileHeight, whole, in.groups*in.kn*tileHeight)
	}
	for i := whole * tileHeight; i < m; {
		rows := tileRows(m - i)
		for q := range in.groups {
			packRows(dst[(i*in.groups+q*rows)*in.kn:], &turned, at+i+q*g.aGroup, in.kn, rows, rows)
		}
		i += rows
	}
	g.a.v, g.a.off, g.tiled = dst, 0, true
}

// spread copies kn rows of a, from place at on, in pieces of so many elements, the
// pieces of a row to blocks that many elements apart.
func spread[T Float](dst []T, a *matrix[T], at, kn, piece, pieces, apart int) {
	if pieces == 0 {
		return
	}
	size := int(unsafe.Sizeof(T(0)))
	t := panelCopy{to: unsafe.Pointer(&dst[0]), ldto: uintptr(apart * size), from: unsafe.Pointer(&a.v[at]), ldfrom: uintptr(a.s0 * size), rows: kn, pieces: pieces}
	switch piece * size {
	case 24:
		spread24(&t)
	case 48:
		spread48(&t)
	default:
		spread64(&t)
	}
}

// tileHeight is the number of rows of a whole tile of two vectors.
const tileHeight = 6

// tileRows is the number of rows of the next tile of two vectors where so many are
// left, as the panels in assembly have it: whole ones but for the last eight rows.
func tileRows(left int) int {
	switch {
	case left > 6 && left <= 8:
		return 4
	default:
		return min(left, tileHeight)
	}
}

// A panelCopy is the argument of the assembly that copies: columns of B to a panel, or
// rows in pieces; strides are in bytes.
type panelCopy struct {
	to     unsafe.Pointer
	ldto   uintptr
	from   unsafe.Pointer
	ldfrom uintptr
	rows   int
	mask   unsafe.Pointer
	pieces int
}

// packPanels copies columns of B, from place at on, to as many panels as stay in the
// second-level cache beside rows of A, at least one, and returns how many.
func (g *product[T]) packPanels(dst []T, at int, in inner, cols, width int) int {
	const room = 1 << 17 // bytes
	size := int(unsafe.Sizeof(T(0)))
	apart := in.groups*in.kn*width + gap
	whole := min(cols/width, room/(apart*size))
	if g.b.s1 != 1 || width*size != 2*tileVector || whole < 2 {
		for q := range in.groups {
			packPanel(dst[q*in.kn*width:], &g.b, at+q*g.bGroup, in.kn, min(cols, width), width)
		}
		return 1
	}
	for q := range in.groups {
		spread(dst[q*in.kn*width:], &g.b, at+q*g.bGroup, in.kn, width, whole, apart)
	}
	return whole
}

// packPanel copies cols columns of kn rows of b, from place at on, to rows of
// width elements.
func packPanel[T Float](dst []T, b *matrix[T], at, kn, cols, width int) {
	switch {
	case b.s1 == 1:
		packRows(dst, b, at, kn, cols, width)
	case b.s0 == 1 && kn >= lanes[T]() && cols >= lanes[T]():
		packSquares(dst, b, at, kn, cols, width)
	default:
		for c := range cols {
			for p := range kn {
				dst[p*width+c] = b.v[at+c*b.s1+p*b.s0]
			}
		}
	}
}

// packRows is packPanel for contiguous rows of at most two vectors, or more.
func packRows[T Float](dst []T, b *matrix[T], at, kn, cols, width int) {
	size, lanes := int(unsafe.Sizeof(T(0))), lanes[T]()
	t := panelCopy{ldto: uintptr(width * size), ldfrom: uintptr(b.s0 * size), rows: kn}
	for c := 0; c < cols; c += 2 * lanes {
		n := min(2*lanes, cols-c)
		t.to, t.from = unsafe.Pointer(&dst[c]), unsafe.Pointer(&b.v[at+c])
		t.mask = mask[T]((n-1)%lanes + 1)
		switch two := n > lanes; {
		case size == 4 && two:
			copy32V2(&t)
		case size == 4:
			copy32V1(&t)
		case two:
			copy64V2(&t)
		default:
			copy64V1(&t)
		}
	}
}

// packSquares is packPanel for contiguous columns, squares of a vector's lanes at
// a time. The last ones overlap those before.
func packSquares[T Float](dst []T, b *matrix[T], at, kn, cols, width int) {
	size, lanes := int(unsafe.Sizeof(T(0))), lanes[T]()
	t := panelCopy{ldto: uintptr(width * size), ldfrom: uintptr(b.s1 * size)}
	square := func(c, p, rows int) {
		t.to, t.from, t.rows = unsafe.Pointer(&dst[p*width+c]), unsafe.Pointer(&b.v[at+c*b.s1+p]), rows
		if size == 4 {
			transpose32(&t)
		} else {
			transpose64(&t)
		}
	}
	for c := 0; c < cols; c += lanes {
		c := min(c, cols-lanes)
		square(c, 0, kn/lanes*lanes)
		if kn%lanes > 0 {
			square(c, kn-lanes, lanes)
		}
	}
}
