package check

import (
	"strings"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// modelComplete looks at a model as a whole.
func (c *checker) modelComplete(d *ast.Model) {
	m := c.m
	if !computes(d.Body) {
		c.report(diag.New("G0517", d.Name.At, "the model %s has neither an output nor a loss", d.Name.Text).
			WithHelp("output y = .. returns a value to the caller"))
	}
	c.extents(m.Predict.G.Nodes)
	c.extents(m.Train.G.Nodes)
	if len(m.Train.Losses) == 0 {
		c.uncomputed(m.Train.Metrics)
	}
	if len(m.Train.Losses) == 0 || m.Train.Losses[0].Node == nil {
		return
	}
	if len(m.Params) == 0 {
		c.report(diag.New("G0519", m.Train.Losses[0].Span, "the loss has no parameters to train").
			WithHelp("what is learned is declared: param w [n] ~ he"))
		return
	}
	c.influence()
}

// uncomputed warns of the metrics of a model without a loss.
func (c *checker) uncomputed(metrics []*graph.Value) {
	for _, v := range metrics {
		c.report(diag.Warn("G0213", v.Span, "the metric %s is never computed: the model has no loss", v.Name).
			WithHelp("metrics are computed beside the loss; output %s = .. returns a value of Predict", v.Name))
	}
}

// computes reports whether an output or loss is stated, whatever became of it.
func computes(b *ast.Block) bool {
	found := false
	ast.Inspect(b, func(n ast.Spanned) bool {
		switch n.(type) {
		case *ast.Output, *ast.Loss:
			found = true
		}
		return !found
	})
	return found
}

// influence warns of parameters that do not reach the loss they are trained for.
func (c *checker) influence() {
	for _, loss := range c.m.Train.Losses {
		reached := map[string]bool{}
		for _, n := range graph.Reachable(loss.Node) {
			if n.Op.Name == "param" {
				reached[n.Attr.String()] = true
			}
		}
		for _, r := range c.m.Rules {
			for _, i := range r.Params {
				if p := c.m.Params[i]; r.Loss == loss.Name && !reached[p.Path] {
					c.report(diag.Warn("G0505", p.Span, "the loss does not depend on the parameter %s", p.Path))
				}
			}
		}
	}
}

// extents makes entry checks of extents that are not known to be non-negative.
func (c *checker) extents(nodes []*graph.Node) {
	for _, n := range nodes {
		for _, d := range n.Type.Shape {
			if (shape.Facts{}).NonNeg(d) == shape.Unknown {
				c.addCheck(shape.Cond{Kind: shape.NonNegative, E: d}, n.Span, d.String()+" must not be negative")
			}
		}
	}
}

// goNames reports declarations that need the same name in the generated Go: a
// model brings types and a constructor with it. Inside a model, names that meet
// get underscores.
func (c *checker) goNames(f *ast.File) {
	taken := map[string]ast.Name{}
	for _, d := range f.Decls {
		var own ast.Name
		suffixes := []string{""}
		switch d := d.(type) {
		case *ast.Model:
			own, suffixes = d.Name, modelTypes
		case *ast.Func:
			if d.Layer || !exported(d.Name.Text) {
				continue
			}
			own = d.Name
		default:
			continue
		}
		c.claim(taken, own, suffixes)
	}
}

// modelTypes are what is added to a model's name in the names of its Go types.
var modelTypes = strings.Split(",Dims,Params,States,Predictor,Trainer,Outputs,Metrics,Hyper", ",")

func (c *checker) claim(taken map[string]ast.Name, own ast.Name, suffixes []string) {
	names := []string{}
	for _, suffix := range suffixes {
		names = append(names, upper(own.Text)+suffix)
	}
	if len(suffixes) > 1 {
		names = append(names, "New"+upper(own.Text))
	}
	for _, g := range names {
		if old, ok := taken[g]; ok && old.Text != own.Text {
			c.report(diag.New("G0801", own.At, "%s and %s both need the Go name %s", old.Text, own.Text, g).
				WithRelated(old.At, "the other one"))
			return
		}
		taken[g] = own
	}
}

func upper(name string) string {
	r := []rune(name)
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}

func splitPath(path string) []string { return strings.Split(path, ".") }

// cutIndex splits `blocks[3]`.
func cutIndex(step string) (base, index string) {
	if i := strings.IndexByte(step, '['); i >= 0 {
		return step[:i], step[i:]
	}
	return step, ""
}

// patternSteps writes a pattern's steps as in paths.
func patternSteps(p *ast.Pattern) []string {
	var out []string
	for _, st := range p.Path {
		text := st.Name.Text
		for _, e := range st.Index {
			text += "[" + e.Span().Text() + "]"
		}
		out = append(out, text)
	}
	return out
}

// exportedFunc checks a top-level function with a capital initial, its dims
// left free.
func (c *checker) exportedFunc(m *module, d *ast.Func) {
	c.newGraph()
	c.train, c.home = false, "func "+d.Name.Text
	fn := &graph.Func{Name: d.Name.Text, Span: d.Name.At, G: c.b.G}
	c.checks, c.fn, c.sites = &fn.Checks, fn, 0
	defer func() { c.checks, c.fn = nil, nil }()
	s := newScope(m.scope, true)
	f := &frame{mod: m}
	if !c.funcArgs(m, s, f, d, fn) {
		return
	}
	c.b.Span = d.Name.At
	v := val{}
	if d.Derivative != nil {
		v = c.stated(s, f, d, d.Name.At)
	} else {
		v = c.run(s, f, d, d.Name.At)
	}
	items := []val{v}
	if v.kind == kTuple {
		items = v.items
	}
	for i, it := range items {
		if it = c.typed(it, false); it.ok() {
			fn.Results = append(fn.Results, &graph.Value{Name: resultName(d, i, len(items)), Node: c.nodeOf(it), Span: d.Name.At})
		} else {
			c.lost = true
		}
	}
	for _, r := range fn.Results {
		c.extents(graph.Reachable(r.Node))
	}
	c.prog.Funcs = append(c.prog.Funcs, fn)
}

// funcArgs makes leaves of the parameters of an exported function.
func (c *checker) funcArgs(m *module, s *scope, f *frame, d *ast.Func, fn *graph.Func) bool {
	ok := true
	for _, p := range d.Params {
		if p.Type != nil && p.Type.Text == "dim" {
			fn.Dims = append(fn.Dims, p.Name.Text)
			s.put(&entry{name: p.Name.Text, val: untyped(shape.Var(p.Name.Text), p.Name.At), span: p.Name.At, what: "parameter"})
			continue
		}
		ext, good := c.patternShape(s, f, p, fn)
		if !good {
			ok = false
			continue
		}
		t := graph.Type{Elem: elemOf(p.Type), Shape: ext}
		n := c.b.Leaf("input", p.Name.Text, t)
		n.Name, n.Span = p.Name.Text, p.Name.At
		fn.Args = append(fn.Args, &graph.Value{Name: p.Name.Text, Node: n, Span: p.Name.At})
		v := tensor(n, nil, p.Name.At)
		v.name, v.origin = p.Name.Text, p.Name.At
		s.put(&entry{name: p.Name.Text, val: v, span: p.Name.At, what: "parameter"})
	}
	return ok
}

// patternShape reads a shape pattern whose bare names are free dims.
func (c *checker) patternShape(s *scope, f *frame, p *ast.FuncParam, fn *graph.Func) ([]shape.Dim, bool) {
	if p.Shape == nil {
		return nil, true
	}
	var out []shape.Dim
	for _, it := range p.Shape.Items {
		if isRest(it) {
			c.report(diag.New("G0316", it.Span(), "an exported function needs a known number of axes").
				WithHelp("name each axis, or begin the function's name with a small letter"))
			return nil, false
		}
		if id, ok := it.(*ast.Ident); ok && s.find(id.Name) == nil {
			fn.Dims = append(fn.Dims, id.Name)
			s.put(&entry{name: id.Name, val: untyped(shape.Var(id.Name), id.At), span: id.At, what: "pattern", noWarn: true})
		}
		d, ok := c.asDim(c.expr(s, f, it))
		if !ok {
			return nil, false
		}
		out = append(out, d)
	}
	return out, true
}

// resultName names result i after the returned name, or d+x after grad(.., x).
func resultName(d *ast.Func, i, n int) string {
	var names []string
	walkReturn(d.Body, func(e ast.Expr) {
		switch e := e.(type) {
		case *ast.Ident:
			names = append(names, e.Name)
		case *ast.Call:
			if id, ok := e.Fun.(*ast.Ident); ok && id.Name == "grad" && len(e.Args) > 1 {
				for _, a := range e.Args[1:] {
					names = append(names, "d"+strings.ReplaceAll(a.Value.Span().Text(), ".", "_"))
				}
				return
			}
			names = append(names, "")
		default:
			names = append(names, "")
		}
	})
	if i < len(names) && len(names) == n && names[i] != "" && !repeats(names, names[i]) {
		return names[i]
	}
	if n == 1 {
		return "r"
	}
	return "r" + ordinal(i)
}

func repeats(names []string, name string) bool {
	n := 0
	for _, x := range names {
		if x == name {
			n++
		}
	}
	return n > 1
}

// walkReturn visits what a function returns.
func walkReturn(body ast.Expr, visit func(ast.Expr)) {
	b, ok := body.(*ast.Block)
	if !ok {
		visit(body)
		return
	}
	for _, st := range b.Stmts {
		if r, ok := st.(*ast.Return); ok {
			for _, e := range r.Values {
				visit(e)
			}
		}
	}
}
