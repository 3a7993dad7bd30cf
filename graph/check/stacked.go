package check

import (
	"strings"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/diag"
)

// What a loop that stays one makes is stacked: a parameter has an axis for each
// such loop, and every iteration sees its slice.

// rolling is the innermost for under way that stays a loop, or nil.
func (c *checker) rolling() *region {
	if n := len(c.rolled); n > 0 {
		return c.rolled[n-1]
	}
	return nil
}

// depth is the number of loops that an instance is made anew in.
func (i *instance) depth() int { return len(i.regions) }

// stacked is the shape of what an instance declares with a shape, of all iterations.
func (i *instance) stacked(own []shape.Dim) []shape.Dim {
	var out []shape.Dim
	for _, r := range i.regions {
		out = append(out, r.trip)
	}
	return append(out, own...)
}

func (i *instance) stack() []graph.Stack {
	var out []graph.Stack
	for _, r := range i.regions {
		out = append(out, graph.Stack{Loop: r.roll.id, Lo: r.roll.lo, N: r.roll.n})
	}
	return out
}

// ofIteration is the slice of v, which an instance has declared, in the
// iteration under way.
func (c *checker) ofIteration(i *instance, v val) val {
	if i == nil || !v.ok() || len(i.regions) == 0 {
		return v
	}
	n := v.node
	for _, r := range i.regions {
		if len(v.idx) > 0 || !c.reg.inside(r) {
			c.unrollAll(i, v.at, "an instance that an iteration makes is used outside of it")
		}
		r.roll.makes = true
		n = r.slice(r.from.Local(n))
	}
	v.node = n
	return v
}

// unrollAll unrolls the innermost loop that an instance is made in.
func (c *checker) unrollAll(i *instance, at diag.Span, because string) {
	if n := len(i.regions); n > 0 {
		c.unroll(i.regions[n-1], at, because)
	}
}

// ownTarget unrolls loops around a derivative by what is not made in the
// iteration: unrolled, such a name has a value of its own in each.
func (c *checker) ownTarget(x val) {
	for _, r := range c.rolled {
		if x.kind == kInst || x.kind == kTensor && x.node != nil && !c.madeIn(x.node, r) {
			c.unroll(r, x.at, "a derivative by what is not made in the iteration")
		}
	}
}

func (c *checker) madeIn(n *graph.Node, r *region) bool {
	if !c.owner(n).inside(r) {
		return false
	}
	for n.Op.Class == graph.MarkOp {
		n = n.Args[0]
	}
	for _, p := range r.carries {
		if p == n {
			return false
		}
	}
	return true
}

// decidedByIndex unrolls a loop whose index decides an if.
func (c *checker) decidedByIndex(cond val) {
	for _, r := range c.rolled {
		if cond.node != nil && c.enters(r.step, cond.node, map[*graph.Node]bool{}) {
			c.unroll(r, cond.at, "its index decides an if")
		}
	}
}

// enters reports whether x enters n, from outside its region too.
func (c *checker) enters(x, n *graph.Node, seen map[*graph.Node]bool) bool {
	if n == x {
		return true
	}
	if seen[n] {
		return false
	}
	seen[n] = true
	if r := c.owner(n); r != nil && r.source[n] != nil {
		return c.enters(x, r.source[n], seen)
	}
	for _, a := range n.Args {
		if c.enters(x, a, seen) {
			return true
		}
	}
	return false
}

// ofIndex reports an int made of the indices of loops under way that stay loops:
// a constant where they are unrolled, and so an int or a real as needed.
func (c *checker) ofIndex(v val) bool {
	if v.kind != kTensor || v.aff == nil || len(v.idx) > 0 {
		return false
	}
	at := steps(*v.aff)
	for _, s := range at {
		if l := c.loopOf(s); l == nil || l.roll == nil {
			return false
		}
	}
	return len(at) > 0
}

// indexRatio reports a quotient of constants that has such an index in it.
func (c *checker) indexRatio(x, y val) bool {
	return c.ofIndex(x) && (c.ofIndex(y) || y.kind == kUntyped) || c.ofIndex(y) && x.kind == kUntyped
}

// unrollOutside unrolls a loop whose index stands in a subscript that may be
// outside: where it is a constant, it is known when code is generated.
func (c *checker) unrollOutside(r *subscripts, sub *subscript, ext shape.Dim) {
	for _, s := range steps(*sub.aff) {
		l := c.loopOf(s)
		if l.roll != nil && !c.provedAt(r, *sub, ext, []*region{l}) {
			c.unroll(l, sub.at, "a subscript may be out of range")
		}
	}
}

// unrollNamed unrolls the loops of which a train line names a single iteration.
func (c *checker) unrollNamed(lines []*trainLine) {
	for _, p := range c.m.Params {
		for _, l := range lines {
			for _, pat := range l.st.For {
				if n := len(p.Stack); n > 0 && namesOne(patternSteps(pat), splitPath(p.Path)) {
					c.unroll(c.rolls[p.Stack[n-1].Loop], pat.At, "a train line names a single iteration")
				}
			}
		}
	}
}

// namesOne reports whether a pattern gives an index where a path has a range.
func namesOne(want, path []string) bool {
	for _, w := range want {
		base, index := cutIndex(w)
		for _, step := range path {
			if b, at := cutIndex(step); b == base && index != "" && strings.Contains(at, ":") {
				return true
			}
		}
	}
	return false
}
