package lower

import (
	"cmp"
	"fmt"
	"strconv"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// Scans, whiles and branches become kernels of kernels. A body is lowered like
// a program of its own whose leaves are the parameters: carried values have
// buffers, which the values at the end of the body overwrite when all of the
// body is done; slices and collects are windows into whole tensors that move with
// the step; what is captured is read where it is.
//
//	scan t: h = tanh(x[t] + h), collect hs = h
//
// with h carried is
//
//	h = init                                  kernels before the loop
//	repeat s0 in 0..T
//	    h_new[i] = tanh(x[s0*k + i] + h[i])
//	    hs[s0*k + i] = h_new[i]
//	    h[i] = h_new[i]

// movingPart is what a buffer that stands for the part of another at a place that depends
// on the step.
type movingPart struct {
	of *kernel.Buffer
	at shape.Dim
}

// windowOf is element step of b's first axis as a buffer of its own.
func (p *pass) windowOf(b *kernel.Buffer, step shape.Dim, t graph.Type) *kernel.Buffer {
	w := &kernel.Buffer{Name: p.fresh(b.Name + "_step"), Kind: b.Kind, Elem: t.Elem, Shape: t.Shape}
	p.windows[w] = movingPart{b, step.Mul(shape.Product(t.Shape))}
	return w
}

// region prepares the lowering of a body: binding[i] is the memory of parameter
// i, or same[i] a node that stands for it.
func (p *pass) region(binding map[int]*kernel.Buffer) *pass {
	return &pass{intern: p.intern, hints: p.hints, prog: p.prog, names: p.names, sourced: p.sourced,
		windows: p.windows, results: map[*graph.Node][]*kernel.Buffer{}, steps: p.steps, within: p.within, inner: true, callees: p.callees,
		bufs: map[*graph.Node]*kernel.Buffer{}, leaves: func(n *graph.Node) *kernel.Buffer {
			if t, ok := n.Attr.(graph.Table); ok {
				return &kernel.Buffer{Name: p.fresh("table"), Kind: kernel.Const, Elem: n.Type.Elem, Shape: n.Type.Shape, Data: t}
			}
			return binding[position(n)]
		}}
}

// position is the number of a region's parameter.
func position(n *graph.Node) int {
	k, err := strconv.Atoi(leafName(n))
	if err != nil {
		panic(fmt.Sprintf("lower: internal error: %s %s inside a region", n.Op.Name, leafName(n)))
	}
	return k
}

// body lowers the results of a region: over[i] is the memory that result i
// replaces at the end, own[i] that it is written to.
func (p *pass) body(r *graph.Region, same map[int]*graph.Node, over, own map[int]*kernel.Buffer) []*kernel.Kernel {
	p.same = map[*graph.Node]*graph.Node{}
	for i, n := range same {
		p.same[r.Params[i]] = n
	}
	var roots []root
	for i, n := range r.Results {
		if over[i] != nil && n.Op.Name == "arg" && p.leaves(n) == over[i] {
			continue // carried on as it is
		}
		roots = append(roots, root{node: n, over: over[i], own: own[i]})
	}
	if len(roots) == 0 {
		return nil
	}
	return p.lower(roots, 1)[0]
}

// operands binds the captured operands of n to the parameters from first on.
// Numbers are not captured but said again.
func (p *pass) operands(ops []*graph.Node, first int, binding map[int]*kernel.Buffer, same map[int]*graph.Node) []access {
	var reads []access
	for i, x := range ops {
		if _, number := x.Attr.(graph.Number); number {
			same[first+i] = x
			continue
		}
		binding[first+i] = p.buffer(x)
		reads = append(reads, whole(x))
	}
	return reads
}

// whole is a read of all of x.
func whole(x *graph.Node) access {
	idx := make([]shape.Dim, x.Type.Rank())
	for k := range idx {
		idx[k] = unknown
	}
	return access{x, idx}
}

// loop makes the stage of a node with regions.
func (p *pass) loop(n *graph.Node) *stage {
	st := &stage{node: n, alone: true}
	outs := p.resultBuffers(n)
	st.outs = outs
	switch a := n.Attr.(type) {
	case graph.Scan:
		p.scan(st, n, a, outs)
	case graph.While:
		p.while(st, n, a, outs)
	case graph.Callee:
		p.call(st, n, a, outs)
	default:
		p.branch(st, n, outs)
	}
	return st
}

// resultBuffers is the memory of the values of n.
func (p *pass) resultBuffers(n *graph.Node) []*kernel.Buffer {
	if have, ok := p.results[n]; ok {
		return have
	}
	names := map[int]string{}
	for _, u := range p.users[n] {
		if k, ok := u.Attr.(graph.Count); ok && u.Op.Class == graph.ResultOp {
			names[int(k)] = u.Name
		}
	}
	var out []*kernel.Buffer
	for k, t := range n.ResultTypes() {
		name := names[k]
		if name == "" {
			name = n.Op.Name
		}
		b := &kernel.Buffer{Name: p.fresh(name), Kind: kernel.Arena, Elem: t.Elem, Shape: t.Shape}
		p.add(b)
		p.sourced[b] = names[k] != ""
		out = append(out, b)
	}
	p.results[n] = out
	return out
}

// start copies the initial values of what is carried.
func (p *pass) start(st *stage, inits []*graph.Node, carries []*kernel.Buffer) {
	for k, x := range inits {
		if _, number := x.Attr.(graph.Number); !number {
			st.reads = append(st.reads, whole(x))
		}
		c := p.nest(x, carries[k], copyOf(x))
		st.kernels = append(st.kernels, p.kernel(&group{rows: c.rows, stages: []*stage{c}}))
	}
}

func (p *pass) scan(st *stage, n *graph.Node, a graph.Scan, outs []*kernel.Buffer) {
	parts := n.Parts()
	p.start(st, parts.Inits, outs)
	name := fmt.Sprintf(".s%s%d", p.within, len(p.steps))
	step := shape.Var(name)
	binding, same := map[int]*kernel.Buffer{}, map[int]*graph.Node{}
	over, own := map[int]*kernel.Buffer{}, map[int]*kernel.Buffer{}
	for k := range a.Carries {
		binding[1+k], over[k] = outs[k], outs[k]
	}
	body := n.Regions[0]
	in := p.region(binding)
	in.steps = append(append([]stepVar{}, p.steps...), stepVar{name, a.Trip})
	for k, x := range parts.Slices {
		at := 1 + a.Carries + k
		if v, number := x.Attr.(graph.Number); number {
			same[at] = &graph.Node{Op: x.Op, Attr: v, Type: body.Params[at].Type}
			continue
		}
		binding[at] = p.windowOf(p.buffer(x), step, body.Params[at].Type)
		st.reads = append(st.reads, whole(x))
	}
	for k := range a.Collects {
		own[a.Carries+k] = p.windowOf(outs[a.Carries+k], step, body.Results[a.Carries+k].Type)
	}
	st.reads = append(st.reads, p.operands(parts.Captures, 1+a.Carries+a.Slices, binding, same)...)
	same[0] = indexNode(step)
	rep := &kernel.Repeat{Var: name, Trip: a.Trip, Reverse: a.Reverse, Span: n.Span}
	rep.Kernels = in.body(body, same, over, own)
	st.kernels = append(st.kernels, &kernel.Kernel{Name: "scan", Repeat: rep, Notes: addNote(nil, n), Fails: fails(rep.Kernels)})
}

// indexNode stands for the number of the step.
func indexNode(step shape.Dim) *graph.Node {
	return &graph.Node{Op: &graph.Op{Name: "index", Class: graph.LeafOp}, Attr: graph.Index{E: step}, Type: graph.Type{Elem: graph.Int}}
}

// while has two regions over the carried values and what is captured: the
// condition and the body.
func (p *pass) while(st *stage, n *graph.Node, a graph.While, outs []*kernel.Buffer) {
	parts := n.Parts()
	p.start(st, parts.Inits, outs)
	binding, same := map[int]*kernel.Buffer{}, map[int]*graph.Node{}
	over, own := map[int]*kernel.Buffer{}, map[int]*kernel.Buffer{}
	for k := range a.Carries {
		binding[k], over[k] = outs[k], outs[k]
	}
	st.reads = append(st.reads, p.operands(parts.Captures, a.Carries, binding, same)...)
	name := fmt.Sprintf(".s%s%d", p.within, len(p.steps))
	for k := range a.Collects {
		own[a.Carries+k] = p.windowOf(outs[a.Carries+1+k], shape.Var(name), n.Regions[1].Results[a.Carries+k].Type)
	}
	holds := &kernel.Buffer{Name: p.fresh("holds"), Kind: kernel.Arena, Elem: graph.Bool}
	p.add(holds)
	rep := &kernel.Repeat{Var: name, While: holds, Limited: a.Limited, Limit: a.Limit, Count: outs[a.Carries], Trips: a.Trips, Span: n.Span}
	for i, kernels := range []*[]*kernel.Kernel{&rep.Cond, &rep.Kernels} {
		in := p.region(binding)
		in.steps = append(append([]stepVar{}, p.steps...), stepVar{name, shape.Const(1 << 40)})
		if i == 0 {
			*kernels = in.body(n.Regions[0], same, nil, map[int]*kernel.Buffer{0: holds})
		} else {
			*kernels = in.body(n.Regions[1], same, over, own)
		}
	}
	st.fails, st.sets = a.Limited, a.Trips
	st.kernels = append(st.kernels, &kernel.Kernel{Name: "while", Repeat: rep, Notes: addNote(nil, n),
		Fails: a.Limited || fails(rep.Cond) || fails(rep.Kernels)})
}

func (p *pass) branch(st *stage, n *graph.Node, outs []*kernel.Buffer) {
	parts := n.Parts()
	binding, same := map[int]*kernel.Buffer{}, map[int]*graph.Node{}
	st.reads = append(st.reads, whole(parts.Cond))
	st.reads = append(st.reads, p.operands(parts.Captures, 0, binding, same)...)
	own := map[int]*kernel.Buffer{}
	for k, b := range outs {
		own[k] = b
	}
	br := &kernel.Branch{}
	br.Cond, st.kernels = p.scalar(parts.Cond)
	br.Then = p.region(binding).body(n.Regions[0], same, nil, own)
	br.Else = p.region(binding).body(n.Regions[1], same, nil, own)
	st.kernels = append(st.kernels, &kernel.Kernel{Name: "if", Branch: br, Notes: addNote(nil, n),
		Fails: fails(br.Then) || fails(br.Else)})
}

// callees holds the sections that calls run, by the keys of their regions, in the
// order in which they were done: what a section calls stands before it.
type callees struct {
	byKey    map[string]*kernel.Section
	sections []*kernel.Section
	names    map[string]bool
}

// call runs the section of its region. Numbers among the arguments are stored.
func (p *pass) call(st *stage, n *graph.Node, a graph.Callee, outs []*kernel.Buffer) {
	run := &kernel.Run{Section: p.sectionOf(n.Regions[0], a.Name)}
	for i, x := range n.Args {
		var b *kernel.Buffer
		if _, number := x.Attr.(graph.Number); number || x.Op.Name == "scalar" {
			b = p.arena(x, run.Section.Params[i].Name)
			c := p.nest(x, b, copyOf(x))
			st.kernels = append(st.kernels, p.kernel(&group{rows: c.rows, stages: []*stage{c}}))
		} else {
			b = p.buffer(x)
			st.reads = append(st.reads, whole(x))
		}
		run.Args = append(run.Args, kernel.Slice{Buf: b, Len: b.Len()})
	}
	for _, b := range outs {
		run.To = append(run.To, kernel.Slice{Buf: b, Len: b.Len()})
	}
	st.fails = fails(run.Section.Kernels)
	st.kernels = append(st.kernels, &kernel.Kernel{Name: a.Name, Body: []kernel.Stmt{run}, Notes: addNote(nil, n), Fails: st.fails})
}

// sectionOf lowers the region of a call, the first time it is met.
func (p *pass) sectionOf(r *graph.Region, name string) *kernel.Section {
	if s := p.callees.byKey[r.Key()]; s != nil {
		return s
	}
	s := &kernel.Section{Name: p.sectionName(name)}
	passed := func(n *graph.Node, name string) *kernel.Buffer {
		b := &kernel.Buffer{Name: p.fresh(s.Name + "_" + name), Kind: kernel.Passed, Elem: n.Type.Elem, Shape: n.Type.Shape}
		p.add(b)
		return b
	}
	binding, own := map[int]*kernel.Buffer{}, map[int]*kernel.Buffer{}
	for i, n := range r.Params {
		binding[i] = passed(n, cmp.Or(n.Name, fmt.Sprint("x", i)))
		s.Params = append(s.Params, binding[i])
	}
	for k, n := range r.Results {
		own[k] = passed(n, cmp.Or(n.Name, fmt.Sprint("y", k)))
		s.Yields = append(s.Yields, own[k])
	}
	in := p.region(binding)
	in.steps, in.within = nil, s.Name+"_"
	s.Kernels = in.body(r, nil, nil, own)
	p.callees.byKey[r.Key()], p.callees.sections = s, append(p.callees.sections, s)
	return s
}

// sectionName is the name of a function and a letter or more, so that its kernels,
// which are numbered, cannot have the name of another section.
func (p *pass) sectionName(name string) string {
	for n := 1; ; n++ {
		letters := ""
		for k := n; k > 0; k = (k - 1) / 26 {
			letters = string(rune('A'+(k-1)%26)) + letters
		}
		if s := name + letters; !p.callees.names[s] {
			p.callees.names[s] = true
			return s
		}
	}
}

func fails(ks []*kernel.Kernel) bool {
	for _, k := range ks {
		if k.Fails {
			return true
		}
	}
	return false
}

// stepVar is the number of a step of a loop around, and the number of steps.
type stepVar struct {
	name string
	trip shape.Dim
}

// accumulateInPlace lets a product that is only added to what is carried, as the
// gradients of weights in a scan are, add to the carried memory at once.
func (p *pass) accumulateInPlace(roots []root) {
	p.adds = map[*graph.Node]bool{}
	readers := map[*graph.Node]int{}
	for _, r := range roots {
		readers[r.node]++
	}
	once := func(n *graph.Node) bool { return len(p.users[n])+readers[n] == 1 }
	for i := range roots {
		r := &roots[i]
		if r.over == nil || r.node.Op.Name != "add" || !once(r.node) {
			continue
		}
		for k, x := range r.node.Args {
			c := r.node.Args[1-k]
			if x.Op.Name == "arg" && p.leaves(x) == r.over && c.Op == contractOp && once(x) && once(c) {
				p.adds[c] = true
				r.node = c
				break
			}
		}
	}
}
