package lower

import (
	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph/shape"
)

// collapse makes one loop of two where the inner one is all of the outer one's
// body and both together only step through memory:
//
//	for y in 0..28: for x in 0..6: a[6*y+x] = b[6*y+x]
//
// is for x in 0..168.
func collapse(body []kernel.Stmt) {
	for _, s := range body {
		for _, b := range kernel.Blocks(s) {
			collapse(*b)
		}
		if l, ok := s.(*kernel.Loop); ok {
			for collapseOne(l) {
			}
		}
	}
}

func collapseOne(l *kernel.Loop) bool {
	in, ok := single(l.Body)
	if !ok || l.Bounded() || in.Bounded() || !in.Lo.Is(0) || in.Hi.Mentions(l.Var) {
		return false
	}
	steps := true
	kernel.Walk(in.Body, func(s kernel.Stmt) {
		for _, d := range kernel.Dims(s) {
			steps = steps && together(d, l.Var, in.Var, in.Hi)
		}
	})
	if !steps {
		return false
	}
	kernel.Walk(in.Body, func(s kernel.Stmt) {
		kernel.MapDims(s, func(d shape.Dim) shape.Dim { return without(d, l.Var) })
	})
	l.Var, l.Lo, l.Hi, l.Body = in.Var, l.Lo.Mul(in.Hi), l.Hi.Mul(in.Hi), in.Body
	return true
}

// single is the loop that a block consists of.
func single(body []kernel.Stmt) (*kernel.Loop, bool) {
	if len(body) != 1 {
		return nil, false
	}
	l, ok := body[0].(*kernel.Loop)
	return l, ok
}

// together reports whether d depends on the two variables by n·outer + inner only.
func together(d shape.Dim, outer, inner string, n shape.Dim) bool {
	a, rest, ok := d.Linear(symbol(outer))
	if !ok {
		return false
	}
	b, rest, ok := rest.Linear(symbol(inner))
	return ok && a.Equal(b.Mul(n)) && !rest.Mentions(outer) && !rest.Mentions(inner)
}

func symbol(name string) *shape.Sym { return shape.Var(name).Syms()[0] }

func without(d shape.Dim, name string) shape.Dim {
	_, rest, _ := d.Linear(symbol(name))
	return rest
}
