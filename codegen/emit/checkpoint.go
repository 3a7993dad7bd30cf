package emit

import (
	"strings"

	"github.com/dave/jennifer/jen"
)

// printCheckpoint prints the saving of everything that training needs to resume.
func (t *trainer) printCheckpoint() {
	f := t.f
	list := []jen.Code{line("ts := t.model.tensors()"),
		line("ts = append(ts, rt.Tensor{Name: %q, I32: t.step, Shape: []int{%d}})", "optimizer/step", len(t.passes))}
	if t.random() {
		list = append(list, line("ts = append(ts, rt.Tensor{Name: %q, I32: t.seed, Shape: []int{2}})", "optimizer/seed"))
	}
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
