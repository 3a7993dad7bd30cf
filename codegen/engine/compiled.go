package engine

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/gradgen/gradgen/codegen"
	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/codegen/values"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/ops"
	"github.com/gradgen/gradgen/graph/shape"
)

// Compiled computes a task by generating Go code, and building and running it
// in a module made for the purpose.
func Compiled(t *Task) (r *Result, err error) {
	b, err := Build([]*Task{t})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	return b.Run(0, 0)
}

// Built is tasks of programs of their own, of equal width, whose models and
// funcs have different names, compiled together.
type Built struct {
	build  *codegen.Build
	tasks  []*Task
	bodies []*graph.Body
}

// Build compiles tasks, with flags for go build. Close removes what it made.
func Build(ts []*Task, flags ...string) (*Built, error) {
	all := &Built{tasks: ts}
	u := &kernel.Unit{Program: &graph.Program{Real64: ts[0].Program.Real64}}
	for _, t := range ts {
		b, err := t.body()
		if err != nil {
			return nil, err
		}
		t.reduce(b)
		one := codegen.Finish(t.Program)
		u.Models, u.Funcs = append(u.Models, one.Models...), append(u.Funcs, one.Funcs...)
		all.bodies = append(all.bodies, b)
	}
	var err error
	all.build, err = codegen.BuildGo(codegen.Result{Unit: u}, codegen.Options{Flags: flags}, "task.grad")
	return all, err
}

// Run computes one of the tasks, with some number of workers, 0 for all cores.
func (b *Built) Run(i, workers int) (*Result, error) {
	q := b.tasks[i].request()
	q.Workers = workers
	ans, err := b.build.Run(q)
	if err != nil {
		return nil, err
	}
	return b.tasks[i].answer(b.bodies[i], ans)
}

// Close removes the compiled code.
func (b *Built) Close() error { return b.build.Close() }

// request lists the values the code is to be run on.
func (t *Task) request() codegen.Request {
	q := codegen.Request{Inputs: flat(t.Args.Inputs), Seed: t.Args.Seed, Training: true}
	q.Dims = t.Args.Dims
	if t.Model != nil {
		q.Model, q.Params, q.States = t.Model.Name, stored(t.Model.Params, t.Args.Params), stored(t.Model.States, t.Args.States)
	} else {
		q.Func = t.Func.Name
	}
	return q
}

// stored lists parameters or states by the names of their tensors.
func stored(ps []*graph.Param, ts map[string]graph.Tensor) map[string][]float64 {
	out := map[string][]float64{}
	for _, p := range graph.Members(ps) {
		out[p.Path] = member(p, ts[p.Param.Path]).Data
	}
	return out
}

func flat(ts map[string]graph.Tensor) map[string][]float64 {
	out := map[string][]float64{}
	for name, x := range ts {
		out[name] = x.Data
	}
	return out
}

// reduce leaves of the program what is to be computed. As predicting and
// training are what the body says, and all parameters have gradients, an update
// rule is invented that moves them all.
func (t *Task) reduce(b *graph.Body) {
	if t.Model == nil {
		t.Program.Models, t.Program.Funcs = nil, []*graph.Func{t.Func}
		return
	}
	m := t.Model
	t.Program.Models, t.Program.Funcs = []*graph.Model{m}, nil
	m.Base, m.Constrained, m.Rules = nil, nil, nil
	m.Predict = &graph.Body{G: b.G, Outputs: b.Outputs, Carries: b.Carries}
	m.Train = &graph.Body{G: b.G, Losses: b.Losses, Metrics: b.Metrics, Grads: b.Grads, Carries: b.Carries}
	if t.Grad {
		m.Rules = []*graph.Rule{plainRule(b.Losses[0].Name, len(m.Params))}
	}
}

// plainRule is p <- p - g for all of n parameters.
func plainRule(loss string, n int) *graph.Rule {
	b := ops.NewBuilder(graph.New())
	all := graph.Type{Shape: []shape.Dim{shape.Var("params")}}
	r := &graph.Rule{Name: "Plain", Loss: loss, Flat: true, G: b.G}
	r.P = b.Sub(b.Leaf("param", "p", all), b.Leaf("grad", "g", all))
	for i := range n {
		r.Params = append(r.Params, i)
	}
	return r
}

// answer puts what the code computed in order.
func (t *Task) answer(b *graph.Body, ans codegen.Answer) (*Result, error) {
	r := &Result{}
	if t.Model == nil {
		for i, v := range b.Outputs {
			if err := t.put(&r.Outputs, v, ans.Outputs[strconv.Itoa(i)]); err != nil {
				return nil, err
			}
		}
		return r, nil
	}
	loss := map[string][]float64{}
	if len(b.Losses) > 0 {
		loss[b.Losses[0].Name] = ans.Loss
	}
	for _, part := range []struct {
		to   *[]values.Named
		vs   []*graph.Value
		data map[string][]float64
	}{{&r.Outputs, b.Outputs, ans.Outputs}, {&r.Metrics, b.Metrics, ans.Metrics}, {&r.Losses, b.Losses, loss}, {&r.Grads, b.Grads, ans.Grads}} {
		for _, v := range part.vs {
			if err := t.put(part.to, v, part.data[v.Name]); err != nil {
				return nil, err
			}
		}
	}
	return t.unstacked(r), nil
}

func (t *Task) put(to *[]values.Named, v *graph.Value, data []float64) error {
	ext, n := t.extents(v.Node.Type.Shape)
	if runTime := runTimeAxes(v.Node.Type.Shape); len(runTime) > 0 {
		spread(ext, runTime, len(data))
		n = len(data)
	}
	if len(data) != n {
		return fmt.Errorf("internal error in eval: %s has %d elements and not %d", v.Name, len(data), n)
	}
	*to = append(*to, values.Named{Name: v.Name, Elem: v.Node.Type.Elem, Tensor: graph.Tensor{Shape: ext, Data: data}})
	return nil
}

// runTimeAxes are the axes whose extent only the run tells.
func runTimeAxes(ds []shape.Dim) (axes []int) {
	for k, d := range ds {
		if slices.ContainsFunc(d.Vars(), kernel.RunTime) {
			axes = append(axes, k)
		}
	}
	return axes
}

// spread finds the extents of axes, taken to be equal, from the number of
// elements.
func spread(ext, axes []int, count int) {
	rest := 1
	for k, e := range ext {
		if !slices.Contains(axes, k) {
			rest *= max(e, 1)
		}
	}
	for _, k := range axes {
		ext[k] = int(math.Round(math.Pow(float64(count/rest), 1/float64(len(axes)))))
	}
}

func (t *Task) extents(ds []shape.Dim) (ext []int, size int) {
	ext, size = make([]int, len(ds)), 1
	for k, d := range ds {
		ext[k] = int(d.Eval(func(s *shape.Sym) int64 { return t.Args.Dims[s.Name] }))
		size *= ext[k]
	}
	return ext, size
}
