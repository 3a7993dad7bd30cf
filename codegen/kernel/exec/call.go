package exec

import (
	"fmt"
	"math"
	"sort"

	"github.com/gradgen/gradgen/codegen/kernel"
)

// call runs the row functions: the first argument is the row written, the
// second the row read.
func (m *Machine) call(s *kernel.Call) error {
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
