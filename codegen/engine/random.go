package engine

import (
	"fmt"
	"maps"
	"math/rand/v2"

	"github.com/gradgen/gradgen/codegen/values"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/eval"
	"github.com/gradgen/gradgen/graph/shape"
)

// Draw gives a model's task random values: small dims that pass the entry
// checks, normal reals, ints inside what they index, and parameters a little
// off their initial values. Dims that the task has are kept.
func Draw(t *Task, seed uint64) error {
	var dims map[string]int64
	var err error
	if t.Args != nil {
		dims = t.Args.Dims
	} else if dims, err = drawDims(t.Model); err != nil {
		return err
	}
	args, err := (&values.Set{Dims: dims}).Model(t.Model, seed, true)
	if err != nil {
		return err
	}
	t.Args = args
	rnd := rand.New(rand.NewPCG(seed, 0))
	for _, p := range t.Model.Params {
		x := args.Params[p.Path].Data
		for i := range x {
			x[i] += 0.1 * rnd.NormFloat64()
		}
	}
	for otherwise := 8; ; otherwise /= 2 {
		t.drawInputs(rnd, otherwise)
		b := t.Model.Predict
		if t.Training {
			b = t.Model.Train
		}
		if len(b.Losses) == 0 {
			return fmt.Errorf("model %s has no loss to differentiate", t.Model.Name)
		}
		env, err := t.env(b)
		if err != nil {
			return err
		}
		_, err = eval.Run([]*graph.Node{b.Losses[0].Node}, env)
		if err == nil || otherwise == 1 {
			return err
		}
	}
}

// drawDims finds values for the run-time dims: 2, 3 and so on, or the first
// others that pass the checks.
func drawDims(m *graph.Model) (map[string]int64, error) {
	var names []string
	dims := map[string]int64{}
	for _, d := range m.Dims {
		if !d.Fixed {
			dims[d.Name] = int64(2 + len(names))
			names = append(names, d.Name)
		}
	}
	if values.Hold(m.Checks, dims) == nil {
		return dims, nil
	}
	const most, tries = 8, 4096
	for n := range tries {
		for _, name := range names {
			dims[name] = int64(1 + n%most)
			n /= most
		}
		if values.Hold(m.Checks, dims) == nil {
			return dims, nil
		}
	}
	return nil, fmt.Errorf("no small dims pass the checks of model %s; give values, or dims by -D", m.Name)
}

func (t *Task) drawInputs(rnd *rand.Rand, otherwise int) {
	limits := map[string]shape.Dim{}
	for _, b := range []*graph.Body{t.Model.Predict, t.Model.Train} {
		maps.Copy(limits, indexLimits(b.G))
	}
	t.Args.Inputs = map[string]graph.Tensor{}
	for _, v := range t.Model.Inputs {
		ext, n := t.extents(v.Node.Type.Shape)
		x := graph.Tensor{Shape: ext, Data: make([]float64, n)}
		limit := otherwise
		if d, ok := limits[v.Name]; ok {
			limit = int(d.Eval(func(s *shape.Sym) int64 { return t.Args.Dims[s.Name] }))
		}
		for i := range x.Data {
			switch v.Node.Type.Elem {
			case graph.Real:
				x.Data[i] = rnd.NormFloat64()
			case graph.Int:
				x.Data[i] = float64(rnd.IntN(max(1, limit)))
			case graph.Bool:
				x.Data[i] = float64(rnd.IntN(2))
			}
		}
		t.Args.Inputs[v.Name] = x
	}
}

// indexLimits finds the extents that int inputs index, as far as they are used
// as they are or viewed.
func indexLimits(g *graph.Graph) map[string]shape.Dim {
	from := map[*graph.Node]string{}
	out := map[string]shape.Dim{}
	limit := func(index *graph.Node, ext shape.Dim) {
		name, ok := from[index]
		if old, have := out[name]; ok && (!have || (shape.Facts{}).Less(ext, old) == shape.Yes) {
			out[name] = ext
		}
	}
	for _, n := range g.Nodes {
		switch {
		case n.Op.Name == "input" && n.Type.Elem == graph.Int:
			from[n] = n.Attr.String()
		case n.Op.Name == "where":
			if name, ok := from[n.Args[1]]; ok {
				from[n] = name
			}
		case n.Op.Class == graph.ViewOp, n.Op.Class == graph.ReshapeOp, n.Op.Class == graph.MarkOp:
			if name, ok := from[n.Args[0]]; ok {
				from[n] = name
			}
		case n.Op.Class == graph.GatherOp, n.Op.Class == graph.ScatterOp:
			ext := n.Args[0].Type.Shape
			if n.Op.Class == graph.ScatterOp {
				ext = n.Type.Shape
			}
			for k, by := range n.Attr.(graph.Gather).By {
				if by >= 0 {
					limit(n.Args[1+by], ext[k])
				}
			}
		case n.Op.Name == "cross_entropy":
			ext := n.Args[0].Type.Shape
			limit(n.Args[1], ext[len(ext)-1])
		}
	}
	return out
}
