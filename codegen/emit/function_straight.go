package emit

import (
	"fmt"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/codegen/unroll"
	"github.com/gradgen/gradgen/codegen/vector"
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
	before := append(append(sources(fn.k.Program), fn.assembled(r)...), fn.halved()...)
	fn.print(fn.doc(fmt.Sprintf(" It is %d lines of straight code.", len(r.Lets)+1)), append(before, p.out...)...)
}

// assembled prints the call of the code in assembly, if that gains anything: where
// an angle is too large for it, the code in Go after the call computes the results.
//
//	if straight := formulasLoops.straight3; straight != nil {
//		if far := straight(rt.Local(&q[0]), rt.Local(&place[0]), rt.Local(&r1[0])); far == 0 {
//			return
//		}
//	}
func (fn *function) assembled(r unroll.Result) []jen.Code {
	if fn.f.vec == nil {
		return nil
	}
	args := map[*kernel.Buffer]variable{}
	for _, b := range fn.k.Program.Buffers {
		for _, a := range fn.args {
			if b.Kind == kernel.Input && b.Name == a.src {
				args[b] = a
			}
		}
	}
	code := &vector.Straight{Name: "func " + fn.k.Func.Name, Lets: r.Lets, Single: func(b *kernel.Buffer) bool { return args[b].scalar() }}
	results := map[string]variable{}
	for i, v := range fn.results {
		code.Results = append(code.Results, vector.Elements{Name: v.name, Single: v.scalar(), Elem: v.elem, X: r.Results[i]})
		results[v.name] = v
	}
	asm, ok := vector.BuildStraight(code, fn.f.width == "64")
	if !ok {
		return nil
	}
	d, err := fn.f.vec.Add(asm)
	if err != nil {
		fn.f.fail("%v", err)
		return nil
	}
	var pass, get []string
	for _, s := range asm.Streams {
		name := args[s.Buf].name
		if name == "" {
			name = results[s.Buf.Name].name
		}
		pass = append(pass, fmt.Sprintf("rt.Local(&%s[0])", name))
	}
	for _, s := range asm.Scalars {
		pass = append(pass, args[s.X.(*kernel.Load).Buf].name)
	}
	watch, _ := asm.Watch()
	for i, res := range asm.Results {
		if i != watch {
			get = append(get, res.Name)
		}
	}
	return []jen.Code{block(fmt.Sprintf("if straight := %s.%s; straight != nil", fn.f.loops(), d.Field), fn.straightCall(pass, get, watch >= 0)...)}
}

// straightCall prints the call itself.
func (fn *function) straightCall(pass, get []string, watched bool) []jen.Code {
	call := "straight(" + strings.Join(pass, ", ") + ")"
	switch {
	case !watched && len(get) == 0:
		return []jen.Code{line("%s", call), line("return")}
	case !watched && len(get) == len(fn.results):
		return []jen.Code{line("return %s", call)}
	case !watched:
		return []jen.Code{line("%s = %s", strings.Join(get, ", "), call), line("return")}
	}
	s := newScope()
	for _, v := range append(append([]variable{}, fn.args...), fn.results...) {
		s.taken[v.name] = true
	}
	far := s.name("far")
	if len(get) == 0 {
		return []jen.Code{block(fmt.Sprintf("if %s := %s; %s == 0", far, call, far), line("return"))}
	}
	return []jen.Code{
		line("var %s %s", far, fn.f.real),
		block(fmt.Sprintf("if %s, %s = %s; %s == 0", strings.Join(get, ", "), far, call, far), line("return")),
	}
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
