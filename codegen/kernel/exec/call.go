package exec

import (
	"fmt"
	"math"
	"sort"
	"sync"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/ops"
)

// matrixOps are the operators on matrices by the runtime function they call.
var matrixOps = sync.OnceValue(func() map[string]*graph.Op {
	out := map[string]*graph.Op{}
	for _, op := range ops.All {
		if op.Class == graph.CallOp {
			out[op.Call.Func] = op
		}
	}
	return out
})

// matrices runs a function of matrices by its operator's reference.
func (m *Machine) matrices(op *graph.Op, s *kernel.Call) error {
	n := int(m.dim(s.Ints[0]))
	var args []graph.Tensor
	for i, a := range s.Args[1+s.Scratch:] {
		cols := n
		if i > 0 {
			cols = int(m.dim(s.Ints[len(s.Ints)-1]))
		}
		args = append(args, graph.Tensor{Shape: []int{n, cols}, Data: m.slice(a)})
	}
	y, err := op.Reference(nil, args, nil, nil)
	copy(m.slice(s.Args[0]), y.Data)
	return err
}

// call runs the functions of matrices and of rows: of these the first argument
// is the row written, the second the row read.
func (m *Machine) call(s *kernel.Call) error {
	if op := matrixOps()[s.Func]; op != nil {
		return m.matrices(op, s)
	}
	dst, src := m.slice(s.Args[0]), m.slice(s.Args[1])
	order := make([]int, len(src))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool {
		a, b := src[order[i]], src[order[j]]
		return a < b || !math.IsNaN(a) && math.IsNaN(b)
	})
	for i, at := range order {
		switch s.Func {
		case "Sort":
			dst[i] = src[at]
		case "Argsort":
			dst[i] = float64(at)
		default:
			return fmt.Errorf("no function %s", s.Func)
		}
	}
	return nil
}
