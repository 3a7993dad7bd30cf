package emit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/gradgen/gradgen/codegen/kernel"
)

// session makes the workspace of the initial values of what is carried, once for
// a model; nil where nothing is carried.
func (m *model) session() *workspace {
	if m.k.Reset == nil {
		return nil
	}
	if m.reset == nil {
		m.reset = m.f.newWorkspace(m.k.Reset, m.f.helper(m.m.Name, "session"), m.m.Name, "", m.dims)
		m.reset.doc = m.reset.typ + " is the workspace of the beginning of a session."
		m.reset.print()
	}
	return m.reset
}

// carries reports a workspace that remembers something from call to call.
func (w *workspace) carries() bool { return w.session != nil && len(w.carried()) > 0 }

// carried lists the buffers that last from call to call.
func (w *workspace) carried() []*kernel.Buffer {
	var out []*kernel.Buffer
	for _, b := range w.prog.Buffers {
		if b.Kind == kernel.Carry && w.has(b) {
			out = append(out, b)
		}
	}
	return out
}

// named is the result of a kind and name.
func (w *workspace) result(kind, name string) *kernel.Buffer {
	for _, r := range w.results(kind) {
		if r.Name == name {
			return r.Buffer
		}
	}
	w.f.fail("program %s has no %s %s", w.prog.Name, kind, name)
	return w.prog.Buffers[0]
}

// bindCarried prints the memory of what is carried: another size begins anew.
func (w *workspace) bindCarried(dp dimPrinter, params []string) []jen.Code {
	if !w.carries() {
		return nil
	}
	out := []jen.Code{line("w.session.bind(%s)", strings.Join(params, ", "))}
	for _, b := range w.carried() {
		f := "w." + w.fieldOf(b)
		memory := []string{f}
		if w.returns() {
			memory = append(memory, "w."+w.before[b])
		}
		var grow []jen.Code
		for _, m := range memory {
			grow = append(grow, block(fmt.Sprintf("if n > cap(%s)", m), line("%s = %s", m, w.f.alloc(b.Elem, "n"))))
		}
		out = append(out, block(fmt.Sprintf("if n := %s; n != len(%s)", dp.dim(b.Len()).s, f),
			append(grow, line("%s, w.fresh = %s[:n], true", f, f))...))
	}
	return out
}

// returns reports a session whose size a call may change that may fail: it goes
// back to the size and values it had then.
func (w *workspace) returns() bool {
	if !w.limited || !w.carries() || len(w.results("carry")) == 0 {
		return false
	}
	return slices.ContainsFunc(w.prog.Sections, w.sectionFails)
}

// nameBefore names the memory of the session before a call that changed its size.
func (w *workspace) nameBefore() {
	if !w.returns() {
		return
	}
	w.before = map[*kernel.Buffer]string{}
	for _, b := range w.carried() {
		w.before[b] = w.names.name(w.fieldOf(b) + "Before")
	}
}

// beforeFields are the fields of a session that returns.
func (w *workspace) beforeFields() []jen.Code {
	if !w.returns() {
		return nil
	}
	out := []jen.Code{field("changed bool", "this call changed the size of the session, which was:"),
		line("dimsBefore [%d]int", len(w.dims)), line("freshBefore bool")}
	for _, b := range w.carried() {
		out = append(out, line("%s []%s", w.before[b], w.f.goType(b.Elem)))
	}
	return out
}

// printReturn prints how a session is set aside, and taken up again.
func (w *workspace) printReturn() {
	if !w.returns() {
		return
	}
	var dims, of []string
	for i, d := range w.dims {
		dims, of = append(dims, "w."+w.dimField(d)), append(of, fmt.Sprintf("w.dimsBefore[%d]", i))
	}
	aside := []jen.Code{line("w.dimsBefore, w.freshBefore, w.changed = [%d]int{%s}, w.fresh, true", len(dims), strings.Join(dims, ", "))}
	var swap []jen.Code
	for _, b := range w.carried() {
		f, o := "w."+w.fieldOf(b), "w."+w.before[b]
		aside = append(aside, line("%s, %s = %s[:0], %s", f, o, o, f))
		swap = append(swap, line("%s, %s = %s, %s", f, o, o, f))
	}
	w.f.method("setAside keeps the session while a call changes its size.", "w *"+w.typ, "setAside", "", "", aside...)
	w.f.method("takeUp goes back to the session before a call that failed.", "w *"+w.typ, "takeUp", "", "",
		block("if w.changed", append(swap, line("w.bind(%s)", strings.Join(of, ", ")), line("w.fresh, w.changed = w.freshBefore, false"))...))
}

