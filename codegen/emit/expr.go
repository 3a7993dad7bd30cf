package emit

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// expr is Go text with the precedence of its outermost operator.
type expr struct {
	s    string
	prec int
}

// The precedences of Go, loosest first.
const (
	orPrec = iota + 1
	andPrec
	comparePrec
	addPrec
	mulPrec
	unary
	primary
)

var infixPrec = map[string]int{
	"||": orPrec, "&&": andPrec, "==": comparePrec, "!=": comparePrec, "<": comparePrec, "<=": comparePrec,
	">": comparePrec, ">=": comparePrec, "+": addPrec, "-": addPrec, "*": mulPrec, "/": mulPrec, "%": mulPrec,
}

// atom is text that never needs parentheses.
func atom(s string) expr { return expr{s, primary} }

// at puts parentheses around e unless it binds at least as tightly as prec.
func (e expr) at(prec int) string {
	if e.prec < prec {
		return "(" + e.s + ")"
	}
	return e.s
}

// infix joins two operands; the right one keeps its parentheses among equals,
// so that sums are added in the order of the kernel.
func infix(op string, x, y expr) expr {
	p := infixPrec[op]
	if op == "||" || op == "&&" {
		return conditions(op, p, x, y)
	}
	return expr{x.at(p) + " " + op + " " + y.at(p+1), p}
}

// conditions joins two conditions, each operand once, as vet asks.
func conditions(op string, prec int, x, y expr) expr {
	var list []string
	for _, e := range []expr{x, y} {
		for _, s := range operands(e, op, prec) {
			if !slices.Contains(list, s) {
				list = append(list, s)
			}
		}
	}
	if len(list) == 1 {
		return atom("(" + list[0] + ")")
	}
	return expr{strings.Join(list, " "+op+" "), prec}
}

// operands are what a chain of op joins, outside parentheses; of another
// expression, itself.
func operands(e expr, op string, prec int) []string {
	if e.prec != prec {
		return []string{e.at(prec + 1)}
	}
	var out []string
	depth, from := 0, 0
	for i, r := range e.s {
		switch {
		case r == '(' || r == '[':
			depth++
		case r == ')' || r == ']':
			depth--
		case depth == 0 && strings.HasPrefix(e.s[i:], " "+op+" "):
			out = append(out, e.s[from:i])
			from = i + len(op) + 2
		}
	}
	return append(out, e.s[from:])
}

// prefix applies a unary operator; `--x` would be a decrement.
func prefix(op string, x expr) expr {
	s := x.at(unary)
	if strings.HasPrefix(s, op) {
		s = "(" + s + ")"
	}
	return expr{op + s, unary}
}

func call(name string, args ...string) expr { return atom(name + "(" + strings.Join(args, ", ") + ")") }

// elemOf is the element type of a scalar expression.
func elemOf(x kernel.Expr) graph.Elem {
	switch x := x.(type) {
	case *kernel.Load:
		return x.Buf.Elem
	case *kernel.Lit:
		return x.Elem
	case *kernel.Ref:
		return x.Elem
	case *kernel.Apply:
		return x.Elem
	case *kernel.Guard:
		return x.Elem
	case *kernel.Select:
		return x.Elem
	}
	return graph.Int
}

// expr prints a scalar expression. What Go cannot say in an expression (a
// choice, a guarded read) becomes statements before it.
func (p *printer) expr(x kernel.Expr) expr {
	switch x := x.(type) {
	case *kernel.Load:
		return atom(p.load(x))
	case *kernel.Lit:
		return p.f.literal(x.Elem, x.V)
	case *kernel.Ref:
		return atom(p.ref(x.Name))
	case *kernel.IndexExpr:
		return call("int32", p.index(x).s)
	case *kernel.Apply:
		return p.apply(x)
	case *kernel.Guard:
		return p.temporary(x, x.Elem)
	case *kernel.Select:
		return p.temporary(x, x.Elem)
	}
	p.f.fail("expression %T", x)
	return atom("0")
}

