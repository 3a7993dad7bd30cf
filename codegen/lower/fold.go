package lower

import (
	"maps"
	"slices"
	"strconv"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// early is what stands before an expression that needs it: an inner reduction, the
// check of an index. It belongs into the innermost of the loops it mentions.
type early struct {
	vars map[string]bool
	body []kernel.Stmt
}

// before puts body in front of what is computed at the place idx.
func (r *reader) before(idx []shape.Dim, body []kernel.Stmt) {
	e := early{map[string]bool{}, body}
	for _, d := range idx {
		loopVars(d, e.vars)
	}
	r.early = append(r.early, e)
}

// checked lists the loops inside of which the places that n looks up are known and
// certain to take part.
func (r *reader) checked(n *graph.Node, idx []shape.Dim) map[string]bool {
	vars := maps.Clone(r.taken)
	l := r.lookup(n, n.Args[0].Type.Shape, n.Args[1:], idx)
	for k, x := range l.ints {
		if x != nil {
			maps.Copy(vars, r.intern.dependences(x).vars)
		} else if !r.within(l.idx[k], n.Args[0].Type.Shape[k]) {
			loopVars(l.idx[k], vars)
		}
	}
	return vars
}

// fold computes a reduction where it is read.
func (r *reader) fold(n *graph.Node, idx []shape.Dim) kernel.Expr {
	x, axes, kept := n.Args[0], n.Attr.(graph.Axes), 0
	from, mine := make([]shape.Dim, x.Type.Rank()), map[string]bool{}
	var loops []axisLoop
	for k, e := range x.Type.Shape {
		switch {
		case !axes.Has(k):
			from[k] = idx[kept]
			kept++
		case !e.Is(1):
			l := &kernel.Loop{Var: ".f" + strconv.Itoa(r.folds), Hi: e}
			r.folds++
			from[k], r.sc[l.Var], mine[l.Var] = shape.Var(l.Var), e, true
			loops = append(loops, axisLoop{l, k})
		}
	}
	mark := len(r.early)
	in := &reduction{reader: r, n: n, axes: axes, from: from}
	loops = sorted(loops, r.pairs.limits[n])
	in.hold(r.pairs.limits[n], n.Type.Rank(), loops)
	in.read()
	inside, others := r.early[:0:0], r.early[:mark:mark]
	for _, e := range r.early[mark:] {
		if anyOf(e.vars, mine) {
			inside = append(inside, e)
		} else {
			others = append(others, e)
		}
	}
	r.early = others
	acc := &kernel.Ref{Name: r.fresh(r.accName(n)), Elem: n.Type.Elem}
	ref := r.intern.of(acc)
	body := []kernel.Stmt{&kernel.Accumulator{Name: acc.Name, Elem: acc.Elem, Init: r.lit(acc.Elem, n.Op.Identity)}}
	set := &kernel.Set{Name: acc.Name, X: r.step(n, ref, in.v)}
	r.before(idx, append(body, r.bounded(bare(loops), in.conds, inside, []kernel.Stmt{set})...))
	return ref
}

// certain reports a condition that the loops make sure of.
func (r *reader) certain(n *graph.Node, idx []shape.Dim) bool {
	if n.Type.Elem != graph.Bool {
		return false
	}
	v, view := n.Attr.(graph.View)
	switch {
	case n.Op.Name == "and":
		return r.certain(n.Args[0], idx) && r.certain(n.Args[1], idx)
	case view && len(v.Map.Guard) == 0:
		return r.certain(n.Args[0], (&limiter{}).below(n, idx))
	case n.Op.Name == "any" && len(n.Attr.(graph.Axes)) == 1:
		return r.witness(n, idx)
	}
	return r.holds[placeKey(n, idx)]
}

// witness reports whether what the loops make sure of is a case of any.
func (r *reader) witness(n *graph.Node, idx []shape.Dim) bool {
	k := n.Attr.(graph.Axes)[0]
	return slices.ContainsFunc(r.here, func(d shape.Dim) bool {
		return r.certain(n.Args[0], slices.Insert(slices.Clone(idx), k, d))
	})
}

// decided is an element-wise operator where what a loop makes sure of decides it;
// nil where it does not.
func (r *reader) decided(n *graph.Node, args []kernel.Expr) kernel.Expr {
	known := 0
	for i, a := range args {
		lit, ok := a.(*kernel.Lit)
		if !ok || lit.Elem != graph.Bool {
			continue
		}
		known++
		switch n.Op.Name {
		case "where":
			if i > 0 {
				continue
			}
			return args[either(lit.V != 0, 1, 2)]
		case "and":
			return either(lit.V != 0, args[1-i], a)
		case "or":
			return either(lit.V != 0, a, args[1-i])
		}
	}
	if known > 0 && len(args) == 1 {
		return r.lit(n.Type.Elem, n.Op.Scalar.On(n.Attr, args[0].(*kernel.Lit).V))
	}
	return nil
}

func either[T any](c bool, a, b T) T {
	if c {
		return a
	}
	return b
}

func isTrue(e kernel.Expr) bool {
	l, ok := e.(*kernel.Lit)
	return ok && l.V != 0
}
