package check

import (
	"slices"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/diag"
)

// asked is a derivative inside a loop by what is bound outside it: an error if
// the target reaches one of these carries.
type asked struct {
	carries []*graph.Node
	x       *graph.Node
	name    string
	at      diag.Span
}

// exposed gives y and x as nodes of the current body. Where x comes from outside
// a loop or branch, what outside was computed from x is computed here again, so
// that no path from x to y is lost.
func (c *checker) exposed(y, x val) (val, val) {
	y, xs := c.exposedBy(y, []val{x})
	return y, xs[0]
}

// exposedBy is exposed for several targets.
func (c *checker) exposedBy(y val, xs []val) (val, []val) {
	if c.reg == nil || y.node == nil || slices.ContainsFunc(xs, func(x val) bool { return x.node == nil }) {
		return y, xs
	}
	e := newExposure(c)
	for _, x := range xs {
		from := c.owner(x.node)
		one := newExposure(c, x.node)
		for r := c.reg; r != from; r = r.outer {
			e.xs[x.node] = true
			if met := one.carriesOf(y.node, r); len(met) > 0 {
				r.asked = append(r.asked, asked{met, x.node, short(x.at), x.at})
			}
		}
	}
	y.node = e.follow(y.node)
	out := slices.Clone(xs)
	for k := range out {
		out[k].node = c.b.Local(out[k].node)
	}
	return y, out
}

// exposure recomputes what depends on some targets.
type exposure struct {
	c     *checker
	xs    map[*graph.Node]bool
	known map[*graph.Node]bool        // depends on one
	here  map[*graph.Node]*graph.Node // recomputed in the current body
}

func newExposure(c *checker, xs ...*graph.Node) *exposure {
	e := &exposure{c: c, xs: map[*graph.Node]bool{}, known: map[*graph.Node]bool{}, here: map[*graph.Node]*graph.Node{}}
	for _, x := range xs {
		e.xs[x] = true
	}
	return e
}

// depends reports whether a node of any enclosing graph is computed from x.
func (e *exposure) depends(n *graph.Node) bool {
	if e.xs[n] {
		return true
	}
	if known, ok := e.known[n]; ok {
		return known
	}
	e.known[n] = false
	found := false
	for _, a := range e.inputs(n) {
		found = e.depends(a) || found
	}
	e.known[n] = found
	return found
}

// inputs are the operands of a node that derivatives go to; those of a parameter
// lie outside.
func (e *exposure) inputs(n *graph.Node) []*graph.Node {
	if n.Op.Name == "stop" || n.Type.Elem != graph.Real && n.Op.Class != graph.RegionOp {
		return nil
	}
	if r := e.c.owner(n); r != nil && n.Op.Name == "arg" {
		if src := r.source[n]; src != nil {
			return []*graph.Node{src}
		}
		return nil
	}
	return n.Args
}

// carriesOf lists the carries of r that n depends on.
func (e *exposure) carriesOf(n *graph.Node, r *region) []*graph.Node {
	var out []*graph.Node
	seen := map[*graph.Node]bool{}
	var visit func(n *graph.Node)
	visit = func(n *graph.Node) {
		if seen[n] {
			return
		}
		seen[n] = true
		for _, p := range r.carries {
			if n == p {
				out = append(out, n)
			}
		}
		for _, m := range r.memory {
			if n == m.arg && !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
		for _, a := range e.inputs(n) {
			visit(a)
		}
	}
	visit(n)
	return out
}

// follow gives a node of an enclosing graph in the current body, recomputed if
// it depends on x.
func (e *exposure) follow(n *graph.Node) *graph.Node {
	if done := e.here[n]; done != nil {
		return done
	}
	out := e.c.b.Local(n)
	if !e.xs[n] && e.depends(n) {
		out = e.recompute(n)
	}
	e.here[n] = out
	return out
}

func (e *exposure) recompute(n *graph.Node) *graph.Node {
	b := e.c.b
	if r := e.c.owner(n); r != nil && n.Op.Name == "arg" {
		src := e.follow(r.source[n])
		if r.sliced[r.source[n]] != n {
			return src
		}
		return elementAt(b, src, b.Local(r.step))
	}
	args := make([]*graph.Node, len(n.Args))
	for i, a := range n.Args {
		args[i] = e.follow(a)
	}
	return b.Copy(n, args...)
}

// elementAt is the element of x, along its first axis, at an int.
func elementAt(b *graph.Builder, x, at *graph.Node) *graph.Node {
	ext := x.Type.Shape[1:]
	g := graph.Gather{In: []shape.Dim{{}}, By: []int{0}}
	for k := range ext {
		g.In, g.By = append(g.In, shape.Idx(k)), append(g.By, -1)
	}
	return b.Typed("gather", g, graph.Type{Elem: x.Type.Elem, Shape: ext}, x, b.Broadcast(at, ext))
}

// settleAsked finds, once the next values are known, which carries the targets
// of derivatives reach.
func (c *checker) settleAsked(r *region) bool {
	ok := true
	for _, a := range r.asked {
		e := newExposure(c, a.x)
		reached := map[*graph.Node]bool{}
		for changed := true; changed; {
			changed = false
			for i, p := range r.carries {
				if reached[p] || !e.depends(r.inits[i]) && !e.depends(r.nexts[i]) && !meets(e.carriesOf(r.nexts[i], r), reached) {
					continue
				}
				reached[p], changed = true, true
			}
		}
		for _, p := range a.carries {
			if reached[p] && ok {
				c.report(diag.New("G0605", a.at, "%s reaches the value also through the carried name %s", a.name, p.Name).
					WithHelp("stop(%s) gives the partial derivative; or differentiate after the loop", p.Name))
				ok = false
			}
		}
	}
	return ok
}

func meets(list []*graph.Node, set map[*graph.Node]bool) bool {
	for _, n := range list {
		if set[n] {
			return true
		}
	}
	return false
}