// setAside prints the keeping of the session.
func (w *workspace) setAside() []jen.Code {
	if !w.returns() {
		return nil
	}
	return []jen.Code{line("w.setAside()")}
}

// takenUp prints that a call failed and its size does not count.
func (w *workspace) takenUp(on string) []jen.Code {
	if !w.returns() {
		return nil
	}
	return []jen.Code{line("%s.takeUp()", on)}
}

// printSession prints the beginning of a session and its step.
func (w *workspace) printSession() {
	start := []jen.Code{line("w.session.%s()", w.session.prog.Sections[0].Name)}
	var advance []jen.Code
	for _, b := range w.carried() {
		place := "w." + w.fieldOf(b)
		start = append(start, line("copy(%s, %s)", place, w.session.ref("w.session", w.session.result("carry", b.Name))))
		if len(w.results("carry")) > 0 {
			advance = append(advance, line("copy(%s, %s)", place, w.ref("w", w.result("carry", b.Name))))
		}
	}
	w.f.method("start begins a session.", "w *"+w.typ, "start", "", "", append(start, line("w.fresh, w.pending = false, false"))...)
	if len(advance) > 0 {
		w.f.method("advance carries what the last call has computed.", "w *"+w.typ, "advance", "", "", append(advance, line("w.pending = false"))...)
	}
}

// moved prints the step of a session at the end of a call.
func (w *workspace) moved(on string) []jen.Code {
	if !w.carries() {
		return nil
	}
	return []jen.Code{line("%s.advance()", on)}
}

// pendingMove leaves the step to the next pass: backward still reads what was carried.
func (w *workspace) pendingMove(on string) []jen.Code {
	if !w.carries() {
		return nil
	}
	return []jen.Code{line("%s.pending = true", on)}
}

// settled prints a step left undone.
func (w *workspace) settled(on string) []jen.Code {
	if !w.carries() {
		return nil
	}
	return []jen.Code{block(fmt.Sprintf("if %s.pending", on), line("%s.advance()", on))}
}

// dropped prints that a call which failed does not count.
func (w *workspace) dropped(on string) []jen.Code {
	if !w.carries() {
		return nil
	}
	return append([]jen.Code{line("%s.pending = false", on)}, w.takenUp(on)...)
}

// borrow prints the reading of another workspace's session where it has one of
// the same size.
func (w *workspace) borrow(on string, other *workspace, from string) []jen.Code {
	var out []jen.Code
	for _, b := range w.carried() {
		for _, o := range other.carried() {
			if o.Name == b.Name {
				to, f := on+"."+w.fieldOf(b), from+"."+other.fieldOf(o)
				out = append(out, block(fmt.Sprintf("if !%s.fresh && len(%s) == len(%s)", from, to, f), line("copy(%s, %s)", to, f)))
			}
		}
	}
	return out
}

// shares reports passes of several losses that go on with one session.
func (t *trainer) shares() bool {
	return t.several() && slices.ContainsFunc(t.passes, func(p *lossPass) bool { return p.w.carries() })
}

// ofLast prints what is done with the pass that has the session.
func (t *trainer) ofLast(p *lossPass, body []jen.Code) []jen.Code {
	if !t.shares() || len(body) == 0 {
		return body
	}
	return []jen.Code{block(fmt.Sprintf("if t.last == %d", p.index), body...)}
}

// anew prints that what a workspace carries begins anew, unless it reads another's.
func (w *workspace) anew(on string) []jen.Code {
	if !w.carries() {
		return nil
	}
	return []jen.Code{line("%s.fresh = true", on)}
}

// notLast prints that a pass which has not the session does not go on with its own.
func (t *trainer) notLast(p *lossPass) []jen.Code {
	if !t.shares() || !p.w.carries() {
		return nil
	}
	return []jen.Code{block(fmt.Sprintf("if t.last != %d", p.index), p.w.anew(p.on())...)}
}

// joined prints the taking over of the session from the pass of another loss.
func (t *trainer) joined(p *lossPass) []jen.Code {
	var out []jen.Code
	for _, q := range t.passes {
		if q != p && t.shares() {
			out = append(out, t.ofLast(q, append(q.w.settled(q.on()), p.w.borrow(p.on(), q.w, q.on())...))...)
		}
	}
	return out
}

// printReset prints the method that begins a session.
func (m *model) printReset(typ, recv string, ws []*workspace, on []string) {
	var body []jen.Code
	for i, w := range ws {
		if w.carries() {
			body = append(body, line("%s.fresh, %s.pending = true, false", on[i], on[i]))
		}
	}
	if len(body) > 0 {
		m.f.method("Reset makes the next call the first of a session.", recv+" *"+typ, "Reset", "", "", body...)
	}
}
