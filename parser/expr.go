package parser

import (
	"github.com/alecthomas/participle/v2/lexer"

	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// How tightly each operator binds, loosest first.
const (
	bindPipe = iota + 1
	bindOr
	bindAnd
	bindNot
	bindCompare
	bindAdd
	bindMul
	bindMinus
	bindPow
)

var binding = map[string]int{
	"|>": bindPipe, "or": bindOr, "and": bindAnd,
	"==": bindCompare, "!=": bindCompare, "<": bindCompare, "<=": bindCompare, ">": bindCompare, ">=": bindCompare,
	"+": bindAdd, "-": bindAdd, "*": bindMul, "/": bindMul, "@": bindMul, "^": bindPow,
}

// maxOperators is how many operators and suffixes one expression may hold without
// brackets, and maxNest how deep prefixes and brackets together may go: trees are
// walked recursively.
const (
	maxOperators = 10_000
	maxNest      = 4 * maxDepth
)

// exprs parses expressions by operator precedence.
type exprs struct {
	s     *session
	lex   *lexer.PeekingLexer
	depth int
	ops   int
}

func (s *session) expr(lex *lexer.PeekingLexer) (ast.Expr, error) {
	return (&exprs{s: s, lex: lex}).expr(0)
}

// bound parses the expression after `param s >`, where a comparison cannot stand.
func (s *session) bound(lex *lexer.PeekingLexer) (gBound, error) {
	return (&exprs{s: s, lex: lex}).expr(bindAdd)
}

func (p *exprs) peek() *lexer.Token { return p.lex.Peek() }

func (p *exprs) at(text string) bool { return is(p.lex.Peek(), text) }

func (p *exprs) accept(text string) bool {
	if p.at(text) {
		p.lex.Next()
		return true
	}
	return false
}

// peek2 returns the token after the next.
func (p *exprs) peek2() lexer.Token {
	mark := p.lex.MakeCheckpoint()
	p.lex.Next()
	t := *p.lex.Peek()
	p.lex.LoadCheckpoint(mark)
	return t
}

// from spans the source from an offset to the end of the last token taken.
func (p *exprs) from(start int) ast.Node {
	return ast.Node{At: p.s.span(start, lastEnd(p.lex, start))}
}

// expr parses an expression whose operators bind at least as tightly as min.
func (p *exprs) expr(min int) (ast.Expr, error) {
	if p.depth++; p.depth > maxNest {
		return nil, p.tooDeep()
	}
	defer func() { p.depth-- }()
	start := p.peek().Pos.Offset
	x, err := p.prefix(min)
	compared := false
	for err == nil {
		op := *p.peek()
		b, ok := binding[op.Value]
		if !ok || op.Type != tOp && op.Type != tKeyword || b < min {
			return x, nil
		}
		if p.ops++; p.ops > maxOperators {
			return nil, p.tooDeep()
		}
		if b == bindCompare && compared {
			return nil, fault{diag.New("G0109", p.s.at(op), "comparisons do not chain").
				WithHelp("write a < b and b < c")}
		}
		compared = b == bindCompare
		p.lex.Next()
		x, err = p.infix(start, x, op, b)
	}
	return nil, err
}

func (p *exprs) tooDeep() error {
	return fault{diag.New("G0105", p.s.at(*p.peek()), "this expression is nested too deeply").
		WithHelp("give inner parts names of their own")}
}

func (p *exprs) infix(start int, x ast.Expr, op lexer.Token, b int) (ast.Expr, error) {
	next := b + 1
	if op.Value == "^" {
		next = bindMinus // right-associative, and 2^-x is legal
	}
	y, err := p.expr(next)
	if err != nil {
		return nil, err
	}
	if op.Value == "|>" {
		return p.pipe(start, x, y)
	}
	return &ast.Binary{Node: p.from(start), Op: op.Value, OpAt: p.s.at(op), X: x, Y: y}, nil
}

// pipe makes x |> f(a) the call f(x, a).
func (p *exprs) pipe(start int, x, y ast.Expr) (ast.Expr, error) {
	first := &ast.Arg{Node: ast.Node{At: x.Span()}, Value: x}
	switch f := y.(type) {
	case *ast.Call:
		if !f.Piped {
			args := append([]*ast.Arg{first}, f.Args...)
			return &ast.Call{Node: p.from(start), Fun: f.Fun, Args: args, Piped: true}, nil
		}
	case *ast.Ident, *ast.Field:
		return &ast.Call{Node: p.from(start), Fun: y, Args: []*ast.Arg{first}, Piped: true}, nil
	}
	return nil, fault{diag.New("G0106", y.Span(), "expected a call after `|>`").
		WithHelp("x |> f(a) is f(x, a)")}
}

func (p *exprs) prefix(min int) (ast.Expr, error) {
	t := *p.peek()
	switch {
	case is(&t, "-"):
		return p.unary(t, bindMinus)
	case is(&t, "not"):
		if min > bindNot {
			return nil, fault{diag.New("G0106", p.s.at(t), "`not` binds looser than what stands before it").
				WithHelp("put it in parentheses: (not x)")}
		}
		return p.unary(t, bindNot)
	case is(&t, "layer"):
		return p.layer(t)
	}
	return p.postfix()
}

func (p *exprs) unary(op lexer.Token, b int) (ast.Expr, error) {
	p.lex.Next()
	x, err := p.expr(b)
	if err != nil {
		return nil, err
	}
	return &ast.Unary{Node: p.from(op.Pos.Offset), Op: op.Value, OpAt: p.s.at(op), X: x}, nil
}

// layer parses `layer nn.Dense(out = 64)`.
func (p *exprs) layer(t lexer.Token) (ast.Expr, error) {
	p.lex.Next()
	x, err := p.postfix()
	if err != nil {
		return nil, err
	}
	call, ok := x.(*ast.Call)
	if !ok {
		return nil, fault{diag.New("G0106", x.Span(), "expected the call of a layer after `layer`").
			WithHelp("an instance is made by: net = layer nn.Dense(out = 64)")}
	}
	return &ast.LayerInst{Node: p.from(t.Pos.Offset), Call: call}, nil
}

// postfix parses a primary expression and the calls, brackets, fields and
// transposes after it.
func (p *exprs) postfix() (ast.Expr, error) {
	start := p.peek().Pos.Offset
	x, err := p.primary()
	for err == nil {
		if p.ops++; p.ops > maxOperators {
			return nil, p.tooDeep()
		}
		switch {
		case p.at("("):
			x, err = p.call(start, x)
		case p.at("["):
			x, err = p.index(start, x)
		case p.accept("."):
			x, err = p.field(start, x)
		case p.accept("'"):
			x = &ast.Transpose{Node: p.from(start), X: x}
		default:
			return x, nil
		}
	}
	return nil, err
}

func (p *exprs) field(start int, x ast.Expr) (ast.Expr, error) {
	if _, number := x.(*ast.Number); number {
		return nil, fault{diag.New("G0106", x.Span(), "a number has no fields").
			WithHelp("names may not begin with a digit")}
	}
	name, err := p.s.takeName(p.lex, "a name after the point")
	if err != nil {
		return nil, err
	}
	return &ast.Field{Node: p.from(start), X: x, Name: *name}, nil
}

func (p *exprs) primary() (ast.Expr, error) {
	t := *p.peek()
	node := ast.Node{At: p.s.at(t)}
	switch {
	case t.Type == tIdent:
		p.lex.Next()
		return &ast.Ident{Node: node, Name: t.Value}, nil
	case t.Type == tNumber:
		p.lex.Next()
		return &ast.Number{Node: node, Text: t.Value, Int: isInt(t.Value)}, nil
	case t.Type == tString:
		p.lex.Next()
		return &ast.String{Node: node, Value: t.Value[1 : len(t.Value)-1]}, nil
	case is(&t, "true"), is(&t, "false"):
		p.lex.Next()
		return &ast.Bool{Node: node, Value: t.Value == "true"}, nil
	case is(&t, "("):
		return p.paren()
	case is(&t, "["):
		return p.list()
	}
	return nil, p.s.expected("an expression", t)
}

func (p *exprs) paren() (ast.Expr, error) {
	p.lex.Next()
	x, err := p.expr(0)
	if err != nil {
		return nil, err
	}
	return x, p.close(")", "`)`")
}

// close takes a closing bracket, or says what else could have stood there.
func (p *exprs) close(text, expected string) error {
	if p.accept(text) {
		return nil
	}
	return p.s.expected(expected, *p.peek())
}

// items parses a list separated by commas up to a closing bracket; a comma may
// follow the last. expected describes what may follow an item.
func (p *exprs) items(closing, expected string, item func() error) error {
	for !p.accept(closing) {
		if err := item(); err != nil {
			return err
		}
		if !p.accept(",") && !p.at(closing) {
			return p.s.expected(expected, *p.peek())
		}
	}
	return nil
}

func (p *exprs) list() (ast.Expr, error) {
	start := p.lex.Next().Pos.Offset
	var items []ast.Expr
	err := p.items("]", "`,` or `]`", func() error {
		x, err := p.expr(0)
		items = append(items, x)
		return err
	})
	return &ast.List{Node: p.from(start), Items: items}, err
}
