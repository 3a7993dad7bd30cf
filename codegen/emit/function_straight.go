package emit

import (
	"fmt"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/codegen/unroll"
	"github.com/gradgen/gradgen/graph"
)

// straight prints straight-line code.
func (fn *function) straight(r unroll.Result) {
	w := &workspace{f: fn.f, prog: fn.k.Program, owner: fn.name, grads: map[*kernel.Buffer]string{}}
	p := newPrinter(fn.f, w, &kernel.Kernel{Name: fn.name})
	p.direct = map[*kernel.Buffer]variable{}
	for _, v := range append(append([]variable{}, fn.args...), fn.results...) {
		p.names.taken[v.name] = true
	}
	for i, half := range fn.halves {
		p.names.taken[half] = true
		for _, b := range fn.k.Program.Buffers {
			if b.Kind == kernel.Scalar && b.Name == []string{seedLow, seedHigh}[i] {
				p.direct[b] = variable{name: half, elem: graph.Int}
			}
		}
	}
	for _, b := range fn.k.Program.Buffers {
		for _, a := range fn.args {
			if b.Kind == kernel.Input && b.Name == a.src {
				p.direct[b] = a
			}
		}
	}
	var body []kernel.Stmt
	for _, l := range r.Lets {
		body = append(body, l)
		p.read[l.Name] = true
	}
	p.stmts(body)
	values := make([]string, len(fn.results))
	for i, v := range fn.results {
		elems := make([]string, len(r.Results[i]))
		for j, x := range r.Results[i] {
			elems[j] = p.expr(x).s
		}
		if values[i] = strings.Join(elems, ", "); !v.scalar() {
			values[i] = v.goType(fn.f) + "{" + values[i] + "}"
		}
	}
	p.add(line("return %s", strings.Join(values, ", ")))
	fn.print(fn.doc(fmt.Sprintf(" It is %d lines of straight code.", len(r.Lets)+1)), append(append(sources(fn.k.Program), fn.halved()...), p.out...)...)
}

// halved prints the halves of the seed.
func (fn *function) halved() []jen.Code {
	if fn.seed == "" {
		return nil
	}
	return []jen.Code{line("%s := rt.SeedHalves(%s)", strings.Join(fn.halves, ", "), fn.seed)}
}

// sources lists the source lines of a program's kernels, each once.
func sources(prog *kernel.Program) []jen.Code {
	var out []jen.Code
	seen := map[string]bool{}
	for _, s := range prog.Sections {
		for _, k := range kernel.All(s.Kernels) {
			for _, n := range k.Notes {
				if t := NoteText(n); t != "" && !seen[t] {
					seen[t] = true
					out = append(out, comment("%s", t))
				}
			}
		}
	}
	return out
}
