package check

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// trainLine is one `train rule for patterns`, and the parameters that fall to it.
type trainLine struct {
	st     *ast.Train
	params []int
}

// trainLines assigns parameters to train lines, the last match winning, and
// builds the update rules.
func (c *checker) trainLines(s *scope, f *frame, d *ast.Model) {
	var lines []*trainLine
	for _, st := range d.Body.Stmts {
		if t, ok := st.(*ast.Train); ok {
			lines = append(lines, &trainLine{st: t})
		}
	}
	c.unrollNamed(lines)
	for i, p := range c.m.Params {
		taken := map[string]bool{} // losses whose line for this parameter is found
		for k := len(lines) - 1; k >= 0; k-- {
			if loss := lossOf(lines[k].st); !taken[loss] && c.matches(lines[k].st, p.Path) {
				lines[k].params = append(lines[k].params, i)
				taken[loss] = true
			}
		}
	}
	for _, l := range lines {
		c.checkPatterns(l.st)
		c.trainLine(s, f, l)
	}
}

// lossOf is the loss a line names, "" for the only one.
func lossOf(t *ast.Train) string {
	if t.Loss == nil {
		return ""
	}
	return t.Loss.Text
}

func (c *checker) trainLine(s *scope, f *frame, l *trainLine) {
	if len(c.body.Losses) == 0 {
		c.report(diag.New("G0501", firstLine(l.st.At), "there is no loss to train for").WithHelp("declare one: loss mean((y - t)^2)"))
		return
	}
	if l.st.Loss == nil && len(c.body.Losses) > 1 {
		c.report(diag.New("G0513", firstLine(l.st.At), "this line does not say which loss to train for").
			WithHelp("write train %s: ..", c.body.Losses[0].Name))
		return
	}
	if l.st.Loss != nil && c.lossNamed(l.st.Loss.Text) == nil {
		d := diag.New("G0512", l.st.Loss.At, "the model has no loss %s", l.st.Loss.Text)
		if name := c.body.Losses[0].Name; name != "loss" {
			d = d.WithHelp("there is %s", name)
		} else {
			d = d.WithHelp("give its loss this name: loss %s = ..", l.st.Loss.Text)
		}
		c.report(d)
		return
	}
	call, ok := l.st.Rule.(*ast.Call)
	var fn val
	if ok {
		fn = c.callee(s, f, call.Fun)
	} else {
		fn = c.callee(s, f, l.st.Rule)
		call = &ast.Call{Node: ast.Node{At: l.st.Rule.Span()}, Fun: l.st.Rule}
	}
	if !fn.ok() {
		return
	}
	if fn.kind != kFunc || fn.fn.optim == nil {
		c.report(diag.New("G0507", l.st.Rule.Span(), "%s is no update rule", short(call.Fun.Span())).
			WithHelp("rules are optimizers, as in train nn.Adam(lr = 1e-3)"))
		return
	}
	if len(l.params) == 0 {
		return
	}
	c.rules(s, f, l, fn.fn, call)
}

func (c *checker) lossNamed(name string) *graph.Value {
	for _, v := range c.body.Losses {
		if v.Name == name {
			return v
		}
	}
	return nil
}

// ruleBuild is an update rule under construction.
type ruleBuild struct {
	rule       *graph.Rule
	shape      []shape.Dim
	states     map[string]int
	stateShape [][]shape.Dim
	p          *graph.Node // the parameter's new value
	gnorm      bool
}

// rules builds a line's rule once for all its parameters, seen as one vector,
// if it works element by element, and otherwise once for each.
func (c *checker) rules(s *scope, f *frame, l *trainLine, fn *function, call *ast.Call) {
	flat := []shape.Dim{shape.Var("params")}
	before := len(c.diags)
	r := c.buildRule(s, f, l, fn, call, flat, l.params)
	if len(c.diags) > before {
		return
	}
	if elementwiseRule(r) {
		r.Flat = true
		c.m.Rules = append(c.m.Rules, r)
		return
	}
	for _, i := range l.params {
		c.m.Rules = append(c.m.Rules, c.buildRule(s, f, l, fn, call, c.m.Params[i].Own(), []int{i}))
	}
}

