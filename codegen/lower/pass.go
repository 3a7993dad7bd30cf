package lower

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
)

// root is a node that a program has to compute, and where its value goes.
type root struct {
	node    *graph.Node
	result  kernel.Result
	section int
	own     *kernel.Buffer // the buffer it must end in; nil: any
	over    *kernel.Buffer // the leaf's memory that it replaces when all is done
	copied  bool
	checks  bool // its value does not matter, only what is checked for it
}

// pass lowers one program: predict, train, an update or a function.
type pass struct {
	ops    map[string]*graph.Op
	intern *interner
	hints  map[kernel.Expr]string // names for lets
	prog   *kernel.Program
	leaves func(n *graph.Node) *kernel.Buffer // makes the buffer of a leaf

	nodes   []*graph.Node // in order, after preparation
	users   map[*graph.Node][]*graph.Node
	section map[*graph.Node]int
	forced  map[*graph.Node]bool // stored whatever their cost
	once    map[*graph.Node]bool // views that read each element once
	keeps   map[*graph.Node]bool // stored
	pure    bool                 // element-wise throughout: nothing but results is stored
	bufs    map[*graph.Node]*kernel.Buffer
	names   map[string]int
	targets []*kernel.Buffer        // overwritten leaves
	sourced map[*kernel.Buffer]bool // named in the source
	marks   map[*kernel.Buffer]bool // of equal reals, few of which are set

	windows map[*kernel.Buffer]movingPart
	results map[*graph.Node][]*kernel.Buffer // of nodes with regions
	steps   []stepVar                        // of the loops around
	within  string                           // the section of a call that these are in, or ""
	same    map[*graph.Node]*graph.Node      // parameters that other nodes stand for
	adds    map[*graph.Node]bool             // products that add to what is there
	trips   []definer                        // of run-time dims
	inner   bool                             // the body of a region
	callees *callees                         // the sections that calls run
	pairs   *pairs
	demand  map[*graph.Node][]limit // all that is asked of a stored node keeps to these
	zeros   map[*graph.Node][]limit // a stored node is 0 outside these
	one     *kernel.Buffer          // a constant 1, if it is needed
}

// fresh is a name based on hint that the program does not have yet.
func (p *pass) fresh(hint string) string {
	hint = strings.Map(func(r rune) rune {
		if r == '.' || r == '#' || r == ' ' {
			return '_'
		}
		return r
	}, hint)
	p.names[hint]++
	if n := p.names[hint]; n > 1 {
		return p.fresh(hint + "_" + strconv.Itoa(n))
	}
	return hint
}

// run lowers the roots of a program.
func (p *pass) run(roots []root, sections ...string) {
	for i, kernels := range p.lower(roots, len(sections)) {
		p.prog.Sections = append(p.prog.Sections, &kernel.Section{Name: sections[i], Kernels: kernels})
	}
	p.prog.Sections = append(p.prog.Sections, p.callees.sections...)
	p.settle()
}

// lower makes the kernels of each section.
func (p *pass) lower(roots []root, sections int) [][]*kernel.Kernel {
	roots, patches := p.patches(p.prepare(withoutMade(roots)))
	p.order(roots)
	p.accumulateInPlace(roots)
	p.decide(roots)
	p.replace(roots)
	copies := p.assign(roots)
	stages := make([][]*stage, sections)
	for _, n := range p.nodes {
		if p.keeps[n] {
			stages[p.section[n]] = append(stages[p.section[n]], p.build(n, p.bufs[n]))
		}
		stages[p.section[n]] = append(stages[p.section[n]], p.tripStages(n)...)
	}
	late := make([][]*stage, sections)
	for _, ch := range patches {
		late[0] = append(late[0], p.change(ch))
	}
	for _, r := range copies {
		to := &stages[r.section]
		if r.copied {
			to = &late[r.section]
		}
		*to = append(*to, p.nest(r.node, r.own, copyOf(r.node)))
	}
	out := make([][]*kernel.Kernel, sections)
	for i := range out {
		out[i] = append(p.fuse(stages[i]), p.fuse(late[i])...)
	}
	return out
}

// replace gives the roots that overwrite leaves their targets. Where the program
// is one map over elements they are written in place, after all reads of an
// element; otherwise they are computed elsewhere first and copied last.
func (p *pass) replace(roots []root) {
	for i := range roots {
		r := &roots[i]
		switch {
		case r.over == nil:
			continue
		case p.adds[r.node]:
			r.own = r.over
		case p.pure:
			r.own = &kernel.Buffer{Name: p.fresh(r.over.Name + "_new"), Kind: r.over.Kind, Elem: r.over.Elem,
				Shape: r.over.Shape, Alias: r.over}
		default:
			r.own, r.copied = r.over, true
		}
		p.targets = append(p.targets, r.over)
	}
}

