package lower

import (
	"slices"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// An equality of reals holds at few places: which element a minimum was, say. What
// is added up at these only, in loops inside, is skipped at the others:
//
//	for i: for j: for k: out[j, k] += (if s[i, j] == m[i] then w[i] else 0) * x[j, k]
//
// tests s[i, j] == m[i] before the loop over k.

// rarely takes such a condition, without which e is 0, out of a product.
func (p *pass) rarely(e kernel.Expr) (cond, rest kernel.Expr) {
	switch x := e.(type) {
	case *kernel.Select:
		if zero, ok := x.Y.(*kernel.Lit); ok && zero.V == 0 && p.isRare(x.Cond) {
			return x.Cond, x.X
		}
	case *kernel.Apply:
		if x.Op.Name != "mul" && x.Op.Name != "neg" {
			return nil, e
		}
		for i, a := range x.Args {
			if cond, y := p.rarely(a); cond != nil {
				args := append([]kernel.Expr{}, x.Args...)
				args[i] = y
				return cond, p.intern.of(kernel.WithOperands(x, args))
			}
		}
	}
	return nil, e
}

func (p *pass) isRare(e kernel.Expr) bool {
	switch e := e.(type) {
	case *kernel.Apply:
		return e.Op.Name == "eq" && elemOf(e.Args[0]) == graph.Real
	case *kernel.Load:
		return p.marks[e.Buf]
	}
	return false
}

// marked reports an equality of reals that is read both where they are made and
// across these rows. It is stored: its marks are shorter than what is compared.
func (p *pass) marked(n *graph.Node) bool {
	if n.Op.Name != "eq" || n.Args[0].Type.Elem != graph.Real || n.Type.Rank() < 2 {
		return false
	}
	along, across := false, false
	seen := map[*graph.Node]bool{}
	var up func(n *graph.Node)
	up = func(n *graph.Node) {
		for _, u := range p.users[n] {
			switch {
			case seen[u]:
			case u.Op.Class == graph.ReduceOp && u.Attr.(graph.Axes).Has(0):
				across = true
			case u.Op.Class == graph.ReduceOp:
				along = true
			case u.Op.Class == graph.Elementwise || u.Op.Class == graph.ViewOp:
				seen[u] = true
				up(u)
			}
		}
	}
	up(n)
	return along && across
}

// rareLoops is the fold of one element in loops, with a test of a rare condition
// outside of those that it does not depend on. It is nil where there is none.
func (r *reduction) rareLoops(loops []*kernel.Loop, fold func(v kernel.Expr) kernel.Stmt) []kernel.Stmt {
	if r.n.Op.Name != "sum" || len(r.conds)+len(r.early) > 0 {
		return nil
	}
	cond, v := r.rarely(r.v)
	if cond == nil {
		return nil
	}
	vars, at := r.intern.dependences(cond).vars, len(loops)
	for at > 0 && !vars[loops[at-1].Var] {
		at--
	}
	if at == len(loops) {
		return nil
	}
	r.cost = r.intern.dependences(cond).cost + 1
	for _, l := range loops[at:] {
		r.seldom = append(r.seldom, shape.Var(l.Var))
	}
	inside := nested(loops[at:], []kernel.Stmt{fold(v)})
	return nested(loops[:at], []kernel.Stmt{&kernel.If{Cond: cond, Then: inside}})
}

// often is the operand's extents, 1 for axes whose loops seldom run.
func (r *reduction) often() []shape.Dim {
	ext := append([]shape.Dim{}, r.n.Args[0].Type.Shape...)
	for k, v := range r.from {
		if slices.ContainsFunc(r.seldom, v.Equal) {
			ext[k] = shape.Const(1)
		}
	}
	return ext
}

// joinRare puts what st adds where a rare condition holds into loops of body that test
// it already. It reports whether there are such loops.
func (f *fuser) joinRare(body []kernel.Stmt, st *stage) ([]kernel.Stmt, bool) {
	if len(st.body) != 2 {
		return body, false
	}
	clear, zero := st.body[0].(*kernel.Zero)
	loop, ok := st.body[1].(*kernel.Loop)
	for i := len(body) - 1; i >= 0 && zero && ok; i-- {
		for _, b := range kernel.Written(body[i : i+1]) {
			if f.readsFrom(st, b) {
				return body, false
			}
		}
		if have, ok := body[i].(*kernel.Loop); ok && f.alongside(have, loop) {
			return slices.Insert(slices.Clone(body), i, kernel.Stmt(clear)), true
		}
	}
	return body, false
}

// alongside adds the statement inside of next to those that have tests the condition
// of, if both are loops over the same places.
func (f *fuser) alongside(have, next *kernel.Loop) bool {
	if have.Var != next.Var || have.Bounded() || next.Bounded() || !have.Lo.Equal(next.Lo) || !have.Hi.Equal(next.Hi) ||
		len(have.Body) != 1 || len(next.Body) != 1 {
		return false
	}
	switch s := have.Body[0].(type) {
	case *kernel.Loop:
		inner, ok := next.Body[0].(*kernel.Loop)
		return ok && f.alongside(s, inner)
	case *kernel.If:
		if !f.isRare(s.Cond) || len(s.Else) > 0 {
			return false
		}
		then := f.rareStep(next.Body[0], s.Cond)
		s.Then = append(s.Then, then...)
		return len(then) > 0
	}
	return false
}

// rareStep is what a statement does where cond holds, if it does nothing elsewhere.
func (f *fuser) rareStep(s kernel.Stmt, cond kernel.Expr) []kernel.Stmt {
	switch s := s.(type) {
	case *kernel.If:
		if s.Cond == cond && len(s.Else) == 0 {
			return s.Then
		}
	case *kernel.Store:
		if c, rest := f.rarely(s.X); s.Add && c == cond {
			return []kernel.Stmt{&kernel.Store{Buf: s.Buf, At: s.At, X: rest, Add: true}}
		}
	}
	return nil
}