// elementwiseRule reports whether no tensor is reduced, indexed or reshaped, and
// all states have the parameter's shape.
func elementwiseRule(r *graph.Rule) bool {
	roots := []*graph.Node{r.P}
	for _, st := range r.States {
		roots = append(roots, st.Next)
		if !st.Next.Type.Equal(r.P.Type) {
			return false
		}
	}
	for _, n := range graph.Reachable(roots...) {
		switch n.Op.Class {
		case graph.LeafOp, graph.Elementwise:
		case graph.ViewOp:
			if n.Args[0].Type.Rank() > 0 {
				return false
			}
		default:
			return false
		}
	}
	return true
}

func (c *checker) buildRule(s *scope, f *frame, l *trainLine, fn *function, call *ast.Call, ext []shape.Dim, params []int) *graph.Rule {
	saved := c.b
	span := c.b.Span
	c.newGraph()
	c.b.Span = span
	if !f.mod.library {
		c.b.Span = firstLine(l.st.At)
	}
	loss := c.body.Losses[0].Name
	if l.st.Loss != nil {
		loss = l.st.Loss.Text
	}
	c.rule = &ruleBuild{
		rule:  &graph.Rule{Name: fn.name, Loss: loss, Params: params, G: c.b.G, Span: l.st.At},
		shape: ext, states: map[string]int{},
	}
	defer func() { c.b, c.rule = saved, nil }()
	said := len(c.diags)
	c.runRule(s, f, fn, call)
	r := c.rule.rule
	if c.rule.p == nil {
		c.rule.p = c.b.Leaf("param", "p", graph.Type{Shape: ext})
		if len(c.diags) == said {
			c.report(diag.New("G0508", fn.optim.Name.At, "the rule %s never moves p", fn.name).WithHelp("write p <- p - lr * g"))
		}
	}
	r.P, r.GNorm = c.rule.p, c.rule.gnorm
	for i, st := range r.States {
		if st.Next == nil {
			r.States[i].Next = c.b.Leaf("state", st.Name, graph.Type{Shape: c.rule.stateShape[i]})
		}
	}
	return r
}

// runRule binds the rule's arguments and runs its body.
func (c *checker) runRule(s *scope, f *frame, fn *function, call *ast.Call) {
	inner := &frame{mod: fn.mod, outer: f}
	body := newScope(fn.scope, true)
	for _, lf := range []struct {
		name, kind string
		t          graph.Type
	}{
		{"p", "param", graph.Type{Shape: c.rule.shape}}, {"g", "grad", graph.Type{Shape: c.rule.shape}},
		{"t", "scalar", graph.Type{Elem: graph.Int}}, {"gnorm", "scalar", graph.Type{}},
	} {
		v := tensor(c.b.Leaf(lf.kind, lf.name, lf.t), nil, fn.optim.Name.At)
		body.put(&entry{name: lf.name, val: v, span: fn.optim.Name.At, declared: true, what: "part of the rule", noWarn: true})
	}
	if !c.ruleArgs(s, f, body, inner, fn, call) {
		return
	}
	c.block(body, inner, fn.optim.Body.Stmts)
	for _, n := range c.b.G.Nodes {
		if n.Op.Name == "scalar" && n.Attr == graph.Leaf("gnorm") {
			c.rule.gnorm = body.names["gnorm"].used
		}
	}
	if e := body.names["p"]; e != nil {
		c.rule.p = e.val.node
	}
	if c.rule.p != nil && c.rule.p.Op.Name == "param" {
		c.rule.p = nil
	}
}

