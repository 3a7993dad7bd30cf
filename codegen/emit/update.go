package emit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/parser/diag"
)

// update is the workspace of a rule and the runs of memory it works on.
type update struct {
	t     *trainer
	rule  *graph.Rule
	w     *workspace
	field string
	runs  []run
	hyper map[string]string // fields of Hyper by argument
	pass  *lossPass
}

func (t *trainer) newUpdates() {
	reserved := newScope("Grads", "Hyper", "CheckFinite", "model", "e", "grads", "kept", "step", "seed", "metrics", "last", "shown", "show", "tensors", "backward", "forward")
	for _, p := range t.passes {
		for _, name := range []string{"w", "parts", "batches", "aside", "backward", "forward"} {
			reserved.name(name + p.suffix)
		}
	}
	fields := newScope()
	for i, r := range t.m.Rules {
		u := &update{t: t, rule: r, runs: t.params.runs(t.m, r), hyper: map[string]string{}, pass: t.passOf(r)}
		u.w = t.f.newWorkspace(t.k.Updates[i], t.f.helper(t.m.Name, r.Name), t.m.Name, "", symbols(t.k.Updates[i]))
		u.w.doc = fmt.Sprintf("%s is update rule %s for %s.", u.w.typ, r.Name, t.ruleParams(r))
		u.field = reserved.name(local(strings.ToLower(r.Name)))
		if r.GNorm {
			u.pass.gnorm = append(u.pass.gnorm, u)
		}
		u.pass.updates = append(u.pass.updates, u)
		t.updates = append(t.updates, u)
	}
	for i, u := range t.updates {
		if i > 0 && t.updates[i-1].line() == u.line() {
			u.hyper = t.updates[i-1].hyper
			continue
		}
		for _, h := range u.rule.Hyper {
			u.hyper[h.Name] = t.hyperName(u, h.Name, fields)
			t.hypers = append(t.hypers, hyper{u, h})
		}
	}
}

// line is the place of the train line that a rule comes from: a rule that does
// not work element by element is made for each parameter.
func (u *update) line() diag.Span { return u.rule.Span }

// hyper is an argument of an update rule that may be set at run time.
type hyper struct {
	u *update
	graph.Hyper
}

func (h hyper) field() string { return h.u.hyper[h.Name] }

// passOf is the pass whose gradients a rule takes.
func (t *trainer) passOf(r *graph.Rule) *lossPass {
	for _, p := range t.passes {
		if p.loss == r.Loss {
			return p
		}
	}
	return t.passes[0]
}

