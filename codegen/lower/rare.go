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
		if zero, ok := x.Y.(*kernel.Lit); ok && zero.V == 0 && isRare(x.Cond) {
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

func isRare(e kernel.Expr) bool {
	a, ok := e.(*kernel.Apply)
	return ok && a.Op.Name == "eq" && elemOf(a.Args[0]) == graph.Real
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
