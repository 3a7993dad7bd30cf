package check

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// model checks a model twice: with `training` false, for its outputs, and with
// `training` true, for its losses and metrics.
func (c *checker) model(m *module, d *ast.Model) {
	if d.Name.Text == "_" || d.Name.Text == "init" || d.Name.Text == "main" {
		c.errorf("G0802", d.Name.At, "a model cannot be called %s", d.Name.Text)
		return
	}
	c.m = &graph.Model{Name: upper(d.Name.Text), Span: d.Name.At}
	c.params = map[string]*graph.Param{}
	c.base, c.home, c.homeAt = nil, d.Name.Text, d.At
	if d.Base != nil && !c.over(m, d) {
		c.m = nil
		return
	}
	c.checks = &c.m.Checks
	defer func() { c.m, c.checks, c.train, c.base = nil, nil, false, nil }()
	c.m.Predict = c.modelBody(m, d, false)
	c.m.Train = c.modelBody(m, d, true)
	c.modelComplete(d)
	c.prog.Models = append(c.prog.Models, c.m)
}

func (c *checker) modelBody(m *module, d *ast.Model, train bool) *graph.Body {
	c.newGraph()
	c.train, c.binders, c.sites = train, 0, 0
	c.body = &graph.Body{G: c.b.G}
	c.stateNow, c.unrolled, c.remembered = map[string]val{}, 0, nil
	inst := newInstance("", nil, d.Name.At)
	f := &frame{mod: m, inst: inst, layer: true, model: true}
	s := newScope(m.scope, true)
	if c.base != nil {
		c.inherit(s, inst)
	}
	c.block(s, f, d.Body.Stmts)
	c.lastValues(s)
	c.updates()
	if train {
		c.trainLines(s, f, d)
	} else {
		useTrained(s, d)
	}
	c.unused(s, f)
	c.done[d.Name.Text] = &finished{c.m, s, inst}
	return c.body
}

// useTrained marks the names that train lines use, which only training evaluates.
func useTrained(s *scope, d *ast.Model) {
	for _, st := range d.Body.Stmts {
		if t, ok := st.(*ast.Train); ok {
			walk(t.Rule, func(e ast.Expr) {
				if id, ok := e.(*ast.Ident); ok && s.find(id.Name) != nil {
					s.find(id.Name).used = true
				}
			})
		}
	}
}

// dim declares a run-time dim, or one with a value.
func (c *checker) dim(s *scope, f *frame, st *ast.Dim) {
	if !f.model {
		c.errorf("G0114", firstLine(st.Span()), "dims are declared at the top of a model; a layer takes them as arguments")
		return
	}
	name := st.Name.Text
	n, given := c.opt.Dims[name]
	c.usedDims[name] = c.usedDims[name] || given
	decl := graph.DimDecl{Name: name, Fixed: given || st.Value != nil, Value: n, Span: st.Name.At}
	if decl.Fixed && !given {
		k, ok := c.asCount(c.expr(s, f, st.Value))
		if !ok {
			c.declare(s, st.Name, "dim", val{kind: kBad})
			return
		}
		decl.Value = k
	}
	v := untyped(shape.Var(name), st.Name.At)
	if decl.Fixed {
		v = untyped(shape.Const(decl.Value), st.Name.At)
	}
	if decl.Fixed && decl.Value < 1 {
		c.errorf("G0320", st.Name.At, "%s is %d, and a dim is at least 1", name, decl.Value)
		v = val{kind: kBad}
	}
	if !c.train {
		c.m.Dims = append(c.m.Dims, decl)
	}
	c.declare(s, st.Name, "dim", v)
}

// shapeOf evaluates a declared shape.
func (c *checker) shapeOf(s *scope, f *frame, sh *ast.Shape) ([]shape.Dim, bool) {
	if sh == nil {
		return nil, true
	}
	var out []shape.Dim
	for _, it := range sh.Items {
		if isRest(it) {
			c.errorf("G0114", it.Span(), ".. stands only in the signature of a function or layer")
			return nil, false
		}
		if id, ok := it.(*ast.Ident); ok && f.model && !c.knows(s, id.Name) {
			d := diag.New("G0201", id.At, "there is no dim %s", id.Name)
			if c.elsewhere(s, f, d, id).Help != "" {
				d = d.WithHelp("declare it above")
			} else if foreign[id.Name] == noneHelp {
				d = d.WithHelp("a size that the data decides is a dim without a value: dim batch")
			} else {
				d = d.WithHelp("declare it: dim %s", id.Name)
			}
			c.report(d)
			return nil, false
		}
		d, ok := c.asDim(c.expr(s, f, it))
		if !ok {
			return nil, false
		}
		if (shape.Facts{}).NonNeg(d) == shape.No {
			c.report(diag.New("G0320", it.Span(), "the extent %s is negative", d).
				WithHelp("a size that the data decides is a dim without a value: dim batch"))
			return nil, false
		}
		out = append(out, d)
	}
	return out, true
}

