package lower

import (
	"maps"

	"github.com/gradgen/gradgen/codegen/kernel"
)

// sharer names values: what a loop computes in every round alike moves in front
// of it, what a block computes twice becomes a let, and what has been stored
// is not loaded again.
type sharer struct {
	*pass
	loads map[kernel.Expr]bool // loads that occur in the kernel
}

// values maps expressions to the names that hold them.
type values map[kernel.Expr]kernel.Expr

func (p *pass) share(k *kernel.Kernel) {
	s := &sharer{pass: p, loads: map[kernel.Expr]bool{}}
	seen := map[kernel.Expr]bool{}
	kernel.Walk(k.Body, func(st kernel.Stmt) {
		for _, x := range kernel.Exprs(st) {
			s.findLoads(*x, seen)
		}
	})
	k.Body = s.block(k.Body, values{})
}

func (s *sharer) findLoads(e kernel.Expr, seen map[kernel.Expr]bool) {
	if seen[e] {
		return
	}
	seen[e] = true
	if _, ok := e.(*kernel.Load); ok {
		s.loads[e] = true
	}
	for _, a := range kernel.Operands(e) {
		s.findLoads(a, seen)
	}
}

// block rewrites the statements of one block; env holds what is known before it.
func (s *sharer) block(body []kernel.Stmt, env values) []kernel.Stmt {
	env = maps.Clone(env)
	var flat []kernel.Stmt
	for _, st := range body {
		if l, ok := st.(*kernel.Loop); ok {
			flat = append(flat, s.hoist(l)...)
			continue
		}
		flat = append(flat, st)
	}
	twice := s.repeated(flat)
	var out []kernel.Stmt
	for _, st := range flat {
		out = append(out, s.stmt(st, env, twice)...)
	}
	return out
}

// stmt rewrites one statement with what env knows and adds what it makes known.
func (s *sharer) stmt(st kernel.Stmt, env values, twice map[kernel.Expr]bool) []kernel.Stmt {
	var out []kernel.Stmt
	rw := &rewriter{sharer: s, env: env, twice: twice, out: &out, memo: map[kernel.Expr]kernel.Expr{}}
	switch st := st.(type) {
	case *kernel.Let:
		x := rw.expr(st.X, true)
		if _, named := x.(*kernel.Ref); named {
			env[s.ref(st)] = x
			env[st.X] = x
			return out
		}
		st = &kernel.Let{Name: st.Name, Elem: st.Elem, X: x}
		env[st.X] = s.ref(st)
		return append(out, st)
	case *kernel.Store:
		return s.store(st, env, rw)
	case *kernel.Loop:
		for _, x := range kernel.Exprs(st) {
			*x = rw.expr(*x, true)
		}
		s.killAll(env, st)
		st.Body = s.block(st.Body, env)
		s.killAll(env, st)
		return append(out, st)
	case *kernel.If:
		if !guarded(st) {
			st.Cond = rw.expr(st.Cond, true)
		}
		st.Then, st.Else = s.block(st.Then, env), s.block(st.Else, env)
		s.killAll(env, st)
		return append(out, st)
	}
	for _, x := range kernel.Exprs(st) {
		*x = rw.expr(*x, true)
	}
	s.killAll(env, st)
	return append(out, st)
}

func (s *sharer) ref(l *kernel.Let) kernel.Expr {
	return s.intern.of(&kernel.Ref{Name: l.Name, Elem: l.Elem})
}

// store keeps the stored value at hand where the kernel loads it again.
func (s *sharer) store(st *kernel.Store, env values, rw *rewriter) []kernel.Stmt {
	out := rw.out
	load := s.intern.of(&kernel.Load{Buf: st.Buf, At: st.At})
	for i := range st.At.Dyn {
		st.At.Dyn[i].X = rw.expr(st.At.Dyn[i].X, true)
	}
	st.X = rw.expr(st.X, true)
	s.kill(env, func(d *deps) bool { return d.bufs[st.Buf] })
	if s.loads[load] && !st.Add {
		if !named(st.X) {
			st.X = rw.let(st.X)
		}
		env[load] = st.X
	}
	return append(*out, st)
}

// named reports whether e needs no name: it is one, or a constant.
func named(e kernel.Expr) bool {
	switch e.(type) {
	case *kernel.Ref, *kernel.Lit:
		return true
	}
	return false
}

func (s *sharer) kill(env values, changed func(*deps) bool) {
	for e := range env {
		if changed(s.intern.dependences(e)) {
			delete(env, e)
		}
	}
}