// hyperName is the field of an argument: its name, after that of its loss where
// there are several, else of its rule where several rules have the name.
func (t *trainer) hyperName(u *update, name string, fields *scope) string {
	if t.several() {
		return fields.short(u.pass.suffix + hyperField(name))
	}
	for _, other := range t.updates {
		for _, h := range other.rule.Hyper {
			if other.line() != u.line() && h.Name == name {
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
	for _, h := range t.hypers {
		out = append(out, field(h.field()+" float64", fmt.Sprintf("%s of %s, %s at first", h.Name, h.u.rule.Name, goFloat(h.Default))))
	}
	return out
}

func (t *trainer) hyperNames() []string {
	var out []string
	for _, h := range t.hypers {
		out = append(out, h.field())
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
func (u *update) on(i string) string { return fmt.Sprintf("t.%s[%s]", u.field, i) }

// count is the number of workspaces, one for each run of memory.
func (u *update) count() int {
	n := 0
	for _, r := range u.runs {
		n += r.count
	}
	return n
}

// loops reports whether runs are of parameters made in a loop.
func (u *update) loops() bool { return u.count() > len(u.runs) }

// connect prints the set-up of the workspaces of all runs.
func (u *update) connect() []jen.Code {
	var out []jen.Code
	first := 0
	for _, r := range u.runs {
		if r.count == 1 {
			out = append(out, u.connectRun(r, strconv.Itoa(first), strconv.FormatInt(r.at, 10))...)
		} else {
			place := sum{int(r.at), fmt.Sprintf(" + %d*i", r.n)}
			out = append(out, block(fmt.Sprintf("for i := range %d", r.count), u.connectRun(r, sum{first, " + i"}.String(), place.String())...))
		}
		first += r.count
	}
	return out
}

// connectRun prints the set-up of the workspace of a run at a place in memory.
func (u *update) connectRun(r run, number, at string) []jen.Code {
	var out []jen.Code
	on, n := u.on(number), strconv.FormatInt(r.n, 10)
	for _, b := range u.w.prog.Buffers {
		if !u.w.has(b) {
			continue
		}
		place := on + "." + u.w.fieldOf(b)
		switch b.Kind {
		case kernel.Param:
			out = append(out, line("%s = m.params[%s:][:%s]", place, at, n))
		case kernel.Grad:
			out = append(out, line("%s = t.grads[%s:][:%s]", place, at, n))
		case kernel.State:
			out = append(out, line("%s = %s", place, u.t.f.alloc(graph.Real, u.stateLen(b, n))))
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

// stateLen is the number of elements of a state for a run of n: one for each of
// them, or those of its own shape.
func (u *update) stateLen(b *kernel.Buffer, n string) string {
	if k, fixed := b.Len().IsConst(); fixed {
		return strconv.FormatInt(k, 10)
	}
	return n
}

func (u *update) initial(state string) float64 {
	for _, s := range u.rule.States {
		if s.Name == state {
			return s.Init
		}
	}
	return 0
}

// bound is the hyperparameter c of a rule in which the norm of the gradients occurs in
// min(1, c / gnorm) alone: where c is infinite the norm does not matter.
func bound(r *graph.Rule) string {
	roots := []*graph.Node{r.P}
	for _, s := range r.States {
		roots = append(roots, s.Next)
	}
	users := map[*graph.Node][]*graph.Node{}
	var norm *graph.Node
	for _, n := range graph.Reachable(roots...) {
		for _, a := range n.Args {
			users[a] = append(users[a], n)
		}
		if n.Op.Name == "scalar" && n.Attr == graph.Leaf("gnorm") {
			norm = n
		}
	}
	if len(users[norm]) != 1 {
		return ""
	}
	div := users[norm][0]
	for _, n := range users[div] {
		if n.Op.Name != "min" || n.Args[0].Op.Name != "const" && n.Args[1].Op.Name != "const" {
			return ""
		}
	}
	if div.Op.Name != "div" || div.Args[1] != norm || div.Args[0].Op.Name != "scalar" {
		return ""
	}
	return string(div.Args[0].Attr.(graph.Leaf))
}

// norm prints the norm of a pass's gradients, which is left out where no rule needs it.
func (p *lossPass) norm(t *trainer) []jen.Code {
	if len(p.gnorm) == 0 {
		return nil
	}
	sum := []jen.Code{line("var sum float64"),
		line("for _, part := range t.parts%s {\nsum += rt.SumSquares%s(t.grads[part[0]:part[1]])\n}", p.suffix, t.f.width),
		line("gnorm = %s(math.Sqrt(sum))", t.f.real)}
	var needed []string
	for _, u := range p.gnorm {
		field, ok := u.hyper[bound(u.rule)]
		if test := "!math.IsInf(t.Hyper." + field + ", 1)"; !ok {
			needed = []string{"true"}
			break
		} else if !slices.Contains(needed, test) {
			needed = append(needed, test)
		}
	}
	if needed[0] == "true" {
		return append([]jen.Code{line("var gnorm %s", t.f.real)}, sum...)
	}
	return []jen.Code{line("gnorm := %s(1)", t.f.real), block("if "+strings.Join(needed, " || "), sum...)}
}

// call prints the update of all runs.
func (u *update) call(p *lossPass) []jen.Code {
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
			body = append(body, line("%s = t.step[%d]", place, p.index))
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
	var params []*graph.Param
	for _, k := range u.rule.Params {
		params = append(params, t.m.Params[k])
	}
	for _, s := range u.rule.States {
		name := u.stateField(s.Name)
		if name == "" {
			continue
		}
		state := s.Name
		if t.several() {
			state = u.pass.loss + "." + state
		}
		out = append(out, each(params, 0, func(m member) []jen.Code {
			ext := s.Next.Type.Shape
			if u.rule.Flat {
				ext = m.Own()
			}
			return []jen.Code{line("ts = append(ts, rt.Tensor{Name: rt.OptimizerName(%s, %q), Shape: %s, F%s: %s})",
				m.name(), state, goShape(ext), t.f.width, u.stateOf(m, name))}
		})...)
	}
	return out
}

// stateOf is the memory of what a rule remembers of a tensor.
func (u *update) stateOf(m member, field string) string {
	at, first := u.t.params.offset[m.Path], 0
	for _, r := range u.runs {
		if at >= r.at && at < r.at+r.n {
			if u.rule.Flat {
				return m.slice(u.on(strconv.Itoa(first))+"."+field, at-r.at)
			}
			return u.on(m.run(first)) + "." + field
		}
		first += r.count
	}
	u.t.f.fail("no run holds %s", m.Path)
	return ""
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
