package emit

import (
	"fmt"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
)

// printFinite prints the search for NaN and infinities in what each kernel made.
func (w *workspace) printFinite() {
	var cases []jen.Code
	for _, s := range w.prog.Sections {
		for i, k := range kernel.All(s.Kernels) {
			if len(w.reals(k)) == 0 {
				continue
			}
			cases = append(cases, comment("%s", kernelName(s, i)), line("case %d:", w.number(k)))
			for _, b := range w.reals(k) {
				exts := []string{"err"}
				for _, d := range b.Shape {
					exts = append(exts, w.onSelf().dim(d).s)
				}
				cases = append(cases, block(fmt.Sprintf("if err := rt.CheckFinite%s(%q, %q, %q, w.%s); err != nil",
					w.f.width, w.owner, where(b.From.Span), b.Name, w.fieldOf(b)), line("return rt.AtShape(%s)", strings.Join(exts, ", "))))
			}
		}
	}
	w.f.method("finite reports the first NaN or infinity in what kernel k has computed.", "w *"+w.typ, "finite", "k int", "error",
		code("switch k").Block(cases...), line("return nil"))
}

// reals lists the buffers of reals that a kernel writes, of those computed in
// one place the last.
func (w *workspace) reals(k *kernel.Kernel) []*kernel.Buffer {
	var out []*kernel.Buffer
	seen := map[*kernel.Buffer]bool{}
	replace := func(b *kernel.Buffer) bool {
		for i, have := range out {
			if have.Kind == kernel.Arena && b.Kind == kernel.Arena && have.Offset.Equal(b.Offset) {
				out[i] = b
				return true
			}
		}
		return false
	}
	kernel.Walk(k.Body, func(s kernel.Stmt) {
		_, writes := kernel.Touched(s)
		for _, b := range writes {
			if b.Elem == graph.Real && !seen[b] && w.has(b) {
				seen[b] = true
				if !replace(b) {
					out = append(out, b)
				}
			}
		}
	})
	return out
}

// number counts kernels through all sections.
func (w *workspace) number(k *kernel.Kernel) int {
	n := 0
	for _, s := range w.prog.Sections {
		for _, other := range kernel.All(s.Kernels) {
			if other == k {
				return n
			}
			n++
		}
	}
	return n
}
