package emit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph/shape"
)

// sectionFails reports whether a section returns an error.
func (w *workspace) sectionFails(s *kernel.Section) bool { return w.finite || hasChecks(s) }

func hasChecks(s *kernel.Section) bool {
	for _, k := range s.Kernels {
		if k.Fails {
			return true
		}
	}
	return false
}

// printSection prints the list of kernel calls, and the kernels.
func (w *workspace) printSection(s *kernel.Section) {
	fails := w.sectionFails(s)
	body := w.calls(s, s.Kernels)
	if slices.ContainsFunc(kernel.All(s.Kernels), owns) {
		body = append([]jen.Code{line("w.room()")}, body...)
	}
	if slices.ContainsFunc(kernel.All(s.Kernels), func(k *kernel.Kernel) bool { return len(again(k)) > 0 }) {
		body = append([]jen.Code{block("for i := range w.kept", line("w.kept[i].Renew()"))}, body...)
	}
	results := ""
	if fails {
		body, results = append(body, line("return nil")), "error"
	}
	w.f.method(sectionDoc(s), "w *"+w.typ, s.Name, "", results, body...)
	for i, k := range kernel.All(s.Kernels) {
		if k.Inside() == nil && k.Trip == nil && k.Running() == nil {
			w.printKernel(s, i, k)
		}
	}
}

// again lists the products of a kernel that keep what they copy of a parameter.
func again(k *kernel.Kernel) (out []*kernel.MatMul) {
	kernel.Walk(k.Body, func(s kernel.Stmt) {
		if m, ok := s.(*kernel.MatMul); ok && !m.Again.Is(0) {
			out = append(out, m)
		}
	})
	return out
}

// sectionDoc says what a section is.
func sectionDoc(s *kernel.Section) string {
	if !s.Called() {
		return fmt.Sprintf("%s runs the kernels of the %s pass.", s.Name, s.Name)
	}
	var shapes []string
	for _, b := range s.Params {
		shapes = append(shapes, strings.TrimSpace(b.Name+" "+shape.Format(b.Shape)))
	}
	return fmt.Sprintf("%s is one of the recursive functions: of %s. Its caller says where these and its values are.", s.Name, strings.Join(shapes, ", "))
}

func (w *workspace) run(s *kernel.Section, i int, k *kernel.Kernel) jen.Code {
	name := kernelName(s, i)
	rows := w.onSelf().dim(k.Rows)
	switch {
	case k.Rows.Is(0):
		return line("w.%s()", name)
	case !w.cut(k):
		return line("w.%s(0, %s)", name, rows.s)
	}
	run := "RunRows"
	if owns(k) {
		run = "RunOwn"
	}
	return line("w.team.%s(%s, %d, %d, %s)", run, rows.s, k.Grain, k.Most, w.pieceOf(k))
}

// pieceOf is where the function of a kernel's pieces is.
func (w *workspace) pieceOf(k *kernel.Kernel) string {
	n, list := 0, "pieces"
	if owns(k) {
		list = "owning"
	}
	for _, s := range w.prog.Sections {
		for _, other := range kernel.All(s.Kernels) {
			if other == k {
				return fmt.Sprintf("w.%s[%d]", list, n)
			}
			if w.cut(other) && owns(other) == owns(k) {
				n++
			}
		}
	}
	return ""
}

func (w *workspace) printKernel(s *kernel.Section, i int, k *kernel.Kernel) {
	p := newPrinter(w.f, w, k)
	p.reserve()
	p.stmts(k.Body)
	body := p.prologue()
	if p.said == "" {
		body = append(body, notes(k)...)
	}
	body = append(body, p.out...)
	params := "lo, hi int"
	switch {
	case k.Rows.Is(0):
		params = ""
	case owns(k):
		params = "worker, lo, hi int"
	}
	name := kernelName(s, i)
	w.f.method(kernelDoc(name, k), "w *"+w.typ, name, params, "", body...)
}

// kernelDoc says what a kernel computes and at what cost.
func kernelDoc(name string, k *kernel.Kernel) string {
	doc := fmt.Sprintf("%s computes %s", name, k.Name)
	if k.Name == "" {
		doc = name + " is one step"
	}
	if !k.Rows.Is(0) {
		doc += fmt.Sprintf(" in rows lo to hi of %s", k.Rows)
	}
	if !k.Flops.Is(0) {
		doc += fmt.Sprintf("; %s operations in all", k.Flops)
	}
	return doc + "."
}
