package diff

import "github.com/gradgen/gradgen/graph"

// owner finds the tangents of the values of a loop or branch from those of its
// operands: a second loop over the same steps that carries tangents, or a second
// branch by the same condition.
func (p *pushing) owner(n *graph.Node) {
	if n.Op.Name == "branch" {
		p.branch(n)
		return
	}
	x := newWalk(p.b, n, p.names)
	moving := x.moving(func(a *graph.Node) bool { return p.tangents[a] != nil })
	var d derived
	var xs, vs []*graph.Node
	tangent := func(param *graph.Node) *graph.Node {
		v := x.arg(param)
		xs, vs = append(xs, param), append(vs, v)
		return v
	}
	var carries []int
	for j, c := range x.carries {
		if moving[c] {
			init := p.tangents[x.parts.Inits[j]]
			if init == nil {
				init = p.b.Fill(0, c.Type)
			}
			d.carries = append(d.carries, carried{arg: tangent(c), init: init})
			carries = append(carries, j)
		}
	}
	for i, s := range x.slices {
		if moving[s] {
			d.slices = append(d.slices, operand{tangent(s), p.tangents[x.parts.Slices[i]]})
		}
	}
	for i, c := range x.captures {
		if moving[c] {
			d.captures = append(d.captures, operand{tangent(c), p.tangents[x.parts.Captures[i]]})
		}
	}
	on := dependents(x.results, moving)
	var ys []*graph.Node
	for _, j := range carries {
		ys = append(ys, x.results[j])
	}
	var collects []int
	for k, y := range x.collects() {
		if on[y] && y.Type.Elem == graph.Real {
			ys, collects = append(ys, y), append(collects, k)
		}
	}
	if len(ys) == 0 {
		return
	}
	out := push(x.w, ys, xs, vs, p.names)
	for i := range carries {
		d.carries[i].next = out[i]
	}
	d.collects = out[len(carries):]
	values := map[*graph.Node]*graph.Node{}
	results := x.derive(d)
	for i, j := range carries {
		values[p.b.Result(n, j)] = results[i]
	}
	for i, k := range collects {
		values[x.result(k)] = results[len(carries)+i]
	}
	for y, v := range values {
		p.tangents[y] = v
	}
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
