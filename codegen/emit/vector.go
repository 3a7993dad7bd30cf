package emit

import (
	"fmt"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/codegen/vector"
	"github.com/gradgen/gradgen/graph/shape"
)

// vectorLoop prints a loop that there is assembly for: the choice between a call
// of it, where the processor can run it, and the loop in Go.
//
//	if loop := digitsLoops.loop3; loop != nil {
//		loop(hi-lo, &hContract[128*lo : 128*hi][0], &hB[0:128][0], &h[128*lo : 128*hi][0])
//	} else {
//		for i := lo; i < hi; i++ {
func (p *printer) vectorLoop(l *kernel.Loop) bool {
	if p.f.vec == nil || p.portable || p.loop != nil {
		return false
	}
	fn, ok := vector.Build(l, p.f.width == "64")
	if !ok {
		return false
	}
	if k, _ := fn.Watch(); k >= 0 && fn.Overwrites() {
		return false
	}
	d, err := p.f.vec.Add(fn)
	if err != nil {
		p.f.fail("%v", err)
		return false
	}
	cond := fmt.Sprintf("loop := %s.%s; loop != nil", p.f.loops(), d.Field)
	for _, n := range lengths(fn) {
		if n = p.subst(n); !p.atLeast(n, 1) {
			cond += " && " + p.dim(n).at(addPrec) + " > 0"
		}
	}
	done := ""
	if k, _ := fn.Watch(); k >= 0 {
		done = p.names.short("done")
		p.add(line("%s := false", done))
	}
	then := p.conditional(false, func() { p.vectorCall(fn, done) })
	p.portable = true
	other := p.conditional(false, func() { p.portableLoop(l) })
	p.portable = false
	if done != "" {
		p.add(block("if "+cond, then...))
		p.add(block("if !"+done, other...))
		return true
	}
	p.add(block("if "+cond, then...).Else().Block(other...))
	return true
}

// lengths are the numbers of rows and steps of a function.
func lengths(fn *vector.Func) []shape.Dim {
	out := append([]shape.Dim{}, fn.Rows...)
	for _, part := range fn.Parts {
		if part.Loop {
			out = append(out, part.Count)
		}
	}
	return out
}

// loops is the variable that holds the functions in assembly.
func (f *file) loops() string { return f.helper("loops") }

// vectorCall prints the call of a function in assembly. Where done is not empty, it
// becomes true if the results are good: if no angle was too large.
func (p *printer) vectorCall(fn *vector.Func, done string) {
	call := p.callText(fn)
	if len(fn.Results) == 0 {
		p.add(line("%s", call))
		return
	}
	p.assignResults(fn, call, done)
}

// callText is the call of a function in assembly.
func (p *printer) callText(fn *vector.Func) string {
	var args []string
	dim := func(d shape.Dim) string { return p.dim(p.subst(d)).s }
	for _, n := range fn.Rows {
		args = append(args, dim(n))
	}
	for _, n := range fn.Counts() {
		args = append(args, dim(n))
	}
	for i, s := range fn.Streams {
		args = append(args, p.first(s, fn.Length(i)))
		for k := range fn.Rows {
			if fn.Strided(i, k) {
				args = append(args, dim(fn.Jump(i, k)))
			}
		}
	}
	for _, s := range fn.Scalars {
		args = append(args, p.expr(s.X).s)
	}
	return "loop(" + strings.Join(args, ", ") + ")"
}

// assignResults prints a call and where its results go.
func (p *printer) assignResults(fn *vector.Func, call, done string) {
	var names, temporary []string
	watch, limit := fn.Watch()
	for i, r := range fn.Results {
		if i == watch {
			temporary = append(temporary, p.names.short("angle"))
			continue
		}
		names = append(names, p.ref(r.Name))
		temporary = append(temporary, p.names.short("r"))
	}
	if done == "" {
		p.add(line("%s = %s", strings.Join(names, ", "), call))
		return
	}
	p.add(line("%s := %s", strings.Join(temporary, ", "), call))
	p.add(line("%s = %s <= %g", done, temporary[watch], limit))
	if len(names) > 0 {
		results := append(temporary[:watch:watch], temporary[watch+1:]...)
		p.add(block("if "+done, line("%s = %s", strings.Join(names, ", "), strings.Join(results, ", "))))
	}
}

// first prints the address of the first element of a stream, cut so that all
// that is passed through is certainly there.
func (p *printer) first(s vector.Stream, length shape.Dim) string {
	length = p.subst(length)
	start := p.subst(s.At)
	if len(s.Dyn) > 0 {
		return fmt.Sprintf("&%s[%s:][:%s][0]", p.buf(s.Buf), p.address(start, s.Dyn), p.dim(length).s)
	}
	from := p.dim(start).s
	if start.Is(0) {
		from = ""
	}
	return fmt.Sprintf("&%s[%s:%s][0]", p.buf(s.Buf), from, p.dim(start.Add(length)).s)
}

