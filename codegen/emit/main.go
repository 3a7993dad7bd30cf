package emit

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
)

// Main prints a main.go for the generated package of a unit, itself package
// main: it reads a request as JSON, calls the generated code as a user would and
// prints the answer. It is how the tool computes with compiled models.
func Main(u *kernel.Unit, opt Options) ([]byte, error) {
	opt.Package = "main"
	f := newFile(u, opt)
	f.quiet = true
	var cases []jen.Code
	for _, m := range u.Models {
		name := "run" + exported(m.Model.Name)
		cases = append(cases, line("case %q:\nreturn %s(q)", "model "+m.Model.Name, name))
		f.runModel(m, name)
	}
	for _, fn := range u.Funcs {
		name := "call" + exported(fn.Func.Name)
		cases = append(cases, line("case %q:\nreturn %s(q)", "func "+fn.Func.Name, name))
		f.runFunc(fn, name)
	}
	f.jen.Add(code("func run(q *request) (*answer, error)").Block(
		code("switch q.Target").Block(cases...), line(`return nil, fmt.Errorf("there is no %%s", q.Target)`)))
	f.jen.Add(code(mainText))
	var b bytes.Buffer
	if err := f.jen.Render(&b); err != nil {
		return nil, fmt.Errorf("internal error in emit: %w", err)
	}
	src := bytes.Replace(b.Bytes(), []byte("package main\n"), []byte("package main\n"+mainImports), 1)
	return src, f.err
}

// given prints the condition that a request has all of the inputs.
func given(ins []input) string {
	out := "true"
	for i, in := range ins {
		if i == 0 {
			out = ""
		} else {
			out += " && "
		}
		out += fmt.Sprintf("q.has(%q)", in.buf.Name)
	}
	return out
}

// requested prints the inputs as arguments.
func (f *file) requested(ins []input) string {
	var b bytes.Buffer
	for i, in := range ins {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(f.fromRequest(in.buf.Name, in.buf.Elem, in.scalar()))
	}
	return b.String()
}

func (f *file) fromRequest(name string, e graph.Elem, scalar bool) string {
	get := fmt.Sprintf("numbers[%s](q.Inputs[%q])", f.goType(e), name)
	if e == graph.Bool {
		get = fmt.Sprintf("bools(q.Inputs[%q])", name)
	}
	if scalar {
		get += "[0]"
	}
	return get
}

// put prints the storing of a result in the answer.
func put(to, name, value string, r variable) jen.Code {
	switch {
	case r.scalar() && r.elem == graph.Bool:
		value = "[]bool{" + value + "}"
	case r.scalar():
		value = "one(" + value + ")"
	}
	if r.elem == graph.Bool {
		return line("a.%s[%q] = floatBools(%s)", to, name, value)
	}
	return line("a.%s[%q] = floats(%s)", to, name, value)
}

func (f *file) runModel(k *kernel.Model, name string) {
	m := newModel(f, k)
	var dims []string
	for _, d := range k.Model.Dims {
		if !d.Fixed {
			m.dims = append(m.dims, d.Name)
		}
	}
	m.fields = exportAll(m.dims)
	for _, d := range m.dims {
		dims = append(dims, fmt.Sprintf("%s: q.Dims[%q]", m.fields[d], d))
	}
	body := []jen.Code{
		line("m, a := New%s(q.Seed), newAnswer()", m.owner),
		returnErr("fill(m.tensors(), q.Params, q.States)", "nil, err"),
		line("d := %sDims{%s}", m.name, joinAll(dims)),
	}
	if k.Predict != nil {
		body = append(body, m.runPredict(k)...)
	}
	if k.Train != nil {
		body = append(body, m.runTrain(k)...)
	}
	f.jen.Add(code("func " + name + "(q *request) (*answer, error)").Block(append(body, line("return a, nil"))...))
	f.jen.Line()
}

func joinAll(parts []string) string {
	out := ""
	for _, p := range parts {
		out = joinList(out, p)
	}
	return out
}

func (m *model) runPredict(k *kernel.Model) []jen.Code {
	w := m.f.newWorkspace(k.Predict, "w", "", "", m.dims)
	outs := w.results("output")
	body := []jen.Code{
		line("p, err := m.%s(d)", m.constructor("Predictor")), block("if err != nil", line("return nil, err")),
		line("p.SetWorkers(q.Workers)"),
		line("out, err := p.Predict(%s)", m.f.requested(w.inputs(m.m.Inputs))), block("if err != nil", line("return nil, err")),
	}
	names := resultNames(outs)
	for _, r := range outs {
		value := "out"
		if len(outs) > 1 {
			value += "." + names[r.Name]
		}
		body = append(body, put("Outputs", r.Name, value, variable{elem: r.Buffer.Elem, ext: r.Buffer.Shape}))
	}
	return []jen.Code{block("if "+given(w.inputs(m.m.Inputs)), body...)}
}

