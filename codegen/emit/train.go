package emit

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
)

// trainer is what is known of a trainer while it is printed.
type trainer struct {
	*model
	typ     string
	w       *workspace
	eval    *workspace
	updates []*update
	metrics []kernel.Result
	gnorm   bool
}

// trainer prints the type that trains.
func (m *model) trainer() {
	f := m.f
	t := &trainer{model: m, typ: m.name + "Trainer"}
	t.w = f.newWorkspace(m.k.Train, f.helper(m.m.Name, "train"), m.m.Name, "", m.dims)
	t.w.doc = fmt.Sprintf("%s is the workspace of a %s: its buffers and kernels.", t.w.typ, t.typ)
	t.w.limited, t.w.finite = len(m.dims) > 0, true
	t.metrics = t.w.results("metric")
	if m.k.Evaluate != nil {
		t.eval = f.newWorkspace(m.k.Evaluate, f.helper(m.m.Name, "evaluate"), m.m.Name, "", m.dims)
		t.eval.doc = fmt.Sprintf("%s is the workspace of Evaluate.", t.eval.typ)
		t.eval.limited = t.w.limited
	}
	t.newUpdates()
	t.printTrainerType()
	t.printNewTrainer()
	t.printSteps()
	t.printUpdate()
	teams := []string{"t.w"}
	bind := m.bindCall("t.w", "dims")
	if t.eval != nil {
		teams = append(teams, "t.e")
		bind = append(bind, m.bindCall("t.e", "dims")...)
	}
	m.printResize(t.typ, "t", bind)
	for _, u := range t.updates {
		for i := range u.runs {
			teams = append(teams, u.on(i))
		}
	}
	f.printWorkers(t.typ, "t", teams)
	t.printCheckpoint()
	m.printTake(t.w, t.w.inputs(m.m.Inputs))
	t.w.print()
	if t.eval != nil {
		m.printTake(t.eval, t.eval.inputs(m.m.Inputs))
		t.eval.print()
	}
	for _, u := range t.updates {
		u.w.print()
	}
}

// trained lists the parameters that some rule moves, in the model's order.
func (t *trainer) trained() []*graph.Param {
	moved := map[int]bool{}
	for _, r := range t.m.Rules {
		for _, i := range r.Params {
			moved[i] = true
		}
	}
	var out []*graph.Param
	for i, p := range t.m.Params {
		if moved[i] {
			out = append(out, p)
		}
	}
	return out
}

func (t *trainer) printTrainerType() {
	f := t.f
	if len(t.metrics) > 0 {
		t.w.resultStruct(fmt.Sprintf("%sMetrics are the metrics of the last forward pass.", t.name), t.name+"Metrics", t.metrics)
	}
	fields := []jen.Code{
		comment("Grads are the gradients of the loss, row-major. Backward overwrites them; they may be\nchanged before Update. Parameters that no rule moves have none."),
		line("Grads %sParams", t.name),
	}
	fields = append(fields, comment("CheckFinite makes Step and Forward stop at the first NaN or infinity, naming line and value."),
		line("CheckFinite bool"))
	if hyper := t.hyperFields(); len(hyper) > 0 {
		f.structType(fmt.Sprintf("%sHyper are the literal arguments of the update rules. They may be set at any time.", t.name),
			t.name+"Hyper", hyper...)
		fields = append(fields, comment("Hyper are the arguments of the update rules."), line("Hyper %sHyper", t.name))
	}
	fields = append(fields, jen.Line(), line("model *%s", t.name), line("w %s", t.w.typ))
	if t.eval != nil {
		fields = append(fields, line("e %s", t.eval.typ))
	}
	fields = append(fields, field("grads []"+f.real, "what Grads shows"),
		field("kept []"+f.real, "sum of gradients under Accumulate"),
		field("batches int", "accumulated in Grads"),
		field("step []int32", "steps done"))
	for _, u := range t.updates {
		fields = append(fields, line("%s [%d]%s", u.field, len(u.runs), u.w.typ))
	}
	f.structType(fmt.Sprintf("%s trains %s. It is used by one goroutine and uses the cores itself.", t.typ, t.name), t.typ, fields...)
}

