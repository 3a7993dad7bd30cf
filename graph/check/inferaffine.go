package check

import (
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/ast"
)

// affine reads an expression as a polynomial of dims and indices; indices of
// enclosing comprehensions, known but not constant, are where they make it greatest.
func (r *rangeEnv) affine(e ast.Expr, env map[string]*ranged) (shape.Dim, bool) {
	return r.extreme(e, env, false)
}

// extreme is affine, or, where least is set, with the least value.
func (r *rangeEnv) extreme(e ast.Expr, env map[string]*ranged, least bool) (shape.Dim, bool) {
	if !r.usesIndex(e, env) {
		return r.outer(e, least)
	}
	switch e := e.(type) {
	case *ast.Ident:
		return symDim(env[e.Name].sym), true
	case *ast.Unary:
		d, ok := r.extreme(e.X, env, least != (e.Op == "-"))
		return d.Scale(-1), ok && e.Op == "-"
	case *ast.Binary:
		x, xok := r.extreme(e.X, env, least)
		y, yok := r.extreme(e.Y, env, least != (e.Op == "-"))
		if !xok || !yok {
			return shape.Dim{}, false
		}
		switch e.Op {
		case "+":
			return x.Add(y), true
		case "-":
			return x.Sub(y), true
		case "*":
			return x.Mul(y), true
		}
	}
	return shape.Dim{}, false
}

// outer is the greatest or least value of an expression without indices of ours.
func (r *rangeEnv) outer(e ast.Expr, least bool) (shape.Dim, bool) {
	r.c.quiet++
	v := r.c.expr(r.s, r.f, e)
	r.c.quiet--
	if v.kind != kTensor || v.aff == nil {
		return constDim(v)
	}
	sign := int64(1)
	if least {
		sign = -1
	}
	d, ok := r.c.widest(v.aff.Scale(sign))
	if !ok {
		return d, false
	}
	d, ok = largest(d, v.idx)
	return d.Scale(sign), ok
}

// usesOuter reports an index of an enclosing comprehension in e, in whose place
// affine has put its greatest value.
func (r *rangeEnv) usesOuter(e ast.Expr, env map[string]*ranged) bool {
	found := false
	walk(e, func(x ast.Expr) {
		if id, ok := x.(*ast.Ident); ok && env[id.Name] == nil {
			r.c.quiet++
			v := r.c.expr(r.s, r.f, id)
			r.c.quiet--
			found = found || v.kind == kTensor && v.aff != nil
		}
	})
	return found
}

func (r *rangeEnv) usesIndex(e ast.Expr, env map[string]*ranged) bool {
	found := false
	walk(e, func(x ast.Expr) {
		if id, ok := x.(*ast.Ident); ok && env[id.Name] != nil {
			found = true
		}
	})
	return found
}

// sole is the index that d consists of.
func (r *rangeEnv) sole(d shape.Dim) *ranged {
	for _, v := range r.all {
		if d.Equal(symDim(v.sym)) {
			return v
		}
	}
	return nil
}
