package emit

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/eval"
	"github.com/gradgen/gradgen/graph/shape"
)

// model is what is known of a model while it is printed.
type model struct {
	f      *file
	k      *kernel.Model
	m      *graph.Model
	name   string
	owner  string // Go type of the model that holds the parameters: its own, or the base's
	holder *graph.Model
	params *layout
	states *layout
	view   *view // of parameters
	memory *view // of states
	dims   []string
	fields map[string]string // of the Dims struct
	reset  *workspace        // see session
	checks bool
}

func newModel(f *file, k *kernel.Model) *model {
	m := &model{f: f, k: k, m: k.Model, name: exported(k.Model.Name), holder: k.Model}
	if k.Model.Base != nil {
		m.holder = k.Model.Base
	}
	m.owner = exported(m.holder.Name)
	m.params, m.states = newLayout(updateOrder(m.holder)), newLayout(reals(m.holder.States))
	m.view, m.memory = newView(m.holder.Params), newView(m.holder.States)
	return m
}

// constructor is the name of the method that makes a Predictor or Trainer.
func (m *model) constructor(what string) string {
	if m.m.Base != nil {
		return "New" + m.name + what
	}
	return "New" + what
}

func (f *file) model(k *kernel.Model) {
	m := newModel(f, k)
	m.name = f.names.name(m.name)
	for _, d := range k.Model.Dims {
		if !d.Fixed {
			m.dims = append(m.dims, d.Name)
		}
	}
	m.fields = exportAll(m.dims)
	m.printDims()
	if k.Model.Base == nil {
		m.printType()
		m.printNew()
		m.printFiles()
		m.printConstrained()
	}
	if k.Predict != nil {
		m.predictor()
	}
	if k.Train != nil {
		m.trainer()
	}
}

// printDims prints the struct of run-time dims and its check.
func (m *model) printDims() {
	var fields, body []jen.Code
	for _, d := range m.dims {
		fields = append(fields, line("%s int", m.fields[d]))
		body = append(body, block(fmt.Sprintf("if d.%s < 1", m.fields[d]), m.dimError(d+" >= 1", []string{d})))
	}
	m.f.structType(fmt.Sprintf("%sDims are the run-time dims of %s. Those given to a predictor or trainer are what it\nhas room for: %s is read off the inputs of each call.",
		m.name, m.name, m.freeDimName()), m.name+"Dims", fields...)
	for _, c := range m.m.Checks {
		body = append(body, block("if !("+m.condition(c.Cond)+")", m.dimError(c.Message, condDims(c.Cond))))
	}
	m.f.method("check reports dims that the model cannot have.", "d "+m.name+"Dims", "check", "", "error", append(body, line("return nil"))...)
}

func (m *model) freeDimName() string {
	if len(m.dims) == 0 {
		return "nothing"
	}
	return m.fields[m.dims[0]]
}

// dimError prints the return of a failed condition with the values it was of.
func (m *model) dimError(condition string, dims []string) jen.Code {
	return line("return &rt.DimError{Model: %q, Condition: %q, Found: %s}", m.m.Name, condition, m.found(dims))
}

func (m *model) found(dims []string) string {
	if len(dims) == 0 {
		return `""`
	}
	var text, vals []string
	for _, d := range dims {
		text = append(text, d+" = %d")
		vals = append(vals, "d."+m.fields[d])
	}
	return fmt.Sprintf("fmt.Sprintf(%q, %s)", strings.Join(text, ", "), strings.Join(vals, ", "))
}

func condDims(c shape.Cond) []string { return c.E.Vars() }

// condition prints a condition on the fields of the Dims struct d.
func (m *model) condition(c shape.Cond) string {
	dp := m.f.goDims(func(d string) string { return "d." + m.fields[d] })
	return printCond(dp, c)
}

func printCond(dp dimPrinter, c shape.Cond) string {
	pos, neg := split(c.E)
	switch c.Kind {
	case shape.NonNegative:
		return infix(">=", dp.dim(pos), dp.dim(neg)).s
	case shape.Zero:
		return infix("==", dp.dim(pos), dp.dim(neg)).s
	}
	return infix("==", infix("%", dp.dim(c.E), atom(strconv.FormatInt(c.Mod, 10))), atom("0")).s
}

func (m *model) hasStates() bool { return len(m.m.States) > 0 }

