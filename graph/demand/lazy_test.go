package demand_test

import (
	"errors"
	"fmt"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/ops"
	"github.com/gradgen/gradgen/graph/shape"
)

// lazy computes single elements by need: an operand that does not matter to the
// element asked for is never looked at. It is what checks by demand are compared
// with.
type lazy struct {
	inputs map[string]graph.Tensor
	dims   map[string]int64
	b      *graph.Builder
	params map[*graph.Node]func(place []int) (float64, error)
	memo   map[string]float64
}

var errCheck = errors.New("a check fails")

func newLazy(g *graph.Graph, inputs map[string]graph.Tensor, dims map[string]int64) *lazy {
	return &lazy{inputs, dims, ops.NewBuilder(g), map[*graph.Node]func([]int) (float64, error){}, map[string]float64{}}
}

func (z *lazy) symbols(place []int) func(*shape.Sym) int64 {
	return func(s *shape.Sym) int64 {
		if s.Axis >= 0 {
			return int64(place[s.Axis])
		}
		return z.dims[s.Name]
	}
}

func (z *lazy) extents(ds []shape.Dim) []int {
	out := make([]int, len(ds))
	for i, d := range ds {
		out[i] = int(d.Eval(z.symbols(nil)))
	}
	return out
}

// each visits the places of a shape; the place is a copy.
func each(ext []int, f func(place []int) error) error {
	total := 1
	for _, e := range ext {
		total *= e
	}
	for i := range total {
		place, rest := make([]int, len(ext)), i
		for k := len(ext) - 1; k >= 0; k-- {
			place[k], rest = rest%ext[k], rest/ext[k]
		}
		if err := f(place); err != nil {
			return err
		}
	}
	return nil
}

func offset(ext, place []int) (at int, inside bool) {
	for k, p := range place {
		if p < 0 || p >= ext[k] {
			return 0, false
		}
		at = at*ext[k] + p
	}
	return at, true
}

func (z *lazy) value(n *graph.Node, place []int) (float64, error) {
	key := fmt.Sprint(n.ID, place)
	if v, ok := z.memo[key]; ok {
		return v, nil
	}
	v, err := z.compute(n, place)
	if err == nil {
		z.memo[key] = v
	}
	return v, err
}

func (z *lazy) compute(n *graph.Node, place []int) (float64, error) {
	if p := z.params[n]; p != nil {
		return p(place)
	}
	switch n.Op.Class {
	case graph.LeafOp:
		return z.leaf(n, place), nil
	case graph.Elementwise:
		return z.elementwise(n, place)
	case graph.CompositeOp:
		return z.value(n.Op.Expand(z.b, n), place)
	case graph.CheckOp:
		v, err := z.value(n.Args[0], place)
		if err == nil && v == 0 {
			err = errCheck
		}
		return v, err
	case graph.ViewOp:
		v := n.Attr.(graph.View)
		for _, g := range v.Map.Guard {
			if !g.Holds(z.symbols(place)) {
				return v.Fill, nil
			}
		}
		from := make([]int, len(v.Map.In))
		for k, in := range v.Map.In {
			from[k] = int(in.Eval(z.symbols(place)) / v.Map.DivOf(k))
		}
		return z.value(n.Args[0], from)
	case graph.ReduceOp:
		return z.reduce(n, place)
	case graph.GatherOp:
		at, ok, err := z.target(n, z.extents(n.Args[0].Type.Shape), place)
		if err != nil || !ok {
			return n.Attr.(graph.Gather).Fill, err
		}
		return z.value(n.Args[0], at)
	case graph.ConcatOp:
		axis, at := int(n.Attr.(graph.Axis)), append([]int{}, place...)
		for _, a := range n.Args {
			extent := z.extents(a.Type.Shape)[axis]
			if at[axis] < extent {
				return z.value(a, at)
			}
			at[axis] -= extent
		}
	case graph.ScatterOp:
		return z.scatter(n, place)
	case graph.ResultOp:
		return z.branch(n.Args[0], int(n.Attr.(graph.Count)), place)
	}
	return z.whole(n, place)
}

