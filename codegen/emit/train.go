package emit

import (
	"fmt"
	"slices"
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
	passes  []*lossPass
	eval    *workspace
	updates []*update // of all passes, in the order of the model's rules
	metrics []kernel.Result
	hypers  []hyper
}

// lossPass is the training step of one loss. Where there are several, the names
// of its methods and fields end in the name of the loss.
type lossPass struct {
	index   int
	loss    string
	suffix  string
	w       *workspace
	updates []*update
	gnorm   []*update // rules that use the norm of the gradients
}

// on is the workspace of the pass.
func (p *lossPass) on() string { return "t.w" + p.suffix }

// several reports a model with more than one loss.
func (t *trainer) several() bool { return len(t.passes) > 1 }

// trainer prints the type that trains.
func (m *model) trainer() {
	f := m.f
	t := &trainer{model: m, typ: m.name + "Trainer"}
	t.newPasses()
	t.newUpdates()
	t.printTrainerType()
	t.printNewTrainer()
	for _, p := range t.passes {
		t.printSteps(p)
		t.printUpdate(p)
	}
	t.printShow()
	t.printMetrics()
	on, many, bind := t.workers()
	m.printResize(t.typ, "t", bind)
	f.printWorkers(t.typ, "t", on, many...)
	var sessions []*workspace
	for _, p := range t.passes {
		sessions = append(sessions, p.w)
	}
	m.printReset(t.typ, "t", sessions, on)
	t.printCheckpoint()
	for _, p := range t.passes {
		m.printTake(p.w, p.w.inputs(m.m.Inputs))
		p.w.print()
	}
	if t.eval != nil {
		m.printTake(t.eval, t.eval.inputs(m.m.Inputs))
		t.eval.print()
	}
	for _, u := range t.updates {
		u.w.print()
	}
}

// newPasses makes the workspaces of the losses and of Evaluate.
func (t *trainer) newPasses() {
	f, m := t.f, t.model
	for i, prog := range m.k.Trains() {
		p := &lossPass{index: i, loss: m.m.Train.Losses[i].Name}
		if len(m.k.Trains()) > 1 {
			p.suffix = exported(p.loss)
		}
		p.w = f.newWorkspace(prog, f.helper(m.m.Name, "train"+p.suffix), m.m.Name, "", m.dims)
		p.w.doc = fmt.Sprintf("%s is the workspace of Step%s: its buffers and kernels.", p.w.typ, p.suffix)
		p.w.limited, p.w.finite, p.w.session = len(m.dims) > 0, true, m.session()
		t.passes = append(t.passes, p)
	}
	t.metrics = t.passes[0].w.results("metric")
	if m.k.Evaluate != nil {
		t.eval = f.newWorkspace(m.k.Evaluate, f.helper(m.m.Name, "evaluate"), m.m.Name, "", m.dims)
		t.eval.doc = fmt.Sprintf("%s is the workspace of Evaluate.", t.eval.typ)
		t.eval.limited, t.eval.session = len(m.dims) > 0, m.session()
	}
}