// printType prints the model, its parameters and states.
func (m *model) printType() {
	f := m.f
	f.jen.Add(comment("%sParams are views of the parameters of %s, row-major.", m.name, m.name))
	f.jen.Add(line("type %sParams %s", m.name, m.view.goType(f)))
	f.jen.Line()
	fields := []jen.Code{line("Params %sParams", m.name)}
	if m.hasStates() {
		f.jen.Add(comment("%sStates are views of the states of %s, row-major.", m.name, m.name))
		f.jen.Add(line("type %sStates %s", m.name, m.memory.goType(f)))
		f.jen.Line()
		fields = append(fields, line("States %sStates", m.name))
	}
	fields = append(fields, field("params []"+f.real, "what Params shows"))
	if m.hasStates() {
		fields = append(fields, field("states []"+f.real, "what States shows of reals"))
	}
	if m.seeds() {
		fields = append(fields, field("seed uint64", "of random numbers"))
	}
	f.structType(fmt.Sprintf("%s is model %s of %s: its parameters%s. Any number of predictors may run over it at\nonce; while it is trained nothing else may use it.",
		m.name, m.m.Name, f.opt.Source, map[bool]string{true: " and states"}[m.hasStates()]), m.name, fields...)
	m.printViews()
}

// viewsName is the function that divides a slice into views.
func (m *model) viewsName(what string) string { return m.f.helper(m.holder.Name, what) }

func (m *model) printViews() {
	m.printView("params", m.name+"Params", m.m.Params, m.view, m.params)
	if m.hasStates() {
		m.printView("states", m.name+"States", m.m.States, m.memory, m.states)
	}
}

func (m *model) printView(what, typ string, params []*graph.Param, v *view, l *layout) {
	body := each(params, 0, func(p member) []jen.Code {
		if e := p.Node.Type.Elem; e != graph.Real {
			return []jen.Code{line("p%s = %s", v.member(p), m.f.alloc(e, strconv.Itoa(p.Size())))}
		}
		return []jen.Code{line("p%s = %s", v.member(p), p.slice("x", l.offset[p.Path]))}
	})
	name := m.viewsName(what)
	m.f.jen.Add(comment("%s divides a slice of %d elements into views.", name, l.total))
	m.f.jen.Add(code(fmt.Sprintf("func %s(x []%s) (p %s)", name, m.f.real, typ)).Block(append(body, line("return p"))...))
	m.f.jen.Line()
}

// printNew prints the constructor: memory, views, initial values.
func (m *model) printNew() {
	body := []jen.Code{
		line("m := &%s{params: %s}", m.name, m.f.alloc(graph.Real, strconv.FormatInt(m.params.total, 10))),
		line("m.Params = %s(m.params)", m.viewsName("params")),
	}
	if m.seeds() {
		body = append(body, line("m.seed = seed"))
	}
	if m.hasStates() {
		body = append(body, line("m.states = %s", m.f.alloc(graph.Real, strconv.FormatInt(m.states.total, 10))),
			line("m.States = %s(m.states)", m.viewsName("states")))
	}
	body = append(body, each(m.m.Params, 0, func(p member) []jen.Code {
		return m.initial(p, "m.Params"+m.view.member(p))
	})...)
	body = append(body, each(m.m.States, graph.Tensors(m.m.Params), func(p member) []jen.Code {
		return m.initial(p, "m.States"+m.memory.member(p))
	})...)
	m.f.jen.Add(comment("New%s makes a model with initial parameters, the same for the same seed.", m.name))
	m.f.jen.Add(code(fmt.Sprintf("func New%s(seed uint64) *%s", m.name, m.name)).Block(append(body, line("return m"))...))
	m.f.jen.Line()
}

// initials are the functions of package runtime by the names of distributions;
// those with shape are told the shape of the parameter.
var initials = map[string]struct {
	fn    string
	shape bool
}{
	"normal": {"InitNormal", false}, "uniform": {"InitUniform", false}, "he": {"InitHe", true},
	"xavier": {"InitXavier", true}, "lecun": {"InitLecun", true}, "orthogonal": {"InitOrthogonal", true},
}

func (m *model) initial(p member, at string) []jen.Code {
	if p.Init.Dist == "" {
		if p.Init.Like != "" {
			return []jen.Code{line("copy(%s, m.Params%s)", at, m.view.path(p.Init.Like, p.index...))}
		}
		return m.initialValue(p.Param, at)
	}
	if w := p.Init.Within; w != nil {
		draw := code("func(s []float64)").Block(m.draw(p, "s")...)
		return []jen.Code{code("rt.InitWithin").Call(code(at), code(goFloat(w[0])), code(goFloat(w[1])), draw)}
	}
	return m.draw(p, at)
}

// draw fills a slice of zeros from a distribution.
func (m *model) draw(p member, at string) []jen.Code {
	switch p.Init.Dist {
	case "zeros":
		return nil
	case "ones":
		return []jen.Code{line("rt.InitConst(%s, 1)", at)}
	}
	in, ok := initials[p.Init.Dist]
	if !ok {
		m.f.fail("no distribution %s", p.Init.Dist)
	}
	args := []string{at, fmt.Sprintf("rt.Init{Seed: seed, Param: %s}", p.number)}
	for _, a := range p.Init.Args {
		args = append(args, goFloat(a))
	}
	for _, d := range p.Own() {
		if in.shape {
			args = append(args, d.String())
		}
	}
	return []jen.Code{line("rt.%s(%s)", in.fn, strings.Join(args, ", "))}
}

