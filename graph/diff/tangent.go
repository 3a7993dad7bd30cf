package diff

import "github.com/gradgen/gradgen/graph"

// owner finds the tangents of the values of a loop or branch from those of its
// operands: a second loop over the same steps that carries tangents, or a second
// branch by the same condition.
func (p *pushing) owner(n *graph.Node) {
	switch n.Op.Name {
	case "branch":
		p.branch(n)
	case "call":
		p.call(n)
	default:
		(&following{walk: newWalk(p.b, n, p.names), p: p}).loop()
	}
}

// following is the loop of tangents beside another.
type following struct {
	*walk
	p      *pushing
	d      derived
	xs, vs []*graph.Node // parameters and their tangents
}

func (f *following) loop() {
	moving := f.moving(func(a *graph.Node) bool { return f.p.tangents[a] != nil })
	carries := f.parameters(moving)
	on := dependents(f.results, moving)
	var ys, of []*graph.Node
	for _, j := range carries {
		ys, of = append(ys, f.results[j]), append(of, f.b.Result(f.n, j))
	}
	for k, y := range f.collects() {
		if on[y] && y.Type.Elem == graph.Real {
			ys, of = append(ys, y), append(of, f.result(k))
		}
	}
	if len(ys) == 0 {
		return
	}
	out := push(f.w, ys, f.xs, f.vs, f.names)
	for i := range carries {
		f.d.carries[i].next = out[i]
	}
	f.d.collects = out[len(carries):]
	for i, v := range f.derive(f.d) {
		f.p.tangents[of[i]] = v
	}
}

// parameters gives tangents to what moves, and lists the carries among it.
func (f *following) parameters(moving map[*graph.Node]bool) (carries []int) {
	for j, c := range f.carries {
		if moving[c] {
			init := f.p.tangents[f.parts.Inits[j]]
			if init == nil {
				init = f.b.Fill(0, c.Type)
			}
			f.d.carries = append(f.d.carries, carried{arg: f.tangent(c), init: init})
			carries = append(carries, j)
		}
	}
	each := func(params, operands []*graph.Node) (out []operand) {
		for i, s := range params {
			if moving[s] {
				out = append(out, operand{f.tangent(s), f.p.tangents[operands[i]]})
			}
		}
		return out
	}
	f.d.slices = each(f.slices, f.parts.Slices)
	f.d.captures = each(f.captures, f.parts.Captures)
	return carries
}

func (f *following) tangent(param *graph.Node) *graph.Node {
	v := f.arg(param)
	f.xs, f.vs = append(f.xs, param), append(f.vs, v)
	return v
}

// branch goes the way that was taken, with tangents.
func (p *pushing) branch(n *graph.Node) {
	captures := n.Parts().Captures
	var operands []*graph.Node
	operands = append(operands, n.Args...)
	var moving []int
	for i, c := range captures {
		if v := p.tangents[c]; v != nil {
			moving, operands = append(moving, i), append(operands, v)
		}
	}
	var numbers []int
	for k, y := range n.Regions[0].Results {
		if y.Type.Elem == graph.Real {
			numbers = append(numbers, k)
		}
	}
	if len(moving) == 0 || len(numbers) == 0 {
		return
	}
	var regions []*graph.Region
	for _, r := range n.Regions {
		x := &walk{w: p.b.Inner(nil)}
		var params, xs, vs, ys []*graph.Node
		for _, q := range r.Params {
			params = append(params, x.arg(q))
		}
		results := x.w.Inline(r, params)
		all := append([]*graph.Node{}, params...)
		for _, i := range moving {
			v := x.arg(params[i])
			xs, vs, all = append(xs, params[i]), append(vs, v), append(all, v)
		}
		for _, k := range numbers {
			ys = append(ys, results[k])
		}
		regions = append(regions, x.w.Close(all, push(x.w, ys, xs, vs, p.names), nil))
	}
	owner := p.b.Region("branch", nil, n.Type, regions, operands...)
	for i, k := range numbers {
		p.tangents[p.b.Result(n, k)] = p.b.Result(owner, i)
	}
}
