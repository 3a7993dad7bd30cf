package rewrite

import "github.com/gradgen/gradgen/graph"

// late is a value computed after the loop from collects: terms of the body, for
// all steps, and, for a carried sum, summed over these and added to init.
type late struct {
	number int
	terms  []*graph.Node // what is added up
	init   *graph.Node   // nil for a collect
	reads  []*graph.Node
}

// sink takes contractions out of the loop that only its results need:
//
//	dW' = dW + Σ_n h[n, i]·d[n, j]   becomes   dW = Σ_{t, n} hs[t, n, i]·ds[t, n, j]
//
// and the same for a collected contraction one of whose factors stays. The
// factors are collected in its place.
func (l *loop) sink() []late {
	if !l.spacious() {
		return nil
	}
	var out []late
	var carries []carry
	for j, c := range l.carries {
		if v := l.carriedSum(j); v != nil {
			if terms := split(l.w, v); allProducts(terms) {
				out = append(out, late{c.number, terms, c.init, factors(terms)})
				continue
			}
		}
		carries = append(carries, c)
	}
	l.carries = carries
	out = append(out, l.sinkCollects()...)
	out = append(out, l.sinkCheap(out)...)
	l.gatherReads(out)
	return out
}

// carriedSum is v where carry j passes on itself plus v and nothing else reads it.
func (l *loop) carriedSum(j int) *graph.Node {
	c := l.carries[j]
	if c.next.Op.Name != "add" || c.arg.Type.Elem != graph.Real {
		return nil
	}
	v := c.next.Args[1]
	if v == c.arg {
		v = c.next.Args[0]
	} else if c.next.Args[0] != c.arg {
		return nil
	}
	roots := []*graph.Node{v}
	for i, o := range l.carries {
		if i != j {
			roots = append(roots, o.next)
		}
	}
	for _, o := range l.collects {
		roots = append(roots, o.node)
	}
	if enters(roots, map[*graph.Node]bool{c.arg: true})[v] {
		return nil
	}
	for _, n := range graph.Reachable(roots...) {
		if n == c.arg {
			return nil
		}
	}
	return v
}

// product finds the multiplication of a contraction: under sums and views, of
// two reads each of which repeats its operand.
func product(n *graph.Node) *graph.Node {
	for n.Op.Name == "sum" || n.Op.Name == "view" || n.Op.Name == "neg" {
		n = n.Args[0]
	}
	if n.Op.Name != "mul" {
		return nil
	}
	for _, a := range n.Args {
		v, isView := a.Attr.(graph.View)
		if !isView || !repeats(v, n.Type.Rank()) {
			return nil
		}
	}
	return n
}

func allProducts(terms []*graph.Node) bool {
	for _, t := range terms {
		if product(t) == nil {
			return false
		}
	}
	return true
}

// factors are what the reads of products read.
func factors(terms []*graph.Node) []*graph.Node {
	var out []*graph.Node
	for _, t := range terms {
		for _, a := range product(t).Args {
			out = append(out, a.Args[0])
		}
	}
	return out
}

// split lists terms whose sum is n: what is linear goes to each of them.
func split(w *graph.Builder, n *graph.Node) []*graph.Node {
	each := func(x *graph.Node, f func(*graph.Node) *graph.Node) []*graph.Node {
		terms := split(w, x)
		if len(terms) == 1 && terms[0] == x {
			return []*graph.Node{n}
		}
		for i, t := range terms {
			terms[i] = f(t)
		}
		return terms
	}
	switch n.Op.Name {
	case "add":
		return append(split(w, n.Args[0]), split(w, n.Args[1])...)
	case "neg":
		return each(n.Args[0], w.Neg)
	case "sum":
		return each(n.Args[0], func(t *graph.Node) *graph.Node { return w.Op("sum", n.Attr, t) })
	case "view":
		v := n.Attr.(graph.View)
		if len(v.Map.Guard) > 0 && v.Fill != 0 {
			return []*graph.Node{n}
		}
		return each(n.Args[0], func(t *graph.Node) *graph.Node { return w.View(t, v.Map, 0, n.Type.Shape) })
	}
	return []*graph.Node{n}
}

