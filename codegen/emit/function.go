package emit

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/codegen/unroll"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

const (
	arrayLimit    = 64   // elements up to which a fixed shape is a Go array
	straightLimit = 3000 // scalars up to which a function is straight-line code
)

// variable is a parameter or result of an exported function.
type variable struct {
	name string // in Go
	src  string // in the source
	elem graph.Elem
	ext  []shape.Dim
}

func (v variable) scalar() bool { return len(v.ext) == 0 }

// array reports a Go array, passed by value, and its length.
func (v variable) array() (int64, bool) {
	n, fixed := shape.Product(v.ext).IsConst()
	return n, fixed && !v.scalar() && n <= arrayLimit
}

func (v variable) slice() bool {
	_, array := v.array()
	return !array && !v.scalar()
}

func (v variable) goType(f *file) string {
	t := f.goType(v.elem)
	if n, ok := v.array(); ok {
		return fmt.Sprintf("[%d]%s", n, t)
	}
	if v.scalar() {
		return t
	}
	return "[]" + t
}

// function is an exported function while it is printed.
type function struct {
	f       *file
	k       *kernel.Func
	name    string
	args    []variable
	results []variable
	dims    []string          // passed as int
	lengths []dimOf           // read from lengths
	dimName map[string]string // Go names of run-time dims
	fails   bool
}

// dimOf says that a dim is the length of an argument by unit.
type dimOf struct {
	dim  string
	arg  variable
	unit shape.Dim
}

func (f *file) function(k *kernel.Func) {
	fn := f.newFunction(k)
	if r, ok := unroll.Program(k.Program, straightLimit); ok && !fn.fails {
		fn.straight(r)
		return
	}
	fn.loops()
}

// newFunction names what a function takes and gives.
func (f *file) newFunction(k *kernel.Func) *function {
	fn := &function{f: f, k: k, name: f.names.name(exported(k.Func.Name)), dimName: map[string]string{}}
	s := newScope("w", "err")
	for _, a := range k.Func.Args {
		fn.args = append(fn.args, variable{s.name(local(a.Name)), a.Name, a.Node.Type.Elem, a.Node.Type.Shape})
	}
	for _, d := range k.Func.Dims {
		fn.dimName[d] = s.name(local(d))
	}
	fn.nameResults(s)
	fn.readDims()
	fn.fails = len(k.Func.Dims) > 0 || len(k.Func.Checks) > 0 || anySlice(fn.args) || anySlice(fn.results) || programFails(k.Program)
	return fn
}

func anySlice(vs []variable) bool {
	for _, v := range vs {
		if v.slice() {
			return true
		}
	}
	return false
}

func programFails(p *kernel.Program) bool {
	for _, s := range p.Sections {
		if hasChecks(s) {
			return true
		}
	}
	return false
}

// nameResults names the results: slices are parameters dst.
func (fn *function) nameResults(s *scope) {
	slices := 0
	for i, r := range fn.k.Program.Results {
		v := variable{src: r.Name, elem: r.Buffer.Elem, ext: r.Buffer.Shape}
		if v.src == "" {
			v.src = "r" + strconv.Itoa(i)
		}
		if v.slice() {
			slices++
		}
		fn.results = append(fn.results, v)
	}
	for i, v := range fn.results {
		want := local(v.src)
		if v.slice() && slices == 1 {
			want = "dst"
		} else if v.slice() {
			want = local("dst." + v.src)
		}
		fn.results[i].name = s.name(want)
	}
}

// readDims decides where the run-time dims come from: an argument's length
// where one unknown is left in it, else an int parameter.
func (fn *function) readDims() {
	unknown := map[string]bool{}
	for _, d := range fn.k.Func.Dims {
		unknown[d] = true
	}
	for len(unknown) > 0 {
		if fn.readOne(unknown) {
			continue
		}
		for _, d := range fn.k.Func.Dims {
			if unknown[d] {
				fn.dims = append(fn.dims, d)
				delete(unknown, d)
				break
			}
		}
	}
}

func (fn *function) readOne(unknown map[string]bool) bool {
	for _, a := range fn.args {
		n := shape.Product(a.ext)
		var left []string
		for _, v := range n.Vars() {
			if unknown[v] {
				left = append(left, v)
			}
		}
		if len(left) != 1 {
			continue
		}
		coef, rest, ok := n.Linear(symOf(left[0]))
		if ok && rest.Is(0) && !coef.Is(0) {
			fn.lengths = append(fn.lengths, dimOf{left[0], a, coef})
			delete(unknown, left[0])
			return true
		}
	}
	return false
}