// goFloat prints a float64.
func goFloat(v float64) string { return (&file{width: "64"}).literal(graph.Real, v).s }

// initialValue computes an initial value that is an expression of constants.
func (m *model) initialValue(p *graph.Param, at string) []jen.Code {
	if p.Init.Value == nil {
		return nil
	}
	ts, err := eval.Run([]*graph.Node{p.Init.Value}, eval.Env{})
	if err != nil {
		m.f.fail("initial value of %s: %v", p.Path, err)
		return nil
	}
	data := ts[0].Data
	for _, v := range data {
		if v != data[0] {
			name := m.f.names.name(m.f.helper(m.m.Name, "initial", p.Path))
			m.f.printTable(name, p.Node.Type.Elem, data, "for the initial value of "+p.Path)
			return []jen.Code{line("copy(%s, %s)", at, name)}
		}
	}
	if len(data) == 0 || data[0] == 0 {
		return nil
	}
	if e := p.Node.Type.Elem; e != graph.Real {
		return []jen.Code{block("for i := range "+at, line("%s[i] = %s", at, m.f.literal(e, data[0]).s))}
	}
	return []jen.Code{line("rt.InitConst(%s, %s)", at, goFloat(data[0]))}
}

// printFiles prints Save and Load.
func (m *model) printFiles() {
	f := m.f
	f.method("tensors lists what is saved, by the names in the model.", "m *"+m.name, "tensors", "", "[]rt.Tensor", m.tensorList("m")...)
	f.method("Save writes the parameters to a safetensors file, replacing it at once.", "m *"+m.name, "Save", "path string", "error",
		line("return rt.SaveTensors(path, map[string]string{rt.MetaModel: %q}, m.tensors())", m.m.Name))
	f.method("Load reads parameters that Save wrote, or a checkpoint. A file that does not fit is an error\nand changes nothing.",
		"m *"+m.name, "Load", "path string", "error",
		line("_, err := rt.LoadInto(path, m.tensors())"), line("return err"))
}

func (m *model) tensorList(on string) []jen.Code {
	looped := stacked(m.m.Params) || stacked(m.m.States)
	list := func(params []*graph.Param, v *view, field string) []jen.Code {
		return each(params, 0, func(p member) []jen.Code {
			t := m.f.tensor(p.name(), graph.Type{Elem: p.Node.Type.Elem, Shape: p.Own()}, on+field+v.member(p))
			if looped {
				return []jen.Code{code("ts = append").Call(code("ts"), code("rt.Tensor").Add(t))}
			}
			return []jen.Code{jen.Line().Add(t)}
		})
	}
	out := append(list(m.m.Params, m.view, ".Params"), list(m.m.States, m.memory, ".States")...)
	if looped {
		return append(append([]jen.Code{code("var ts []rt.Tensor")}, out...), line("return ts"))
	}
	if len(out) > 0 {
		out = append(out, jen.Line())
	}
	return []jen.Code{code("return []rt.Tensor").Values(out...)}
}

// tensor prints a runtime.Tensor.
func (f *file) tensor(name string, t graph.Type, data string) jen.Code {
	return line("{Name: %s, Shape: %s, %s: %s}", name, goShape(t.Shape), f.tensorField(t.Elem), data)
}

// tensorField is the field of a runtime.Tensor for elements of a type.
func (f *file) tensorField(e graph.Elem) string { return [...]string{"F" + f.width, "I32", "Bool"}[e] }

func goShape(ext []shape.Dim) string {
	if len(ext) == 0 {
		return "nil"
	}
	parts := make([]string, len(ext))
	for i, d := range ext {
		parts[i] = d.String()
	}
	return "[]int{" + strings.Join(parts, ", ") + "}"
}

// printConstrained prints, for each parameter with a constraint, the method that
// gives its values: what is stored is unconstrained.
func (m *model) printConstrained() {
	if m.k.Constrain == nil {
		return
	}
	f := m.f
	w := f.newWorkspace(m.k.Constrain, f.helper(m.m.Name, "constrain"), m.m.Name, "", nil)
	w.doc = w.typ + " is the workspace of the constrained parameters."
	methods := newScope("Params", "States", "Save", "Load", "NewPredictor", "NewTrainer")
	for _, r := range w.results("output") {
		name := methods.name(exported(r.Name))
		body := append([]jen.Code{line("var w %s", w.typ)}, m.connect(w, "w", "")...)
		body = append(body, line("w.init()"), line("w.bind()"), line("w.%s()", w.prog.Sections[0].Name), line("copy(dst, %s)", w.ref("w", r.Buffer)))
		f.method(fmt.Sprintf("%s writes the values of parameter %s %s to dst. Params, Grads and files hold what is\nstored, before the constraint.", name, r.Name, shapeText(r.Buffer.Shape)),
			"m *"+m.name, name, "dst []"+f.real, "", body...)
	}
	w.print()
}
