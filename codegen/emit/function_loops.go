package emit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph/shape"
)

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
	if fn.seed != "" {
		body = append(append(body, fn.halved()...), w.seeded("w", fn.halves[0], fn.halves[1])...)
	}
	section := fn.k.Program.Sections[0]
	direct := fn.direct(w.sectionFails(section))
	body = append(body, fn.aim(w, direct)...)
	if w.sectionFails(section) {
		body = append(body, block("if err = w."+section.Name+"(); err != nil", line("return")))
	} else {
		body = append(body, line("w.%s()", section.Name))
	}
	body = append(body, fn.deliverAll(w, direct)...)
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

// direct lists the results that kernels can write where the caller wants them. What may
// fail leaves the caller's memory as it was.
func (fn *function) direct(fails bool) []int {
	var out []int
	count := map[*kernel.Buffer]int{}
	for _, r := range fn.k.Program.Results {
		count[r.Buffer.Root()]++
	}
	for i, v := range fn.results {
		if b := fn.k.Program.Results[i].Buffer; !fails && v.slice() && b.Kind == kernel.Arena && b.Root() == b && count[b] == 1 {
			out = append(out, i)
		}
	}
	return out
}

// aim lets kernels write results where the caller wants them, unless an argument or
// another result is there too.
func (fn *function) aim(w *workspace, direct []int) []jen.Code {
	if len(direct) == 0 {
		return nil
	}
	var apart, dims []string
	var aimed []jen.Code
	for n, i := range direct {
		v := fn.results[i]
		list := v.name
		others := append([]variable{}, fn.args...)
		for _, j := range direct[:n] {
			others = append(others, fn.results[j])
		}
		for _, o := range others {
			if o.slice() && o.elem == v.elem {
				list += ", " + o.name
			}
		}
		apart = append(apart, "rt.Apart("+list+")")
		aimed = append(aimed, line("%s = %s", w.ref("w", fn.k.Program.Results[i].Buffer), v.name))
	}
	for _, d := range fn.k.Func.Dims {
		dims = append(dims, fn.dimName[d])
	}
	return []jen.Code{line("apart := %s", strings.Join(apart, " && ")),
		jen.If(code("apart")).Block(aimed...).Else().Block(line("w.bind(%s)", strings.Join(dims, ", ")))}
}

// deliverAll prints the handing over of results, of those in direct where they are not
// there already.
func (fn *function) deliverAll(w *workspace, direct []int) []jen.Code {
	var out, late []jen.Code
	for i, v := range fn.results {
		give := fn.deliver(w, v, fn.k.Program.Results[i].Buffer)
		if slices.Contains(direct, i) {
			late = append(late, give)
		} else {
			out = append(out, give)
		}
	}
	if len(late) > 0 {
		out = append(out, block("if !apart", late...))
	}
	return out
}

func (fn *function) deliver(w *workspace, v variable, b *kernel.Buffer) jen.Code {
	switch {
	case v.scalar():
		return line("%s = %s", v.name, w.value("w", b))
	case v.slice():
		return line("copy(%s, %s)", v.name, w.ref("w", b))
	case v.grows():
		return line("%s = append(%s, %s...)", v.name, v.name, w.ref("w", b))
	}
	return line("copy(%s[:], %s)", v.name, w.ref("w", b))
}
