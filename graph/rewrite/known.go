package rewrite

import "github.com/gradgen/gradgen/graph"

// known uses that the condition of a where holds in what it takes and fails in
// the alternative: choices by the same condition there, directly or one
// element-wise operator below, are settled.
func known(b *graph.Builder, n *graph.Node) *graph.Node {
	c := n.Args[0]
	taken, a := settle(b, n.Args[1], c, true, 1)
	left, d := settle(b, n.Args[2], c, false, 1)
	if !a && !d {
		return nil
	}
	return b.Where(c, taken, left)
}

// settle replaces choices in n that a known truth of c decides.
func settle(b *graph.Builder, n, c *graph.Node, truth bool, depth int) (*graph.Node, bool) {
	if n.Op.Name == "where" {
		holds, ok := implied(n.Args[0], c, truth, nesting)
		switch {
		case ok && holds:
			return n.Args[1], true
		case ok:
			return n.Args[2], true
		}
	}
	if depth == 0 || n.Op.Class != graph.Elementwise {
		return n, false
	}
	args, changed := make([]*graph.Node, len(n.Args)), false
	for i, a := range n.Args {
		var done bool
		args[i], done = settle(b, a, c, truth, depth-1)
		changed = changed || done
	}
	if !changed {
		return n, false
	}
	return b.Op(n.Op.Name, n.Attr, args...), true
}

// nesting is how deep into a condition implied looks.
const nesting = 8

// implied answers d where c is known to hold or to fail: a conjunction that
// holds has parts that hold, a disjunction that fails parts that fail.
func implied(d, c *graph.Node, truth bool, depth int) (holds, ok bool) {
	if d == c || depth == 0 {
		return truth, d == c
	}
	part := map[bool]string{true: "and", false: "or"}[truth]
	switch c.Op.Name {
	case part:
		for _, p := range c.Args {
			if holds, ok = implied(d, p, truth, depth-1); ok {
				return holds, ok
			}
		}
	case "not":
		return implied(d, c.Args[0], !truth, depth-1)
	}
	return false, false
}
