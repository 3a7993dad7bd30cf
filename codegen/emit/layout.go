package emit

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// layout places tensors one after the other in a slice, each at the beginning
// of a cache line. Gradients lie as their parameters do.
type layout struct {
	offset map[string]int64 // by path
	size   map[string]int64
	total  int64
}

// lineElems is the number of elements to which places are rounded: a cache line
// of float32, two of float64.
const lineElems = 16

func newLayout(params []*graph.Param) *layout {
	l := &layout{offset: map[string]int64{}, size: map[string]int64{}}
	for _, p := range params {
		n, _ := shape.Product(p.Node.Type.Shape).IsConst() // the checker allows fixed dims only
		l.offset[p.Path], l.size[p.Path] = l.total, n
		l.total += (n + lineElems - 1) / lineElems * lineElems
	}
	return l
}

// reals are the states of reals; the others have memory of their own.
func reals(states []*graph.Param) []*graph.Param {
	var out []*graph.Param
	for _, p := range states {
		if p.Node.Type.Elem == graph.Real {
			out = append(out, p)
		}
	}
	return out
}

// updateOrder lists the parameters of each rule together, so that a rule over
// many finds them as one run of memory; frozen ones come last.
func updateOrder(m *graph.Model) []*graph.Param {
	var out []*graph.Param
	seen := map[int]bool{}
	take := func(i int) {
		if !seen[i] {
			seen[i] = true
			out = append(out, m.Params[i])
		}
	}
	for _, r := range m.Rules {
		for _, i := range r.Params {
			take(i)
		}
	}
	for i := range m.Params {
		take(i)
	}
	return out
}

// run is a part of the parameters' memory, or several of equal length that
// follow each other.
type run struct {
	at, n int64
	count int
}

// runs are the parts of memory that a rule works on: one for each parameter, or
// as few as their places allow for a flat rule. Room between neighbours is
// zero and stays so.
func (l *layout) runs(m *graph.Model, r *graph.Rule) []run {
	var out []run
	for _, i := range r.Params {
		path, count := m.Params[i].Path, 1
		if !r.Flat {
			for _, s := range m.Params[i].Stack {
				count *= s.N
			}
		}
		next := run{l.offset[path], l.size[path] / int64(count), count}
		if last := len(out) - 1; r.Flat && last >= 0 && roundUp(out[last].at+out[last].n) == next.at {
			out[last].n = next.at + next.n - out[last].at
			continue
		}
		out = append(out, next)
	}
	return out
}

func roundUp(n int64) int64 { return (n + lineElems - 1) / lineElems * lineElems }
