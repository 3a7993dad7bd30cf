package check

import (
	"slices"

	"github.com/gradgen/gradgen/graph"
)

// States go by path: what one holds at a point of the program is looked up, not
// bound, so that all uses of a shared instance see the same. `<-` in a loop makes
// of a state a carried value, and in a branch what is not taken leaves it alone.

// memory is a state read in the body of a loop: the parameter that stands for it.
type memory struct {
	path string
	arg  *graph.Node
}

// stateOf is what a state holds at this point.
func (c *checker) stateOf(path string) val {
	r := c.reg
	c.stateReads++
	if r == nil {
		return c.stateNow[path]
	}
	if v, ok := r.states[path]; ok {
		return v
	}
	v := val{}
	c.around(func() { v = c.stateOf(path) })
	if r.branch {
		return v
	}
	if slices.Contains(c.stacks[path], r) {
		v.node = r.slice(r.from.Local(v.node))
		r.states[path], r.roll.makes = v, true
		r.roll.own = append(r.roll.own, memory{path, v.node})
		return v
	}
	p := r.arg(v.node.Type, v.node.Name)
	r.source[p] = r.from.Local(v.node)
	r.memory = append(r.memory, memory{path, p})
	v.node = p
	r.states[path] = v
	return v
}

// around runs f in the graph around the innermost region.
func (c *checker) around(f func()) {
	b, r := c.b, c.reg
	c.leave()
	f()
	c.b, c.reg = b, r
}

// setState makes a state hold v from here on.
func (c *checker) setState(path string, v val) {
	c.journal.noteState(c.reg, path, c.stateOf(path))
	c.putState(path, v)
}

func (c *checker) putState(path string, v val) {
	if c.reg == nil {
		c.stateNow[path] = v
	} else {
		c.reg.states[path] = v
	}
}

// carryStates makes carries of the states that a loop's body has changed; the
// others are captured.
func (c *checker) carryStates(r *region) {
	for _, m := range r.memory {
		now := r.states[m.path]
		if now.node == m.arg {
			r.captures = append(r.captures, m.arg)
			continue
		}
		r.carries = append(r.carries, m.arg)
		r.inits = append(r.inits, r.source[m.arg])
		r.nexts = append(r.nexts, c.b.Local(now.node))
		r.wrote = append(r.wrote, m.path)
	}
}

// lastStates gives the states that a loop has changed their last values.
func (c *checker) lastStates(r *region, out []*graph.Node) {
	for i, path := range r.wrote {
		v := r.states[path]
		v.node = out[i]
		c.setState(path, v)
	}
}

// updates lists the states that the body has changed, with what they hold at its end.
func (c *checker) updates() {
	for _, p := range c.m.States {
		v, known := c.stateNow[p.Path]
		if !known || v.node.Op.Name == "state" && v.node.Attr == graph.Leaf(p.Path) {
			continue
		}
		c.body.Updates = append(c.body.Updates, &graph.Value{Name: p.Path, Node: v.node, Span: v.at})
	}
}
