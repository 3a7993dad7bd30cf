package parser

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// convert makes syntax tree statements of a matched rule. A declaration of
// several items becomes as many statements.
func (s *session) convert(g *gStmt, toks []lexer.Token) []ast.Stmt {
	if out := s.declarations(g); out != nil {
		return out
	}
	node := s.tokensSpan(toks)
	switch {
	case g.Real != nil:
		s.misplaced(node, "real")
	case g.Import != nil:
		s.misplaced(node, "import")
	case g.Train != nil:
		return one(s.train(node, g.Train))
	case g.Return != nil:
		return one(&ast.Return{Node: node, Values: g.Return.Values})
	case g.Func != nil:
		return one(s.function(node, g.Func, false))
	case g.Layer != nil:
		return one(s.function(node, g.Layer, true))
	case g.Model != nil:
		return one(&ast.Model{Node: node, Name: nameOf(g.Model.Name), Base: s.base(g.Model.Base), Body: g.Model.Body.(*ast.Block)})
	case g.Optimizer != nil:
		o := g.Optimizer
		return one(&ast.Optimizer{Node: node, Name: nameOf(o.Name), Params: s.funcParams(o.Params), Body: o.Body.(*ast.Block)})
	case g.For != nil:
		l := g.For
		return one(&ast.For{Node: node, Remat: s.optionOf(l.Option, "remat"), Index: nameOf(l.Index), Range: l.Range.(*ast.Range), Body: l.Body.(*ast.Block)})
	case g.Scan != nil:
		l := g.Scan
		return one(&ast.Scan{Node: node, Remat: s.optionOf(l.Option, "remat"), Index: nameOf(l.Index), Range: l.Range.(*ast.Range), Body: l.Body.(*ast.Block)})
	case g.While != nil:
		w := g.While
		return one(&ast.While{Node: node, Limit: s.optionOf(w.Option, "limit"), Cond: w.Cond, Body: w.Body.(*ast.Block)})
	case g.If != nil:
		return one(s.ifElse(g.If, 0))
	case g.Update != nil:
		u := g.Update
		return one(&ast.Update{Node: node, Name: nameOf(u.Name), Arrow: s.at(u.Arrow), Value: u.Value})
	case g.Assign != nil:
		return s.assign(node, g.Assign)
	}
	return nil
}

func one(st ast.Stmt) []ast.Stmt { return []ast.Stmt{st} }

// declarations converts the statements that may list several items.
func (s *session) declarations(g *gStmt) []ast.Stmt {
	var out []ast.Stmt
	decl := func(toks []lexer.Token) ast.Decl {
		return ast.Decl{Node: s.tokensSpan(toks), Joined: len(out) > 0}
	}
	for _, d := range g.Const {
		out = append(out, &ast.Const{Decl: decl(d.Tokens), Name: nameOf(d.Name), Value: d.Value})
	}
	for _, d := range g.Dim {
		out = append(out, &ast.Dim{Decl: decl(d.Tokens), Name: nameOf(d.Name), Value: d.Value})
	}
	for _, d := range g.Input {
		out = append(out, &ast.Input{Decl: decl(d.Tokens), Name: nameOf(d.Name), Shape: shapeOf(d.Shape), Type: s.elemType(d.Type)})
	}
	for _, d := range g.Param {
		out = append(out, &ast.Param{Decl: decl(d.Tokens), Name: nameOf(d.Name), Shape: shapeOf(d.Shape),
			Type: s.elemType(d.Type), Constraint: s.constraint(d.Constraint), Dist: d.Dist, Init: d.Init})
	}
	for _, d := range g.State {
		out = append(out, &ast.State{Decl: decl(d.Tokens), Name: nameOf(d.Name), Shape: shapeOf(d.Shape), Type: s.elemType(d.Type), Init: d.Init})
	}
	for _, d := range g.Carry {
		s.needInit(d)
		out = append(out, &ast.Carry{Decl: decl(d.Tokens), Name: nameOf(d.Name), Shape: shapeOf(d.Shape), Type: s.elemType(d.Type), Init: d.Init})
	}
	for _, d := range g.Output {
		out = append(out, &ast.Output{Decl: decl(d.Tokens), Name: nameOf(d.Name), Value: d.Value})
	}
	for _, d := range g.Metric {
		out = append(out, &ast.Metric{Decl: decl(d.Tokens), Name: nameOf(d.Name), Value: d.Value})
	}
	for _, d := range g.Collect {
		out = append(out, &ast.Collect{Decl: decl(d.Tokens), Name: nameOf(d.Name), Value: d.Value})
	}
	for _, d := range g.Loss {
		l := &ast.Loss{Decl: decl(d.Tokens), Value: d.Value}
		if d.Name != nil {
			l.Name = d.Name.(*ast.Name)
		}
		out = append(out, l)
	}
	return out
}

