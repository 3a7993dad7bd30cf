package lower

import (
	"slices"

	"github.com/gradgen/gradgen/codegen/kernel"
)

// fuser merges the loops of stages that follow each other.
type fuser struct {
	*pass
	inside map[*kernel.Loop][]*stage
}

// merge appends the statements of st. Its outermost loop joins an earlier loop
// over the same axis where all that st reads of it has been written in the same
// or an earlier round; accumulators then stand before that loop and what
// uses them behind it.
func (f *fuser) merge(body, next []kernel.Stmt, st *stage) []kernel.Stmt {
	head, n, tail := parts(next)
	if n == nil {
		return append(body, next...)
	}
	i := f.candidate(body, n, st)
	if i < 0 {
		f.note(next, st)
		return append(body, next...)
	}
	l := body[i].(*kernel.Loop)
	f.inside[l] = append(f.inside[l], st)
	l.Body = f.merge(l.Body, n.Body, st)
	out := append(append([]kernel.Stmt{}, body[:i]...), head...)
	return append(append(out, body[i:]...), tail...)
}

// parts splits statements of the form: accumulators, a loop, stores.
func parts(body []kernel.Stmt) (head []kernel.Stmt, l *kernel.Loop, tail []kernel.Stmt) {
	for i, s := range body {
		switch s := s.(type) {
		case *kernel.Accumulator:
			if l != nil {
				return nil, nil, nil
			}
		case *kernel.Loop:
			if l != nil {
				return nil, nil, nil
			}
			head, l, tail = body[:i:i], s, body[i+1:]
		case *kernel.Store:
			if l == nil {
				return nil, nil, nil
			}
		default:
			return nil, nil, nil
		}
	}
	return head, l, tail
}

// note remembers which stage the loops belong to.
func (f *fuser) note(body []kernel.Stmt, st *stage) {
	for _, l, _ := parts(body); l != nil; _, l, _ = parts(l.Body) {
		f.inside[l] = append(f.inside[l], st)
	}
}

// candidate finds the loop of body that n can join: the last one that makes some of
// what st reads, else the last one, where nothing behind it makes what st reads.
func (f *fuser) candidate(body []kernel.Stmt, n *kernel.Loop, st *stage) int {
	found := -1
	for i := len(body) - 1; i >= 0; i-- {
		if l, ok := body[i].(*kernel.Loop); ok && f.joins(l, n, st) {
			if f.makesFor(l, st) {
				return i
			}
			found = max(found, i)
		}
		if _, ok := body[i].(*kernel.Accumulator); !ok && !f.passes(body[i], st) {
			break
		}
	}
	return found
}

// makesFor reports whether l makes something that st reads.
func (f *fuser) makesFor(l *kernel.Loop, st *stage) bool {
	return slices.ContainsFunc(f.inside[l], func(q *stage) bool { return f.readsFrom(st, q.out) })
}

// passes reports whether st may stand before s: memory of its own is all that it
// writes, and s writes nothing that it reads.
func (f *fuser) passes(s kernel.Stmt, st *stage) bool {
	switch s.(type) {
	case *kernel.Loop, *kernel.MatMul, *kernel.Store, *kernel.Zero, *kernel.Fill:
	default:
		return false
	}
	ok := st.out.Kind == kernel.Arena && !st.fails && !f.adds[st.node]
	for _, b := range kernel.Written([]kernel.Stmt{s}) {
		ok = ok && !f.readsFrom(st, b) && b != st.out.Root()
	}
	return ok
}

func (f *fuser) readsFrom(st *stage, b *kernel.Buffer) bool {
	for _, a := range st.reads {
		if f.buffer(a.n).Root() == b.Root() {
			return true
		}
	}
	return false
}

// joins reports whether the rounds of n may follow those of l one by one.
func (f *fuser) joins(l, n *kernel.Loop, st *stage) bool {
	axis, ok := axisOf(n.Var)
	if !ok || len(f.inside[l]) == 0 || l.Var != n.Var || l.Bounded() || n.Bounded() || !l.Lo.Equal(n.Lo) || !l.Hi.Equal(n.Hi) || axis >= st.reach {
		return false
	}
	for _, q := range f.inside[l] {
		for _, a := range st.reads {
			if f.buffer(a.n) == q.out && (axis >= q.depth || !a.aligned(q, axis)) {
				return false
			}
		}
	}
	return true
}
