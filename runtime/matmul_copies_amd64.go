//go:build !purego

package runtime

import "unsafe"

// copiesRows reports whether rows of A are copied in tiles: where its columns are contiguous
// and a tile's part of them, so many or so far apart, does not stay in the first-level
// cache until the next tile's turn; and where enough panels pass by to pay for it.
func (g *product[T]) copiesRows() bool {
	t, n := g.tiling(), g.groups*g.k
	return g.runs == 1 && g.n >= t.often && g.a.s0 == 1 && g.a.s1 > 1 && (n >= t.many || n*g.a.s1*int(unsafe.Sizeof(T(0))) >= t.apart)
}

// copyRows replaces A by a copy of its rows and the columns of a part, in tiles. The last
// ones are stored in whole vectors.
func (g *product[T]) copyRows(dst []T, in inner) {
	m, turned, at, height := g.m, g.a, g.a.off, g.tiling().height
	turned.transpose()
	whole := 0
	for g.tileRows(m-whole*height) == height {
		whole++
	}
	const atOnce = 16 // so that a page of each tile is in the first-level table of pages
	for i := 0; i < whole; i += atOnce {
		for q := range in.groups {
			g.spread(dst[(i*in.rowSize()+q*in.kn)*height:], &turned, at+i*height+q*g.aGroup, in.kn, height, min(atOnce, whole-i), in.rowSize()*height)
		}
	}
	for i := whole * height; i < m; {
		rows := g.tileRows(m - i)
		for q := range in.groups {
			packRows(dst[i*in.rowSize()+q*rows*in.kn:], &turned, at+i+q*g.aGroup, in.kn, rows, rows)
		}
		i += rows
	}
	g.a.v, g.a.off, g.tiled = dst, 0, true
}

// rowSize is the number of elements of a row of A in a copy, with a gap behind it, so
// that tiles do not meet in the cache.
func (in inner) rowSize() int { return in.groups*in.kn + 8 }

// spread copies kn rows of a, from place at on, in pieces of so many elements, the
// pieces of a row to blocks that many elements apart.
func (g *product[T]) spread(dst []T, a *matrix[T], at, kn, piece, pieces, apart int) {
	size := int(unsafe.Sizeof(T(0)))
	t := panelCopy{to: unsafe.Pointer(&dst[0]), ldto: uintptr(apart * size), from: unsafe.Pointer(&a.v[at]), ldfrom: uintptr(a.s0 * size), rows: kn, pieces: pieces}
	switch bytes := piece * size; {
	case bytes == 24:
		spread24(&t)
	case bytes == 32:
		spread32Z(&t)
	case bytes == 48:
		spread48(&t)
	case bytes == 64 && g.wide:
		spread64Z(&t)
	case bytes == 64:
		spread64(&t)
	case bytes == 128:
		spread128Z(&t)
	default:
		spread192Z(&t)
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

// panelSize is the number of elements of a copied panel, with a gap behind it, so that
// panels do not meet in the cache, unless they are kept.
func (g *product[T]) panelSize(in inner) int {
	if g.keep != nil {
		return in.kn * g.width
	}
	return in.groups*in.kn*g.width + 16
}

// groupColumns is the number of columns of B whose panels are copied together, at
// least those of one panel; all where none are copied. Those of one block of rows that
// are turned stay in the first-level cache, others in the second beside rows of A,
// where they may take half of it if no rows are copied for each group.
func (g *product[T]) groupColumns(p *pack[T], in inner, rows int) int {
	if p == nil || !g.copies || g.keep != nil {
		return g.n
	}
	room := g.tiling().room
	switch {
	case g.m <= rows && g.b.s1 != 1:
		room = 1 << 14 / int(unsafe.Sizeof(T(0)))
	case g.m <= rows || g.copiesRows() && (g.n+g.width-1)/g.width*g.panelSize(in) > room:
		room = min(room, 1<<17/int(unsafe.Sizeof(T(0))))
	}
	return max(room/g.panelSize(in), 1) * g.width
}

// packGroup copies columns of B from column j on to panels, where that is to be done.
func (g *product[T]) packGroup(p *pack[T], in inner, j, cols int) {
	if p != nil && g.copies && g.keep == nil {
		g.packPanels(p.b[:], in, j, cols)
	}
}

// packPanels copies columns of B from column j on to panels.
func (g *product[T]) packPanels(dst []T, in inner, j, cols int) {
	cols = min(cols, g.n-j)
	at, apart := g.b.off+in.group*g.bGroup+in.k*g.b.s0+j*g.b.s1, g.panelSize(in)
	done := 0
	if whole := cols / g.width; g.b.s1 == 1 && g.width < 4*g.lanes() && whole > 1 {
		for q := range in.groups {
			g.spread(dst[q*in.kn*g.width:], &g.b, at+q*g.bGroup, in.kn, g.width, whole, apart)
		}
		done = whole * g.width
	}
	for ; done < cols; done += g.width {
		for q := range in.groups {
			packPanel(dst[done/g.width*apart+q*in.kn*g.width:], &g.b, at+q*g.bGroup+done*g.b.s1, in.kn, min(g.width, cols-done), g.width)
		}
	}
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
