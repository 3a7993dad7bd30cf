package check

import (
	"fmt"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// region is the body of a loop or branch being checked. It is built in a graph
// of its own; what it uses of the enclosing one comes in by parameters, made
// when it is first used.
type region struct {
	outer  *region        // nil: the enclosing graph is that of a model or function
	from   *graph.Builder // of the enclosing graph
	b      *graph.Builder
	scope  *scope
	scan   bool
	branch bool
	roll   *rolling // of a for

	step     *graph.Node // of a scan
	sym      *shape.Sym  // stands for step in affine ints; nil where the trip count is an int
	trip     shape.Dim
	on       *val // whether an element of the indices around has steps left; nil: all have
	carries  []*graph.Node
	inits    []*graph.Node
	nexts    []*graph.Node
	slices   []*graph.Node               // parameters
	captures []*graph.Node               // parameters
	source   map[*graph.Node]*graph.Node // slice or capture → node of the enclosing graph
	known    map[*graph.Node]*graph.Node // node of the enclosing graph → capture
	sliced   map[*graph.Node]*graph.Node // node of the enclosing graph → slice
	collects []collected
	states   map[string]val // what states hold here, as far as read or changed
	memory   []memory       // of a loop
	wrote    []string       // the states among the carries, behind the lines of the source
	asked    []asked
	args     int
}

// collected is a `collect` line: of one tensor, or, where it collects a layer
// instance, of one for each parameter.
type collected struct {
	name  ast.Name
	like  *instance
	nodes []*graph.Node // over the indices in scope
}

// enter begins a region; what is built from now on belongs to it.
func (c *checker) enter(s *scope) *region {
	r := &region{
		outer: c.reg, from: c.b, scope: s, source: map[*graph.Node]*graph.Node{},
		known: map[*graph.Node]*graph.Node{}, sliced: map[*graph.Node]*graph.Node{}, states: map[string]val{},
	}
	r.b = c.b.Inner(r.capture)
	c.b, c.reg = r.b, r
	return r
}

// leave ends the innermost region.
func (c *checker) leave() {
	r := c.reg
	r.from.Span, r.from.Rule = r.b.Span, r.b.Rule
	c.b, c.reg = r.from, r.outer
}

// atRoot runs f outside all regions.
func (c *checker) atRoot(f func()) {
	b, r := c.b, c.reg
	for c.reg != nil {
		c.leave()
	}
	f()
	c.b, c.reg = b, r
}

func (r *region) arg(t graph.Type, name string) *graph.Node {
	n := r.b.Arg(r.args, t)
	n.Name = name
	r.args++
	return n
}

// capture brings a value of an enclosing graph in. Constants are made anew.
func (r *region) capture(n *graph.Node) *graph.Node {
	n = r.from.Local(n)
	if p := r.known[n]; p != nil {
		return p
	}
	switch n.Op.Name {
	case "const", "index", "table":
		return r.b.Copy(n)
	}
	p := r.arg(n.Type, n.Name)
	r.known[n], r.source[p] = p, n
	r.captures = append(r.captures, p)
	return p
}

// slice is the element, at each step, of a value of the enclosing graph with a
// first axis of steps.
func (r *region) slice(n *graph.Node) *graph.Node {
	if p := r.sliced[n]; p != nil {
		return p
	}
	p := r.arg(graph.Type{Elem: n.Type.Elem, Shape: n.Type.Shape[1:]}, n.Name)
	r.sliced[n], r.source[p] = p, n
	r.slices = append(r.slices, p)
	return p
}

// used keeps the parameters that some results depend on, and their operands.
func (r *region) used(params, results []*graph.Node) (kept, operands []*graph.Node) {
	reached := map[*graph.Node]bool{}
	for _, n := range graph.Reachable(results...) {
		reached[n] = true
	}
	for _, p := range params {
		if reached[p] {
			kept, operands = append(kept, p), append(operands, r.source[p])
		}
	}
	return kept, operands
}

// owner finds the region whose graph a node belongs to; nil is the outermost.
func (c *checker) owner(n *graph.Node) *region {
	for r := c.reg; r != nil; r = r.outer {
		if r.b.Owns(n) {
			return r
		}
	}
	return nil
}

// builderOf is the builder of the graph that a node belongs to.
func (c *checker) builderOf(n *graph.Node) *graph.Builder {
	b := c.b
	for r := c.reg; r != nil && !r.b.Owns(n); r = r.outer {
		b = r.from
	}
	return b
}

// inside reports whether r is q or lies inside it.
func (r *region) inside(q *region) bool {
	for ; r != nil; r = r.outer {
		if r == q {
			return true
		}
	}
	return false
}

const stepMark = ".s"

func stepSym(n int) *shape.Sym { return shape.VarSym(fmt.Sprintf("%s%d", stepMark, n)) }

func isStep(s *shape.Sym) bool {
	return s.Axis < 0 && len(s.Name) > len(stepMark) && s.Name[:len(stepMark)] == stepMark
}

// steps lists the step symbols of d.
func steps(d shape.Dim) []*shape.Sym {
	var out []*shape.Sym
	for _, s := range d.Syms() {
		if isStep(s) {
			out = append(out, s)
		}
	}
	return out
}

// loopOf finds the scan that a step symbol belongs to.
func (c *checker) loopOf(s *shape.Sym) *region {
	for r := c.reg; r != nil; r = r.outer {
		if r.sym == s {
			return r
		}
	}
	return nil
}

// affineNode computes an affine int with step symbols, over the indices idx.
func (c *checker) affineNode(d shape.Dim, idx []*binder) *graph.Node {
	for _, s := range steps(d) {
		if c.loopOf(s) == nil { // at the root, for what is declared there
			c.errorf("G0520", c.b.Span, "an initial value is made of constants, and the number of a step is not constant")
			return c.b.Fill(0, graph.Type{Elem: graph.Int, Shape: extents(idx)})
		}
	}
	rest, sum := shape.Dim{}, (*graph.Node)(nil)
	for _, t := range d.Terms() {
		coef, product := shape.Const(t.Coef), (*graph.Node)(nil)
		for _, s := range t.Syms {
			switch {
			case !isStep(s):
				coef = coef.Mul(shape.Of(s))
			case product == nil:
				product = c.b.Local(c.loopOf(s).step)
			default:
				product = c.b.Map("imul", product, c.loopOf(s).step)
			}
		}
		if product == nil {
			rest = rest.Add(coef)
			continue
		}
		if !coef.Is(1) {
			product = c.b.Map("imul", c.b.IndexValue(place(coef, idx), extents(idx)), product)
		}
		if sum == nil {
			sum = product
		} else {
			sum = c.b.Map("iadd", sum, product)
		}
	}
	if !rest.Is(0) {
		sum = c.b.Map("iadd", sum, c.b.IndexValue(place(rest, idx), extents(idx)))
	}
	return c.b.Broadcast(sum, extents(idx))
}

// widest is the largest value of d over all steps of the scans in it.
func (c *checker) widest(d shape.Dim) (shape.Dim, bool) {
	for _, s := range steps(d) {
		coef, rest, ok := d.Linear(s)
		switch f := (shape.Facts{}); {
		case ok && f.NonNeg(coef) == shape.Yes:
			d = rest.Add(coef.Mul(c.loopOf(s).trip.AddInt(-1)))
		case ok && f.NonNeg(coef.Scale(-1)) == shape.Yes:
			d = rest
		default:
			return d, false
		}
	}
	return d, true
}

// binding reports an assignment inside a loop to a name bound outside it.
func (c *checker) binding(s *scope, n ast.Name, old *entry) bool {
	for at := s; at != nil && !at.owns(old); at = at.outer {
		if r := c.rolling(); r != nil && r.scope == at {
			c.unroll(r, n.At, n.Text+" is bound outside of the loop")
		}
		if at.loop && old.what == "" && !old.val.ok() {
			return true
		}
		if at.loop {
			c.report(diag.New("G0215", n.At, "%s is bound outside the loop", n.Text).
				WithRelated(old.span, "bound here").
				WithHelp("to pass a value from step to step begin the loop with: carry %s = %s", n.Text, n.Text))
			return true
		}
	}
	return false
}