// killAll forgets what a statement changes.
func (s *sharer) killAll(env values, st kernel.Stmt) {
	ch := changes([]kernel.Stmt{st})
	s.kill(env, ch.touch)
	for e, v := range env {
		if ch.touch(s.intern.dependences(v)) {
			delete(env, e)
		}
	}
}

// changed lists what statements change: loop variables, accumulators, lets, buffers.
type changed struct {
	vars, refs map[string]bool
	bufs       map[*kernel.Buffer]bool
}

func changes(body []kernel.Stmt) changed {
	c := changed{map[string]bool{}, map[string]bool{}, map[*kernel.Buffer]bool{}}
	kernel.Walk(body, func(st kernel.Stmt) {
		switch st := st.(type) {
		case *kernel.Loop:
			c.vars[st.Var] = true
		case *kernel.Let:
			c.refs[st.Name] = true
		case *kernel.Accumulator:
			c.refs[st.Name] = true
		case *kernel.Set:
			c.refs[st.Name] = true
		}
		_, writes := kernel.Touched(st)
		for _, b := range writes {
			c.bufs[b] = true
		}
	})
	return c
}

func (c changed) touch(d *deps) bool {
	for v := range d.vars {
		if c.vars[v] {
			return true
		}
	}
	for r := range d.refs {
		if c.refs[r] {
			return true
		}
	}
	for b := range d.bufs {
		if c.bufs[b] {
			return true
		}
	}
	return false
}

// hoist takes what l computes alike in every round out of it, as lets, with the
// checks on it (unless data may say that there are no rounds), and puts a test of
// it around the loop. It returns l with what stands before it.
func (s *sharer) hoist(l *kernel.Loop) []kernel.Stmt {
	ch := changes([]kernel.Stmt{l})
	h := &hoister{sharer: s, ch: ch, memo: map[kernel.Expr]kernel.Expr{}}
	h.block(l.Body)
	var kept []kernel.Stmt
	for _, st := range l.Body {
		if c, ok := st.(*kernel.Check); ok && !l.Bounded() && !ch.touch(s.intern.dependences(c.X)) {
			h.out = append(h.out, c)
		} else {
			kept = append(kept, st)
		}
	}
	l.Body = kept
	if len(kept) == 1 {
		test, ok := kept[0].(*kernel.If)
		if ok && len(test.Else) == 0 && !ch.touch(s.intern.dependences(test.Cond)) {
			l.Body = test.Then
			test.Then = s.hoist(l)
			return append(h.out, test)
		}
	}
	return append(h.out, l)
}

type hoister struct {
	*sharer
	ch   changed
	memo map[kernel.Expr]kernel.Expr
	out  []kernel.Stmt
}

// guarded reports an if on places. Its condition stays as it is, for all to see.
func guarded(st *kernel.If) bool {
	_, ok := st.Cond.(*kernel.Guard)
	return ok
}

// block hoists out of statements; what an if guards may be nowhere, and stays.
func (h *hoister) block(body []kernel.Stmt) {
	for _, st := range body {
		if test, ok := st.(*kernel.If); ok && guarded(test) {
			continue
		}
		for _, x := range kernel.Exprs(st) {
			*x = h.expr(*x)
		}
		for _, b := range kernel.Blocks(st) {
			h.block(*b)
		}
	}
}

// expr replaces the largest unconditional parts of e that the loop does not change.
func (h *hoister) expr(e kernel.Expr) kernel.Expr {
	if r, ok := h.memo[e]; ok {
		return r
	}
	d := h.intern.dependences(e)
	r := e
	switch {
	case d.cost > 0 && !h.ch.touch(d):
		if !d.dyn {
			r = h.name(e)
		}
	case d.cost > 0:
		r = h.parts(e)
	}
	h.memo[e] = r
	return r
}

func (h *hoister) parts(e kernel.Expr) kernel.Expr {
	args := append([]kernel.Expr{}, kernel.Operands(e)...)
	switch e.(type) {
	case *kernel.Guard:
		return e
	default:
		for i, a := range args {
			args[i] = h.expr(a)
		}
	}
	return h.intern.of(kernel.WithOperands(e, args))
}

func (h *hoister) name(e kernel.Expr) kernel.Expr {
	l := &kernel.Let{Name: h.letName(e), Elem: elemOf(e), X: e}
	h.out = append(h.out, l)
	return h.ref(l)
}
