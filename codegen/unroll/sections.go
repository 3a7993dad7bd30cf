package unroll

import (
	"slices"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph/shape"
)

// sectionLimit is how many scalars a section that others call may have as
// straight-line code.
const sectionLimit = 3000

// sections turns the small sections that others call into straight-line code: one
// kernel, which reads what it is passed and stores what it yields.
func sections(prog *kernel.Program) {
	for _, s := range prog.Sections {
		if !s.Called() {
			continue
		}
		if body, ok := section(s); ok {
			s.Kernels = []*kernel.Kernel{{Name: s.Kernels[len(s.Kernels)-1].Name, Notes: notes(s), Body: body,
				Flops: shape.Const(int64(len(body)))}}
		}
	}
	used := usesIn(kernelBodies(prog))
	for _, r := range prog.Results {
		used[r.Buffer.Root()]++
	}
	prog.Buffers = slices.DeleteFunc(prog.Buffers, func(b *kernel.Buffer) bool { return b.Kind == kernel.Arena && used[b.Root()] == 0 })
}

func section(s *kernel.Section) ([]kernel.Stmt, bool) {
	u := newUnroller(sectionLimit)
	u.passed = s.Params
	for _, k := range s.Kernels {
		if u.kernel(k) != nil {
			return nil, false
		}
	}
	var results [][]kernel.Expr
	for _, b := range s.Yields {
		elems, err := u.elements(b)
		if err != nil || slices.Contains(elems, nil) {
			return nil, false
		}
		results = append(results, slices.Clone(elems))
	}
	lets, results := u.share(live(u.lets, results), results)
	var body []kernel.Stmt
	for _, l := range lets {
		body = append(body, l)
	}
	for k, b := range s.Yields {
		for i, x := range results[k] {
			body = append(body, &kernel.Store{Buf: b, At: kernel.Addr{Base: shape.Const(int64(i))}, X: x})
		}
	}
	return body, true
}

// notes lists the lines that a section comes from, each once.
func notes(s *kernel.Section) (out []kernel.Note) {
	for _, k := range s.Kernels {
		for _, n := range k.Notes {
			if !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	return out
}