func (t *trainer) printNewTrainer() {
	total := strconv.FormatInt(t.params.total, 10)
	connect := []jen.Code{
		line("t.model, t.step = m, make([]int32, 1)"),
		line("t.grads = %s", t.f.alloc(graph.Real, total)),
	}
	if g := t.trained(); len(g) > 0 {
		connect = append(connect, line("all := %s(t.grads)", t.viewsName("params")))
		for _, p := range g {
			at := t.view.path(p.Path)
			connect = append(connect, line("t.Grads%s = all%s", at, at))
		}
	}
	connect = append(connect, t.connect(t.w, "t.w", "t.Grads")...)
	for _, u := range t.updates {
		for _, h := range u.rule.Hyper {
			connect = append(connect, line("t.Hyper.%s = %s", u.hyper[h.Name], goFloat(h.Default)))
		}
		for i := range u.runs {
			connect = append(connect, u.connect(i)...)
		}
	}
	if t.eval != nil {
		connect = append(connect, t.connect(t.eval, "t.e", "t.Grads")...)
		connect = append(append(connect, line("t.e.init()")), t.bindCall("t.e", "dims")...)
	}
	t.printNewWorker(t.typ, "NewTrainer", "makes a trainer with room for the given dims.", connect, "t", t.bindCall("t.w", "dims"))
}

// printSteps prints Step, Forward, Backward, Accumulate and Metrics.
func (t *trainer) printSteps() {
	f, ins := t.f, t.w.inputs(t.m.Inputs)
	sig, args := t.w.signature(ins), names(ins)
	recv, results := "t *"+t.typ, fmt.Sprintf("(loss %s, err error)", f.real)
	forward := []jen.Code{
		returnErr("t.w.take("+args+")", "loss, err"),
		line("t.w.checkFinite = t.CheckFinite"),
		returnErr("t.w.forward()", "loss, err"),
	}
	f.method(t.callDoc("Step", "does one step of training: Forward, Backward and Update", ins), recv, "Step", sig, results,
		line("loss, err = t.Forward(%s)", args), block("if err != nil", line("return loss, err")),
		line("if err := t.backward(); err != nil {\nreturn loss, err\n}"), line("t.Update()"), line("return loss, nil"))
	f.method(t.callDoc("Forward", "computes loss and metrics", ins)+"\nThe inputs must stay as they are until Backward has run.",
		recv, "Forward", sig, results, append(forward, line("return %s, nil", t.loss(t.w, "t.w")))...)
	f.method("Backward computes the gradients of the last Forward.", recv, "Backward", "", "",
		line("_ = t.backward() // what is checked there, Forward has checked, or Step reports"))
	f.method("backward is Backward with what CheckFinite finds.", recv, "backward", "", "error",
		line("t.batches = 1"), line("return t.w.backward()"))
	f.method(t.callDoc("Accumulate", "adds the gradients of one more batch", ins)+" Update uses the mean of all since the last Update.",
		recv, "Accumulate", sig, results,
		line("if t.kept == nil {\nt.kept = %s\n}", f.alloc(graph.Real, "len(t.grads)")),
		line("before := t.batches"),
		line("if before > 0 {\ncopy(t.kept, t.grads)\n}"),
		line("loss, err = t.Forward(%s)", args), block("if err != nil", line("return loss, err")),
		line("if err := t.backward(); err != nil {\nreturn loss, err\n}"),
		line("if before > 0 {\nfor i, g := range t.kept {\nt.grads[i] += g\n}\n}"),
		line("t.batches = before + 1"), line("return loss, nil"))
	if t.eval != nil {
		t.printEvaluate()
	}
	if len(t.metrics) > 0 {
		typ := t.name + "Metrics"
		f.method("Metrics are those of the last forward pass.", recv, "Metrics", "", typ, line("return %s", t.w.resultValue(typ, "t.w", t.metrics)))
	}
}

func (t *trainer) loss(w *workspace, on string) string {
	if ls := w.results("loss"); len(ls) > 0 {
		return w.value(on, ls[0].Buffer)
	}
	t.f.fail("program %s has no loss", w.prog.Name)
	return "0"
}

// printEvaluate prints loss and metrics with training false.
func (t *trainer) printEvaluate() {
	w := t.eval
	ins := w.inputs(t.m.Inputs)
	typ, values := "", t.loss(w, "t.e")
	if len(t.metrics) > 0 {
		typ = fmt.Sprintf("metrics %sMetrics, ", t.name)
		values += ", " + w.resultValue(t.name+"Metrics", "t.e", w.results("metric"))
	}
	failed := "loss, err"
	if typ != "" {
		failed = "loss, metrics, err"
	}
	body := []jen.Code{returnErr("t.e.take("+names(ins)+")", failed)}
	if s := w.prog.Sections[0]; w.sectionFails(s) {
		body = append(body, returnErr("t.e."+s.Name+"()", failed))
	} else {
		body = append(body, line("t.e.%s()", s.Name))
	}
	t.f.method(t.callDoc("Evaluate", "computes the loss with training false", ins)+" Nothing moves.", "t *"+t.typ, "Evaluate",
		w.signature(ins), fmt.Sprintf("(loss %s, %serr error)", t.f.real, typ), append(body, line("return %s, nil", values))...)
}