func nameOf(n gName) ast.Name { return *n.(*ast.Name) }

func shapeOf(sh gShape) *ast.Shape {
	if sh == nil {
		return nil
	}
	return sh.(*ast.Shape)
}

func (s *session) typeName(t *lexer.Token) *ast.Name {
	if t == nil {
		return nil
	}
	return &ast.Name{Node: ast.Node{At: s.at(*t)}, Text: t.Value}
}

// elemType checks that a declared type is one of the three there are.
func (s *session) elemType(t *lexer.Token) *ast.Name {
	if t != nil && !types[t.Value] {
		d := diag.New("G0106", s.at(*t), "expected a type, found %s", describe(*t)).
			WithHelp("the types are real, int and bool")
		if strings.Contains(strings.ToLower(t.Value), "float") || t.Value == "double" || t.Value == "f64" || t.Value == "f32" {
			d.Help = "write real; the line `real f64` at the top of the file makes all of them float64"
		} else if s.lx.file.Src[max(0, t.Pos.Offset-1)] == ' ' && typeBefore(s.lx.file.Src[:t.Pos.Offset]) {
			d.Help = "the type stands behind the name, as in x real"
		} else if near := diag.Suggest(t.Value, []string{"real", "int", "bool"}); near != "" {
			d.Help = "did you mean " + quote(near) + "?"
		}
		s.diags.Add(d)
	}
	return s.typeName(t)
}

// typeBefore reports whether a text ends in the name of a type, as where C has it.
func typeBefore(src []byte) bool {
	fields := strings.FieldsFunc(string(src[max(0, len(src)-20):]), func(r rune) bool { return r == ' ' || r == '(' || r == ',' })
	return len(fields) > 0 && types[fields[len(fields)-1]]
}

func (s *session) needInit(d *gState) {
	if d.Init == nil {
		s.diags.Add(diag.New("G0106", d.Name.Span(), "a carry has an initial value").
			WithHelp("write carry %s = 0", s.text(d.Tokens)))
	}
}

func (s *session) constraint(c *gConstraint) *ast.Constraint {
	switch {
	case c == nil:
		return nil
	case c.Above != nil:
		return &ast.Constraint{Node: s.tokensSpan(c.Tokens), Lo: c.Above}
	}
	return &ast.Constraint{Node: s.tokensSpan(c.Tokens), Lo: c.Lo, Hi: c.Hi}
}

func (s *session) train(node ast.Node, g *gTrain) *ast.Train {
	t := &ast.Train{Node: node, Rule: g.Rule}
	if g.Loss != nil {
		t.Loss = g.Loss.(*ast.Name)
	}
	for _, p := range g.For {
		pat := &ast.Pattern{Node: s.tokensSpan(p.Tokens), Anywhere: p.Anywhere}
		for _, st := range p.Path {
			pat.Path = append(pat.Path, ast.PathStep{Node: s.tokensSpan(st.Tokens), Name: nameOf(st.Name), Index: st.Index})
		}
		t.For = append(t.For, pat)
	}
	return t
}

