//go:build !purego

package runtime

// runKept computes C by panels of B that are kept, where there are rows enough for that
// and those of C are contiguous.
func (g *product[T]) runKept(packs *packList[T], keep *kept[T]) bool {
	const few = 4 // rows, from which on all panels have the same width
	if !useTiles || g.m < few || g.n < lanes[T]() || g.k <= 0 || g.c.s1 != 1 {
		return false
	}
	g.shape(false)
	g.copies, g.keep = true, keep
	keep.fill(g)
	p := packs.take()
	g.panels(p)
	packs.give(p)
	return true
}

// fill copies panels of B unless they are there: all of a part of the summed index, then
// those of the next part.
func (k *kept[T]) fill(g *product[T]) {
	k.mu.Lock()
	defer k.mu.Unlock()
	is := right[T]{&g.b.v[g.b.off], g.b.s0, g.b.s1, g.k, g.n}
	if k.full && k.is == is {
		return
	}
	if n := g.keptPart(inner{k: g.k}); n > len(k.v) {
		k.v = make([]T, n)
	}
	for in := range g.parts {
		g.packPanels(k.v[g.keptPart(in):], in, 0, g.n)
	}
	k.is, k.full = is, true
}

// keptPart is where the panels of a part are among those that are kept.
func (g *product[T]) keptPart(in inner) int { return (g.n + g.width - 1) / g.width * g.width * in.k }
