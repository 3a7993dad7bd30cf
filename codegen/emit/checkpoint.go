package emit

import (
	"fmt"
	"slices"
	"strconv"
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
	for _, p := range t.passes {
		load = append(load, line("t.batches%s = 0", p.suffix))
	}
	list = append(list, t.sessionTensors()...)
	before, after := t.sessionLoaded()
	list = append(list, line("return ts, %s", map[bool]string{true: "hyper", false: "nil"}[len(t.hypers) > 0]))
	f.method("tensors lists what a checkpoint holds; the second result is the place of Hyper in it.",
		"t *"+t.typ, "tensors", "", "([]rt.Tensor, []float64)", list...)
	f.method("SaveCheckpoint writes parameters, states and all that the update rules remember. Batches that Update\nhas not used yet are not among it.", "t *"+t.typ, "SaveCheckpoint", "path string", "error",
		line("ts, _ := t.tensors()"), line("return rt.SaveTensors(path, map[string]string{rt.MetaModel: %q}, ts)", t.m.Name))
	f.method("LoadCheckpoint reads what SaveCheckpoint wrote: training goes on with the same bits. A file that\ndoes not fit is an error and changes nothing.",
		"t *"+t.typ, "LoadCheckpoint", "path string", "error",
		append(append([]jen.Code{
			line("ts, %s := t.tensors()", map[bool]string{true: "hyper", false: "_"}[len(t.hypers) > 0]),
		}, append(before, line("if _, err := rt.LoadInto(path, ts); err != nil {\nreturn err\n}"))...),
			append(append(load, after...), line("return nil"))...)...)
}

// A session in a checkpoint is the tensors optimizer/session/NAME of what is
// carried and, for each pass, optimizer/session: whether it has begun, and its
// dims. A trainer takes it where it has room for these.

func sessionName(p *lossPass, name string) string {
	if p.suffix != "" {
		name = joinPath(p.loss, name)
	}
	return "optimizer/" + joinPath("session", name)
}

func joinPath(a, b string) string {
	if b == "" {
		return a
	}
	return a + "/" + b
}

func (t *trainer) sessionTensors() []jen.Code {
	var out []jen.Code
	for _, p := range t.passes {
		if !p.w.carries() {
			continue
		}
		begun := "!" + p.on() + ".fresh"
		if t.shares() {
			begun += fmt.Sprintf(" && t.last == %d", p.index)
		}
		shape := []string{"rt.Flag(" + begun + ")"}
		for _, d := range t.dims {
			shape = append(shape, fmt.Sprintf("int32(%s.%s)", p.on(), p.w.dimField(d)))
		}
		out = append(out, line("ts = append(ts, rt.Tensor{Name: %q, I32: []int32{%s}, Shape: []int{%d}})", sessionName(p, ""), strings.Join(shape, ", "), len(shape)))
		for _, b := range p.w.carried() {
			place := p.on() + "." + p.w.fieldOf(b)
			out = append(out, line("ts = append(ts, rt.Tensor{Name: %q, %s: %s, Shape: []int{len(%s)}})", sessionName(p, b.Name), t.f.tensorField(b.Elem), place, place))
		}
	}
	return out
}

// sessionLoaded prints what comes before a checkpoint is read, the finding of what is
// carried, whose sizes only the file tells, and what comes after.
func (t *trainer) sessionLoaded() (before, after []jen.Code) {
	for _, p := range t.passes {
		if !p.w.carries() {
			continue
		}
		saved := "saved" + p.suffix
		names := []string{strconv.Quote(sessionName(p, ""))}
		var ok, args []string
		for i, d := range t.dims {
			at := fmt.Sprintf("int(%s[0].I32[%d])", saved, i+1)
			args = append(args, at)
			limit := fmt.Sprintf("%s == %s.%s", at, p.on(), p.w.dimField(d))
			if i == 0 {
				limit = fmt.Sprintf("%s >= 1 && %s <= %s.limit", at, at, p.on())
			}
			ok = append(ok, limit)
		}
		after = append(after, line("%s.bind(%s)", p.on(), strings.Join(args, ", ")))
		dp := t.f.goDims(func(d string) string { return args[slices.Index(t.dims, d)] })
		for i, b := range p.w.carried() {
			names = append(names, strconv.Quote(sessionName(p, b.Name)))
			have := fmt.Sprintf("%s[%d].%s", saved, i+1, t.f.tensorField(b.Elem))
			ok = append(ok, fmt.Sprintf("len(%s) == %s", have, dp.dim(b.Len()).s))
			after = append(after, line("copy(%s.%s, %s)", p.on(), p.w.fieldOf(b), have))
		}
		ok = append([]string{fmt.Sprintf("len(%s[0].I32) == %d", saved, 1+len(t.dims))}, ok...)
		before = append(before, line("%s, err := rt.LoadNamed(path, %s)", saved, strings.Join(names, ", ")),
			line("if err != nil {\nreturn err\n}"),
			block(fmt.Sprintf("if !(%s)", strings.Join(ok, " && ")),
				line("return &rt.FileError{Path: path, Tensor: %q, Message: %q}", sessionName(p, ""), "the session is of other dims than the trainer has room for")),
			line("ts = rt.Replace(ts, %s)", saved))
		after = append(after, line("%s.fresh, %s.pending = %s[0].I32[0] == 0, false", p.on(), p.on(), saved))
		if t.shares() {
			after = append(after, block(fmt.Sprintf("if !%s.fresh", p.on()), line("t.last = %d", p.index)))
		}
	}
	return before, after
}
