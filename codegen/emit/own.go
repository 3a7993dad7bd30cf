package emit

import (
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// owns reports a kernel with memory of each worker's own.
func owns(k *kernel.Kernel) bool { return !k.Own.Is(0) }

// owns reports a workspace with such a kernel.
func (w *workspace) owns() bool {
	return slices.ContainsFunc(w.prog.Sections, func(s *kernel.Section) bool { return slices.ContainsFunc(kernel.All(s.Kernels), owns) })
}

// printRoom prints the memory of the workers: as much as the kernel needs that needs most.
func (w *workspace) printRoom() {
	if !w.owns() {
		return
	}
	body, said := []jen.Code{line("n := 0")}, map[string]bool{}
	dp := w.onSelf()
	for _, s := range w.prog.Sections {
		for _, k := range kernel.All(s.Kernels) {
			if !owns(k) {
				continue
			}
			pieces := shape.CeilDiv(k.Rows, shape.Const(k.Grain))
			need := dp.dim(k.Own).at(mulPrec) + "*min(w.team.Workers(), " + dp.dim(pieces).s + ")"
			if !said[need] {
				said[need] = true
				body = append(body, line("n = max(n, %s)", need))
			}
		}
	}
	body = append(body, block("if n > len(w.own)", line("w.own = %s", w.f.alloc(graph.Real, "n"))))
	w.f.method("room makes memory for what workers have for themselves, where they need more than any before.",
		"w *"+w.typ, "room", "", "", body...)
}

// ownMemory prints the division of the worker's memory.
func (p *printer) ownMemory() []jen.Code {
	if !owns(p.k) {
		return nil
	}
	n := p.dim(p.k.Own)
	out := []jen.Code{line("own := w.own[worker*%s:][:%s]", n.at(mulPrec), n.s)}
	for _, b := range p.bufs {
		if b.Kind == kernel.Own {
			out = append(out, line("%s := own[%s:][:%s]", p.bufName[b], p.dim(b.Offset).s, p.dim(b.Len()).s))
		}
	}
	return out
}
