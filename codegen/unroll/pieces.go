package unroll

import (
	"slices"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/codegen/vector"
	"github.com/gradgen/gradgen/graph/shape"
)

// mostPieces is the number of cuts up to which a loop is cut at all of them.
const mostPieces = 8

// pieces cuts a loop at all places where its conditions change, if these are far
// apart: the adjoint of slices of one vector,
//
//	for i in lo..hi
//	    y[i] = add(a[i] if b - 1 - i >= 0 else 0, c[i - b] if i - b >= 0 else 0)
//
// is a loop up to b and one from there on. It is nil where the order of the cuts is not
// certain, or a piece is no vector code.
func pieces(l *kernel.Loop, in inside, cuts []shape.Dim, wide bool) []kernel.Stmt {
	cuts = slices.Clone(cuts)
	before := func(a, b shape.Dim) bool { return (shape.Facts{}).NonNeg(b.Sub(a)) == shape.Yes }
	slices.SortStableFunc(cuts, func(a, b shape.Dim) int {
		switch {
		case before(a, b):
			return -1
		case before(b, a):
			return 1
		}
		return 0
	})
	far := false
	for i := range cuts[:len(cuts)-1] {
		if !before(cuts[i], cuts[i+1]) {
			return nil
		}
		_, near := cuts[i+1].Sub(cuts[i]).IsConst()
		far = far || !near
	}
	if !far || len(cuts) > mostPieces {
		return nil
	}
	var out []kernel.Stmt
	from := l.Lo
	for i := 0; i <= len(cuts); i++ {
		if i < len(cuts) && before(cuts[i], l.Lo) {
			continue
		}
		in.low, in.high = cuts[:i], cuts[i:]
		to := l.Hi
		if i < len(cuts) {
			to = shape.Max(l.Lo, shape.Min(l.Hi, cuts[i]))
		}
		piece := &kernel.Loop{Var: l.Var, Lo: from, Hi: to, Body: tidy(copied(l.Body, in.decide))}
		if _, ok := vector.Build(piece, wide); !ok {
			return nil
		}
		out, from = append(out, piece), to
	}
	return out
}