func (z *lazy) leaf(n *graph.Node, place []int) float64 {
	switch a := n.Attr.(type) {
	case graph.Number:
		return float64(a)
	case graph.Index:
		return float64(a.E.Eval(z.symbols(place)))
	}
	x := z.inputs[n.Attr.String()]
	at, _ := offset(x.Shape, place)
	return x.Data[at]
}

// elementwise looks at what is taken only.
func (z *lazy) elementwise(n *graph.Node, place []int) (float64, error) {
	first, err := z.value(n.Args[0], place)
	if err != nil {
		return 0, err
	}
	switch n.Op.Name {
	case "where":
		return z.value(n.Args[2-int(first)], place)
	case "and", "or":
		if (first == 1) == (n.Op.Name == "or") {
			return first, nil
		}
		return z.value(n.Args[1], place)
	}
	x := []float64{first}
	for _, a := range n.Args[1:] {
		v, err := z.value(a, place)
		if err != nil {
			return 0, err
		}
		x = append(x, v)
	}
	return n.Op.Scalar.On(n.Attr, x...), nil
}

func (z *lazy) reduce(n *graph.Node, place []int) (float64, error) {
	acc, axes, x := n.Op.Identity, n.Attr.(graph.Axes), n.Args[0]
	err := each(z.extents(x.Type.Shape), func(p []int) error {
		kept := []int{}
		for k := range p {
			if !axes.Has(k) {
				kept = append(kept, p[k])
			}
		}
		if fmt.Sprint(kept) != fmt.Sprint(append([]int{}, place...)) {
			return nil
		}
		v, err := z.value(x, p)
		acc = n.Op.Combine(acc, v)
		return err
	})
	return acc, err
}

func (z *lazy) target(n *graph.Node, ext, place []int) (at []int, ok bool, err error) {
	g, ints := n.Attr.(graph.Gather), n.Args[1:]
	if g.Masked {
		if m, err := z.value(ints[len(ints)-1], place); err != nil || m == 0 {
			return nil, false, err
		}
	}
	for k, in := range g.In {
		v := float64(in.Eval(z.symbols(place)))
		if g.By[k] >= 0 {
			if v, err = z.value(ints[g.By[k]], place); err != nil {
				return nil, false, err
			}
		}
		at = append(at, int(v))
	}
	if _, ok = offset(ext, at); !ok && g.Checked {
		err = errCheck
	}
	return at, ok, err
}

// scatter looks at all indices, and at the values that come to this place.
func (z *lazy) scatter(n *graph.Node, place []int) (sum float64, err error) {
	err = each(z.extents(n.Args[0].Type.Shape), func(p []int) error {
		at, ok, err := z.target(n, z.extents(n.Type.Shape), p)
		if err != nil || !ok || fmt.Sprint(at) != fmt.Sprint(place) {
			return err
		}
		v, err := z.value(n.Args[0], p)
		sum += v
		return err
	})
	return sum, err
}

func (z *lazy) branch(n *graph.Node, k int, place []int) (float64, error) {
	p := n.Parts()
	c, err := z.value(p.Cond, nil)
	if err != nil {
		return 0, err
	}
	r := n.Regions[1-int(c)]
	in := newLazy(r.Body, nil, z.dims)
	for i, param := range r.Params {
		in.params[param] = func(place []int) (float64, error) { return z.value(p.Captures[i], place) }
	}
	return in.value(r.Results[k], place)
}

// whole computes operators that look at everything.
func (z *lazy) whole(n *graph.Node, place []int) (float64, error) {
	args := make([]graph.Tensor, len(n.Args))
	for i, a := range n.Args {
		ext := z.extents(a.Type.Shape)
		args[i] = graph.Tensor{Shape: ext}
		err := each(ext, func(p []int) error {
			v, err := z.value(a, p)
			args[i].Data = append(args[i].Data, v)
			return err
		})
		if err != nil {
			return 0, err
		}
	}
	ext := z.extents(n.Type.Shape)
	out, err := n.Op.Reference(n, args, ext, z.symbols(nil))
	if err != nil {
		return 0, err
	}
	at, _ := offset(ext, place)
	return out.Data[at], nil
}