// ruleArgs makes literal arguments hyperparameters; others are expressions
// evaluated each step with t in scope.
func (c *checker) ruleArgs(s *scope, f *frame, body *scope, inner *frame, fn *function, call *ast.Call) bool {
	outer := newScope(s, false)
	outer.put(body.names["t"])
	args := c.arguments(outer, f, call)
	names := make([]string, len(fn.optim.Params))
	for i, p := range fn.optim.Params {
		names[i] = p.Name.Text
	}
	slots, ok := c.match(fn.name, names, args, call.At)
	if !ok {
		return false
	}
	for i, p := range fn.optim.Params {
		var v val
		switch {
		case slots[i] != nil:
			v = slots[i].val
		case p.Default != nil:
			v = c.expr(body, inner, p.Default)
		default:
			c.errorf("G0207", call.At, "%s needs an argument %s", fn.name, p.Name.Text)
			return false
		}
		if v.kind != kKnown {
			v = c.hyper(p.Name.Text, c.asReal(v))
		}
		if !v.ok() {
			return false
		}
		body.put(&entry{name: p.Name.Text, val: v, span: p.Name.At, declared: true, what: "parameter", noWarn: true})
	}
	return true
}

func (c *checker) hyper(name string, v val) val {
	if !v.ok() {
		return v
	}
	if len(v.inner()) > 0 {
		return c.bad("G0508", v.at, "the argument %s of an update rule is a scalar", name)
	}
	x, isNum := c.constantOf(v)
	if !isNum {
		for _, n := range graph.Reachable(v.node) {
			switch n.Op.Name {
			case "input", "param", "state", "carry":
				return c.bad("G0508", v.at, "the argument %s may use constants and t, not %s", name, n.Attr)
			}
		}
		return v
	}
	c.rule.rule.Hyper = append(c.rule.rule.Hyper, graph.Hyper{Name: name, Default: x})
	return v.with(c.b.Leaf("scalar", name, graph.Type{}))
}

// ruleState declares what the rule remembers of each parameter.
func (c *checker) ruleState(s *scope, f *frame, st *ast.State) {
	ext := c.rule.shape
	if st.Shape != nil {
		own, ok := c.shapeOf(s, f, st.Shape)
		for _, d := range own {
			if _, fixed := d.IsConst(); !fixed && ok {
				c.errorf("G0316", st.Shape.At, "the shape of a state must be fixed, and %s is only known at run time", d)
				ok = false
			}
		}
		if !ok {
			c.declare(s, st.Name, "state", val{kind: kBad})
			return
		}
		ext = own
	}
	init := 0.0
	if st.Init != nil {
		x, ok := c.constantOf(c.asReal(c.expr(s, f, st.Init)))
		if !ok {
			c.errorf("G0520", st.Init.Span(), "the initial value of a state is a constant")
		}
		init = x
	}
	name := st.Name.Text
	c.rule.states[name] = len(c.rule.rule.States)
	c.rule.stateShape = append(c.rule.stateShape, ext)
	c.rule.rule.States = append(c.rule.rule.States, graph.RuleState{Name: name, Init: init})
	e := c.declare(s, st.Name, "state", tensor(c.b.Leaf("state", name, graph.Type{Shape: ext}), nil, st.At))
	e.noWarn = true
}

// ruleUpdate is `p <- e` or `m <- e`: what follows sees the new value.
func (c *checker) ruleUpdate(s *scope, f *frame, st *ast.Update) {
	name := st.Name.Text
	k, isState := c.rule.states[name]
	if !isState && name != "p" {
		d := diag.New("G0515", st.Name.At, "%s is neither p nor a state", name).WithHelp("declare it: state %s = 0", name)
		if s.find(name) != nil {
			d = d.WithHelp("give the new value a name of its own, by =")
		}
		c.report(d)
		if s.find(name) == nil {
			poison(s, map[string]bool{name: true})
		}
		return
	}
	v := c.asReal(c.expr(s, f, st.Value))
	if !v.ok() {
		return
	}
	want := c.rule.shape
	if isState {
		want = c.rule.stateShape[k]
	}
	ext, ok := c.broadcastTwo(want, v.inner(), st.At)
	if !ok || !shape.EqualShapes(ext, want) {
		c.errorf("G0313", st.Value.Span(), "%s has shape %s and would become %s", name, shape.Format(want), v.shapeText())
		return
	}
	n := c.lift(v, nil, want)
	if isState {
		c.rule.rule.States[k].Next = n
	}
	e := s.find(name)
	e.val = tensor(n, nil, st.At)
	e.used = true
}
