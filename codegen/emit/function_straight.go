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
	p.pairs, p.turned = turns(r.Lets), map[string]bool{}
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

// turns pairs sines with cosines of the same angles in float64, which one call
// computes in less time than two.
func turns(lets []*kernel.Let) map[string]*kernel.Let {
	angle := map[string]*kernel.Let{}
	pairs := map[string]*kernel.Let{}
	for _, l := range lets {
		a, ok := l.X.(*kernel.Apply)
		if !ok || a.Op.Name != "sin" && a.Op.Name != "cos" {
			continue
		}
		text := kernel.ExprText(a.Args[0])
		if other := angle[text]; other != nil && other.X.(*kernel.Apply).Op != a.Op {
			pairs[l.Name], pairs[other.Name] = other, l
		}
		angle[text] = l
	}
	return pairs
}

// turn prints a sine and a cosine of one angle, and reports whether l is one of
// such a pair.
func (p *printer) turn(l *kernel.Let) bool {
	other := p.pairs[l.Name]
	if other == nil || p.f.width != "64" || p.turned[l.Name] {
		return false
	}
	sin, cos := l, other
	if l.X.(*kernel.Apply).Op.Name == "cos" {
		sin, cos = other, l
	}
	p.turned[sin.Name], p.turned[cos.Name] = true, true
	p.lets[other.Name] = other.X
	x := p.expr(l.X.(*kernel.Apply).Args[0]).s
	p.add(line("%s, %s := rt.SinCos64(%s)", p.declare(sin.Name), p.declare(cos.Name), x))
	return true
}
