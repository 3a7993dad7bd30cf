//go:build !purego

package runtime

import "unsafe"

// A tiling says how the tiles of a set of instructions are, and from where on it pays
// to copy for them.
type tiling struct {
	vector          int // bytes
	height, vectors int // of a whole tile

	// k is the most columns of A that pass by at a time. A narrow panel of B of as
	// many rows stays in the first-level cache; a wide one comes from the second, as
	// fast as it is used.
	k int

	// Panels of B are copied where as many rows of C as copied use each of them;
	// copiedPages where its rows meet in the cache, copiedFar where they are too far
	// apart for the second-level cache to keep them.
	copied, copiedPages, copiedFar int
	room                           int // elements of panels copied together, at most

	// Rows of A are copied where they meet so many columns of B and have so many
	// elements, or these are so many bytes apart, together.
	often, many, apart int
}

// Tiles of AVX-512 take half the time of those of AVX2 for an element of B, where the
// processor has units as wide, so that copies pay later.
var (
	tilesAVX2   = tiling{vector: 32, height: 6, vectors: 2, k: 256, copied: 40, copiedPages: 12, copiedFar: 24, room: blockK*blockN + 1024, often: 64, many: 128, apart: 1 << 18}
	tilesAVX512 = tiling{vector: 64, height: 8, vectors: 3, k: 384, copied: 192, copiedPages: 24, copiedFar: 64, room: 3 << 14, often: 96, many: 512, apart: 1 << 19}
)

// packSize is the room for copied panels: those of the widest tiling, of four vectors
// and up to two blocks of rows.
const packSize = 3<<14 + 1024

func (g *product[T]) tiling() *tiling {
	if g.wide {
		return &tilesAVX512
	}
	return &tilesAVX2
}

// lanes is the number of elements of a vector of the product's tiles.
func (g *product[T]) lanes() int { return g.tiling().vector / int(unsafe.Sizeof(T(0))) }

// mask is that of the first n elements of a vector, where it has to be in memory.
func (g *product[T]) mask(n int) unsafe.Pointer {
	if g.wide {
		return nil
	}
	return mask[T](n)
}

// shape decides which instructions are used, the width of panels and whether they are
// copied: where rows of B are not contiguous, and where enough rows of C use each of
// them to pay for having it without gaps. All but dot products have the same bits with
// any instructions; so the number of rows, which are n there, must not count.
func (g *product[T]) shape(dots bool) {
	const page, cache = 4096, 1 << 19 // bytes
	size := int(unsafe.Sizeof(T(0)))
	g.wide = useAVX512 && (dots || g.n*size > tilesAVX2.vector)
	t := g.tiling()
	rows, step := t.copied, g.b.s0*size
	switch {
	case step%page == 0:
		rows = t.copiedPages
	case min(g.k, t.k)*step > cache:
		rows = t.copiedFar
	}
	g.width = g.panelVectors() * g.lanes()
	g.copies = g.b.s1 != 1 || g.runs*g.m >= rows
}

// panelVectors is the width of panels: few rows take wide ones, so that enough sums
// are under way at a time; others those of a tile, or such that all are as wide.
func (g *product[T]) panelVectors() int {
	if g.m <= 2 {
		return 4
	}
	t := g.tiling()
	if !g.wide {
		return t.vectors
	}
	all := (g.n + g.lanes() - 1) / g.lanes()
	panels := (all + t.vectors - 1) / t.vectors
	return (all + panels - 1) / panels
}

// tileRows is the number of rows of the next tile where so many are left, as the panels
// in assembly have it: a whole one, or half of what is left where that takes less time
// than a whole one and the rest.
func (g *product[T]) tileRows(left int) int {
	h := g.tiling().height
	switch {
	case g.wide && left > h && left < 2*h:
		return (left + 1) / 2
	case !g.wide && left > h && left <= 8:
		return 4
	}
	return min(left, h)
}

// runPanel computes rows of a panel of so many vectors, the last masked or not.
func (g *product[T]) runPanel(t *tile, vectors int, masked bool) {
	switch single := unsafe.Sizeof(T(0)) == 4; {
	case g.wide && single:
		runPanel32Z(t, vectors, masked)
	case g.wide:
		runPanel64Z(t, vectors, masked)
	case single:
		runPanel32(t, vectors, masked)
	default:
		runPanel64(t, vectors, masked)
	}
}
