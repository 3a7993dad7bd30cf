package rewrite

import "github.com/gradgen/gradgen/graph"

// load simplifies what roots need, operands first.
func (e *engine) load(roots []*graph.Node) {
	e.instead = merged(graph.Reachable(roots...))
	order := inOrder(roots, e.instead)
	for _, n := range order {
		if n.Op.Class == graph.ResultOp {
			of, k := e.ownerOf(n), int(n.Attr.(graph.Count))
			if e.used[of] == nil {
				e.used[of] = map[int]bool{}
			}
			e.used[of][k] = true
		}
	}
	for _, n := range order {
		e.old(n)
	}
}

// ownerOf is the loop, branch or call that a value is of.
func (e *engine) ownerOf(n *graph.Node) *graph.Node {
	of := n.Args[0]
	for e.instead[of] != nil {
		of = e.instead[of]
	}
	return of
}

// owner brings a loop or branch over: its bodies simplified as graphs of their
// own, then the loop itself. Its values are found here by number.
func (e *engine) owner(n *graph.Node, args []*graph.Node) {
	if n.Op.Name == "call" {
		e.values[n] = e.call(n, args)
		return
	}
	c := *n
	c.Regions = make([]*graph.Region, len(n.Regions))
	for i, r := range n.Regions {
		c.Regions[i] = e.region(r)
	}
	now := e.b.Copy(&c, args...)
	e.now[n] = now
	switch {
	case n.Op.Name == "scan":
		e.values[n] = scan(e.b, now, e.used[n])
	case n.Op.Name == "branch":
		if cond, ok := number(args[0]); ok {
			e.values[n] = e.b.Inline(c.Regions[1-int(cond)], args[1:])
			break
		}
		e.values[n] = branch(e.b, now, e.used[n])
	default:
		e.values[n] = e.b.Results(now)
	}
}

// region simplifies a body.
func (e *engine) region(r *graph.Region) *graph.Region {
	in := newEngine(e.expand, e.inexact)
	in.calls = e.calls
	roots := append(append([]*graph.Node{}, r.Params...), r.Results...)
	in.load(roots)
	out := in.results(roots)
	return in.clean.Close(out[:len(r.Params)], out[len(r.Params):], nil)
}

// branch keeps the values that somebody reads and the captures that these need.
func branch(b *graph.Builder, n *graph.Node, used map[int]bool) []*graph.Node {
	values := make([]*graph.Node, len(n.Regions[0].Results))
	var numbers []int
	for k := range values {
		if used[k] {
			numbers = append(numbers, k)
		}
	}
	read := map[int]bool{}
	for _, r := range n.Regions {
		var results []*graph.Node
		for _, k := range numbers {
			results = append(results, r.Results[k])
		}
		for _, x := range graph.Reachable(results...) {
			for i, p := range r.Params {
				read[i] = read[i] || x == p
			}
		}
	}
	operands := []*graph.Node{n.Args[0]}
	for i, a := range n.Args[1:] {
		if read[i] {
			operands = append(operands, a)
		}
	}
	regions := make([]*graph.Region, len(n.Regions))
	for i, r := range n.Regions {
		var params, results []*graph.Node
		for j, p := range r.Params {
			if read[j] {
				params = append(params, p)
			}
		}
		for _, k := range numbers {
			results = append(results, r.Results[k])
		}
		regions[i] = b.Close(params, results, nil)
	}
	owner := b.Region("branch", nil, n.Type, regions, operands...)
	for j, k := range numbers {
		values[k] = b.Result(owner, j)
	}
	return values
}
