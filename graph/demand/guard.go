package demand

import (
	"slices"

	"github.com/gradgen/gradgen/graph"
)

// literal is a condition on elements: a bool of their shape, or its negation.
type literal struct {
	n   *graph.Node
	not bool
}

// conj holds where all of its literals hold; they are sorted.
type conj []literal

// guard tells which elements of a node are needed: those for which one of its
// conjunctions holds. Without conjunctions none is; the empty conjunction always
// holds.
type guard []conj

var always = guard{conj{}}

func (g guard) isAlways() bool { return len(g) == 1 && len(g[0]) == 0 }

// with adds a literal to a conjunction, taken apart where it is itself one; ok
// is false where both cannot hold.
func (c conj) with(l literal) (out conj, ok bool) {
	if v, isConst := l.n.Attr.(graph.Number); isConst {
		return c, (v != 0) != l.not
	}
	switch {
	case l.n.Op.Name == "not":
		return c.with(literal{l.n.Args[0], !l.not})
	case l.n.Op.Name == "and" && !l.not, l.n.Op.Name == "or" && l.not:
		if c, ok = c.with(literal{l.n.Args[0], l.not}); !ok {
			return c, false
		}
		return c.with(literal{l.n.Args[1], l.not})
	case slices.Contains(c, literal{l.n, !l.not}):
		return c, false
	case slices.Contains(c, l):
		return c, true
	}
	out = append(slices.Clone(c), l)
	slices.SortFunc(out, order)
	return out, true
}

func order(a, b literal) int {
	if a.n == b.n && a.not != b.not {
		return map[bool]int{true: 1, false: -1}[a.not]
	}
	return a.n.ID - b.n.ID
}

// implies reports whether d holds wherever c does, because it says less.
func (c conj) implies(d conj) bool {
	for _, l := range d {
		if !slices.Contains(c, l) {
			return false
		}
	}
	return true
}

// under is where g holds and l too.
func (g guard) under(l literal) guard {
	var out guard
	for _, c := range g {
		if d, ok := c.with(l); ok {
			out = out.or(guard{d})
		}
	}
	return out
}

// without leaves conditions out.
func (g guard) without(these func(*graph.Node) bool) guard {
	return g.each(func(n *graph.Node) *graph.Node {
		if these(n) {
			return nil
		}
		return n
	})
}

// or is where g or h holds: what is said already is dropped, and two that
// differ in the truth of one literal become one without it.
func (g guard) or(h guard) guard {
	out := slices.Clone(g)
	for _, c := range h {
		out = out.add(c)
	}
	return out
}

func (g guard) add(c conj) guard {
	var out guard
	for i, d := range g {
		switch {
		case c.implies(d):
			return g
		case d.implies(c):
			continue
		}
		if k := opposite(c, d); k >= 0 {
			rest := append(slices.Clone(g[:i]), g[i+1:]...)
			return rest.add(slices.Delete(slices.Clone(c), k, k+1))
		}
		out = append(out, d)
	}
	return append(out, c)
}

// opposite is the place of the only literal in which c and d differ, and differ
// by its truth; -1 where there is none.
func opposite(c, d conj) int {
	if len(c) != len(d) {
		return -1
	}
	at := -1
	for k, l := range c {
		switch {
		case l == d[k]:
		case at < 0 && l.n == d[k].n:
			at = k
		default:
			return -1
		}
	}
	return at
}
