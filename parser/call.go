package parser

import (
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// item is what may stand between commas in a call: `[name =] expr [in range]
// [if expr]`. Whether it is an argument or the binder of an index shows at the
// colon.
type item struct {
	ast.Node
	name  *ast.Name
	value ast.Expr
	in    *ast.Range
	cond  ast.Expr
}

func (p *exprs) call(start int, fun ast.Expr) (ast.Expr, error) {
	p.lex.Next()
	var items []item
	for !p.at(")") && !p.at(":") {
		it, err := p.item()
		if err != nil {
			return nil, err
		}
		items = append(items, it)
		if !p.accept(",") && !p.at(")") && !p.at(":") {
			return nil, p.s.expected("`,` or `)`", *p.peek())
		}
	}
	if p.at(":") {
		return p.comprehension(start, fun, items)
	}
	p.lex.Next()
	args, err := p.args(items)
	return &ast.Call{Node: p.from(start), Fun: fun, Args: args}, err
}

func (p *exprs) item() (it item, err error) {
	start := p.peek().Pos.Offset
	if p.peek().Type == tIdent {
		if eq := p.peek2(); is(&eq, "=") {
			if it.name, err = p.s.takeName(p.lex, "a name"); err != nil {
				return it, err
			}
			p.lex.Next()
		}
	}
	if it.value, err = p.expr(0); err != nil {
		return it, err
	}
	if p.accept("in") {
		if it.in, err = p.rangeOf(); err != nil {
			return it, err
		}
	}
	if p.accept("if") {
		it.cond, err = p.expr(0)
	}
	it.Node = p.from(start)
	return it, err
}

// rangeOf parses `n` or `lo..hi`.
func (p *exprs) rangeOf() (*ast.Range, error) {
	start := p.peek().Pos.Offset
	x, err := p.expr(0)
	if err != nil {
		return nil, err
	}
	r := &ast.Range{Hi: x}
	if p.accept("..") {
		r.Lo = x
		if r.Hi, err = p.expr(0); err != nil {
			return nil, err
		}
	}
	r.Node = p.from(start)
	return r, nil
}

func (p *exprs) args(items []item) ([]*ast.Arg, error) {
	var args []*ast.Arg
	for _, it := range items {
		if it.in != nil || it.cond != nil {
			return nil, fault{diag.New("G0118", it.Span(), "a range or condition needs an index and a body").
				WithHelp("write what is computed for each index after a colon: sum(i in n: x[i])")}
		}
		args = append(args, &ast.Arg{Node: it.Node, Name: it.name, Value: it.value})
	}
	return args, nil
}

func (p *exprs) comprehension(start int, fun ast.Expr, items []item) (ast.Expr, error) {
	if len(items) == 0 {
		return nil, p.s.expected("the name of an index before `:`", *p.peek())
	}
	if id, ok := fun.(*ast.Ident); !ok || !binds[id.Name] {
		if _, err := binders(items); err != nil {
			return nil, fault{diag.New("G0106", p.s.at(*p.peek()), "expected `,` or `)`, found `:`").
				WithHelp("a slice a:b stands in the brackets of a tensor: x[a:b]")}
		}
	}
	p.lex.Next()
	body, err := p.body()
	if err != nil {
		return nil, err
	}
	if p.at(",") {
		return nil, fault{diag.New("G0106", p.s.at(*p.peek()), "expected `)`, found `,`").
			WithHelp("after the colon stands one expression")}
	}
	if err := p.close(")", "`)`"); err != nil {
		return nil, err
	}
	c := &ast.Comprehension{Node: p.from(start), Fun: fun, Body: body}
	c.Binders, err = binders(items)
	return c, err
}

func (p *exprs) body() (ast.Expr, error) {
	if p.at("{") {
		return p.s.takeBlock(p.lex)
	}
	return p.expr(0)
}

// binders checks that what stands before the colon are plain names.
func binders(items []item) ([]*ast.Binder, error) {
	var bs []*ast.Binder
	for _, it := range items {
		id, ok := it.value.(*ast.Ident)
		if !ok || it.name != nil {
			return nil, notPlain(it.Span(), it.value)
		}
		bs = append(bs, &ast.Binder{Node: it.Node, Name: ast.Name{Node: id.Node, Text: id.Name}, In: it.in, If: it.cond})
	}
	return bs, nil
}

func notPlain(at diag.Span, x ast.Expr) error {
	if b, ok := x.(*ast.Binary); ok && binding[b.Op] <= bindCompare {
		return fault{diag.New("G0110", at, "an index must be a plain name").
			WithLabel("not the name of an index").
			WithHelp("a condition follows its index, as in sum(i if c: x[i])")}
	}
	return fault{diag.New("G0110", at, "an index must be a plain name").
		WithLabel("not the name of an index").
		WithHelp("bind a name, as in sum(i: x[i]), and compute with it after the colon")}
}

// index parses `x[..]` after x, or the bracket of a definition by elements.
func (p *exprs) index(start int, x ast.Expr) (ast.Expr, error) {
	p.lex.Next()
	ix := &ast.Index{X: x}
	for !p.at("]") && !p.at("?") {
		it, err := p.subscript()
		if err != nil {
			return nil, err
		}
		ix.Items = append(ix.Items, it)
		if !p.accept(",") && !p.at("]") && !p.at("?") {
			return nil, p.s.expected("`,` or `]`", *p.peek())
		}
	}
	if len(ix.Items) == 0 {
		return nil, p.s.expected("a subscript", *p.peek())
	}
	if p.accept("?") {
		pad, err := p.expr(0)
		if err != nil {
			return nil, err
		}
		ix.Pad = pad
	}
	err := p.close("]", "`]`")
	ix.Node = p.from(start)
	return ix, err
}

// subscript parses one of `..`, `i` and `a:b:s`.
func (p *exprs) subscript() (x ast.Expr, err error) {
	start := p.peek().Pos.Offset
	if p.accept("..") {
		return &ast.Rest{Node: p.from(start)}, nil
	}
	if !p.at(":") {
		if x, err = p.expr(0); err != nil {
			return nil, err
		}
		if p.at("in") || p.at("if") {
			return nil, fault{diag.New("G0118", p.s.at(*p.peek()), "a range or condition binds an index only on the left of =").
				WithHelp("take a part of a tensor by x[a:b]")}
		}
		if !p.at(":") {
			return x, nil
		}
	}
	return p.slice(start, x)
}

func (p *exprs) slice(start int, lo ast.Expr) (ast.Expr, error) {
	s := &ast.Slice{Lo: lo}
	for _, part := range []*ast.Expr{&s.Hi, &s.Step} {
		if !p.accept(":") {
			break
		}
		if p.at(":") || p.at(",") || p.at("]") || p.at("?") {
			continue
		}
		x, err := p.expr(0)
		if err != nil {
			return nil, err
		}
		*part = x
	}
	s.Node = p.from(start)
	return s, nil
}