// copyOf stands for n in a stage of its own, so that n is read, not defined.
func copyOf(n *graph.Node) *graph.Node {
	c := *n
	c.Op, c.Args, c.Attr = &graph.Op{Name: "reshape", Class: graph.ReshapeOp}, []*graph.Node{n}, nil
	c.ID = -1 - n.ID
	return &c
}

// order lists the nodes and finds the section of each: the first that needs it.
func (p *pass) order(roots []root) {
	p.users, p.section = map[*graph.Node][]*graph.Node{}, map[*graph.Node]int{}
	p.trips = definers(roots)
	for s := 0; ; s++ {
		var in []*graph.Node
		for _, r := range roots {
			if r.section == s {
				in = append(in, r.node)
			}
		}
		if in == nil && s > 1 {
			return
		}
		for _, n := range p.inOrder(in) {
			if _, seen := p.section[n]; seen {
				continue
			}
			p.section[n] = s
			p.nodes = append(p.nodes, n)
			for _, a := range n.Args {
				p.users[a] = append(p.users[a], n)
			}
		}
	}
}

// stored reports whether n has a buffer.
func (p *pass) stored(n *graph.Node) bool {
	switch n.Op.Class {
	case graph.LeafOp:
		_, number := n.Attr.(graph.Number)
		_, index := n.Attr.(graph.Index)
		return !number && !index || p.keeps[n]
	case graph.ReshapeOp:
		return p.keeps[n] || p.stored(n.Args[0])
	case graph.ResultOp:
		return true
	}
	return p.keeps[n]
}

// buffer is the memory of a stored node.
func (p *pass) buffer(n *graph.Node) *kernel.Buffer {
	if b, ok := p.bufs[n]; ok {
		return b
	}
	switch n.Op.Class {
	case graph.ReshapeOp:
		return p.buffer(n.Args[0])
	case graph.ResultOp:
		return p.resultBuffers(n.Args[0])[n.Attr.(graph.Count)]
	}
	b := p.leaves(n)
	if b == nil {
		panic("lower: internal error: no buffer for " + n.Op.Name + " " + n.Name)
	}
	if !p.inner || b.Kind == kernel.Const {
		p.add(b)
	}
	p.bufs[n] = b
	return b
}

func (p *pass) add(b *kernel.Buffer) { p.prog.Buffers = append(p.prog.Buffers, b) }

// assign gives every stored node its buffer. It returns the roots whose value
// ends up in other memory than their own and has to be copied.
func (p *pass) assign(roots []root) (copies []root) {
	p.marks = map[*kernel.Buffer]bool{}
	for i := range roots {
		r := &roots[i]
		n := owner(r.node)
		taken := p.bufs[n]
		switch {
		case r.checks:
			continue
		case r.copied:
			copies = append(copies, *r)
		case p.keeps[n] && taken == nil && r.own != nil && p.section[n] == r.section:
			p.bufs[n] = r.own
		case p.keeps[n] && taken == nil && r.own == nil:
			r.own = p.arena(n, p.nameOf(n, r.result.Name))
			p.bufs[n] = r.own
		case p.keeps[n] && r.own == nil:
			r.own = taken
		default:
			if r.own == nil {
				r.own = p.arena(r.node, r.result.Name)
			}
			copies = append(copies, *r)
		}
		r.own.Result = !p.inner
		r.result.Buffer = r.own
		if r.result.Kind != "" {
			p.prog.Results = append(p.prog.Results, r.result)
		}
	}
	for _, n := range p.nodes {
		if !p.keeps[n] || n.Op.Class == graph.RegionOp {
			continue
		}
		if p.bufs[n] == nil {
			p.bufs[n] = p.arena(n, p.nameOf(n, ""))
		}
		if p.marked(n) {
			p.marks[p.bufs[n]] = true
		}
		p.sourced[p.bufs[n]] = n.Name != "" || p.bufs[n].Kind == kernel.Grad
	}
	return copies
}

// owner is the node whose memory n is: reshapes have none of their own.
func owner(n *graph.Node) *graph.Node {
	for n.Op.Class == graph.ReshapeOp {
		n = n.Args[0]
	}
	return n
}

func (p *pass) arena(n *graph.Node, name string) *kernel.Buffer {
	b := &kernel.Buffer{Name: p.fresh(name), Kind: kernel.Arena, Elem: n.Type.Elem, Shape: n.Type.Shape}
	p.add(b)
	return b
}

// nameOf names the memory of n: by its own name, by that of the first user that
// has one and the operator, or by the operator.
func (p *pass) nameOf(n *graph.Node, fallback string) string {
	if n.Name != "" {
		return n.Name
	}
	if fallback != "" {
		return fallback
	}
	for u := n; len(p.users[u]) > 0; {
		if u = p.users[u][0]; u.Name != "" {
			return fmt.Sprintf("%s_%s", u.Name, n.Op.Name)
		}
	}
	return n.Op.Name
}