func (s *session) function(node ast.Node, g *gFunc, layer bool) *ast.Func {
	f := &ast.Func{Node: node, Layer: layer, Name: nameOf(g.Name), Params: s.funcParams(g.Params), Body: g.Value}
	if g.Block != nil {
		f.Body = g.Block
	}
	if d := g.Derivative; d != nil {
		f.Derivative = &ast.Derivative{Node: s.tokensSpan(d.Tokens), Body: d.Body}
		for _, n := range d.Params {
			f.Derivative.Params = append(f.Derivative.Params, nameOf(n))
		}
	}
	return f
}

func (s *session) funcParams(gs []*gFuncParam) []*ast.FuncParam {
	var out []*ast.FuncParam
	for _, g := range gs {
		t := s.typeName(g.Type)
		if t != nil && t.Text != "dim" {
			t = s.elemType(g.Type)
		}
		out = append(out, &ast.FuncParam{Node: s.tokensSpan(g.Tokens), Name: nameOf(g.Name), Shape: shapeOf(g.Shape), Type: t, Default: g.Default})
	}
	return out
}

// base checks that `model S(M)` names a model.
func (s *session) base(x ast.Expr) ast.Expr {
	switch x.(type) {
	case nil, *ast.Ident, *ast.Field:
	default:
		s.diags.Add(diag.New("G0106", x.Span(), "expected the name of a model").
			WithHelp("model Sampler(Flow) { .. } is a second program over the parameters of Flow"))
	}
	return x
}

func (s *session) optionOf(g gOption, name string) ast.Expr {
	if g == nil {
		return nil
	}
	o := g.(*option)
	if o.name.Text != name {
		s.diags.Add(diag.New("G0117", o.name.At, "this loop has no option %s", quote(o.name.Text)).
			WithHelp("write (%s = %s)", name, o.value.Span().Text()))
		return nil
	}
	return o.value
}

// ifElse nests a chain of else-ifs.
func (s *session) ifElse(g *gIf, at int) *ast.If {
	b := g.Branches[at]
	n := &ast.If{Node: s.tokensSpan(b.Tokens), Cond: b.Cond, Then: b.Then.(*ast.Block)}
	switch {
	case at == maxDepth:
		s.diags.Add(diag.New("G0105", n.At, "more than %d conditions in a row", maxDepth))
	case at+1 < len(g.Branches):
		n.ElseIf = s.ifElse(g, at+1)
		n.At = n.At.To(n.ElseIf.At)
	case g.Else != nil:
		n.Else = g.Else.(*ast.Block)
		n.At = n.At.To(n.Else.At)
	}
	return n
}

func (s *session) assign(node ast.Node, g *gAssign) []ast.Stmt {
	a := &ast.Assign{Node: node, Value: g.Value}
	indexed := false
	for _, t := range g.Targets {
		target := &ast.Target{Node: s.tokensSpan(t.Tokens), Name: nameOf(t.Name)}
		if t.Index != nil {
			target.Indexed, indexed = true, true
			target.Index = s.targetIndex(t)
		}
		a.Targets = append(a.Targets, target)
	}
	if b, ok := g.Value.(*ast.Block); ok && !indexed {
		s.diags.Add(diag.New("G0106", b.At, "expected an expression, found a block").
			WithHelp("a block that returns is the body of a func, or of index notation"))
		return nil
	}
	return one(a)
}

func (s *session) targetIndex(t *gTarget) []*ast.Binder {
	list := t.Index.(*indexList)
	for _, it := range list.items {
		if _, plain := it.value.(*ast.Ident); !plain || it.name != nil {
			s.diags.Add(notElement(it.Span()).(fault).d)
			return nil
		}
	}
	bs, _ := binders(list.items)
	if len(bs) == 0 {
		s.diags.Add(diag.New("G0106", list.At, "expected the name of an index, found `]`").
			WithHelp("C[i, j] = e defines a tensor element by element"))
	}
	return bs
}
