// Package eval is the reference interpreter: the meaning of a graph, computed
// in float64, node by node, in the plainest way. It is slow and obvious, and
// what rewriting, lowering and generated code are compared with.
//
// For x = [1, 2] the graph
//
//	%0 = input {x} : real [n]
//	%1 = mul %0 %0 : real [n]
//	%2 = sum %1 {axes 0} : real
//
// evaluates, with Dims n = 2, to [1, 2], [1, 4] and 5.
package eval

import (
	"fmt"
	"maps"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/diag"
)

// Env gives the values of leaves and of named dims.
type Env struct {
	Leaf func(kind, name string) (graph.Tensor, bool)
	Dims map[string]int64
}

// IndexError is what a checked gather or scatter returns where an index is
// outside the tensor.
type IndexError struct {
	Index, Extent int
	Axis          int
	Source        string // the element of an input that it is: label[1]
	Span          diag.Span
}

func (e *IndexError) Error() string {
	line, col := e.Span.Pos()
	if e.Source != "" {
		return fmt.Sprintf("input %s is %d, must be in 0..%d at %d:%d", e.Source, e.Index, e.Extent, line, col)
	}
	return fmt.Sprintf("index %d is outside 0..%d of axis %d at %d:%d", e.Index, e.Extent, e.Axis, line, col)
}

// CheckError is what a node of class CheckOp returns.
type CheckError struct {
	Message string
	Span    diag.Span
}

func (e *CheckError) Error() string {
	line, col := e.Span.Pos()
	return fmt.Sprintf("%s at %d:%d", e.Message, line, col)
}

// Run evaluates roots and returns their values in order.
func Run(roots []*graph.Node, env Env) ([]graph.Tensor, error) {
	dims := maps.Clone(env.Dims)
	if dims == nil {
		dims = map[string]int64{}
	}
	return newRun(Env{Leaf: env.Leaf, Dims: dims}, roots).all(roots)
}

// run is one execution of a graph or of the body of a region.
type run struct {
	env      Env
	order    []*graph.Node
	values   map[*graph.Node]graph.Tensor
	owners   map[*graph.Node][]graph.Tensor // of loops and branches
	definers map[string]*graph.Node         // of run-time dims
}

func newRun(env Env, roots []*graph.Node) *run {
	order := graph.Reachable(roots...)
	return &run{env, order, map[*graph.Node]graph.Tensor{}, map[*graph.Node][]graph.Tensor{}, definers(order)}
}

func (r *run) all(roots []*graph.Node) ([]graph.Tensor, error) {
	for _, n := range r.order {
		if err := r.compute(n); err != nil {
			return nil, err
		}
	}
	out := make([]graph.Tensor, len(roots))
	for i, n := range roots {
		out[i] = r.values[n]
	}
	return out, nil
}

// compute evaluates a node and what it needs, once.
func (r *run) compute(n *graph.Node) error {
	if _, done := r.values[n]; done {
		return nil
	}
	for _, a := range n.Args {
		if err := r.compute(a); err != nil {
			return err
		}
	}
	v, err := r.node(n)
	r.values[n] = v
	return err
}

func (r *run) args(n *graph.Node) []graph.Tensor {
	out := make([]graph.Tensor, len(n.Args))
	for i, a := range n.Args {
		out[i] = r.values[a]
	}
	return out
}

// dim is the value of a named dim; an unknown one is 0 and makes shapes empty.
func (r *run) dim(s *shape.Sym) int64 { return r.env.Dims[s.Name] }

// at evaluates index symbols at a place and dims as bound.
func (r *run) at(place []int) func(*shape.Sym) int64 {
	return func(s *shape.Sym) int64 {
		if s.Axis >= 0 {
			return int64(place[s.Axis])
		}
		return r.dim(s)
	}
}

func (r *run) shape(ds []shape.Dim) ([]int, error) {
	out := make([]int, len(ds))
	for i, d := range ds {
		for _, v := range d.Vars() {
			if _, ok := r.env.Dims[v]; !ok {
				if err := r.define(v); err != nil {
					return nil, err
				}
			}
		}
		out[i] = int(d.Eval(r.dim))
		if out[i] < 0 {
			return nil, fmt.Errorf("dim %s is %d", d, out[i])
		}
	}
	return out, nil
}

func (r *run) node(n *graph.Node) (graph.Tensor, error) {
	ext, err := r.shape(n.Type.Shape)
	if err != nil {
		return graph.Tensor{}, err
	}
	out := graph.Tensor{Shape: ext, Data: make([]float64, count(ext))}
	args := r.args(n)
	switch n.Op.Class {
	case graph.RegionOp:
		r.owners[n], err = r.owner(n)
		return out, err
	case graph.ResultOp:
		return r.owners[n.Args[0]][n.Attr.(graph.Count)], nil
	case graph.LeafOp:
		return r.leaf(n, out)
	case graph.Elementwise:
		elementwise(n, args, out)
	case graph.ViewOp:
		err = r.view(n.Attr.(graph.View), args[0], out)
	case graph.ReduceOp:
		reduce(n, args[0], out)
	case graph.GatherOp:
		err = r.gather(n, args, out)
	case graph.ScatterOp:
		err = r.scatter(n, args, out)
	case graph.CheckOp:
		out, err = n.Op.Reference(n, args, ext, r.dim)
		err = r.located(n, args, err)
	case graph.ReshapeOp, graph.MarkOp:
		copy(out.Data, args[0].Data)
	default:
		if n.Op.Reference == nil {
			return out, fmt.Errorf("internal error in eval: %s has no reference", n.Op.Name)
		}
		out, err = n.Op.Reference(n, args, ext, r.dim)
		err = r.located(n, args, err)
	}
	return out, err
}

func (r *run) leaf(n *graph.Node, out graph.Tensor) (graph.Tensor, error) {
	switch a := n.Attr.(type) {
	case graph.Number:
		for i := range out.Data {
			out.Data[i] = float64(a)
		}
	case graph.Table:
		copy(out.Data, a)
	case graph.Index:
		each(out.Shape, func(i int, place []int) { out.Data[i] = float64(a.E.Eval(r.at(place))) })
	case graph.Leaf:
		v, ok := r.env.Leaf(n.Op.Name, string(a))
		if !ok {
			return out, fmt.Errorf("%s %s has no value", n.Op.Name, a)
		}
		if fmt.Sprint(v.Shape) != fmt.Sprint(out.Shape) || len(v.Data) != len(out.Data) {
			return out, fmt.Errorf("%s %s has shape %v, want %v", n.Op.Name, a, v.Shape, out.Shape)
		}
		return v, nil
	}
	return out, nil
}

func elementwise(n *graph.Node, args []graph.Tensor, out graph.Tensor) {
	x := make([]float64, len(args))
	for i := range out.Data {
		for k, a := range args {
			x[k] = a.Data[i]
		}
		out.Data[i] = n.Op.Scalar.On(n.Attr, x...)
	}
}

func reduce(n *graph.Node, x, out graph.Tensor) {
	axes := n.Attr.(graph.Axes)
	for i := range out.Data {
		out.Data[i] = n.Op.Identity
	}
	each(x.Shape, func(i int, place []int) {
		kept := make([]int, 0, len(out.Shape))
		for k, p := range place {
			if !axes.Has(k) {
				kept = append(kept, p)
			}
		}
		at, _ := offset(kept, out.Shape)
		out.Data[at] = n.Op.Combine(out.Data[at], x.Data[i])
	})
}