// index prints a value computed from dims and loop variables, a Go int.
func (p *printer) index(x *kernel.IndexExpr) expr {
	e := p.dim(p.subst(x.E))
	if x.Div > 1 {
		e = infix("/", e, atom(strconv.FormatInt(x.Div, 10)))
	}
	return e
}

// apply prints an element-wise operator as its declaration says.
func (p *printer) apply(x *kernel.Apply) expr {
	if v, ok := folded(x); ok {
		return p.f.literal(x.Elem, v)
	}
	s := x.Op.Scalar
	if s == nil {
		p.f.fail("operator %s has no scalar meaning", x.Op.Name)
		return atom("0")
	}
	if choice(x) {
		return p.temporary(x, x.Elem)
	}
	if in, ok := x.Args[0].(*kernel.IndexExpr); ok && s.Convert {
		return call(p.f.goType(x.Elem), p.index(in).s)
	}
	args := make([]expr, len(x.Args))
	for i, a := range x.Args {
		args[i] = p.expr(a)
	}
	switch {
	case s.Convert:
		return call(p.f.goType(x.Elem), args[0].s)
	case s.Infix != "":
		return p.chain(s.Infix, args)
	case s.Prefix == "+":
		return args[0]
	case s.Prefix != "":
		return prefix(s.Prefix, args[0])
	case s.Builtin != "":
		return call(s.Builtin, texts(args)...)
	}
	return p.runtimeCall(x, args)
}

// chain prints a binary operator over two or more operands, from the left.
func (p *printer) chain(op string, args []expr) expr {
	out := args[0]
	for _, a := range args[1:] {
		out = infix(op, out, a)
	}
	return out
}

func texts(args []expr) []string {
	out := make([]string, len(args))
	for i, a := range args {
		out[i] = a.s
	}
	return out
}

// runtimeCall prints a call of package runtime; its name ends in the width of
// the reals it works on.
func (p *printer) runtimeCall(x *kernel.Apply, args []expr) expr {
	width := "32"
	real := x.Elem == graph.Real
	for _, a := range x.Args {
		real = real || elemOf(a) == graph.Real
	}
	if real {
		width = p.f.width
	}
	list := make([]string, len(args))
	for i, a := range args {
		if list[i] = a.s; real && elemOf(x.Args[i]) == graph.Int {
			list[i] = p.asInt(x.Args[i], a)
		}
	}
	if c, ok := x.Attr.(graph.Count); ok {
		n := strconv.Itoa(int(c))
		if x.Op.Scalar.CountFirst {
			list = append([]string{n}, list...)
		} else {
			list = append(list, n)
		}
	}
	return call("rt."+x.Op.Scalar.Func+width, list...)
}

// asInt prints an int operand as a Go int.
func (p *printer) asInt(x kernel.Expr, printed expr) string {
	switch x := x.(type) {
	case *kernel.IndexExpr:
		return p.index(x).s
	case *kernel.Lit:
		return printed.s
	}
	return "int(" + printed.s + ")"
}

// folded computes an operator on constants, so that Go never sees, for example,
// the constant division 1/0.
func folded(x *kernel.Apply) (float64, bool) {
	vals := make([]float64, len(x.Args))
	for i, a := range x.Args {
		lit, ok := a.(*kernel.Lit)
		if !ok {
			return 0, false
		}
		vals[i] = lit.V
	}
	if x.Op.Scalar == nil || len(vals) == 0 {
		return 0, false
	}
	return x.Op.Scalar.On(x.Attr, vals...), true
}

// choice reports what Go says by an if statement: a guarded read, a selection,
// a bool as a number.
func choice(x kernel.Expr) bool {
	switch x := x.(type) {
	case *kernel.Guard, *kernel.Select:
		return true
	case *kernel.Apply:
		s := x.Op.Scalar
		return s != nil && (s.Convert && elemOf(x.Args[0]) == graph.Bool || len(x.Args) == 3 && s.Func == "" && s.Builtin == "" && s.Infix == "")
	}
	return false
}

