package eval

import (
	"fmt"
	"maps"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/diag"
)

// LimitError is what a while returns that has not ended within its limit.
type LimitError struct {
	Limit int
	Span  diag.Span
}

func (e *LimitError) Error() string {
	line, col := e.Span.Pos()
	return fmt.Sprintf("the while at %d:%d has not ended after %d rounds", line, col, e.Limit)
}

// owner evaluates a loop or branch: its values in order.
func (r *run) owner(n *graph.Node) ([]graph.Tensor, error) {
	args := r.args(n)
	switch a := n.Attr.(type) {
	case graph.Scan:
		return r.scan(n, a, args)
	case graph.While:
		return r.while(n, a, args)
	case graph.Callee:
		return r.region(n.Regions[0], args)
	}
	taken := n.Regions[1]
	if args[0].Data[0] != 0 {
		taken = n.Regions[0]
	}
	return r.region(taken, args[1:])
}

// region evaluates a body: a graph of its own, with run-time dims of its own.
func (r *run) region(body *graph.Region, args []graph.Tensor) ([]graph.Tensor, error) {
	in := newRun(Env{Leaf: r.env.Leaf, Dims: maps.Clone(r.env.Dims)}, body.Results)
	for i, p := range body.Params {
		in.values[p] = args[i]
	}
	return in.all(body.Results)
}

func (r *run) scan(n *graph.Node, a graph.Scan, args []graph.Tensor) ([]graph.Tensor, error) {
	ext, err := r.shape([]shape.Dim{a.Trip})
	if err != nil {
		return nil, err
	}
	trip := ext[0]
	carries, slices, captures := args[:a.Carries:a.Carries], args[a.Carries:a.Carries+a.Slices], args[a.Carries+a.Slices:]
	if a.Counted {
		captures = captures[:len(captures)-1]
	}
	collects, err := r.stacks(n, a.Carries, a.Collects)
	for i := 0; i < trip && err == nil; i++ {
		step := i
		if a.Reverse {
			step = trip - 1 - i
		}
		params := append([]graph.Tensor{{Shape: []int{}, Data: []float64{float64(step)}}}, carries...)
		for _, s := range slices {
			params = append(params, element(s, step))
		}
		var out []graph.Tensor
		if out, err = r.region(n.Regions[0], append(params, captures...)); err != nil {
			return nil, err
		}
		carries = out[:a.Carries:a.Carries]
		for k, v := range out[a.Carries:] {
			copy(element(collects[k], step).Data, v.Data)
		}
	}
	return append(carries, collects...), err
}

// stacks makes room for collects, whose shapes are known before the loop runs.
func (r *run) stacks(n *graph.Node, carries, collects int) ([]graph.Tensor, error) {
	out := make([]graph.Tensor, collects)
	for k, t := range n.ResultTypes()[carries:] {
		ext, err := r.shape(t.Shape)
		if err != nil {
			return nil, err
		}
		out[k] = graph.Tensor{Shape: ext, Data: make([]float64, count(ext))}
	}
	return out, nil
}

// element is number k along the first axis, sharing the data.
func element(x graph.Tensor, k int) graph.Tensor {
	size := count(x.Shape[1:])
	return graph.Tensor{Shape: x.Shape[1:], Data: x.Data[k*size : (k+1)*size]}
}

func (r *run) while(n *graph.Node, a graph.While, args []graph.Tensor) ([]graph.Tensor, error) {
	carries, captures := args[:a.Carries:a.Carries], args[a.Carries:]
	collects := make([]graph.Tensor, a.Collects)
	rounds := 0
	for ; ; rounds++ {
		params := append(append([]graph.Tensor{}, carries...), captures...)
		on, err := r.region(n.Regions[0], params)
		if err != nil || on[0].Data[0] == 0 {
			if err != nil {
				return nil, err
			}
			break
		}
		if a.Limited && int64(rounds) >= a.Limit.Eval(r.dim) {
			return nil, &LimitError{rounds, n.Span}
		}
		out, err := r.region(n.Regions[1], params)
		if err != nil {
			return nil, err
		}
		carries = out[:a.Carries:a.Carries]
		for k, v := range out[a.Carries:] {
			collects[k].Data = append(collects[k].Data, v.Data...)
		}
	}
	if a.Trips != "" {
		r.env.Dims[a.Trips] = int64(rounds)
	}
	types := n.ResultTypes()[a.Carries+1:]
	for k := range collects {
		ext, err := r.shape(types[k].Shape)
		if err != nil {
			return nil, err
		}
		collects[k].Shape = ext
	}
	trips := graph.Tensor{Shape: []int{}, Data: []float64{float64(rounds)}}
	return append(append(carries, trips), collects...), nil
}

// definers finds the nodes that give run-time dims their values.
func definers(order []*graph.Node) map[string]*graph.Node {
	out := map[string]*graph.Node{}
	for _, n := range order {
		switch a := n.Attr.(type) {
		case graph.While:
			out[a.Trips] = n
		case graph.Scan:
			if s := a.Trip.Syms(); a.Counted && len(s) == 1 && out[s[0].Name] == nil {
				out[s[0].Name] = n.Parts().Count
			}
		}
	}
	return out
}

// define gives a run-time dim its value, by computing what defines it.
func (r *run) define(dim string) error {
	n := r.definers[dim]
	if n == nil {
		return fmt.Errorf("dim %s has no value", dim)
	}
	if err := r.compute(n); err != nil {
		return err
	}
	if _, isWhile := n.Attr.(graph.While); !isWhile {
		r.env.Dims[dim] = int64(r.values[n].Data[0])
	}
	return nil
}