// runTrain computes the first loss and what belongs to it.
func (m *model) runTrain(k *kernel.Model) []jen.Code {
	w := m.f.newWorkspace(k.Train, "w", "", "", m.dims)
	ins, s := w.inputs(m.m.Inputs), ""
	if len(k.Others) > 0 {
		s = exported(m.m.Train.Losses[0].Name)
	}
	args, metrics := m.f.requested(ins), w.results("metric")
	body := []jen.Code{
		line("t, err := m.%s(d)", m.constructor("Trainer")), block("if err != nil", line("return nil, err")),
		line("t.SetWorkers(q.Workers)"),
		line("loss, err := t.Forward%s(%s)", s, args), block("if err != nil", line("return nil, err")),
	}
	if len(metrics) > 0 {
		body = append(body, line("metrics := t.Metrics()"))
	}
	body = append(body, line("t.Backward%s()", s))
	for _, r := range w.results("grad") {
		body = append(body, line("a.Grads[%q] = floats(%s)", r.Name, m.paramMemory(r.Name, "t.Grads", "t.grads")))
	}
	body = append(body, line("for range q.Steps {\nif _, err := t.Step%s(%s); err != nil {\nreturn nil, err\n}\n}", s, args),
		line("for _, x := range m.tensors() {\na.Params[x.Name] = held(x)\n}"))
	if k.Evaluate != nil {
		body = append(body, m.runEvaluate(k, len(metrics) > 0, s)...)
	}
	body = append(body, line("a.Loss = floats(one(loss))"))
	names := resultNames(metrics)
	for _, r := range metrics {
		body = append(body, put("Metrics", r.Name, "metrics."+names[r.Name], variable{elem: r.Buffer.Elem, ext: r.Buffer.Shape}))
	}
	return []jen.Code{block("if "+given(ins), body...)}
}

// runEvaluate replaces loss and metrics by those with training false.
func (m *model) runEvaluate(k *kernel.Model, metrics bool, loss string) []jen.Code {
	w := m.f.newWorkspace(k.Evaluate, "w", "", "", m.dims)
	ins := w.inputs(m.m.Inputs)
	left, field := "l", ""
	if loss != "" {
		field = "." + resultNames(w.results("loss"))[m.m.Train.Losses[0].Name]
	}
	if metrics {
		left += ", x"
	}
	body := []jen.Code{line("%s, err := t.Evaluate(%s)", left, m.f.requested(ins)), block("if err != nil", line("return nil, err")), line("loss = l%s", field)}
	if metrics {
		body = append(body, line("metrics = x"))
	}
	return []jen.Code{block("if !q.Training && q.Steps == 0 && "+given(ins), body...)}
}

func (f *file) runFunc(k *kernel.Func, name string) {
	fn := f.newFunction(k)
	body := []jen.Code{line("a := newAnswer()")}
	var args, lefts []string
	if fn.seed != "" {
		args = append(args, "q.Seed")
	}
	for i, v := range fn.results {
		if v.slice() {
			n := f.goDims(func(d string) string { return fmt.Sprintf("q.Dims[%q]", d) }).dim(k.Program.Results[i].Buffer.Len())
			body = append(body, line("r%d := make([]%s, %s)", i, f.goType(v.elem), n.s))
			args = append(args, "r"+strconv.Itoa(i))
		} else {
			lefts = append(lefts, "r"+strconv.Itoa(i))
		}
	}
	for _, d := range fn.dims {
		args = append(args, fmt.Sprintf("q.Dims[%q]", d))
	}
	for _, v := range fn.args {
		get := f.fromRequest(v.src, v.elem, v.scalar())
		if n, ok := v.array(); ok {
			get = fmt.Sprintf("[%d]%s(%s)", n, f.goType(v.elem), get)
		}
		args = append(args, get)
	}
	call := fmt.Sprintf("%s(%s)", fn.name, joinAll(args))
	switch {
	case fn.fails && len(lefts) == 0:
		body = append(body, returnErr(call, "nil, err"))
	case fn.fails:
		body = append(body, line("%s, err := %s", joinAll(lefts), call), block("if err != nil", line("return nil, err")))
	default:
		body = append(body, line("%s := %s", joinAll(lefts), call))
	}
	for i, v := range fn.results {
		value := "r" + strconv.Itoa(i)
		if _, array := v.array(); array {
			value += "[:]"
		}
		body = append(body, put("Outputs", strconv.Itoa(i), value, v))
	}
	f.jen.Add(code("func " + name + "(q *request) (*answer, error)").Block(append(body, line("return a, nil"))...))
	f.jen.Line()
}
