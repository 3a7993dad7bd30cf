package plan

import (
	"slices"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph/shape"
)

// keep finds the products that are made again and again with the same rows of a
// parameter: for each row of a kernel, or in each step of a loop of kernels. What is
// copied of the parameter for the first of them serves the others.
func keep(p *kernel.Program) {
	written := map[*kernel.Buffer]bool{}
	for _, s := range p.Sections {
		for _, k := range kernel.All(s.Kernels) {
			for _, b := range kernel.Written(k.Body) {
				written[b.Root()] = true
			}
		}
	}
	for _, s := range p.Sections {
		keepIn(s.Kernels, nil, func(b *kernel.Buffer) bool { return b.Root().Kind == kernel.Param && !written[b.Root()] })
	}
}

// turn is a loop around a product: its variable, how often it turns, and whether it is
// one of kernels.
type turn struct {
	name    string
	times   shape.Dim
	kernels bool
}

func keepIn(ks []*kernel.Kernel, around []turn, stays func(*kernel.Buffer) bool) {
	for _, k := range ks {
		inside := around
		if r := k.Repeat; r != nil && r.While == nil {
			inside = append(slices.Clip(inside), turn{r.Var, r.Trip, true})
		}
		for _, in := range k.Inside() {
			keepIn(in, inside, stays)
		}
		keepAmong(k, k.Body, inside, stays)
	}
}

func keepAmong(k *kernel.Kernel, body []kernel.Stmt, around []turn, stays func(*kernel.Buffer) bool) {
	for _, s := range body {
		inside := around
		switch s := s.(type) {
		case *kernel.MatMul:
			s.Again = shape.Dim{}
			if s.Runs == nil && stays(s.B.Buf) {
				s.Again = again(s, around)
			}
		case *kernel.Loop:
			times := s.Hi.Sub(s.Lo)
			if s.Lo.Equal(shape.Var(".lo")) && s.Hi.Equal(shape.Var(".hi")) {
				times = k.Rows
			}
			inside = append(slices.Clip(inside), turn{s.Var, times, false})
		}
		for _, b := range kernel.Blocks(s) {
			keepAmong(k, *b, inside, stays)
		}
	}
}

// again is how often a product is made with the same B, 0 for once or if B moves with
// the rows of a kernel or with a loop in it.
func again(s *kernel.MatMul, around []turn) shape.Dim {
	mentions := func(name string) bool {
		return slices.ContainsFunc([]shape.Dim{s.B.At, s.B.Strides[0], s.B.Strides[1], s.N, s.K}, func(d shape.Dim) bool { return d.Mentions(name) })
	}
	times := shape.Const(1)
	for _, t := range around {
		switch {
		case !mentions(t.name):
			times = times.Mul(t.times)
		case !t.kernels:
			return shape.Dim{}
		}
	}
	if mentions(".lo") || mentions(".hi") || times.Is(1) {
		return shape.Dim{}
	}
	return times
}