// printUpdate prints the step of the update rules.
func (t *trainer) printUpdate() {
	body := []jen.Code{
		line("if t.batches > 1 {\nn := %s(t.batches)\nfor i := range t.grads {\nt.grads[i] /= n\n}\n}", t.f.real),
		line("t.batches = 0"),
		line("t.step[0]++"),
	}
	if t.gnorm {
		body = append(body, line("var sum float64"),
			line("for _, g := range t.grads {\nsum += float64(g) * float64(g)\n}"),
			line("gnorm := %s(math.Sqrt(sum))", t.f.real))
	}
	for _, u := range t.updates {
		body = append(body, u.call()...)
	}
	t.f.method("Update moves the parameters by the gradients in Grads.", "t *"+t.typ, "Update", "", "", body...)
}

// printCheckpoint prints the saving of everything that training needs to resume.
func (t *trainer) printCheckpoint() {
	f := t.f
	list := []jen.Code{line("ts := t.model.tensors()"),
		line("ts = append(ts, rt.Tensor{Name: %q, I32: t.step, Shape: []int{1}})", "optimizer/step")}
	for _, u := range t.updates {
		list = append(list, u.tensors()...)
	}
	load := []jen.Code{}
	if hyper := t.hyperNames(); len(hyper) > 0 {
		refs := make([]string, len(hyper))
		for i, h := range hyper {
			refs[i] = "t.Hyper." + h
		}
		list = append(list, line("hyper := []float64{%s}", strings.Join(refs, ", ")),
			line("ts = append(ts, rt.Tensor{Name: %q, F64: hyper, Shape: []int{%d}})", "optimizer/hyper", len(hyper)))
		for i, r := range refs {
			load = append(load, line("%s = hyper[%d]", r, i))
		}
	}
	list = append(list, line("return ts, %s", map[bool]string{true: "hyper", false: "nil"}[len(load) > 0]))
	f.method("tensors lists what a checkpoint holds; the second result is the place of Hyper in it.",
		"t *"+t.typ, "tensors", "", "([]rt.Tensor, []float64)", list...)
	f.method("SaveCheckpoint writes parameters, states and all that the update rules remember.", "t *"+t.typ, "SaveCheckpoint", "path string", "error",
		line("ts, _ := t.tensors()"), line("return rt.SaveTensors(path, map[string]string{rt.MetaModel: %q}, ts)", t.m.Name))
	f.method("LoadCheckpoint reads what SaveCheckpoint wrote: training goes on with the same bits. A file that\ndoes not fit is an error and changes nothing.",
		"t *"+t.typ, "LoadCheckpoint", "path string", "error",
		append(append([]jen.Code{
			line("ts, %s := t.tensors()", map[bool]string{true: "hyper", false: "_"}[len(load) > 0]),
			line("if _, err := rt.LoadInto(path, ts); err != nil {\nreturn err\n}"),
		}, load...), line("return nil"))...)
}

// update is the workspace of a rule and the runs of memory it works on.
type update struct {
	t     *trainer
	rule  *graph.Rule
	w     *workspace
	field string
	runs  []run
	hyper map[string]string // fields of Hyper by argument
}

func (t *trainer) newUpdates() {
	reserved := newScope("Grads", "Hyper", "model", "w", "e", "grads", "kept", "batches", "step", "tensors", "backward")
	fields := newScope()
	for i, r := range t.m.Rules {
		u := &update{t: t, rule: r, runs: t.params.runs(t.m, r), hyper: map[string]string{}}
		u.w = t.f.newWorkspace(t.k.Updates[i], t.f.helper(t.m.Name, r.Name), t.m.Name, "", symbols(t.k.Updates[i]))
		u.w.doc = fmt.Sprintf("%s is update rule %s for %s.", u.w.typ, r.Name, t.ruleParams(r))
		u.field = reserved.name(local(strings.ToLower(r.Name)))
		t.gnorm = t.gnorm || r.GNorm
		t.updates = append(t.updates, u)
	}
	for _, u := range t.updates {
		for _, h := range u.rule.Hyper {
			u.hyper[h.Name] = t.hyperName(u, h.Name, fields)
		}
	}
}

// hyperName is the field of an argument: its name, after that of its rule where
// several rules have one of that name.
func (t *trainer) hyperName(u *update, name string, fields *scope) string {
	for _, other := range t.updates {
		for _, h := range other.rule.Hyper {
			if other != u && h.Name == name {
				return fields.short(exported(u.rule.Name) + hyperField(name))
			}
		}
	}
	return fields.name(hyperField(name))
}

// hyperField exports an argument's name; lr is an initialism.
func hyperField(name string) string {
	if name == "lr" {
		return "LR"
	}
	return exported(name)
}

