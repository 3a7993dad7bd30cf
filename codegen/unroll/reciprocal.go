package unroll

import (
	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/ops"
)

// reciprocals makes products with 1/y of the quotients by y that rules of
// differentiation made, where there are several: y divides once then. What the
// source divides is left, which is rounded less.
//
// The derivative of x0/y and x1/y by y, -(x0/y)/y and -(x1/y)/y, takes two
// divisions more by the rule, and one here.
func reciprocals(lets []*kernel.Let, results [][]kernel.Expr) {
	r := &divisors{quotients: map[string]int{}, keys: map[kernel.Expr]string{}}
	each := func(f func(kernel.Expr) kernel.Expr) {
		for _, l := range lets {
			l.X = f(l.X)
		}
		for _, of := range results {
			for i, x := range of {
				of[i] = f(x)
			}
		}
	}
	each(r.count)
	seen := map[kernel.Expr]kernel.Expr{}
	each(func(x kernel.Expr) kernel.Expr { return r.replace(x, seen) })
}

// divisors counts the derived quotients by what they are divided by.
type divisors struct {
	quotients map[string]int
	keys      map[kernel.Expr]string // of derived quotients met
}

// derivedQuotient is x as a quotient of reals that a rule of differentiation made,
// or nil.
func derivedQuotient(x kernel.Expr) *kernel.Apply {
	a, ok := x.(*kernel.Apply)
	if !ok || !a.Derived || a.Op.Name != "div" || a.Elem != graph.Real {
		return nil
	}
	if _, constant := a.Args[1].(*kernel.Lit); constant {
		return nil
	}
	return a
}

func (r *divisors) count(x kernel.Expr) kernel.Expr {
	if _, met := r.keys[x]; met {
		return x
	}
	r.keys[x] = ""
	if q := derivedQuotient(x); q != nil {
		r.keys[x] = key(q.Args[1])
		r.quotients[r.keys[x]]++
	}
	for _, a := range kernel.Operands(x) {
		r.count(a)
	}
	return x
}

func (r *divisors) replace(x kernel.Expr, seen map[kernel.Expr]kernel.Expr) kernel.Expr {
	if y, ok := seen[x]; ok {
		return y
	}
	args := kernel.Operands(x)
	if len(args) == 0 {
		return x
	}
	out, changed := make([]kernel.Expr, len(args)), false
	for i, a := range args {
		out[i] = r.replace(a, seen)
		changed = changed || out[i] != a
	}
	y := x
	if changed {
		y = kernel.WithOperands(x, out)
	}
	if q := derivedQuotient(x); q != nil && r.quotients[r.keys[x]] > 1 && !isLit(out[0], 1) {
		inverse := &kernel.Apply{Op: q.Op, Elem: graph.Real, Args: []kernel.Expr{&kernel.Lit{V: 1}, out[1]}, Derived: true}
		y = &kernel.Apply{Op: ops.Table()["mul"], Elem: graph.Real, Args: []kernel.Expr{out[0], inverse}, Derived: true}
	}
	seen[x] = y
	return y
}