// sinkCollects takes out collected contractions that the body does not read
// itself, one of whose factors is the same at every step.
func (l *loop) sinkCollects() []late {
	steps := map[*graph.Node]bool{l.index: true}
	for _, c := range l.carries {
		steps[c.arg] = true
	}
	for _, s := range l.slices {
		steps[s.arg] = true
	}
	varies := enters(l.roots(), steps)
	var out []late
	var kept []collect
	for k, c := range l.collects {
		if c.number < 0 || l.readElsewhere(k) {
			kept = append(kept, c)
			continue
		}
		terms := split(l.w, c.node)
		if !allProducts(terms) || !oneStays(terms, varies) {
			kept = append(kept, c)
			continue
		}
		out = append(out, late{c.number, terms, nil, factors(terms)})
	}
	l.collects = kept
	return out
}

// oneStays reports whether each product has a factor that is the same at every
// step.
func oneStays(terms []*graph.Node, varies map[*graph.Node]bool) bool {
	for _, t := range terms {
		p := product(t)
		if varies[p.Args[0].Args[0]] && varies[p.Args[1].Args[0]] {
			return false
		}
	}
	return true
}

// readElsewhere reports whether the body reads collect k, or collects it again.
func (l *loop) readElsewhere(k int) bool {
	var roots []*graph.Node
	for _, c := range l.carries {
		roots = append(roots, c.next)
	}
	for i, c := range l.collects {
		if i != k {
			roots = append(roots, c.node)
		}
	}
	for _, n := range graph.Reachable(roots...) {
		if n == l.collects[k].node {
			return true
		}
	}
	return false
}

// sinkCheap takes out carried sums of what is collected anyway.
func (l *loop) sinkCheap(before []late) []late {
	have := map[*graph.Node]bool{}
	for _, c := range l.collects {
		have[c.node] = true
	}
	for _, x := range before {
		for _, r := range x.reads {
			have[r] = true
		}
	}
	var out []late
	var kept []carry
	carries := l.carries
	for j, c := range carries {
		v := l.carriedSum(j)
		read := v
		for read != nil && (read.Op.Name == "sum" || read.Op.Name == "view") {
			read = read.Args[0]
		}
		if v == nil || !have[read] {
			kept = append(kept, c)
			continue
		}
		out = append(out, late{c.number, []*graph.Node{v}, c.init, []*graph.Node{read}})
	}
	l.carries = kept
	return out
}

// gatherReads collects the factors that are not there for all steps already.
func (l *loop) gatherReads(list []late) {
	have := map[*graph.Node]bool{}
	for _, c := range l.collects {
		have[c.node] = true
	}
	for _, x := range list {
		for _, r := range x.reads {
			if !have[r] && l.withoutLoop(r) == nil {
				have[r] = true
				l.collects = append(l.collects, collect{r, -1, nil})
			}
		}
	}
}

// withoutLoop computes a node for all steps from slices and captures, nil where
// a carry enters it.
func (l *loop) withoutLoop(n *graph.Node) *graph.Node {
	carried := map[*graph.Node]bool{}
	for _, c := range l.carries {
		carried[c.arg] = true
	}
	if enters([]*graph.Node{n}, carried)[n] {
		return nil
	}
	lifted, fixed := l.maps()
	out, ok := l.b.Lift([]*graph.Node{n}, l.attr.Trip, lifted, fixed)
	if !ok {
		return nil
	}
	return out[0]
}

// finish computes the values taken out of a loop that has been built.
func (l *loop) finish(list []late) {
	for _, x := range list {
		lifted, fixed := l.maps()
		for _, c := range l.collects {
			lifted[c.node] = c.result
		}
		out, ok := l.b.Lift(x.terms, l.attr.Trip, lifted, fixed)
		if !ok {
			panic("rewrite: internal error: a contraction taken out of a loop has no form for all steps")
		}
		v := x.init
		for _, term := range out {
			if x.init != nil {
				term = l.b.Sum(term, 0)
			}
			if v == nil {
				v = term
			} else {
				v = l.b.Add(v, term)
			}
		}
		l.values[x.number] = v
	}
}
