package vector

import "github.com/gradgen/gradgen/codegen/kernel"

// Why says what keeps a loop from being a function: for an innermost loop what
// keeps it from being one of vectors, otherwise what its inner loops are like.
func Why(l *kernel.Loop, wide bool) string {
	why := ""
	for levels := 0; levels <= mostLevels; levels++ {
		b := newBuilder(l, wide)
		if levels == 0 {
			b.flat()
		} else if !b.nest(levels) {
			break
		}
		switch {
		case b.refused:
			why = b.why
		case len(b.f.Values) > maxValues:
			why = "it is long"
		default:
			why = "it reads or sums more than there is room for"
		}
		if levels == 0 && !hasLoops(l) {
			break
		}
	}
	return why
}

func hasLoops(l *kernel.Loop) (found bool) {
	kernel.Walk(l.Body, func(s kernel.Stmt) {
		_, loop := s.(*kernel.Loop)
		found = found || loop
	})
	return found
}
