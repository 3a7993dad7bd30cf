package emit

import (
	"fmt"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// input is an argument of a generated function.
type input struct {
	buf  *kernel.Buffer
	name string // of the Go parameter
}

func (in input) scalar() bool { return len(in.buf.Shape) == 0 }

// inputs are what a program reads of a model's inputs, in order of declaration.
func (w *workspace) inputs(declared []*graph.Value) []input {
	var out []input
	s := newScope("m", "p", "t", "w", "d", "out", "loss", "metrics", "err")
	for _, v := range declared {
		for _, b := range w.prog.Buffers {
			if b.Kind == kernel.Input && w.has(b) && b.Name == v.Name {
				out = append(out, input{b, s.name(local(v.Name))})
			}
		}
	}
	return out
}

// signature prints parameters: slices, and scalars as plain values.
func (w *workspace) signature(ins []input) string {
	parts := make([]string, len(ins))
	for i, in := range ins {
		t := w.f.goType(in.buf.Elem)
		if !in.scalar() {
			t = "[]" + t
		}
		parts[i] = in.name + " " + t
	}
	return strings.Join(parts, ", ")
}

func names(ins []input) string {
	parts := make([]string, len(ins))
	for i, in := range ins {
		parts[i] = in.name
	}
	return strings.Join(parts, ", ")
}

// freeInput is the input from whose length dim d is read: its elements are
// unit·d. ok is false where no input tells.
func freeInput(ins []input, d string) (at int, unit shape.Dim, ok bool) {
	for i, in := range ins {
		coef, rest, linear := in.buf.Len().Linear(symOf(d))
		if linear && rest.Is(0) && !coef.Is(0) {
			return i, coef, true
		}
	}
	return 0, shape.Dim{}, false
}

// printTake prints the check of a call's inputs, which binds the first free dim
// to them once all is well.
func (m *model) printTake(w *workspace, ins []input) {
	at, unit, free := -1, shape.Dim{}, false
	if len(m.dims) > 0 {
		at, unit, free = freeInput(ins, m.dims[0])
	}
	dp := w.onSelf()
	var body, bound []jen.Code
	if free {
		body, bound = m.readDim(w, ins[at], unit)
		dp = m.f.goDims(func(d string) string {
			if d == m.dims[0] {
				return "d"
			}
			return "w." + w.dimField(d)
		})
	}
	for i, in := range ins {
		if !(free && i == at) && !in.scalar() {
			body = append(body, returnErr(fmt.Sprintf("rt.CheckLen(%q, %q, len(%s), %s, %q)", m.m.Name, in.buf.Name,
				in.name, dp.dim(in.buf.Len()).s, shape.Format(in.buf.Shape)), "err"))
		}
	}
	body = append(body, bound...)
	for _, in := range ins {
		place := "w." + w.fieldOf(in.buf)
		if in.scalar() {
			place += "[0]"
		}
		body = append(body, line("%s = %s", place, in.name))
	}
	if w.carries() {
		body = append(body, block("if w.fresh", line("w.start()")))
	}
	w.f.method("take checks the inputs of a call and binds the dims to them.", "w *"+w.typ, "take",
		w.signature(ins), "error", append(body, line("return nil"))...)
}

// readDim prints the reading of the first free dim off an input, and its binding.
func (m *model) readDim(w *workspace, in input, unit shape.Dim) (read, bind []jen.Code) {
	dims := make([]string, len(m.dims))
	fields := make([]string, len(m.dims))
	for i, d := range m.dims {
		dims[i] = "w." + w.dimField(d)
		fields[i] = m.fields[d] + ": " + dims[i]
	}
	dims[0], fields[0] = "d", m.fields[m.dims[0]]+": d"
	changed := "if d != w." + w.dimField(m.dims[0])
	read = []jen.Code{
		line("d, err := rt.FreeDim(%q, %q, len(%s), %s, w.limit, %q)", m.m.Name, in.buf.Name, in.name,
			w.onSelf().dim(unit).s, shape.Format(in.buf.Shape)),
		block("if err != nil", line("return err")),
	}
	if len(m.m.Checks) > 0 {
		read = append(read, block(changed, returnErr(fmt.Sprintf("(%sDims{%s}).check()", m.name, strings.Join(fields, ", ")), "err")))
	}
	if w.returns() {
		read = append([]jen.Code{line("w.changed = false")}, read...)
	}
	return read, []jen.Code{block(changed, append(w.setAside(), line("w.bind(%s)", strings.Join(dims, ", ")))...)}
}

// bindCall prints the binding of a workspace to the dims struct d.
func (m *model) bindCall(on, d string) []jen.Code {
	args := make([]string, len(m.dims))
	for i, name := range m.dims {
		args[i] = d + "." + m.fields[name]
	}
	out := []jen.Code{line("%s.bind(%s)", on, strings.Join(args, ", "))}
	if len(m.dims) > 0 {
		out = append(out, line("%s.limit = %s.%s", on, d, m.fields[m.dims[0]]))
	}
	return out
}

// connect prints the assignment of a model's memory to a workspace's buffers.
func (m *model) connect(w *workspace, on, grads string) []jen.Code {
	var out []jen.Code
	for _, r := range w.results("grad") {
		out = append(out, line("%s.%s = %s", on, w.fieldOf(r.Buffer), m.paramMemory(r.Name, grads, "t.grads")))
	}
	for _, b := range w.prog.Buffers {
		if !w.has(b) {
			continue
		}
		switch b.Kind {
		case kernel.Param:
			out = append(out, line("%s.%s = %s", on, w.fieldOf(b), m.paramMemory(b.Name, "m.Params", "m.params")))
		case kernel.State:
			out = append(out, line("%s.%s = %s", on, w.fieldOf(b), m.stateMemory(b.Name, "m")))
		}
	}
	return out
}

// paramMemory is the memory of a parameter among views, or, where it is stacked,
// as a part of the flat slice that these show.
func (m *model) paramMemory(path, views, flat string) string {
	if isStacked(m.holder.Params, path) {
		return fmt.Sprintf("%s[%d:][:%d]", flat, m.params.offset[path], m.params.size[path])
	}
	return views + m.view.path(path)
}

func (m *model) stateMemory(path, on string) string {
	if isStacked(m.holder.States, path) {
		return fmt.Sprintf("%s.states[%d:][:%d]", on, m.states.offset[path], m.states.size[path])
	}
	return on + ".States" + m.memory.path(path)
}

// value is the Go expression of a result: a slice, or a plain value.
func (w *workspace) value(on string, b *kernel.Buffer) string {
	ref := w.ref(on, b)
	if len(b.Shape) == 0 && b.Root().Kind != kernel.Scalar {
		return ref + "[0]"
	}
	return ref
}

func (w *workspace) resultType(b *kernel.Buffer) string {
	if len(b.Shape) == 0 {
		return w.f.goType(b.Elem)
	}
	return "[]" + w.f.goType(b.Elem)
}

// results are the results of one kind.
func (w *workspace) results(kind string) []kernel.Result {
	var out []kernel.Result
	for _, r := range w.prog.Results {
		if r.Kind == kind {
			out = append(out, r)
		}
	}
	return out
}

// resultStruct prints a struct type with a field for each result.
func (w *workspace) resultStruct(doc, typ string, rs []kernel.Result) {
	fields := make([]jen.Code, len(rs))
	names := resultNames(rs)
	for i, r := range rs {
		remark := ""
		if len(r.Buffer.Shape) > 0 {
			remark = shownShape(r.Buffer.Shape)
		}
		fields[i] = field(names[r.Name]+" "+w.resultType(r.Buffer), remark)
	}
	w.f.structType(doc, typ, fields...)
}

func resultNames(rs []kernel.Result) map[string]string {
	list := make([]string, len(rs))
	for i, r := range rs {
		list[i] = r.Name
	}
	return exportAll(list)
}

// resultValue prints the struct of results.
func (w *workspace) resultValue(typ, on string, rs []kernel.Result) string {
	names := resultNames(rs)
	parts := make([]string, len(rs))
	for i, r := range rs {
		parts[i] = names[r.Name] + ": " + w.value(on, r.Buffer)
	}
	return typ + "{" + strings.Join(parts, ", ") + "}"
}