// alternatives takes a choice apart: x where cond holds, else y.
func (p *printer) alternatives(x kernel.Expr) (cond expr, then, other kernel.Expr) {
	switch x := x.(type) {
	case *kernel.Guard:
		return p.conds(x.Conds), x.X, &kernel.Lit{Elem: x.Elem, V: x.Fill}
	case *kernel.Select:
		return p.expr(x.Cond), x.X, x.Y
	}
	a := x.(*kernel.Apply)
	if a.Op.Scalar.Convert {
		return p.expr(a.Args[0]), &kernel.Lit{Elem: a.Elem, V: 1}, &kernel.Lit{Elem: a.Elem}
	}
	return p.expr(a.Args[0]), a.Args[1], a.Args[2]
}

// temporary evaluates a choice into a variable before the statement.
func (p *printer) temporary(x kernel.Expr, e graph.Elem) expr {
	v := p.names.short("v")
	p.choose(v, true, x, e)
	return atom(v)
}

// choose assigns a choice to a variable, which it declares if asked to.
func (p *printer) choose(v string, declare bool, x kernel.Expr, e graph.Elem) {
	cond, then, other := p.alternatives(x)
	_, guarded := x.(*kernel.Guard)
	switch lit, isLit := other.(*kernel.Lit); {
	case declare && isLit && lit.V == 0 && !math.Signbit(lit.V):
		p.add(line("var %s %s", v, p.f.goType(e)))
	case declare && simple(other):
		p.add(line("%s := %s", v, p.typed(other)))
	case declare:
		p.add(line("var %s %s", v, p.f.goType(e)))
		fallthrough
	default:
		p.add(block("if "+cond.s, p.branch(v, then, guarded)...).Else().Block(p.branch(v, other, false)...))
		return
	}
	p.add(block("if "+cond.s, p.branch(v, then, guarded)...))
}

// branch assigns x to v in a list of statements of its own.
func (p *printer) branch(v string, x kernel.Expr, guarded bool) []jen.Code {
	return p.conditional(guarded, func() { p.assign(v, x) })
}

// assign gives a variable or an element a value.
func (p *printer) assign(v string, x kernel.Expr) {
	if choice(x) {
		p.choose(v, false, x, elemOf(x))
		return
	}
	p.add(line("%s = %s", v, p.expr(x).s))
}

// simple reports an operand that costs nothing to evaluate for nothing.
func simple(x kernel.Expr) bool {
	switch x.(type) {
	case *kernel.Lit, *kernel.Ref:
		return true
	}
	return false
}

// typed prints an expression that fixes a variable's type: literals and what
// consists of them alone are converted.
func (p *printer) typed(x kernel.Expr) string {
	e := p.expr(x)
	_, lit := x.(*kernel.Lit)
	if a, ok := x.(*kernel.Apply); ok {
		_, lit = folded(a)
	}
	if t := p.f.goType(elemOf(x)); lit && t != "bool" && !strings.HasPrefix(e.s, t+"(") {
		return t + "(" + e.s + ")"
	}
	return e.s
}

// conds prints a conjunction of affine conditions.
func (p *printer) conds(cs []shape.Cond) expr {
	out := atom("true")
	for i, c := range cs {
		if e := p.cond(c); i == 0 {
			out = e
		} else {
			out = infix("&&", out, e)
		}
	}
	return out
}

func (p *printer) cond(c shape.Cond) expr {
	d := p.subst(c.E)
	switch c.Kind {
	case shape.NonNegative:
		pos, neg := split(d)
		return infix(">=", p.dim(pos), p.dim(neg))
	case shape.Zero:
		pos, neg := split(d)
		return infix("==", p.dim(pos), p.dim(neg))
	}
	mod := infix("%", p.dim(d), atom(strconv.FormatInt(c.Mod, 10)))
	return infix("==", mod, atom("0"))
}

// split writes d as the difference of two dims with positive coefficients:
// `i + dy - 2 >= 0` reads better as `i + dy >= 2`.
func split(d shape.Dim) (pos, neg shape.Dim) {
	for _, t := range d.Terms() {
		m := monomial(t)
		if t.Coef > 0 {
			pos = pos.Add(m)
		} else {
			neg = neg.Sub(m)
		}
	}
	return pos, neg
}
