package diff

import (
	"fmt"
	"slices"

	"github.com/gradgen/gradgen/graph"
)

// Calls differentiate to calls. The region of
//
//	call f(x) -> y
//
// becomes one of (x, cotangent of y) -> (y, cotangent of x), or of (x, tangent of x)
// -> (y, tangent of y), made once for all calls of it. It computes f again, since what
// f works with is gone by then; where its other operands do not need y, the first
// call is dropped later, and y taken from this one (rewrite). So a recursion does no
// more work in its derivative, level by level, than twice what it does itself.

// common is what the passes over one graph share.
type common struct {
	*graph.Trips                                 // names of run-time dims
	calls        map[string]*derivative          // of calls, by what is differentiated
	regions      map[*graph.Region]*graph.Region // without derivatives still to be taken
}

func newCommon(g *graph.Graph) *common {
	return &common{new(graph.Trips).See(g), map[string]*derivative{}, map[*graph.Region]*graph.Region{}}
}

// derivative is the region of a derived call, and which operands or values of the
// first call its further values belong to.
type derivative struct {
	region  *graph.Region
	to      []int
	guarded []bool
}

// call adds a derived call, and returns its values behind those of the first.
func (d *derivative) call(b *graph.Builder, n *graph.Node, suffix string, more []*graph.Node) []*graph.Node {
	first := n.Regions[0]
	attr := graph.Callee{Name: n.Attr.(graph.Callee).Name + suffix, Of: first.Key()}
	operands := append(slices.Clone(n.Args), more...)
	owner := b.Region("call", attr, graph.Type{Elem: graph.Bool}, []*graph.Region{d.region}, operands...)
	return b.Results(owner)[len(first.Results):]
}

// pullCall hands the cotangents of the values of a call to its arguments.
func (s *sweep) pullCall(n *graph.Node, cts map[int]graph.Cotangent) {
	key := fmt.Sprint("pull ", s.bare, " ", n.Regions[0].Key())
	for _, x := range n.Args {
		key += fmt.Sprint(" ", s.active[x])
	}
	var order []int
	var operands []*graph.Node
	for k := range n.Regions[0].Results {
		if ct, ok := cts[k]; ok {
			key += fmt.Sprint("; ", k, ct.Guard != nil)
			order, operands = append(order, k), append(operands, ct.Value)
			if ct.Guard != nil {
				operands = append(operands, ct.Guard)
			}
		}
	}
	d := s.names.calls[key]
	if d == nil {
		d = s.pulled(n, cts, order)
		s.names.calls[key] = d
	}
	if len(d.to) == 0 {
		return
	}
	out := d.call(s.b, n, "Back", operands)
	for j, i := range d.to {
		ct := graph.Cotangent{Value: out[0]}
		out = out[1:]
		if d.guarded[j] {
			ct.Guard, out = out[0], out[1:]
		}
		s.give(n.Args[i], ct)
	}
}

// pulled is the region of the adjoint of a call.
func (s *sweep) pulled(n *graph.Node, cts map[int]graph.Cotangent, order []int) *derivative {
	y, d := s.newWay(n, n.Regions[0], cts, order), &derivative{}
	results := slices.Clone(y.results)
	for i, p := range y.captures {
		ct := y.inner.adjoint(p)
		if ct.Value == nil {
			continue
		}
		d.to, d.guarded = append(d.to, i), append(d.guarded, ct.Guard != nil)
		results = append(results, y.value(i, ct, ct.Guard != nil)...)
	}
	d.region = y.w.Close(append(slices.Clone(y.captures), y.cts...), results, nil)
	return d
}

// call finds the tangents of the values of a call.
func (p *pushing) call(n *graph.Node) {
	key := "push " + n.Regions[0].Key()
	var moving []int
	var operands []*graph.Node
	for i, x := range n.Args {
		if v := p.tangents[x]; v != nil {
			key += fmt.Sprint(" ", i)
			moving, operands = append(moving, i), append(operands, v)
		}
	}
	d := p.names.calls[key]
	if d == nil {
		d = p.pushed(n.Regions[0], moving)
		p.names.calls[key] = d
	}
	if len(d.to) == 0 {
		return
	}
	for j, v := range d.call(p.b, n, "Along", operands) {
		p.tangents[p.b.Result(n, d.to[j])] = v
	}
}

// pushed is the region of the tangent of a call.
func (p *pushing) pushed(r *graph.Region, moving []int) *derivative {
	x, d := &walk{w: p.b.Inner(nil)}, &derivative{}
	var params, xs, vs, ys []*graph.Node
	for _, q := range r.Params {
		params = append(params, x.arg(q))
	}
	results := x.w.Inline(r, params)
	all, on := slices.Clone(params), map[*graph.Node]bool{}
	for _, i := range moving {
		v := x.arg(params[i])
		xs, vs, all, on[params[i]] = append(xs, params[i]), append(vs, v), append(all, v), true
	}
	on = dependents(results, on)
	for k, y := range results {
		if y.Type.Elem == graph.Real && on[y] {
			d.to, ys = append(d.to, k), append(ys, y)
		}
	}
	d.region = x.w.Close(all, append(results, push(x.w, ys, xs, vs, p.names)...), nil)
	return d
}
