package values

import (
	"fmt"
	"slices"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/eval"
	"github.com/gradgen/gradgen/runtime"
)

// Initial is the value that a parameter or state of a model starts from: the same
// bits as in the generated code.
func Initial(m *graph.Model, p graph.Member, seed uint64, real64 bool) (graph.Tensor, error) {
	all := slices.Concat(graph.Members(m.Params), graph.Members(m.States))
	if p.Init.Like != "" {
		p = all[slices.IndexFunc(all, func(q graph.Member) bool { return q.Param.Path == p.Init.Like && q.At == p.At })]
	}
	i := slices.IndexFunc(all, func(q graph.Member) bool { return q.Param == p.Param && q.At == p.At })
	t := graph.Tensor{Shape: constants(p.Own()), Data: make([]float64, p.Size())}
	if p.Init.Dist == "" && p.Init.Value != nil {
		ts, err := eval.Run([]*graph.Node{p.Init.Value}, eval.Env{})
		if err != nil {
			return t, err
		}
		copy(t.Data, ts[0].Data)
	} else if err := within(t.Data, runtime.Init{Seed: seed, Param: i}, p.Init, t.Shape); err != nil {
		return t, err
	}
	if !real64 && p.Node.Type.Elem == graph.Real {
		round(t.Data)
	}
	return t, nil
}

// round rounds to float32.
func round(x []float64) {
	for i, v := range x {
		x[i] = float64(float32(v))
	}
}

// within draws, and makes what is stored of the values of a constrained parameter.
func within(dst []float64, in runtime.Init, init graph.Init, shape []int) (err error) {
	if init.Within == nil {
		return draw(dst, in, init, shape)
	}
	runtime.InitWithin(dst, init.Within[0], init.Within[1], func(s []float64) { err = draw(s, in, init, shape) })
	return err
}

func draw(dst []float64, in runtime.Init, init graph.Init, shape []int) error {
	switch init.Dist {
	case "normal":
		runtime.InitNormal(dst, in, init.Args[0], init.Args[1])
	case "uniform":
		runtime.InitUniform(dst, in, init.Args[0], init.Args[1])
	case "he":
		runtime.InitHe(dst, in, shape...)
	case "xavier":
		runtime.InitXavier(dst, in, shape...)
	case "lecun":
		runtime.InitLecun(dst, in, shape...)
	case "orthogonal":
		runtime.InitOrthogonal(dst, in, shape...)
	case "ones":
		runtime.InitConst(dst, 1)
	case "zeros", "":
	default:
		return fmt.Errorf("internal error in values: no distribution %s", init.Dist)
	}
	return nil
}
