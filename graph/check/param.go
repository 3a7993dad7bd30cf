package check

import (
	"strings"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// param declares a learned tensor of the instance being run.
func (c *checker) param(s *scope, f *frame, st *ast.Param) {
	v := val{}
	c.atRoot(func() { v = c.paramValueOf(s, f, st) })
	e := c.declare(s, st.Name, "param", c.ofIteration(f.inst, v))
	e.val.name = st.Name.Text
}

func (c *checker) paramValueOf(s *scope, f *frame, st *ast.Param) val {
	bad := val{kind: kBad}
	if !f.layer || f.inst == nil {
		return c.bad("G0114", firstLine(st.At), "params are declared in models and layers")
	}
	ext, ok := c.shapeOf(s, f, st.Shape)
	if !ok {
		return bad
	}
	if elemOf(st.Type) != graph.Real {
		return c.bad("G0401", st.Type.At, "a parameter is real: only reals can be learned").
			withHelp(c, "what stays as it is is a const, what the model counts a state")
	}
	for i, d := range ext {
		if _, fixed := d.IsConst(); !fixed {
			c.report(diag.New("G0316", st.Shape.Items[i].Span(), "the shape of a parameter must be fixed, and %s is only known at run time", d).
				WithHelp("%s", fixedHelp(c.site)))
			return bad
		}
	}
	path := f.inst.join(st.Name.Text)
	if c.underIf > 0 && c.quiet == 0 && c.params[path] == nil {
		c.report(diag.New("G0516", st.At, "whether %s exists is decided at run time", path).WithHelp("declare the parameter before the if"))
		return bad
	}
	if old, shared := f.inst.params[st.Name.Text]; shared {
		own := old.inner()[f.inst.depth():]
		if !shape.EqualShapes(own, ext) {
			at := st.Name.At
			if f.mod.library {
				at = c.b.Span
			}
			return c.bad("G0313", at, "%s of a shared instance was %s and would become %s", path, shape.Format(own), shape.Format(ext)).
				withHelp(c, "an instance is called with inputs of one shape; make another for others")
		}
		return old
	}
	if f.inst.inner[st.Name.Text] != nil {
		return c.bad("G0202", st.Name.At, "the param %s has the name of a layer instance", path)
	}
	n := c.b.Leaf("param", path, graph.Type{Shape: f.inst.stacked(ext)})
	n.Name = path
	v := tensor(n, nil, st.Name.At)
	limits, ok := c.limits(s, f, st.Constraint)
	if !ok {
		return bad
	}
	if limits != nil {
		c.unrollAll(f.inst, st.At, "each parameter with a constraint has a method in the generated code")
		v = c.marked(f, st.Name.Text, v.with(limits.value(c.b, n)))
	}
	v.origin, v.name = st.Name.At, st.Name.Text
	if c.quiet == 0 {
		f.inst.params[st.Name.Text] = v
		c.enterParam(s, f, st, path, n, ext, limits)
		c.enterConstrained(path, limits, v)
	}
	return v
}

// fixedHelp answers a shape that only the run can tell, by the call that led to it.
func fixedHelp(site diag.Span) string {
	if strings.Contains(site.Text(), "flatten(") && !strings.Contains(site.Text(), "from") {
		return "flatten(x, from = 1) keeps the first axis, which the data decides"
	}
	return "give the dim a value: dim n = 8"
}

// enterParam adds a parameter to the model, the first time round.
func (c *checker) enterParam(s *scope, f *frame, st *ast.Param, path string, n *graph.Node, ext []shape.Dim, limits *interval) {
	if c.params[path] != nil {
		return
	}
	if c.baseInDoubt() {
		return
	}
	if c.base != nil {
		c.errorf("G0114", firstLine(st.At), "a model over the parameters of %s declares none of its own", c.m.Base.Name)
		c.helpLast("declare it in " + c.m.Base.Name)
		return
	}
	at := st.Name.At
	if f.mod.library {
		at = c.b.Span
	}
	p := &graph.Param{Path: path, Node: n, Span: at, Stack: f.inst.stack()}
	p.Init = c.initial(s, f, st, graph.Type{Shape: ext}, limits)
	c.params[path], c.makers[p] = p, f.inst.loops
	c.m.Params = append(c.m.Params, p)
}

var distributions = map[string]struct{ min, max int }{
	"normal": {2, 2}, "uniform": {2, 2}, "he": {}, "xavier": {}, "lecun": {}, "orthogonal": {}, "zeros": {}, "ones": {},
}

// initial reads `~ dist` or `= expr`.
func (c *checker) initial(s *scope, f *frame, st *ast.Param, t graph.Type, limits *interval) graph.Init {
	switch {
	case st.Dist != nil:
		init := c.distribution(s, f, st.Dist)
		if init.Dist == "orthogonal" && t.Rank() < 2 {
			c.report(diag.New("G0510", st.Dist.Span(), "orthogonal is for matrices, and %s is %s", st.Name.Text, t).
				WithHelp("a vector has nothing to be orthogonal to; write ~ normal(0, 1) or ~ lecun"))
		}
		if limits != nil {
			c.drawsWithin(limits, &init, st.Dist.Span())
		}
		return init
	case st.Init == nil && limits != nil:
		return graph.Init{Dist: "zeros"}
	case st.Init == nil:
		c.report(diag.New("G0509", st.Name.At, "the parameter %s has no initial value", st.Name.Text).
			WithHelp("write ~ he, ~ xavier, ~ normal(0, 0.02), or = 0"))
		return graph.Init{Dist: "zeros"}
	}
	v := c.asReal(c.expr(s, f, st.Init))
	if !v.ok() {
		return graph.Init{Dist: "zeros"}
	}
	common, ok := c.broadcastTwo(t.Shape, v.inner(), st.At)
	if !ok || !shape.EqualShapes(common, t.Shape) {
		c.errorf("G0302", st.Init.Span(), "the initial value is %s, the parameter %s", v.shapeText(), shape.Format(t.Shape))
		return graph.Init{Dist: "zeros"}
	}
	if limits != nil && !c.admits(limits, v) {
		return graph.Init{Dist: "zeros"}
	}
	node := c.lift(v, nil, t.Shape)
	if limits != nil {
		node = limits.stored(c.b, node)
	}
	if c.varies(node, st.Init.Span(), "an initial value is made of constants, and %s is not constant") {
		return graph.Init{Dist: "zeros"}
	}
	return graph.Init{Value: node}
}

// varies reports what an initial value cannot depend on.
func (c *checker) varies(node *graph.Node, at diag.Span, message string) bool {
	n, found := variable(node)
	switch {
	case found && n.Op.Name == "scalar":
		c.report(diag.New("G0520", at, message, "a random number").
			WithHelp("random numbers are drawn when the model runs; a param may begin with ~ normal(0, 1)"))
	case found:
		c.errorf("G0520", at, message, n.Attr)
	}
	return found
}

// variable finds something that a value depends on and that is no constant.
func variable(node *graph.Node) (*graph.Node, bool) {
	for _, n := range graph.Reachable(node) {
		switch n.Op.Name {
		case "input", "param", "state", "carry", "arg", "scalar":
			return n, true
		}
	}
	return nil, false
}

func (c *checker) distribution(s *scope, f *frame, e ast.Expr) graph.Init {
	var args []ast.Expr
	name := e
	if call, ok := e.(*ast.Call); ok {
		name = call.Fun
		for _, a := range call.Args {
			if a.Name != nil {
				c.report(diag.New("G0205", a.At, "distributions take their arguments by position").WithHelp("write normal(mean, std) or uniform(a, b)"))
				return graph.Init{Dist: "zeros"}
			}
			args = append(args, a.Value)
		}
	}
	id, ok := name.(*ast.Ident)
	var want struct{ min, max int }
	if ok {
		want, ok = distributions[id.Name]
	}
	if !ok {
		c.report(noDistribution(e, id))
		return graph.Init{Dist: "zeros"}
	}
	init := graph.Init{Dist: id.Name}
	for _, a := range args {
		v := c.expr(s, f, a)
		x, isNum := c.constantOf(v)
		if !isNum && v.ok() {
			c.errorf("G0520", a.Span(), "the arguments of an initialiser are constants")
		}
		init.Args = append(init.Args, x)
	}
	if len(args) < want.min || len(args) > want.max {
		form := map[string]string{"normal": "normal(mean, std)", "uniform": "uniform(a, b)"}[id.Name]
		if form == "" {
			form = id.Name
		}
		c.report(diag.New("G0207", e.Span(), "%s takes %s", id.Name, plural(want.min, "argument")).WithHelp("write ~ %s", form))
		return graph.Init{Dist: "zeros"}
	}
	switch {
	case init.Dist == "normal" && init.Args[1] < 0:
		c.errorf("G0510", args[1].Span(), "a standard deviation is not negative")
	case init.Dist == "uniform" && init.Args[0] > init.Args[1]:
		c.report(diag.New("G0510", e.Span(), "nothing lies between %g and %g", init.Args[0], init.Args[1]).WithHelp("the lower bound comes first"))
	}
	return init
}

// noDistribution is said of what stands behind ~ and is none.
func noDistribution(e ast.Expr, id *ast.Ident) diag.Diagnostic {
	d := diag.New("G0510", e.Span(), "there is no initialiser %s", short(e.Span()))
	switch x := e.(type) {
	case *ast.String:
		d = d.WithHelp("write ~ %s", x.Value)
	case *ast.Number, *ast.List, *ast.Unary:
		d = d.WithHelp("write = %s", short(e.Span()))
	}
	if id != nil {
		if other := foreignDistributions[id.Name]; other != "" {
			d = d.WithHelp("write ~ %s", other)
		} else if near := diag.Suggest(id.Name, sortedKeys(distributions)); near != "" {
			d = d.WithHelp("did you mean %s?", near)
		} else {
			d = d.WithHelp("there are he, xavier, lecun, orthogonal, normal(mean, std), uniform(a, b), zeros and ones")
		}
	}
	return d
}

// foreignDistributions answers names that other languages have.
var foreignDistributions = map[string]string{
	"glorot": "xavier", "glorot_uniform": "xavier", "glorot_normal": "xavier", "xavier_uniform": "xavier", "xavier_normal": "xavier",
	"kaiming": "he", "kaiming_normal": "he", "kaiming_uniform": "he", "he_normal": "he", "he_uniform": "he", "lecun_normal": "lecun",
	"gaussian": "normal(0, 1)", "randn": "normal(0, 1)", "rand": "uniform(0, 1)", "truncated_normal": "normal(0, 0.02)", "zero": "zeros", "one": "ones",
}

// constantOf folds a real expression of constants.
func (c *checker) constantOf(v val) (float64, bool) {
	if x, ok := v.number(); ok {
		return x, true
	}
	if v.kind != kTensor || v.node == nil || v.node.Type.Rank() > 0 {
		return 0, false
	}
	return foldScalar(v.node)
}

// foldScalar evaluates a scalar node made of constants and element-wise operators.
func foldScalar(n *graph.Node) (float64, bool) {
	if x, ok := n.Attr.(graph.Number); ok && n.Op.Name == "const" {
		return float64(x), true
	}
	if n.Op.Class != graph.Elementwise {
		return 0, false
	}
	args := make([]float64, len(n.Args))
	for i, a := range n.Args {
		x, ok := foldScalar(a)
		if !ok {
			return 0, false
		}
		args[i] = x
	}
	return n.Op.Scalar.On(n.Attr, args...), true
}