// signature prints parameters and results.
func (fn *function) signature() (params, results string) {
	var in, out []variable
	for _, r := range fn.results {
		if r.slice() {
			in = append(in, r)
		} else {
			out = append(out, r)
		}
	}
	params = fn.list(in)
	if len(fn.dims) > 0 {
		names := make([]string, len(fn.dims))
		for i, d := range fn.dims {
			names[i] = fn.dimName[d]
		}
		params = joinList(params, strings.Join(names, ", ")+" int")
	}
	params = joinList(params, fn.list(fn.args))
	results = fn.list(out)
	if fn.fails {
		results = joinList(results, "err error")
	}
	return params, "(" + results + ")"
}

func joinList(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + ", " + b
}

// list prints variables, neighbours of one type together.
func (fn *function) list(vs []variable) string {
	var b strings.Builder
	for i, v := range vs {
		t := v.goType(fn.f)
		b.WriteString(v.name)
		if i+1 < len(vs) && vs[i+1].goType(fn.f) == t {
			b.WriteString(", ")
			continue
		}
		b.WriteString(" " + t)
		if i+1 < len(vs) {
			b.WriteString(", ")
		}
	}
	return b.String()
}

// doc says what the function is and the shapes of what it takes and gives.
func (fn *function) doc(remark string) string {
	doc := fmt.Sprintf("%s is func %s of %s", fn.name, fn.k.Func.Name, fn.f.opt.Source)
	var shapes []string
	for _, v := range append(append([]variable{}, fn.args...), fn.results...) {
		if !v.scalar() {
			shapes = append(shapes, v.name+" "+shape.Format(v.ext))
		}
	}
	if len(shapes) > 0 {
		doc += ": " + strings.Join(shapes, ", ")
	}
	return doc + "." + remark
}

func (fn *function) print(doc string, body ...jen.Code) {
	params, results := fn.signature()
	fn.f.jen.Add(comment("%s", doc))
	fn.f.jen.Add(code(fmt.Sprintf("func %s(%s) %s", fn.name, params, results)).Block(body...))
	fn.f.jen.Line()
}