// workers lists all workspaces, arrays of them where a loop makes many, and what
// binds those with run-time dims.
func (t *trainer) workers() (on, many []string, bind []jen.Code) {
	for _, p := range t.passes {
		on = append(on, p.on())
		bind = append(bind, t.bindCall(p.on(), "dims")...)
	}
	if t.eval != nil {
		on = append(on, "t.e")
		bind = append(bind, t.bindCall("t.e", "dims")...)
	}
	for _, u := range t.updates {
		if u.loops() {
			many = append(many, "t."+u.field)
			continue
		}
		for i := range u.count() {
			on = append(on, u.on(strconv.Itoa(i)))
		}
	}
	return on, many, bind
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
		t.passes[0].w.resultStruct(fmt.Sprintf("%sMetrics are the metrics of a pass.", t.name), t.name+"Metrics", t.metrics)
	}
	if t.several() && t.eval != nil {
		t.eval.resultStruct(fmt.Sprintf("%sLosses are the losses that Evaluate computes.", t.name), t.name+"Losses", t.eval.results("loss"))
	}
	fields := []jen.Code{
		comment("Grads are the gradients, row-major. Backward overwrites them; they may be changed before\nUpdate. Parameters that no rule moves have none.%s", t.whose()),
		line("Grads %sParams", t.owner),
		comment("CheckFinite makes Step and Forward stop at the first NaN or infinity, naming line and value."),
		line("CheckFinite bool"),
	}
	if hyper := t.hyperFields(); len(hyper) > 0 {
		f.structType(fmt.Sprintf("%sHyper are the literal arguments of the update rules. They may be set at any time.", t.name),
			t.name+"Hyper", hyper...)
		fields = append(fields, comment("Hyper are the arguments of the update rules."), line("Hyper %sHyper", t.name))
	}
	fields = append(fields, jen.Line(), line("model *%s", t.owner))
	for _, p := range t.passes {
		fields = append(fields, line("w%s %s", p.suffix, p.w.typ),
			field("parts"+p.suffix+" [][2]int", "what the pass writes of grads: from, to"),
			field("batches"+p.suffix+" int", "accumulated in Grads"))
	}
	if t.eval != nil {
		fields = append(fields, line("e %s", t.eval.typ))
	}
	fields = append(fields, field("grads []"+f.real, "what Grads shows"),
		field("kept []"+f.real, "sum of gradients under Accumulate"),
		field("step []int32", "steps done, of each loss"))
	if t.random() {
		fields = append(fields, field("seed []int32", "of random numbers, in halves"))
	}
	if t.several() && len(t.metrics) > 0 {
		fields = append(fields, field(fmt.Sprintf("metrics %sMetrics", t.name), "of the last forward pass"))
	}
	if t.meet() {
		for _, p := range t.passes {
			fields = append(fields, field("aside"+p.suffix+" []"+f.real, "the gradients of "+p.loss+" while Grads shows others"))
		}
		fields = append(fields, field("shown int", "the loss whose gradients Grads shows"))
	}
	if t.shares() {
		fields = append(fields, field("last int", "the loss whose pass has the session"))
	}
	for _, u := range t.updates {
		fields = append(fields, line("%s [%d]%s", u.field, u.count(), u.w.typ))
	}
	f.structType(fmt.Sprintf("%s trains %s. It is used by one goroutine and uses the cores itself.", t.typ, t.name), t.typ, fields...)
}

func (t *trainer) printNewTrainer() {
	total := strconv.FormatInt(t.params.total, 10)
	connect := []jen.Code{
		line("t.model, t.step = m, make([]int32, %d)", len(t.passes)),
		line("t.grads = %s", t.f.alloc(graph.Real, total)),
	}
	if t.random() {
		connect = append(connect, line("low, high := rt.SeedHalves(m.seed)"), line("t.seed = []int32{low, high}"))
	}
	if g := t.trained(); len(g) > 0 {
		connect = append(connect, line("all := %s(t.grads)", t.viewsName("params")))
		connect = append(connect, each(g, 0, func(p member) []jen.Code {
			at := t.view.member(p)
			return []jen.Code{line("t.Grads%s = all%s", at, at)}
		})...)
	}
	for _, p := range t.passes {
		connect = append(connect, line("t.parts%s = [][2]int{%s}", p.suffix, t.parts(p)))
		if t.meet() {
			connect = append(connect, line("t.aside%s = %s", p.suffix, t.f.alloc(graph.Real, total)))
		}
		connect = append(connect, t.connect(p.w, p.on(), "t.Grads")...)
		connect = append(connect, line("%s.init()", p.on()))
	}
	for _, h := range t.hypers {
		connect = append(connect, line("t.Hyper.%s = %s", h.field(), goFloat(h.Default)))
	}
	for _, u := range t.updates {
		connect = append(connect, u.connect()...)
	}
	if t.eval != nil {
		connect = append(append(connect, t.connect(t.eval, "t.e", "t.Grads")...), line("t.e.init()"))
	}
	_, _, bind := t.workers()
	t.printNewWorker(t.typ, "Trainer", "makes a trainer with room for the given dims.", "t", append(connect, bind...))
}

