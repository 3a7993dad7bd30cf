package block

import (
	"slices"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph/shape"
)

// join makes one loop of loops with products, over the heads of attention for
// example, of which each round reads what the same round of the others has written:
//
//	for h: s[h] = q[h] @ k[h]ᵀ                for h: s[h] = q[h] @ k[h]ᵀ
//	for h: y[h] = s[h] @ v[h]                        y[h] = s[h] @ v[h]
//
// What stands between them goes before or behind.
func join(body []kernel.Stmt) []kernel.Stmt {
	for q := 1; q < len(body); q++ {
		for p := q - 1; p >= 0; p-- {
			if _, fixed := body[p+1].(*kernel.Let); fixed {
				break
			}
			if out, ok := together(body, p, q); ok {
				body, q = out, q-1
				break
			}
		}
	}
	for _, s := range body {
		for _, b := range kernel.Blocks(s) {
			*b = join(*b)
		}
	}
	return body
}

// together joins the loops at p and q.
func together(body []kernel.Stmt, p, q int) ([]kernel.Stmt, bool) {
	first, ok := body[p].(*kernel.Loop)
	second, also := body[q].(*kernel.Loop)
	if !ok || !also || !joins(first, second) {
		return nil, false
	}
	before, behind, ok := around(body[p : q+1])
	if !ok {
		return nil, false
	}
	one := *first
	renamed := renamedVar(second.Body, second.Var, first.Var)
	one.Body = append(first.Body[:len(first.Body):len(first.Body)], renamed...)
	out := slices.Concat(body[:p], before, []kernel.Stmt{&one}, behind, body[q+1:])
	return out, true
}

// around tells which of the statements between the first and the last, which are
// to be one, go before and behind it.
func around(body []kernel.Stmt) (before, behind []kernel.Stmt, ok bool) {
	last := len(body) - 1
	ahead := make([]bool, last)
	need := func(s kernel.Stmt, until int) {
		for i := 1; i < until; i++ {
			ahead[i] = ahead[i] || conflict(body[i], s)
		}
	}
	need(body[last], last)
	for i := last - 1; i > 0; i-- {
		if ahead[i] {
			need(body[i], i)
		}
	}
	for i := 1; i < last; i++ {
		switch {
		case !movable(body[i]) || ahead[i] && conflict(body[0], body[i]):
			return nil, nil, false
		case ahead[i]:
			before = append(before, body[i])
		default:
			behind = append(behind, body[i])
		}
	}
	return before, behind, true
}

// movable reports a statement that names nothing for others.
func movable(s kernel.Stmt) bool {
	switch s.(type) {
	case *kernel.Loop, *kernel.MatMul, *kernel.Zero, *kernel.Fill, *kernel.Call:
		return true
	}
	return false
}

// conflict reports whether one of two statements writes what the other touches.
func conflict(s, t kernel.Stmt) bool {
	for _, a := range accesses(s, nil) {
		for _, b := range accesses(t, nil) {
			if a.buf == b.buf && (a.write || b.write) {
				return true
			}
		}
	}
	return false
}

// joins reports two loops with products that can be one, and have something in common
// that is written.
func joins(a, b *kernel.Loop) bool {
	if a.Bounded() || b.Bounded() || !a.Lo.Is(0) || !b.Lo.Is(0) || !a.Hi.Equal(b.Hi) || !multiplies(a) || !multiplies(b) || declares(b.Body, a.Var) {
		return false
	}
	common := false
	for _, x := range accesses(a, nil) {
		for _, y := range accesses(b, nil) {
			if x.buf != y.buf || !x.write && !y.write {
				continue
			}
			common = true
			d, ok := x.digit(a.Var, a.Hi)
			e, also := y.digit(b.Var, b.Hi)
			if !ok || !also || !d.agrees(e, a.Hi) {
				return false
			}
		}
	}
	return common
}

// multiplies reports a loop around products.
func multiplies(l *kernel.Loop) bool {
	return slices.ContainsFunc(l.Body, func(s kernel.Stmt) bool { _, ok := s.(*kernel.MatMul); return ok })
}

func declares(body []kernel.Stmt, name string) (found bool) {
	kernel.Walk(body, func(s kernel.Stmt) {
		if l, ok := s.(*kernel.Loop); ok && l.Var == name {
			found = true
		}
	})
	return found
}

// renamedVar puts one loop variable for another.
func renamedVar(body []kernel.Stmt, from, to string) []kernel.Stmt {
	replace(body, func(d shape.Dim) shape.Dim { return put(d, from, shape.Var(to)) })
	return body
}

func put(d shape.Dim, name string, x shape.Dim) shape.Dim {
	return d.Subst(func(s *shape.Sym) (shape.Dim, bool) { return x, s.Fn == "" && s.Name == name })
}

// replace changes all polynomials of statements.
func replace(body []kernel.Stmt, f func(shape.Dim) shape.Dim) {
	kernel.Walk(body, func(s kernel.Stmt) { kernel.MapDims(s, f) })
}