func elemOf(t *ast.Name) graph.Elem {
	if t == nil {
		return graph.Real
	}
	switch t.Text {
	case "int":
		return graph.Int
	case "bool":
		return graph.Bool
	}
	return graph.Real
}

// modelDecl handles what only a model holds.
func (c *checker) modelDecl(s *scope, f *frame, st ast.Stmt) {
	switch st := st.(type) {
	case *ast.Input:
		c.input(s, f, st)
	case *ast.Output:
		c.result(s, f, "output", st.Name, st.Value, &c.body.Outputs)
	case *ast.Metric:
		c.result(s, f, "metric", st.Name, st.Value, &c.body.Metrics)
	case *ast.Loss:
		c.loss(s, f, st)
	}
}

func (c *checker) input(s *scope, f *frame, st *ast.Input) {
	ext, ok := c.shapeOf(s, f, st.Shape)
	if !ok {
		c.declare(s, st.Name, "input", val{kind: kBad})
		return
	}
	n := c.b.Leaf("input", st.Name.Text, graph.Type{Elem: elemOf(st.Type), Shape: ext})
	n.Name, n.Span = st.Name.Text, st.At
	if !c.train {
		c.m.Inputs = append(c.m.Inputs, &graph.Value{Name: st.Name.Text, Node: n, Span: st.Name.At})
	}
	c.declare(s, st.Name, "input", tensor(n, nil, st.Name.At))
}

// result declares an output or a metric.
func (c *checker) result(s *scope, f *frame, what string, name ast.Name, e ast.Expr, list *[]*graph.Value) {
	var v val
	if e == nil {
		en := s.find(name.Text)
		if en == nil {
			d := diag.New("G0511", name.At, "there is no value %s here", name.Text)
			if diag.Suggest(name.Text, s.candidates()) == "" {
				d = d.WithHelp("define it above, or write %s %s = ..", what, name.Text)
			}
			c.suggest(d, name.Text, s.candidates())
			return
		}
		en.use()
		v = c.adopted(en)
	} else {
		var made *instance
		v = c.withName(s, f, name.Text, true, e, &made)
		v = c.marked(f, name.Text, v)
		en := c.declare(s, name, what, v)
		en.inst = made
	}
	if v = c.typed(v, false); !v.ok() {
		c.lost = true
		return
	}
	n := c.nodeOf(v)
	c.hint(f, tensor(n, nil, name.At), name.Text)
	for _, old := range *list {
		if old.Name == name.Text {
			c.report(diag.New("G0202", name.At, "%s is an %s already", name.Text, what).WithRelated(old.Span, "the first declaration"))
			return
		}
	}
	*list = append(*list, &graph.Value{Name: name.Text, Node: n, Span: name.At})
}

func (c *checker) loss(s *scope, f *frame, st *ast.Loss) {
	v := c.typed(c.expr(s, f, st.Value), false)
	name := "loss"
	if st.Name != nil {
		name = st.Name.Text
		c.declare(s, *st.Name, "loss", v)
	}
	if !v.ok() {
		c.lost = true
		c.body.Losses = append(c.body.Losses, &graph.Value{Name: name, Span: st.At})
		return
	}
	switch {
	case v.elem() != graph.Real:
		c.report(diag.New("G0504", st.Value.Span(), "the loss is %s; it must be real", v.describe()).
			WithHelp("a loss is a real that changes with the parameters, such as mean((y - t)^2)"))
	case len(v.inner()) > 0:
		c.report(diag.New("G0503", st.Value.Span(), "the loss has shape %s; it must be a scalar", v.shapeText()).
			WithHelp("mean(..) or sum(..) makes a scalar of it"))
	}
	if n := len(c.body.Losses); n > 0 && (st.Name == nil || c.body.Losses[0].Name == "loss") {
		c.report(diag.New("G0502", st.At, "a model with several losses must name them: loss d = ..").
			WithRelated(c.body.Losses[0].Span, "the first loss"))
	}
	c.body.Losses = append(c.body.Losses, &graph.Value{Name: name, Node: c.nodeOf(v), Span: st.At})
}
