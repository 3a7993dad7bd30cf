package diff

import "github.com/gradgen/gradgen/graph"

// way is one region of a branch, copied to be differentiated.
type way struct {
	w        *graph.Builder
	captures []*graph.Node // parameters in w
	cts      []*graph.Node // parameters for cotangents
	results  []*graph.Node
	inner    *sweep
	args     int
	kept     []*graph.Node
}

func (y *way) arg(t graph.Type) *graph.Node {
	y.args++
	return y.w.Arg(y.args-1, t)
}

func (s *sweep) newWay(n *graph.Node, region *graph.Region, cts map[int]graph.Cotangent, order []int) *way {
	y := &way{w: s.b.Inner(nil)}
	for _, p := range region.Params {
		y.captures = append(y.captures, y.arg(p.Type))
	}
	y.results = y.w.Inline(region, y.captures)
	var roots, targets []*graph.Node
	var seeds []graph.Cotangent
	for _, k := range order {
		ct := graph.Cotangent{Value: y.arg(cts[k].Value.Type)}
		y.cts = append(y.cts, ct.Value)
		if cts[k].Guard != nil {
			ct.Guard = y.arg(cts[k].Guard.Type)
			y.cts = append(y.cts, ct.Guard)
		}
		roots, seeds = append(roots, y.results[k]), append(seeds, ct)
	}
	for i, p := range y.captures {
		if s.active[n.Parts().Captures[i]] && p.Type.Elem == graph.Real {
			targets = append(targets, p)
		}
	}
	y.inner = newSweep(y.w, roots, targets)
	y.inner.names, y.inner.bare = s.names, s.bare
	y.inner.run(roots, seeds)
	return y
}

// pullBranch goes back the way that was taken. Dear values of each way become
// values of the branch.
func (s *sweep) pullBranch(n *graph.Node, cts map[int]graph.Cotangent) {
	var order []int
	var operands []*graph.Node
	for k := range n.Regions[0].Results {
		if ct, ok := cts[k]; ok {
			order, operands = append(order, k), append(operands, ct.Value)
			if ct.Guard != nil {
				operands = append(operands, ct.Guard)
			}
		}
	}
	then, other := s.newWay(n, n.Regions[0], cts, order), s.newWay(n, n.Regions[1], cts, order)
	captures := n.Parts().Captures
	var to []int
	var guarded []bool
	var outs [2][]*graph.Node
	for i := range captures {
		a, b := then.inner.adjoint(then.captures[i]), other.inner.adjoint(other.captures[i])
		if a.Value == nil && b.Value == nil {
			continue
		}
		g := a.Guard != nil || b.Guard != nil
		to, guarded = append(to, i), append(guarded, g)
		outs[0] = append(outs[0], then.value(i, a, g)...)
		outs[1] = append(outs[1], other.value(i, b, g)...)
	}
	if len(to) == 0 {
		return
	}
	out := s.back(n, then, other, outs, operands)
	for at, j := 0, 0; j < len(to); j++ {
		ct := graph.Cotangent{Value: out[at]}
		at++
		if guarded[j] {
			ct.Guard = out[at]
			at++
		}
		s.give(captures[to[j]], ct)
	}
}

// value is the adjoint of a capture on one way: zero where that does not use it.
func (y *way) value(i int, ct graph.Cotangent, guarded bool) []*graph.Node {
	p := y.captures[i]
	truth := 1.0
	if ct.Value == nil {
		ct.Value, truth = y.w.Fill(0, p.Type), 0
	}
	if !guarded {
		return []*graph.Node{ct.Value}
	}
	if ct.Guard == nil {
		ct.Guard = y.w.Fill(truth, boolean(p))
	}
	return []*graph.Node{ct.Value, ct.Guard}
}

// keep finds the dear values that outs need of the way itself.
func (y *way) keep(outs []*graph.Node) {
	own := map[*graph.Node]bool{}
	for _, p := range y.cts {
		own[p] = true
	}
	second := dependents(outs, own)
	walkDown(outs, func(n *graph.Node) bool {
		if second[n] || !dear(n) {
			return true
		}
		y.kept = append(y.kept, n)
		return false
	})
}

// back extends a branch by what its ways keep and builds the branch that goes
// back.
func (s *sweep) back(n *graph.Node, then, other *way, outs [2][]*graph.Node, cts []*graph.Node) []*graph.Node {
	then.keep(outs[0])
	other.keep(outs[1])
	first := len(n.Regions[0].Results)
	ways := [2]*way{then, other}
	var regions, extended []*graph.Region
	for i, y := range ways {
		results := append([]*graph.Node{}, y.results...)
		params, instead := append([]*graph.Node{}, y.captures...), map[*graph.Node]*graph.Node{}
		for j, z := range ways {
			for _, k := range z.kept {
				p := y.arg(k.Type)
				params = append(params, p)
				if i == j {
					results, instead[k] = append(results, k), p
				} else {
					results = append(results, y.w.Fill(0, k.Type))
				}
			}
		}
		extended = append(extended, y.w.Close(y.captures, results, nil))
		regions = append(regions, y.w.Close(append(params, y.cts...), outs[i], instead))
	}
	if len(then.kept)+len(other.kept) > 0 {
		n.Extend(n.Attr, extended)
	}
	operands := append([]*graph.Node{}, n.Args...)
	for k := range len(then.kept) + len(other.kept) {
		operands = append(operands, s.b.Result(n, first+k))
	}
	owner := s.b.Region("branch", nil, graph.Type{Elem: graph.Bool}, regions, append(operands, cts...)...)
	return s.b.Results(owner)
}