// parts prints the parts of the gradients that a pass writes: all, or, where
// there are several losses, the runs of its rules.
func (t *trainer) parts(p *lossPass) string {
	if !t.several() {
		return fmt.Sprintf("{0, %d}", t.params.total)
	}
	var out []string
	for _, u := range p.updates {
		for _, r := range u.runs {
			out = append(out, fmt.Sprintf("{%d, %d}", r.at, r.at+r.n*int64(r.count)))
		}
	}
	return strings.Join(out, ", ")
}

// printSteps prints Step, Forward, Backward and Accumulate of a loss.
func (t *trainer) printSteps(p *lossPass) {
	f, ins, s := t.f, p.w.inputs(t.m.Inputs), p.suffix
	sig, args := p.w.signature(ins), names(ins)
	recv, results := "t *"+t.typ, fmt.Sprintf("(loss %s, err error)", f.real)
	failed := block("if err != nil", line("return loss, err"))
	f.method(t.callDoc("Step"+s, fmt.Sprintf("does one step of training, Forward%s, Backward%s and Update%s,", s, s, s), ins), recv, "Step"+s, sig, results,
		line("loss, err = t.Forward%s(%s)", s, args), failed,
		returnErr("t.backward"+s+"()", "loss, err"), line("t.Update%s()", s), line("return loss, nil"))
	forward := append(p.w.settled(p.on()), t.notLast(p)...)
	forward = append(forward, returnErr(p.on()+".take("+args+")", "loss, err"))
	forward = append(forward, t.joined(p)...)
	forward = append(forward, p.w.drawn(p.on(), p.index)...)
	forward = append(forward,
		line("%s.checkFinite = t.CheckFinite", p.on()),
		block(fmt.Sprintf("if err = %s.forward(); err != nil", p.on()), append(p.w.takenUp(p.on()), line("return loss, err"))...))
	forward = append(forward, p.w.pendingMove(p.on())...)
	if t.shares() {
		forward = append(forward, line("t.last = %d", p.index))
	}
	if t.several() && len(t.metrics) > 0 {
		forward = append(forward, line("t.metrics = %s", p.w.resultValue(t.name+"Metrics", p.on(), p.w.results("metric"))))
	}
	forward = append(forward, line("return %s, nil", t.lossOf(p.w, p.on())))
	next := fmt.Sprintf("t.Forward%s(%s)", s, args)
	if batch := p.w.scalar(seedBatch); batch != "" {
		next = fmt.Sprintf("t.forward%s(%s)", s, joinList("before", args))
		f.method("forward"+s+" is Forward"+s+" for a batch of a step, by its number.", recv, "forward"+s, joinList("batch int", sig), results,
			append([]jen.Code{line("%s.%s = rt.BatchIter(batch)", p.on(), batch)}, forward...)...)
		forward = []jen.Code{line("return t.forward%s(%s)", s, joinList("0", args))}
	}
	f.method(t.callDoc("Forward"+s, "computes the loss and the metrics", ins)+"\nThe inputs must stay as they are until Backward"+s+" has run.",
		recv, "Forward"+s, sig, results, forward...)
	f.method("Backward"+s+" computes the gradients of the last Forward"+s+".", recv, "Backward"+s, "", "",
		line("_ = t.backward%s() // what is checked there, Forward has checked, or Step reports", s))
	f.method("backward"+s+" is Backward"+s+" with what CheckFinite finds.", recv, "backward"+s, "", "error",
		slices.Concat(t.show(p), []jen.Code{line("t.batches%s = 0", s),
			block(fmt.Sprintf("if err := %s.backward(); err != nil", p.on()), append(p.w.dropped(p.on()), line("return err"))...)},
			p.w.settled(p.on()), []jen.Code{line("t.batches%s = 1", s), line("return nil")})...)
	f.method(t.callDoc("Accumulate"+s, "adds the gradients of one more batch", ins)+"\nUpdate"+s+" uses the mean of all since the last Update"+s+".",
		recv, "Accumulate"+s, sig, results,
		slices.Concat([]jen.Code{line("if t.kept == nil {\nt.kept = %s\n}", f.alloc(graph.Real, "len(t.grads)")),
			line("before := t.batches%s", s),
			line("loss, err = %s", next), failed}, t.show(p), []jen.Code{
			line("for _, part := range t.parts%s {\ncopy(t.kept[part[0]:part[1]], t.grads[part[0]:part[1]])\n}", s),
			block(fmt.Sprintf("if err := t.backward%s(); err != nil", s),
				line("for _, part := range t.parts%s {\ncopy(t.grads[part[0]:part[1]], t.kept[part[0]:part[1]])\n}", s),
				line("t.batches%s = before", s), line("return loss, err")),
			line("if before > 0 {\nfor _, part := range t.parts%s {\nfor i := part[0]; i < part[1]; i++ {\nt.grads[i] += t.kept[i]\n}\n}\n}", s),
			line("t.batches%s = before + 1", s), line("return loss, nil")})...)
}

