package lower

import (
	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
)

// inResult keeps what a loop with loops inside carries from round to round where
// it ends up, so that all of the loop can become one function in assembly:
//
//	var m = inf; for j: {s = Σ ..; m = min(m, s)}; r[i] = m
//
// becomes r[i] = inf; for j: {s = Σ ..; r[i] = min(r[i], s)}; m := r[i].
func (p *pass) inResult(body []kernel.Stmt) {
	for _, s := range body {
		for _, b := range kernel.Blocks(s) {
			p.inResult(*b)
		}
	}
	for i, s := range body {
		if acc, ok := s.(*kernel.Accumulator); ok && acc.Elem == graph.Real {
			p.carryInResult(body[i:], acc)
		}
	}
}

// carryInResult treats the accumulator that body begins with, if a loop that fits
// and the store of the result follow.
func (p *pass) carryInResult(body []kernel.Stmt, acc *kernel.Accumulator) {
	l, at := loopOf(body, acc.Name)
	if l < 0 {
		return
	}
	loop := body[l].(*kernel.Loop)
	for k := l + 1; k < len(body); k++ {
		s, ok := body[k].(*kernel.Store)
		r, isRef := (kernel.Expr)(nil), false
		if ok {
			r, isRef = s.X, len(s.At.Dyn) == 0 && !s.Add
		}
		if ref, named := r.(*kernel.Ref); !isRef || !named || ref.Name != acc.Name {
			continue
		}
		if s.At.Base.Mentions(loop.Var) || touches(body[1:k], s.Buf) {
			return
		}
		load := p.intern.of(&kernel.Load{Buf: s.Buf, At: s.At})
		set := loop.Body[at].(*kernel.Set)
		x := p.replaced(set.X, map[kernel.Expr]kernel.Expr{p.intern.of(&kernel.Ref{Name: acc.Name, Elem: acc.Elem}): load})
		body[0] = &kernel.Store{Buf: s.Buf, At: s.At, X: acc.Init}
		loop.Body[at] = &kernel.Store{Buf: s.Buf, At: s.At, X: x}
		copy(body[l+2:k+1], body[l+1:k])
		body[l+1] = &kernel.Let{Name: acc.Name, Elem: acc.Elem, X: load}
		return
	}
}

// loopOf finds the one loop that sets name, directly and once, and reads it
// nowhere else; it has loops inside.
func loopOf(body []kernel.Stmt, name string) (l, at int) {
	l = -1
	for i, s := range body {
		loop, ok := s.(*kernel.Loop)
		if !ok || !setsInside(loop.Body, name) {
			continue
		}
		if l >= 0 {
			return -1, 0
		}
		l = i
	}
	if l < 0 {
		return -1, 0
	}
	at, inner, uses := -1, false, 0
	loop := body[l].(*kernel.Loop)
	for i, s := range loop.Body {
		if set, ok := s.(*kernel.Set); ok && set.Name == name {
			at = i
		}
		_, isLoop := s.(*kernel.Loop)
		inner = inner || isLoop
	}
	kernel.Walk(loop.Body, func(s kernel.Stmt) {
		for _, x := range kernel.Exprs(s) {
			uses += refersTo(*x, name)
		}
	})
	if at < 0 || !inner || uses != 1 {
		return -1, 0
	}
	return l, at
}

func setsInside(body []kernel.Stmt, name string) (found bool) {
	kernel.Walk(body, func(s kernel.Stmt) {
		if set, ok := s.(*kernel.Set); ok && set.Name == name {
			found = true
		}
	})
	return found
}

// refersTo counts the references to name in x.
func refersTo(x kernel.Expr, name string) (n int) {
	if r, ok := x.(*kernel.Ref); ok && r.Name == name {
		n++
	}
	for _, a := range kernel.Operands(x) {
		n += refersTo(a, name)
	}
	return n
}

// touches reports whether statements read or write b.
func touches(body []kernel.Stmt, b *kernel.Buffer) (found bool) {
	var loads func(x kernel.Expr)
	loads = func(x kernel.Expr) {
		if l, ok := x.(*kernel.Load); ok && l.Buf == b {
			found = true
		}
		for _, a := range kernel.Operands(x) {
			loads(a)
		}
	}
	kernel.Walk(body, func(s kernel.Stmt) {
		for _, x := range kernel.Exprs(s) {
			loads(*x)
		}
		reads, writes := kernel.Touched(s)
		for _, t := range append(reads, writes...) {
			found = found || t == b
		}
	})
	return found
}
