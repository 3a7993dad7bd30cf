package unroll

import (
	"slices"

	"github.com/gradgen/gradgen/codegen/kernel"
)

const settleLimit = 512 // scalars of a kernel that is computed at generation

// settle computes now what does not depend on the caller, the frame of an arm's
// first joint for example: buffers become constants, and kernels disappear.
func settle(prog *kernel.Program) {
	writers := map[*kernel.Buffer]int{}
	for _, r := range prog.Results {
		writers[r.Buffer.Root()] = 2
	}
	for _, s := range prog.Sections {
		for _, k := range kernel.All(s.Kernels) {
			_, controls := k.Controls()
			for _, b := range append(kernel.Written(k.Body), controls...) {
				writers[b]++
			}
		}
	}
	for _, s := range prog.Sections {
		s.Kernels = slices.DeleteFunc(s.Kernels, func(k *kernel.Kernel) bool { return settled(k, writers) })
	}
}

// settled makes constants of what a kernel writes, if it is alone in doing so and
// reads nothing else.
func settled(k *kernel.Kernel, writers map[*kernel.Buffer]int) bool {
	written := kernel.Written(k.Body)
	for b := range usesIn(k.Body) {
		if !slices.Contains(written, b) && b.Kind != kernel.Const {
			return false
		}
	}
	for _, b := range written {
		if n, fixed := b.Len().IsConst(); !fixed || n > settleLimit || b.Kind != kernel.Arena || b.Result || writers[b] != 1 {
			return false
		}
	}
	u := newUnroller(settleLimit)
	if len(written) == 0 || k.Inside() != nil || k.Trip != nil || u.kernel(k) != nil {
		return false
	}
	data := make([][]float64, len(written))
	for i, b := range written {
		for _, x := range u.mem[b] {
			lit, ok := x.(*kernel.Lit)
			if !ok {
				return false
			}
			data[i] = append(data[i], lit.V)
		}
	}
	for i, b := range written {
		b.Kind, b.Data = kernel.Const, data[i]
	}
	return true
}
