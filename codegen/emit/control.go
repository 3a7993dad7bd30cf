package emit

import (
	"fmt"
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/gradgen/gradgen/codegen/kernel"
)

// Loops and branches of kernels stand in the method of their section; the number
// of the step is a field of the workspace, which the kernels inside read.

// nameSteps gives every loop of kernels its field.
func (w *workspace) nameSteps() {
	for _, s := range w.prog.Sections {
		for _, k := range kernel.All(s.Kernels) {
			if k.Repeat != nil && w.dimFields[k.Repeat.Var] == "" {
				w.dimFields[k.Repeat.Var] = w.names.name("step")
				w.steps = append(w.steps, k.Repeat.Var)
			}
			if d := tripOf(k); d != "" && w.dimFields[d] == "" {
				w.dimFields[d], w.growers[d] = w.names.name("trips"), w.names.name("grow")
				w.trips = append(w.trips, d)
			}
		}
	}
}

// tripOf is the run-time dim that k gives its value.
func tripOf(k *kernel.Kernel) string {
	switch {
	case k.Trip != nil:
		return k.Trip.Dim
	case k.Repeat != nil:
		return k.Repeat.Trips
	}
	return ""
}

// grow prints that a run-time dim is n now.
func (w *workspace) grow(dim, n string) jen.Code { return line("w.%s(%s)", w.growers[dim], n) }

// trip prints that a run-time dim is known.
func (w *workspace) trip(t *kernel.Trip) jen.Code {
	if t.Count != nil {
		return w.grow(t.Dim, fmt.Sprintf("int(%s[0])", w.ref("w", t.Count)))
	}
	return w.grow(t.Dim, w.onSelf().dim(t.Value).s)
}

// printGrowers prints what makes room when a run-time dim is known: all that is
// as long, which stays allocated.
func (w *workspace) printGrowers() {
	for _, d := range w.trips {
		body := []jen.Code{line("w.%s = n", w.dimField(d))}
		for _, b := range w.prog.Buffers {
			if b.Kind == kernel.Arena && w.has(b) && slices.Contains(b.Len().Vars(), d) {
				body = append(body, line("w.%s = rt.Grow(w.%s, %s)", w.fieldOf(b), w.fieldOf(b), w.onSelf().dim(b.Len()).s))
			}
		}
		w.f.method(w.growers[d]+" makes room for n steps of a loop. It allocates where there are more than ever before.",
			"w *"+w.typ, w.growers[d], "n int", "", body...)
	}
}

// calls prints the calls of kernels, one after the other.
func (w *workspace) calls(s *kernel.Section, ks []*kernel.Kernel) []jen.Code {
	var out []jen.Code
	for _, k := range ks {
		switch {
		case k.Repeat != nil:
			out = append(out, w.repeat(s, k.Repeat)...)
		case k.Trip != nil:
			out = append(out, w.trip(k.Trip))
		case k.Running() != nil:
			out = append(out, w.running(k.Running())...)
		case k.Branch != nil:
			out = append(out, block(fmt.Sprintf("if %s[0]", w.ref("w", k.Branch.Cond)), w.calls(s, k.Branch.Then)...).
				Else().Block(w.calls(s, k.Branch.Else)...))
		default:
			out = append(out, w.call(s, k)...)
		}
	}
	return out
}

// running prints the call of a section that others call.
func (w *workspace) running(r *kernel.Run) []jen.Code {
	var out []jen.Code
	bind := func(list []kernel.Slice, to []*kernel.Buffer) {
		for i, a := range list {
			if !w.has(to[i]) {
				continue
			}
			from := w.ref("w", a.Buf)
			if !a.At.Is(0) || !a.Len.Equal(a.Buf.Len()) {
				from = fmt.Sprintf("%s[%s:][:%s]", from, w.onSelf().dim(a.At).s, w.onSelf().dim(a.Len).s)
			}
			out = append(out, line("w.%s = %s", w.fieldOf(to[i]), from))
		}
	}
	bind(r.Args, r.Section.Params)
	bind(r.To, r.Section.Yields)
	if w.sectionFails(r.Section) {
		return append(out, block(fmt.Sprintf("if err := w.%s(); err != nil", r.Section.Name), line("return err")))
	}
	return append(out, line("w.%s()", r.Section.Name))
}

// call prints the call of a kernel and what has to be asked after it.
func (w *workspace) call(s *kernel.Section, k *kernel.Kernel) []jen.Code {
	out := []jen.Code{w.run(s, w.placeOf(s, k), k)}
	if k.Fails {
		out = append(out, block("if err := w.failure.take(); err != nil", line("return err")))
	}
	if w.finite && len(w.reals(k)) > 0 {
		out = append(out, block("if w.checkFinite", returnErr(fmt.Sprintf("w.finite(%d)", w.number(k)), "err")))
	}
	return out
}

// placeOf is the number of a kernel in its section.
func (w *workspace) placeOf(s *kernel.Section, k *kernel.Kernel) int {
	for i, other := range kernel.All(s.Kernels) {
		if other == k {
			return i
		}
	}
	return -1
}

// repeat prints a loop of kernels.
func (w *workspace) repeat(s *kernel.Section, r *kernel.Repeat) []jen.Code {
	step := "w." + w.dimField(r.Var)
	body := w.calls(s, r.Kernels)
	switch {
	case r.While != nil:
		return w.while(s, r, step, body)
	case r.Reverse:
		return []jen.Code{block(fmt.Sprintf("for %s = %s; %s >= 0; %s--", step, w.onSelf().dim(r.Trip.AddInt(-1)).s, step, step), body...)}
	}
	return []jen.Code{block(fmt.Sprintf("for %s = 0; %s < %s; %s++", step, step, w.onSelf().dim(r.Trip).at(mulPrec), step), body...)}
}

func (w *workspace) while(s *kernel.Section, r *kernel.Repeat, step string, body []jen.Code) []jen.Code {
	in := w.calls(s, r.Cond)
	in = append(in, block(fmt.Sprintf("if !w.%s[0]", w.fieldOf(r.While)), line("break")))
	if r.Limited {
		limit := w.onSelf().dim(r.Limit)
		in = append(in, block(fmt.Sprintf("if %s >= %s", step, limit.at(mulPrec)),
			line("return &rt.CheckError{Model: %q, Source: %q, Message: %q}", w.owner, where(r.Span),
				fmt.Sprintf("the loop goes on after %s rounds", r.Limit))))
	}
	if r.Trips != "" {
		in = append(in, w.grow(r.Trips, step+"+1"))
	}
	out := []jen.Code{block(fmt.Sprintf("for %s = 0; ; %s++", step, step), append(in, body...)...)}
	if r.Trips != "" {
		out = append(out, w.grow(r.Trips, step))
	}
	if r.Count != nil && w.has(r.Count) {
		out = append(out, line("w.%s[0] = int32(%s)", w.fieldOf(r.Count), step))
	}
	return out
}