// straight prints straight-line code.
func (fn *function) straight(r unroll.Result) {
	w := &workspace{f: fn.f, prog: fn.k.Program, owner: fn.name, grads: map[*kernel.Buffer]string{}}
	p := newPrinter(fn.f, w, &kernel.Kernel{Name: fn.name})
	p.direct = map[*kernel.Buffer]variable{}
	for _, v := range append(append([]variable{}, fn.args...), fn.results...) {
		p.names.taken[v.name] = true
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
	fn.print(fn.doc(fmt.Sprintf(" It is %d lines of straight code.", len(r.Lets)+1)), append(sources(fn.k.Program), p.out...)...)
}

// sources lists the source lines of a program's kernels, each once.
func sources(prog *kernel.Program) []jen.Code {
	var out []jen.Code
	seen := map[string]bool{}
	for _, s := range prog.Sections {
		for _, k := range kernel.All(s.Kernels) {
			for _, n := range k.Notes {
				if t := noteText(n); t != "" && !seen[t] {
					seen[t] = true
					out = append(out, comment("%s", t))
				}
			}
		}
	}
	return out
}

// loops prints a function whose kernels work in memory taken from a pool.
func (fn *function) loops() {
	f := fn.f
	w := f.newWorkspace(fn.k.Program, f.helper("call", fn.k.Func.Name), fn.name, "", fn.k.Func.Dims)
	w.doc = fmt.Sprintf("%s is the workspace of %s.", w.typ, fn.name)
	w.copies = true
	pool := f.names.name(f.helper("pool", fn.k.Func.Name))
	body := fn.entry(w)
	body = append(body, line("w := %s.Get().(*%s)", pool, w.typ), line("defer %s.Put(w)", pool))
	if len(fn.k.Func.Dims) > 0 {
		body = append(body, fn.rebind(w))
	}
	for _, b := range fn.k.Program.Buffers {
		for _, a := range fn.args {
			if b.Kind == kernel.Input && w.has(b) && b.Name == a.src {
				body = append(body, fn.pass(w, a, b))
			}
		}
	}
	section := fn.k.Program.Sections[0]
	if w.sectionFails(section) {
		body = append(body, block("if err = w."+section.Name+"(); err != nil", line("return")))
	} else {
		body = append(body, line("w.%s()", section.Name))
	}
	for i, v := range fn.results {
		body = append(body, fn.deliver(w, v, fn.k.Program.Results[i].Buffer))
	}
	fn.print(fn.doc(""), append(body, line("return"))...)
	fn.printPool(w, pool)
	w.print()
}

func (fn *function) printPool(w *workspace, pool string) {
	made := []jen.Code{line("w := new(%s)", w.typ), line("w.init()")}
	if len(fn.k.Func.Dims) == 0 {
		made = append(made, line("w.bind()"))
	}
	fn.f.jen.Add(comment("%s keeps workspaces of %s between calls.", pool, fn.name))
	fn.f.jen.Add(code("var " + pool + " = sync.Pool{New: func() any").Block(append(made, line("return w"))...).Op("}"))
	fn.f.jen.Line()
}

// entry prints the reading of dims and the checks of lengths.
func (fn *function) entry(w *workspace) []jen.Code {
	var out []jen.Code
	dp := fn.f.goDims(func(d string) string { return fn.dimName[d] })
	read := map[string]bool{}
	for _, d := range fn.dims {
		out = append(out, fn.dimCheck(fn.dimName[d]+" < 1", d+" >= 1", []string{d}))
	}
	for _, l := range fn.lengths {
		read[l.arg.src] = true
		unit := dp.dim(l.unit)
		count := "len(" + l.arg.name + ")"
		if unit.s != "1" {
			count += " / " + unit.at(unary)
		}
		out = append(out, line("%s := %s", fn.dimName[l.dim], count))
		cond := fmt.Sprintf("%s < 1", fn.dimName[l.dim])
		if unit.s != "1" {
			cond += fmt.Sprintf(" || len(%s)%%%s != 0", l.arg.name, unit.at(unary))
		}
		out = append(out, block("if "+cond, line("err = &rt.LengthError{Model: %q, Input: %q, Got: len(%s), Want: %s, Shape: %q, Multiple: true}",
			fn.name, l.arg.src, l.arg.name, unit.s, shape.Format(l.arg.ext)), line("return")))
	}
	for _, v := range append(append([]variable{}, fn.args...), fn.results...) {
		if v.slice() && !read[v.src] {
			out = append(out, block(fmt.Sprintf("if err = rt.CheckLen(%q, %q, len(%s), %s, %q); err != nil", fn.name, v.name, v.name,
				dp.dim(shape.Product(v.ext)).s, shape.Format(v.ext)), line("return")))
		}
	}
	for _, c := range fn.k.Func.Checks {
		out = append(out, fn.dimCheck("!("+printCond(dp, c.Cond)+")", c.Message, condDims(c.Cond)))
	}
	return out
}

func (fn *function) dimCheck(fails, message string, dims []string) jen.Code {
	found := `""`
	if len(dims) > 0 {
		var text, vals []string
		for _, d := range dims {
			text, vals = append(text, d+" = %d"), append(vals, fn.dimName[d])
		}
		found = fmt.Sprintf("fmt.Sprintf(%q, %s)", strings.Join(text, ", "), strings.Join(vals, ", "))
	}
	return block("if "+fails, line("err = &rt.DimError{Model: %q, Condition: %q, Found: %s}", fn.name, message, found), line("return"))
}

func (fn *function) rebind(w *workspace) jen.Code {
	var changed, args []string
	for _, d := range fn.k.Func.Dims {
		changed = append(changed, fmt.Sprintf("w.%s != %s", w.dimField(d), fn.dimName[d]))
		args = append(args, fn.dimName[d])
	}
	return block("if "+strings.Join(changed, " || "), line("w.bind(%s)", strings.Join(args, ", ")))
}

// pass prints the handing over of an argument: slices as they are, arrays and
// scalars by copy, so that they can stay on the caller's stack.
func (fn *function) pass(w *workspace, a variable, b *kernel.Buffer) jen.Code {
	place := "w." + w.fieldOf(b)
	switch {
	case a.scalar():
		return line("%s[0] = %s", place, a.name)
	case a.slice():
		return line("%s = %s", place, a.name)
	}
	return line("copy(%s, %s[:])", place, a.name)
}

func (fn *function) deliver(w *workspace, v variable, b *kernel.Buffer) jen.Code {
	switch {
	case v.scalar():
		return line("%s = %s", v.name, w.value("w", b))
	case v.slice():
		return line("copy(%s, %s)", v.name, w.ref("w", b))
	}
	return line("copy(%s[:], %s)", v.name, w.ref("w", b))
}