// vectorHelpers prints the variable that holds the functions in assembly.
func (f *file) vectorHelpers() {
	if f.vec == nil || len(f.vec.Decls) == 0 {
		return
	}
	var fields []jen.Code
	for _, d := range f.vec.Decls {
		fields = append(fields, code(d.Field+" func"+signatureOf(d)))
	}
	asm := strings.TrimSuffix(f.opt.Source, ".grad") + "_grad_amd64.s"
	f.jen.Add(comment("%s are loops, and straight code, that %s holds in assembly, set at start-up where\nthe processor has AVX2 and FMA, or AVX-512. Where they are nil, the code in Go beside their calls runs.", f.loops(), asm))
	f.jen.Add(code("var " + f.loops() + " struct").Block(fields...))
	f.jen.Line()
}

// signatureOf is the type of a function in assembly, without the word func;
// parameters of one type are listed together.
func signatureOf(d vector.Decl) string {
	var params []string
	for i, p := range d.Params {
		if i+1 < len(d.Params) && d.Params[i+1].Type == p.Type {
			params = append(params, p.Name)
		} else {
			params = append(params, p.Name+" "+p.Type)
		}
	}
	results := strings.Join(d.Result, ", ")
	switch len(d.Result) {
	case 0:
	case 1:
		results = " " + results
	default:
		named := make([]string, len(d.Result))
		for i, t := range d.Result {
			named[i] = "ret " + t
			if i > 0 {
				named[i] = fmt.Sprintf("ret%d %s", i, t)
			}
		}
		results = " (" + strings.Join(named, ", ") + ")"
	}
	return "(" + strings.Join(params, ", ") + ")" + results
}

// assembly prints the file in assembly and its declarations in Go.
func (f *file) assembly(out *Output) {
	if f.vec == nil || len(f.vec.Decls) == 0 {
		return
	}
	head := fmt.Sprintf("// Code generated by gradgen %s from %s; DO NOT EDIT.\n\n//go:build !purego\n\n", f.opt.Version, f.opt.Source)
	out.Asm = []byte(head + f.vec.Assembly())
	var b strings.Builder
	fmt.Fprintf(&b, "%spackage %s\n\nimport rt %q\n\nfunc init() {\n", head, f.opt.Package, RuntimePath)
	f.choice(&b, "HasAVX2", func(d vector.Decl) string { return d.Name })
	f.choice(&b, "HasAVX512", func(d vector.Decl) string { return d.Wide })
	b.WriteString("}\n")
	for _, d := range f.vec.Decls {
		for _, name := range []string{d.Name, d.Wide} {
			if name != "" {
				fmt.Fprintf(&b, "\n//go:noescape\nfunc %s%s\n", name, signatureOf(d))
			}
		}
	}
	out.Decl = []byte(b.String())
}

// choice prints that functions are taken where the processor has what they need.
func (f *file) choice(b *strings.Builder, has string, name func(vector.Decl) string) {
	var lines string
	for _, d := range f.vec.Decls {
		if name(d) != "" {
			lines += fmt.Sprintf("\t\t%s.%s = %s\n", f.loops(), d.Field, name(d))
		}
	}
	if lines != "" {
		fmt.Fprintf(b, "\tif rt.%s() {\n%s\t}\n", has, lines)
	}
}

// searchLoop prints a loop that seldom does anything, where there is assembly that
// finds the steps in which it does:
//
//	for i := lo; i < hi; i++ {
//		if loop := kmeansLoops.loop4; loop != nil {
//			if i += loop(hi-i, &sum[i:hi][0], rmin); i >= hi {
//				break
//			}
//		} else if !(sum[i] == rmin) {
//			continue
//		}
//		...
func (p *printer) searchLoop(l *kernel.Loop, hi shape.Dim, name string) bool {
	if p.f.vec == nil || p.portable {
		return false
	}
	fn, ok := vector.BuildSearch(l, p.f.width == "64")
	if !ok {
		return false
	}
	d, err := p.f.vec.Add(fn)
	if err != nil {
		p.f.fail("%v", err)
		return false
	}
	test, v := l.Body[0].(*kernel.If), name[1:]
	body := p.block(func() {
		find := p.block(func() {
			next := fmt.Sprintf("if %s += %s; %s >= %s", v, p.callText(fn), v, p.dim(hi).at(comparePrec+1))
			p.add(block(next, line("break")))
		})
		skip := p.block(func() { p.add(block(fmt.Sprintf("if !(%s)", p.expr(test.Cond).s), line("continue"))) })
		cond := fmt.Sprintf("if loop := %s.%s; loop != nil", p.f.loops(), d.Field)
		p.add(block(cond, find...).Else().Add(skip...))
		p.stmts(test.Then)
	})
	p.used[name] = true
	p.add(block(fmt.Sprintf("for %s := %s; %s < %s; %s++", v, p.dim(p.subst(l.Lo)).s, v, p.dim(hi).at(comparePrec+1), v), body...))
	return true
}
