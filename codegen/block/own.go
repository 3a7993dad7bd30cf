package block

import (
	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

var lo, hi = shape.Var(".lo"), shape.Var(".hi")

// own gives what only one loop over the rows of a kernel uses, each round its own
// part, memory for one row, of which each worker has one.
func own(k *kernel.Kernel, uses map[*kernel.Buffer]int) {
	if !inPieces(k) {
		return
	}
	by := map[*kernel.Buffer]shape.Dim{}
	for _, s := range k.Body {
		l, ok := s.(*kernel.Loop)
		if !ok || l.Bounded() || !l.Lo.Equal(lo) || !l.Hi.Equal(hi) {
			continue
		}
		for b, step := range byRows(l, k.Rows, uses) {
			b.Kind, b.Shape = kernel.Own, []shape.Dim{step}
			by[b] = step.Mul(shape.Var(l.Var)).Scale(-1)
		}
	}
	kernel.Walk(k.Body, func(s kernel.Stmt) {
		kernel.MapBuffers(s, func(b *kernel.Buffer) (*kernel.Buffer, shape.Dim) { return b, by[b.Root()] })
	})
}

// inPieces reports a kernel that may have several.
func inPieces(k *kernel.Kernel) bool {
	n, fixed := k.Rows.IsConst()
	return k.Grain > 0 && (!fixed || n > k.Grain)
}

// byRows finds what only l uses, and the elements of a row of it.
func byRows(l *kernel.Loop, rows shape.Dim, uses map[*kernel.Buffer]int) map[*kernel.Buffer]shape.Dim {
	out, count := map[*kernel.Buffer]shape.Dim{}, map[*kernel.Buffer]int{}
	for _, a := range accesses(l, nil) {
		step, whole := a.buf.Len().DivExact(rows)
		if count[a.buf]++; count[a.buf] == 1 && whole && ownable(a.buf) {
			out[a.buf] = step
		}
		if d, ok := a.digit(l.Var, rows); !ok || d.apart || !d.step.Equal(step) || !d.fixed.Is(0) {
			delete(out, a.buf)
		}
	}
	for b := range out {
		if count[b] != uses[b] {
			delete(out, b)
		}
	}
	return out
}

// ownable reports memory whose place is free.
func ownable(b *kernel.Buffer) bool {
	return b.Kind == kernel.Arena && b.Elem == graph.Real && !b.Result && b.Alias == nil && !b.Grows()
}
