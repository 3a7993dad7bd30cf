package emit

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/gradgen/gradgen/codegen/kernel"
)

// predictor prints the type that computes outputs.
func (m *model) predictor() {
	f, typ := m.f, m.name+"Predictor"
	w := f.newWorkspace(m.k.Predict, f.helper(m.m.Name, "predict"), m.m.Name, "", m.dims)
	w.limited, w.session = len(m.dims) > 0, m.session()
	w.doc = fmt.Sprintf("%s is the workspace of a %s: its buffers and kernels.", w.typ, typ)
	f.structType(fmt.Sprintf("%s computes the outputs of %s. It is used by one goroutine at a time; many may run over\none model.", typ, m.name),
		typ, line("w %s", w.typ))
	setUp := append(append(m.connect(w, "p.w", ""), line("p.w.init()")), m.bindCall("p.w", "dims")...)
	if w.scalar(seedLow) != "" {
		setUp = append(append(setUp, line("low, high := rt.SeedHalves(m.seed)")), w.seeded("p.w", "low", "high")...)
	}
	m.printNewWorker(typ, "Predictor", "makes a predictor with room for the given dims.", "p", setUp)
	ins := w.inputs(m.m.Inputs)
	outs := w.results("output")
	result, value := m.outputs(w, typ, outs)
	body := []jen.Code{}
	body = append(body, returnErr("p.w.take("+names(ins)+")", "out, err"))
	body = append(body, w.counted("p.w", "")...)
	section := w.prog.Sections[0]
	if w.sectionFails(section) {
		body = append(body, block("if err := p.w."+section.Name+"(); err != nil", append(append(w.uncounted("p.w"), w.takenUp("p.w")...), line("return out, err"))...))
	} else {
		body = append(body, line("p.w.%s()", section.Name))
	}
	body = append(body, w.moved("p.w")...)
	body = append(body, line("return %s, nil", value))
	f.method(m.callDoc("Predict", "computes the outputs", ins)+" Results are valid until the next call.",
		"p *"+typ, "Predict", w.signature(ins), fmt.Sprintf("(out %s, err error)", result), body...)
	m.printResize(typ, "p", m.bindCall("p.w", "dims"))
	f.printWorkers(typ, "p", []string{"p.w"})
	m.printReset(typ, "p", []*workspace{w}, []string{"p.w"})
	m.printTake(w, ins)
	w.print()
}

// outputs prints the struct of several outputs; one is returned as it is.
func (m *model) outputs(w *workspace, typ string, outs []kernel.Result) (result, value string) {
	if len(outs) == 1 {
		return w.resultType(outs[0].Buffer), w.value("p.w", outs[0].Buffer)
	}
	name := m.name + "Outputs"
	w.resultStruct(fmt.Sprintf("%s are what Predict returns.", name), name, outs)
	return name, w.resultValue(name, "p.w", outs)
}

// callDoc documents a call with the shapes of its inputs.
func (m *model) callDoc(name, does string, ins []input) string {
	doc := name + " " + does
	for i, in := range ins {
		if i == 0 {
			doc += " for "
		} else {
			doc += ", "
		}
		doc += in.name
		if !in.scalar() {
			doc += " " + shapeText(in.buf.Shape)
		}
	}
	return doc + "."
}

// printNewWorker prints a constructor on the model.
func (m *model) printNewWorker(typ, what, does, recv string, setUp []jen.Code) {
	body := append([]jen.Code{
		returnErr("dims.check()", "nil, err"),
		line("%s := new(%s)", recv, typ),
	}, setUp...)
	name := m.constructor(what)
	m.f.method(name+" "+does, "m *"+m.owner, name, "dims "+m.name+"Dims", fmt.Sprintf("(*%s, error)", typ),
		append(body, line("return %s, nil", recv))...)
}

// printResize prints the change of dims.
func (m *model) printResize(typ, recv string, bind []jen.Code) {
	if len(m.dims) == 0 {
		return
	}
	body := append([]jen.Code{returnErr("dims.check()", "err")}, bind...)
	m.f.method("Resize makes room for other dims. It allocates only where they need more than any before.",
		recv+" *"+typ, "Resize", "dims "+m.name+"Dims", "error", append(body, line("return nil"))...)
}

// printWorkers prints the setting of the number of workers.
func (f *file) printWorkers(typ, recv string, on []string, many ...string) {
	var body []jen.Code
	for i, w := range on {
		if i == 0 {
			body = append(body, line("%s.team = rt.NewTeam(n)", w))
		} else {
			body = append(body, line("%s.team = %s.team", w, on[0]))
		}
	}
	for _, w := range many {
		body = append(body, line("for i := range %s {\n%s[i].team = %s.team\n}", w, w, on[0]))
	}
	f.method("SetWorkers sets the number of cores used; 0 stands for all. Results do not depend on it.",
		recv+" *"+typ, "SetWorkers", "n int", "", body...)
}
