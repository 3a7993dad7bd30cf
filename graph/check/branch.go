package check

import (
	"slices"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// way is what one side of a run-time if does: the values it gives to names, and
// what it returns.
type way struct {
	writes   []write
	states   []held // those changed, with what they hold at the end
	inner    *scope
	result   val
	returned bool
}

// write is a name bound outside the branch with the value it gets inside.
type write struct {
	e    *entry
	val  val
	inst *instance
	at   diag.Span
}

// runtimeIf builds a branch, or, where the condition differs between indices, a
// selection. rest is what follows the if: it belongs to both sides if one of
// them returns.
func (c *checker) runtimeIf(s *scope, f *frame, cond val, st *ast.If, rest []ast.Stmt) (val, bool) {
	if cond = c.condition(st.Cond, cond); !cond.ok() {
		c.headlessIf(s, f, st)
		return val{kind: kBad}, returns(st.Then.Stmts) && returns(elseOf(st))
	}
	then, other := st.Then.Stmts, elseOf(st)
	leaves := returns(then) || returns(other)
	if leaves {
		then, other = follow(then, rest), follow(other, rest)
	}
	selects := len(cond.idx) > 0
	var r *region
	if !selects {
		r = c.enter(nil)
		r.branch = true
	}
	c.underIf++
	a := c.oneWay(s, f, cond, then, selects)
	b := c.oneWay(s, f, c.negated(cond), other, selects)
	c.underIf--
	out := &merge{c: c, s: s, f: f, st: st, cond: cond, selects: selects, r: r}
	if leaves {
		return out.returned(a, b)
	}
	out.names(a, b)
	return val{}, false
}

// oneWay runs one side, and undoes what it does to names outside.
func (c *checker) oneWay(s *scope, f *frame, cond val, stmts []ast.Stmt, selects bool) way {
	if !selects {
		cond = tensor(c.b.Fill(1, graph.Type{Elem: graph.Bool}), nil, cond.at)
	}
	w := way{inner: newScope(s, false)}
	before := c.journal
	c.journal = &journal{inner: w.inner, reg: c.reg}
	c.masks = append(c.masks, cond)
	w.result, w.returned = c.block(w.inner, f, stmts)
	c.masks = c.masks[:len(c.masks)-1]
	for _, old := range c.journal.old {
		w.writes = append(w.writes, write{old.e, old.e.val, old.e.inst, old.e.span})
		old.e.val, old.e.inst, old.e.span = old.val, old.inst, old.at
	}
	for _, old := range c.journal.states {
		w.states = append(w.states, held{old.path, c.stateOf(old.path)})
		c.putState(old.path, old.val)
	}
	c.journal = before
	return w
}

// journal keeps the values that names had before a branch bound them again.
type journal struct {
	inner  *scope
	reg    *region
	old    []write
	states []held
}

// held is what a state holds.
type held struct {
	path string
	val  val
}

// noteState keeps what a state held before the first change in the branch; what
// happens in a loop inside is a change when the loop ends.
func (j *journal) noteState(r *region, path string, v val) {
	if j == nil || j.reg != r {
		return
	}
	for _, h := range j.states {
		if h.path == path {
			return
		}
	}
	j.states = append(j.states, held{path, v})
}

func (j *journal) note(e *entry) {
	if j == nil {
		return
	}
	for _, w := range j.old {
		if w.e == e {
			return
		}
	}
	j.old = append(j.old, write{e, e.val, e.inst, e.span})
}

// merge joins the two sides of an if.
type merge struct {
	c       *checker
	s       *scope
	f       *frame
	st      *ast.If
	cond    val
	selects bool
	r       *region
}

// names binds again what either side has bound, and what both have made.
func (m *merge) names(a, b way) {
	c := m.c
	both := map[string]bool{}
	var names []ast.Name
	var as, bs []val
	add := func(e *entry, x, y val, at diag.Span) {
		names = append(names, ast.Name{Node: ast.Node{At: at}, Text: e.name})
		as, bs = append(as, x), append(bs, y)
	}
	for _, w := range a.writes {
		w.e.used = w.e.used || !b.wrote(w.e)
		add(w.e, w.val, b.valueOf(w.e), w.at)
	}
	for _, w := range b.writes {
		if !a.wrote(w.e) {
			w.e.used = true
			add(w.e, w.e.val, w.val, w.at)
		}
	}
	for _, e := range a.inner.order {
		if o := b.inner.names[e.name]; o != nil && !e.declared && !o.declared && a.inner.names[e.name] == e {
			both[e.name] = true
			add(e, e.val, o.val, e.span)
		}
	}
	paths := m.states(a, b, func(path string, x, y val) {
		names = append(names, ast.Name{Node: ast.Node{At: y.at}, Text: path})
		as, bs = append(as, x), append(bs, y)
	})
	out, ok := m.join(as, bs, names)
	c.unusedInBlock(a.inner, m.f, both)
	c.unusedInBlock(b.inner, m.f, both)
	names = names[:len(names)-len(paths)]
	m.keep(paths, out, ok)
	for i, n := range names {
		v := val{kind: kBad}
		if ok {
			v = out[i]
			c.hint(m.f, v, n.Text)
		}
		c.define(m.s, m.f, n, v, nil)
		if e := m.s.names[n.Text]; e != nil && both[n.Text] {
			e.noWarn = true
		}
	}
}

// states visits the states that either side has changed, with what they hold
// after each of them.
func (m *merge) states(a, b way, visit func(path string, x, y val)) (paths []string) {
	for _, w := range []way{a, b} {
		for _, h := range w.states {
			if !slices.Contains(paths, h.path) {
				paths = append(paths, h.path)
				visit(h.path, a.holds(m.c, h.path), b.holds(m.c, h.path))
			}
		}
	}
	return paths
}

func (w way) holds(c *checker, path string) val {
	for _, h := range w.states {
		if h.path == path {
			return h.val
		}
	}
	return c.stateOf(path)
}

// keep gives the states at the end of what was joined their values.
func (m *merge) keep(paths []string, out []val, ok bool) {
	for i, path := range paths {
		if ok {
			m.c.setState(path, out[len(out)-len(paths)+i])
		}
	}
}

func (w way) wrote(e *entry) bool {
	for _, x := range w.writes {
		if x.e == e {
			return true
		}
	}
	return false
}

func (w way) valueOf(e *entry) val {
	for _, x := range w.writes {
		if x.e == e {
			return x.val
		}
	}
	return e.val
}

// returned joins what the two sides return.
func (m *merge) returned(a, b way) (val, bool) {
	if !a.returned || !b.returned {
		if m.r != nil {
			m.c.leave()
		}
		return m.c.bad("G0116", firstLine(m.st.At), "one way through this if returns, the other reaches the end of the block"), true
	}
	as, bs := []val{a.result}, []val{b.result}
	if a.result.kind == kTuple {
		as = a.result.items
	}
	if b.result.kind == kTuple {
		bs = b.result.items
	}
	if len(as) != len(bs) {
		if m.r != nil {
			m.c.leave()
		}
		return m.c.bad("G0210", firstLine(m.st.At), "one way through this if returns %d values, the other %d", len(as), len(bs)), true
	}
	paths := m.states(a, b, func(_ string, x, y val) { as, bs = append(as, x), append(bs, y) })
	out, ok := m.join(as, bs, nil)
	m.keep(paths, out, ok)
	out = out[:len(out)-len(paths)]
	switch {
	case !ok:
		return val{kind: kBad}, true
	case len(out) == 1 && a.result.kind != kTuple:
		return out[0], true
	}
	return val{kind: kTuple, items: out, at: m.st.At}, true
}

// join makes one value of each pair: of two instances of a layer, one with a value
// of each pair of parameters.
func (m *merge) join(as, bs []val, names []ast.Name) ([]val, bool) {
	var xs, ys []val
	var of []ast.Name
	for i := range as {
		px, py := m.c.parted(as[i], bs[i])
		xs, ys = append(xs, px...), append(ys, py...)
		for range px {
			if names != nil {
				of = append(of, names[i])
			}
		}
	}
	out := make([]val, len(as))
	joined, ok := m.joinTensors(xs, ys, of)
	for i := 0; i < len(as) && ok; i++ {
		n := 1
		if out[i] = joined[0]; as[i].kind == kInst {
			n = len(m.c.parts(as[i].inst))
			out[i] = m.c.instValue(m.c.with(as[i].inst, joined[:n]), m.st.At)
		}
		joined = joined[n:]
	}
	return out, ok
}

// joinTensors makes one tensor of each pair.
func (m *merge) joinTensors(as, bs []val, names []ast.Name) ([]val, bool) {
	c := m.c
	ok := true
	for i := range as {
		good := false
		as[i], bs[i], good = m.unified(as[i], bs[i])
		ok = ok && good
		if !good && as[i].ok() && bs[i].ok() {
			what := "what this if returns"
			at := firstLine(m.st.At)
			if names != nil {
				what, at = names[i].Text, names[i].At
			}
			c.errorf("G0322", at, "%s is %s one way through the if and %s the other", what, as[i].describe(), bs[i].describe())
		}
	}
	if m.selects || !ok {
		if m.r != nil {
			c.leave()
		}
		out := make([]val, len(as))
		for i := 0; i < len(as) && ok; i++ {
			out[i] = c.elementwise("where", m.st.Cond.Span(), m.cond, as[i], bs[i])
		}
		return out, ok
	}
	return m.branch(as, bs), true
}

// unified gives two values one type.
func (m *merge) unified(a, b val) (val, val, bool) {
	c := m.c
	if a.kind == kInst || b.kind == kInst {
		return a, b, false
	}
	whole := func(v val) bool { return v.kind == kTensor && v.elem() == graph.Int }
	if (whole(a) || a.kind == kUntyped) && (whole(b) || b.kind == kUntyped) && (whole(a) || whole(b)) {
		a, b = c.asInt(a), c.asInt(b)
	} else {
		a, b = c.typed(a, false), c.typed(b, false)
	}
	if !a.ok() || !b.ok() || a.elem() != b.elem() || len(a.inner()) != len(b.inner()) {
		return a, b, false
	}
	for k, d := range a.inner() {
		if !c.sameDim(d, b.inner()[k], m.st.At) {
			return a, b, false
		}
	}
	return a, b, true
}

// branch closes both sides over common captures.
func (m *merge) branch(as, bs []val) []val {
	c, r := m.c, m.r
	sides, idx := [2][]*graph.Node{}, make([][]*binder, len(as))
	for i := range as {
		idx[i] = union(as[i].idx, bs[i].idx)
		sides[0] = append(sides[0], c.b.Local(c.lift(as[i], idx[i], as[i].inner())))
		sides[1] = append(sides[1], c.b.Local(c.lift(bs[i], idx[i], as[i].inner())))
	}
	params, operands := r.used(r.captures, append(append([]*graph.Node{}, sides[0]...), sides[1]...))
	c.leave()
	regions := []*graph.Region{r.b.Close(params, sides[0], nil), r.b.Close(params, sides[1], nil)}
	out := make([]val, len(as))
	if len(as) == 0 {
		return out
	}
	owner := c.b.Region("branch", nil, graph.Type{Elem: graph.Bool}, regions, append([]*graph.Node{c.nodeOf(m.cond)}, operands...)...)
	for i, n := range c.b.Results(owner) {
		out[i] = tensor(n, idx[i], m.st.At)
	}
	return out
}
