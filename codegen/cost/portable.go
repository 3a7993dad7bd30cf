package cost

import (
	"slices"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/codegen/vector"
	"github.com/gradgen/gradgen/graph/shape"
)

// portable lists why innermost loops of a kernel stay in Go on every machine, each
// reason once: of those that there is assembly for neither alone nor with the loops
// around them, and that have more than a few steps.
func portable(k *kernel.Kernel, double bool) (out []string) {
	add := func(l *kernel.Loop) {
		if why := vector.Why(l, double); !short(l, k.Rows) && !slices.Contains(out, why) {
			out = append(out, why)
		}
	}
	inGo(k.Body, double, add)
	return out
}

func inGo(body []kernel.Stmt, double bool, add func(*kernel.Loop)) {
	for _, s := range body {
		l, ok := s.(*kernel.Loop)
		if ok {
			if _, ok = vector.Build(l, double); ok {
				continue
			}
			if !holdsLoop(l.Body) {
				add(l)
			}
		}
		for _, b := range kernel.Blocks(s) {
			inGo(*b, double, add)
		}
	}
}

// short reports a loop of a few steps, as there are at the ends of others.
func short(l *kernel.Loop, rows shape.Dim) bool {
	const few = 4
	steps := l.Hi.Sub(l.Lo).Subst(func(s *shape.Sym) (shape.Dim, bool) { return rows, s.Name == ".hi" })
	return (shape.Facts{}).NonNeg(shape.Const(few).Sub(steps)) == shape.Yes
}

func holdsLoop(body []kernel.Stmt) (found bool) {
	kernel.Walk(body, func(s kernel.Stmt) {
		_, loop := s.(*kernel.Loop)
		found = found || loop
	})
	return found
}
