package check

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// trips is the range of a scan: lo and how many steps, as dims or as ints.
type trips struct {
	lo, hi val
	count  shape.Dim
	node   *graph.Node // of a count that only the run can tell
}

// ragged reports that elements of the indices in scope make different numbers of
// steps: those that have ended stay as they are.
func (t trips) ragged() bool { return t.node != nil && len(union(t.lo.idx, t.hi.idx)) > 0 }

// scanStmt builds a scan and binds what it leaves behind.
func (c *checker) scanStmt(s *scope, f *frame, st *ast.Scan) bool {
	t, ok := c.trips(s, f, st.Range)
	remat := int64(0)
	if st.Remat != nil {
		k, good := c.asCount(c.expr(s, f, st.Remat))
		if good && k < 1 {
			c.errorf("G0401", st.Remat.Span(), "remat keeps every k-th step, with k of at least 1")
		}
		remat, ok = k, ok && good && k >= 1
	}
	carries, good := c.carryLines(s, f, st.Body)
	inner := newScope(s, false)
	inner.loop = true
	r := c.enter(inner)
	r.scan, r.trip = true, t.count
	r.step = r.arg(graph.Type{Elem: graph.Int}, st.Index.Text)
	step := val{kind: kBad}
	if ok {
		step = c.stepValue(r, t, st.Index)
	}
	inner.put(&entry{name: st.Index.Text, val: step, span: st.Index.At, what: "index", declared: true})
	if t.ragged() {
		on := c.elementwise("lt", st.Range.At, step, t.hi)
		r.on, c.masks = &on, append(c.masks, on)
	}
	c.bindCarries(r, inner, f, carries)
	done := c.runBody(r, inner, f, carries, st.Body) && ok && good
	if t.ragged() {
		c.masks = c.masks[:len(c.masks)-1]
		if done {
			c.stay(r, *r.on)
		}
	}
	c.leave()
	if done {
		c.finishScan(s, f, r, t, carries, int(remat))
	}
	return done
}

// trips evaluates lo..hi.
func (c *checker) trips(s *scope, f *frame, in *ast.Range) (trips, bool) {
	lo, hi, ok := c.ends(s, f, in)
	if !ok {
		return trips{}, false
	}
	a, aok := constDim(lo)
	b, bok := constDim(hi)
	if aok && bok {
		return trips{lo: lo, count: b.Sub(a)}, c.require(b.Sub(a), in.At, endsFirst)
	}
	n := c.longest(lo, hi)
	return trips{lo: lo, hi: hi, count: c.rounds(n), node: n}, true
}

// stepValue is what the name of a scan's index means: lo plus the step.
func (c *checker) stepValue(r *region, t trips, name ast.Name) val {
	if t.node != nil {
		return c.elementwise("iadd", name.At, t.lo, tensor(r.step, nil, name.At))
	}
	c.binders++
	r.sym = stepSym(c.binders)
	aff := shape.Of(r.sym)
	if lo, ok := constDim(t.lo); ok {
		aff = aff.Add(lo)
	}
	return val{kind: kTensor, aff: &aff, at: name.At}
}

// finishScan closes the body and binds the last carries and the collects.
func (c *checker) finishScan(s *scope, f *frame, r *region, t trips, lines []carryLine, remat int) {
	results := append([]*graph.Node{}, r.nexts...)
	for _, k := range r.collects {
		results = append(results, k.nodes...)
	}
	slices, sliced := r.used(r.slices, results)
	captures, captured := r.used(r.captures, results)
	params := append(append(append([]*graph.Node{r.step}, r.carries...), slices...), captures...)
	attr := graph.Scan{Trip: t.count, Carries: len(r.carries), Slices: len(slices), Collects: len(results) - len(r.nexts),
		Counted: t.node != nil, Remat: remat}
	operands := append(append(append([]*graph.Node{}, r.inits...), sliced...), captured...)
	if t.node != nil {
		operands = append(operands, t.node)
	}
	body := r.b.Close(params, results, nil)
	out := c.b.Results(c.b.Region("scan", attr, graph.Type{Elem: graph.Bool}, []*graph.Region{body}, operands...))
	c.lastStates(r, c.bindLast(s, f, lines, out))
	out = out[len(r.carries):]
	for _, k := range r.collects {
		c.bindCollect(s, f, k, out[:len(k.nodes)])
		out = out[len(k.nodes):]
	}
}

func (c *checker) bindCollect(s *scope, f *frame, k collected, out []*graph.Node) {
	parts := make([]val, len(out))
	for i, n := range out {
		parts[i] = c.ofSteps(n, k.name.At)
	}
	v := parts[0]
	if k.like != nil {
		if v = c.instValue(c.with(k.like, parts), k.name.At); v.ok() {
			v.inst.steps++
		}
	}
	c.hint(f, v, k.name.Text)
	c.define(s, f, k.name, v, nil)
}

// ofSteps moves the axis of steps behind those of the indices in scope.
func (c *checker) ofSteps(out *graph.Node, at diag.Span) val {
	n := len(c.active)
	perm := make([]int, out.Type.Rank())
	for i := range perm {
		switch {
		case i < n:
			perm[i] = i + 1
		case i == n:
			perm[i] = 0
		default:
			perm[i] = i
		}
	}
	return tensor(c.b.Permute(out, perm), union(c.active), at)
}