func (t *trainer) hyperFields() []jen.Code {
	var out []jen.Code
	for _, u := range t.updates {
		for _, h := range u.rule.Hyper {
			out = append(out, field(u.hyper[h.Name]+" float64", fmt.Sprintf("%s of %s, %s at first", h.Name, u.rule.Name, goFloat(h.Default))))
		}
	}
	return out
}

func (t *trainer) hyperNames() []string {
	var out []string
	for _, u := range t.updates {
		for _, h := range u.rule.Hyper {
			out = append(out, u.hyper[h.Name])
		}
	}
	return out
}

func (t *trainer) ruleParams(r *graph.Rule) string {
	if len(r.Params) > 3 {
		return fmt.Sprintf("%d parameters, from %s on", len(r.Params), t.m.Params[r.Params[0]].Path)
	}
	parts := make([]string, len(r.Params))
	for i, k := range r.Params {
		parts[i] = t.m.Params[k].Path
	}
	return strings.Join(parts, ", ")
}

// symbols lists the run-time dims of a program in order of first use.
func symbols(prog *kernel.Program) []string {
	var out []string
	seen := map[string]bool{}
	for _, b := range prog.Buffers {
		for _, d := range b.Shape {
			for _, v := range d.Vars() {
				if !seen[v] {
					seen[v] = true
					out = append(out, v)
				}
			}
		}
	}
	return out
}

// on is the workspace of a run.
func (u *update) on(i int) string { return fmt.Sprintf("t.%s[%d]", u.field, i) }

// connect prints the set-up of the workspace of a run.
func (u *update) connect(i int) []jen.Code {
	var out []jen.Code
	r, on := u.runs[i], u.on(i)
	n := strconv.FormatInt(r.n, 10)
	for _, b := range u.w.prog.Buffers {
		if !u.w.has(b) {
			continue
		}
		place := on + "." + u.w.fieldOf(b)
		switch b.Kind {
		case kernel.Param:
			out = append(out, line("%s = m.params[%d:][:%d]", place, r.at, r.n))
		case kernel.Grad:
			out = append(out, line("%s = t.grads[%d:][:%d]", place, r.at, r.n))
		case kernel.State:
			out = append(out, line("%s = %s", place, u.t.f.alloc(graph.Real, n)))
			if v := u.initial(b.Name); v != 0 {
				out = append(out, line("rt.InitConst(%s, %s)", place, goFloat(v)))
			}
		}
	}
	dims := make([]string, len(u.w.dims))
	for i := range dims {
		dims[i] = n
	}
	return append(out, line("%s.init()", on), line("%s.bind(%s)", on, strings.Join(dims, ", ")))
}

func (u *update) initial(state string) float64 {
	for _, s := range u.rule.States {
		if s.Name == state {
			return s.Init
		}
	}
	return 0
}

// call prints the update of all runs.
func (u *update) call() []jen.Code {
	var body []jen.Code
	for _, b := range u.w.prog.Buffers {
		if b.Kind != kernel.Scalar || !u.w.has(b) {
			continue
		}
		place := "u." + u.w.fieldOf(b)
		switch field, isHyper := u.hyper[b.Name]; {
		case isHyper:
			body = append(body, line("%s = %s(t.Hyper.%s)", place, u.t.f.real, field))
		case b.Elem == graph.Int:
			body = append(body, line("%s = t.step[0]", place))
		default:
			body = append(body, line("%s = gnorm", place))
		}
	}
	body = append(body, line("u.update()"))
	return []jen.Code{block(fmt.Sprintf("for i := range t.%s", u.field), append([]jen.Code{line("u := &t.%s[i]", u.field)}, body...)...)}
}

// tensors prints the states of all runs, parameter by parameter.
func (u *update) tensors() []jen.Code {
	var out []jen.Code
	t := u.t
	for _, s := range u.rule.States {
		name := u.stateField(s.Name)
		if name == "" {
			continue
		}
		for _, k := range u.rule.Params {
			p := t.m.Params[k]
			at, size := t.params.offset[p.Path], t.params.size[p.Path]
			for i, r := range u.runs {
				if at >= r.at && at < r.at+r.n {
					out = append(out, line("ts = append(ts, rt.Tensor{Name: rt.OptimizerName(%q, %q), Shape: %s, F%s: %s.%s[%d:][:%d]})",
						p.Path, s.Name, goShape(p.Node.Type.Shape), t.f.width, u.on(i), name, at-r.at, size))
				}
			}
		}
	}
	return out
}

// stateField is the field of a state, "" where the rule never reads it.
func (u *update) stateField(name string) string {
	for _, b := range u.w.prog.Buffers {
		if b.Kind == kernel.State && b.Name == name && u.w.has(b) {
			return u.w.fieldOf(b)
		}
	}
	return ""
}