// printMetrics prints Metrics and Evaluate.
func (t *trainer) printMetrics() {
	if t.eval != nil {
		t.printEvaluate()
	}
	if len(t.metrics) == 0 {
		return
	}
	typ := t.name + "Metrics"
	value := "t.metrics"
	if !t.several() {
		value = t.passes[0].w.resultValue(typ, "t.w", t.metrics)
	}
	t.f.method("Metrics are those of the last forward pass.", "t *"+t.typ, "Metrics", "", typ, line("return %s", value))
}

// lossOf is the Go expression of a program's loss.
func (t *trainer) lossOf(w *workspace, on string) string {
	if ls := w.results("loss"); len(ls) > 0 {
		return w.value(on, ls[0].Buffer)
	}
	t.f.fail("program %s has no loss", w.prog.Name)
	return "0"
}

// printEvaluate prints losses and metrics with training false.
func (t *trainer) printEvaluate() {
	w := t.eval
	ins := w.inputs(t.m.Inputs)
	results, failed, values := "loss "+t.f.real, "loss, ", t.lossOf(w, "t.e")
	if t.several() {
		results, failed = fmt.Sprintf("losses %sLosses", t.name), "losses, "
		values = w.resultValue(t.name+"Losses", "t.e", w.results("loss"))
	}
	if len(t.metrics) > 0 {
		results += fmt.Sprintf(", metrics %sMetrics", t.name)
		failed += "metrics, "
		values += ", " + w.resultValue(t.name+"Metrics", "t.e", w.results("metric"))
	}
	failed += "err"
	body := append(w.anew("t.e"), returnErr("t.e.take("+names(ins)+")", failed))
	for _, p := range t.passes {
		body = append(body, t.ofLast(p, w.borrow("t.e", p.w, p.on()))...)
	}
	body = append(body, w.drawn("t.e", 0)...)
	if s := w.prog.Sections[0]; w.sectionFails(s) {
		body = append(body, returnErr("t.e."+s.Name+"()", failed))
	} else {
		body = append(body, line("t.e.%s()", s.Name))
	}
	t.f.method(t.callDoc("Evaluate", "computes loss and metrics with training false", ins)+" Nothing moves.", "t *"+t.typ, "Evaluate",
		w.signature(ins), fmt.Sprintf("(%s, err error)", results), append(body, line("return %s, nil", values))...)
}

// printUpdate prints the step of the update rules of a loss, and the storing of
// the states' new values.
func (t *trainer) printUpdate(p *lossPass) {
	s := p.suffix
	body := append(t.show(p),
		line("if t.batches%s > 1 {\nn := %s(t.batches%s)\nfor _, part := range t.parts%s {\nfor i := part[0]; i < part[1]; i++ {\nt.grads[i] /= n\n}\n}\n}", s, t.f.real, s, s),
		line("t.batches%s = 0", s),
		line("t.step[%d]++", p.index),
	)
	body = append(body, p.norm(t)...)
	for _, u := range p.updates {
		body = append(body, u.call(p)...)
	}
	for _, r := range p.w.results("state") {
		body = append(body, line("copy(%s, %s)", t.stateMemory(r.Name, "t.model"), p.w.ref(p.on(), r.Buffer)))
	}
	doc := "Update" + s + " moves the parameters by the gradients in Grads"
	if len(p.w.results("state")) > 0 {
		doc += ", and stores the states of the last Forward" + s
	}
	t.f.method(doc+".", "t *"+t.typ, "Update"+s, "", "", body...)
}