// collect notes a value to be stacked over the steps.
func (c *checker) collect(s *scope, f *frame, st *ast.Collect) {
	v := c.expr(s, f, st.Value)
	var like *instance
	parts := []val{v}
	switch {
	case v.kind == kInst && c.applied(v):
		like, parts = v.inst, c.parts(v.inst)
	default:
		v = c.typed(v, false)
		parts[0] = v
	}
	r := c.reg
	switch {
	case r == nil || r.scope != s || !r.scan:
		c.report(diag.New("G0114", st.Span(), "collect stands only in a scan, directly in its body").
			WithHelp("bind the value in the branches, and collect it after them"))
		return
	case r.on != nil:
		c.report(diag.New("G0409", st.Span(), "the scan makes different numbers of steps for the indices around it, so that %s has no shape", st.Name.Text).
			WithHelp("scan to the largest bound, and select what counts by where"))
		return
	case !v.ok() || !c.even(r, parts, st):
		poison(s.outer, map[string]bool{st.Name.Text: true})
		return
	}
	for _, k := range r.collects {
		if k.name.Text == st.Name.Text {
			c.report(diag.New("G0202", st.Name.At, "%s is collected twice", st.Name.Text).WithRelated(k.name.At, "the first time"))
			return
		}
	}
	k := collected{name: st.Name, like: like}
	for _, p := range parts {
		k.nodes = append(k.nodes, c.b.Local(c.lift(p, union(c.active), p.inner())))
	}
	r.collects = append(r.collects, k)
}

// whileStmt builds a while and binds the last values of its carries. Under an
// index whose rounds end at different times, those that have ended stay as they
// are.
func (c *checker) whileStmt(s *scope, f *frame, st *ast.While) bool {
	attr, ok := c.limitOf(s, f, st)
	lines, good := c.carryLines(s, f, st.Body)
	inner := newScope(s, false)
	inner.loop = true
	r := c.enter(inner)
	c.bindCarries(r, inner, f, lines)
	r.step = r.arg(graph.Type{Elem: graph.Int}, "round")
	cond := c.condition(st.Cond, c.expr(inner, f, st.Cond))
	said := len(c.diags)
	done := c.runBody(r, inner, f, lines, st.Body) && cond.ok() && ok && good
	if done && len(cond.idx) > 0 {
		c.stay(r, cond)
		cond = tensor(c.b.Reduce("any", cond.node, seq(len(cond.idx))...), nil, cond.at)
	}
	var test *graph.Node
	if done {
		test = c.b.Local(c.nodeOf(cond))
	}
	c.leave()
	if !done {
		return false
	}
	if len(c.diags) == said && !c.canChange(r, st, test) {
		return false
	}
	c.countRounds(r, test)
	attr.Carries = len(r.carries)
	captures, captured := r.used(r.captures, append([]*graph.Node{test}, r.nexts...))
	params := append(append([]*graph.Node{}, r.carries...), captures...)
	regions := []*graph.Region{r.b.Close(params, []*graph.Node{test}, nil), r.b.Close(params, r.nexts, nil)}
	owner := c.b.Region("while", attr, graph.Type{Elem: graph.Bool}, regions, append(append([]*graph.Node{}, r.inits...), captured...)...)
	out := c.b.Results(owner)
	c.lastStates(r, c.bindLast(s, f, lines, out))
	return true
}

// limitOf is the number of steps after which a while stops with an error.
func (c *checker) limitOf(s *scope, f *frame, st *ast.While) (graph.While, bool) {
	if st.Limit == nil {
		return graph.While{}, true
	}
	d, ok := c.asDim(c.expr(s, f, st.Limit))
	ok = ok && c.require(d, st.Limit.Span(), "the limit of a while is "+d.String())
	return graph.While{Limited: true, Limit: d}, ok
}

// canChange reports a condition that reads nothing which the loop changes.
func (c *checker) canChange(r *region, st *ast.While, test *graph.Node) bool {
	for _, v := range append([]*graph.Node{r.step}, r.carries...) {
		if reads(v, []*graph.Node{test}) {
			return true
		}
	}
	c.report(diag.New("G0411", st.Cond.Span(), "the condition reads nothing that the loop changes").
		WithHelp("begin the loop with carry lines, and read what they carry"))
	return false
}

// stay leaves the carries as they are where on does not hold.
func (c *checker) stay(r *region, on val) {
	for i, old := range r.carries {
		here := c.lift(on, union(c.active), old.Type.Shape[len(c.active):])
		r.nexts[i] = c.b.Where(here, r.nexts[i], old)
	}
}

// countRounds carries the number of the round where something in the loop, such
// as a random number, depends on it.
func (c *checker) countRounds(r *region, test *graph.Node) {
	if !reads(r.step, append([]*graph.Node{test}, r.nexts...)) {
		return
	}
	r.carries = append(r.carries, r.step)
	r.inits = append(r.inits, c.b.Fill(0, r.step.Type))
	r.nexts = append(r.nexts, r.b.Map("iadd", r.step, r.b.Fill(1, r.step.Type)))
}

func reads(x *graph.Node, roots []*graph.Node) bool {
	for _, n := range graph.Reachable(roots...) {
		if n == x {
			return true
		}
	}
	return false
}
