package emit

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/diag"
)

// stmts prints statements into the current block. Those that lead to a store
// begin with where its value comes from; a loop around several steps leaves that
// to each of them.
func (p *printer) stmts(body []kernel.Stmt) {
	for len(body) > 0 {
		n := 1
		for n < len(body) && !stores(body[n-1]) {
			n++
		}
		p.origin(body[n-1:])
		for _, s := range body[:n] {
			p.stmt(s)
		}
		body = body[n:]
	}
}

func stores(s kernel.Stmt) bool {
	found := false
	kernel.Walk([]kernel.Stmt{s}, func(s kernel.Stmt) {
		_, writes := kernel.Touched(s)
		found = found || len(writes) > 0
	})
	return found
}

// storesIn counts the statements of a loop nest that store.
func storesIn(l *kernel.Loop) int {
	n := 0
	for _, s := range l.Body {
		if inner, ok := s.(*kernel.Loop); ok {
			n += storesIn(inner)
		} else if stores(s) {
			n++
		}
	}
	return n
}

// origin prints where the values that the first of the statements stores come
// from, or, where that is not known, those of the ones after it.
func (p *printer) origin(body []kernel.Stmt) {
	for _, s := range body {
		if l, ok := s.(*kernel.Loop); ok && storesIn(l) > 1 {
			return
		}
		if text := origins(s); len(text) > 0 {
			for _, t := range text {
				if t != p.said {
					p.said = t
					p.add(comment("%s", t))
				}
			}
			return
		}
	}
}

func origins(s kernel.Stmt) []string {
	var out []string
	kernel.Walk([]kernel.Stmt{s}, func(s kernel.Stmt) {
		_, writes := kernel.Touched(s)
		for _, b := range writes {
			if t := NoteText(b.From); t != "" {
				out = append(out, t)
			}
		}
	})
	return out
}

func (p *printer) stmt(s kernel.Stmt) {
	switch s := s.(type) {
	case *kernel.Loop:
		p.loopStmt(s)
	case *kernel.Let:
		p.let(s)
	case *kernel.Accumulator:
		if p.read[s.Name] {
			p.accumulator(s)
		}
	case *kernel.Set:
		if p.read[s.Name] {
			p.set(s)
		}
	case *kernel.Store:
		p.store(s)
	case *kernel.If:
		p.ifStmt(s)
	case *kernel.Check:
		p.check(s)
	case *kernel.MatMul:
		p.matmul(s)
	case *kernel.Call:
		p.callStmt(s)
	case *kernel.Zero:
		p.add(line("clear(%s)", p.slice(s.Slice)))
	case *kernel.Fill:
		row := p.names.short("row")
		p.add(line("%s := %s", row, p.slice(s.Slice)))
		p.add(block("for i := range "+row, line("%s[i] = %s", row, p.f.literal(s.Buf.Elem, s.Value).s)))
	case *kernel.Note1:
		p.note(s.Note)
	default:
		p.f.fail("statement %T", s)
	}
}

func (p *printer) let(s *kernel.Let) {
	p.lets[s.Name] = s.X
	if !p.read[s.Name] {
		return
	}
	if l, ok := s.X.(*kernel.Load); ok && l.Buf.Kind == kernel.Scalar {
		p.refs[s.Name] = p.load(l)
		return
	}
	if choice(s.X) {
		v := p.names.short(local(counter.ReplaceAllString(s.Name, "")))
		p.choose(v, true, s.X, s.Elem)
		p.refs[s.Name] = v
		return
	}
	if p.turn(s) || p.turned[s.Name] {
		return
	}
	x := p.typed(s.X)
	p.add(line("%s := %s", p.declare(s.Name), x))
}

func (p *printer) accumulator(s *kernel.Accumulator) {
	if lit, ok := s.Init.(*kernel.Lit); ok && lit.V == 0 && lit.Elem == s.Elem {
		p.add(line("var %s %s", p.declare(s.Name), p.f.goType(s.Elem)))
		return
	}
	x := p.typed(s.Init)
	p.add(line("%s := %s", p.declare(s.Name), x))
}

// set prints `s += x` where the kernel says `s = s + x`.
func (p *printer) set(s *kernel.Set) {
	if a, ok := s.X.(*kernel.Apply); ok && a.Op.Scalar != nil && a.Op.Scalar.Infix != "" && len(a.Args) == 2 {
		if r, ok := a.Args[0].(*kernel.Ref); ok && r.Name == s.Name && infixPrec[a.Op.Scalar.Infix] >= addPrec {
			p.add(line("%s %s= %s", p.ref(s.Name), a.Op.Scalar.Infix, p.expr(a.Args[1]).s))
			return
		}
	}
	p.assign(p.ref(s.Name), s.X)
}

func (p *printer) store(s *kernel.Store) {
	if s.Add {
		x := p.expr(s.X).s
		p.add(line("%s += %s", p.place(s.Buf, s.At, true), x))
		return
	}
	if choice(s.X) {
		p.assign(p.place(s.Buf, s.At, true), s.X)
		return
	}
	x := p.expr(s.X).s
	p.add(line("%s = %s", p.place(s.Buf, s.At, true), x))
}

func (p *printer) ifStmt(s *kernel.If) {
	var cond string
	g, guard := s.Cond.(*kernel.Guard)
	if guard && isTrue(g.X) && g.Fill == 0 {
		cond = p.conds(g.Conds).s
	} else {
		cond = p.expr(s.Cond).s
	}
	then := p.conditional(guard, func() { p.stmts(s.Then) })
	if len(s.Else) == 0 {
		p.add(block("if "+cond, then...))
		return
	}
	p.add(block("if "+cond, then...).Else().Block(p.conditional(guard, func() { p.stmts(s.Else) })...))
}

func isTrue(x kernel.Expr) bool { l, ok := x.(*kernel.Lit); return ok && l.V == 1 }

// check prints a test that ends the piece with an error. One of an input's own
// elements names the input and the place.
func (p *printer) check(s *kernel.Check) {
	x := p.expr(s.X)
	if s.Nonzero {
		p.failing(x.at(comparePrec+1)+" == 0", fmt.Sprintf("&rt.CheckError{Model: %q, Source: %q, Message: %q}", p.w.owner, where(s.Span), s.What))
		return
	}
	limit := p.dim(p.subst(s.Limit)).s
	if x.prec < primary || strings.ContainsAny(x.s, "([") {
		name := p.names.short("index")
		p.add(line("%s := %s", name, x.s))
		x = atom(name)
	}
	if l, ok := p.source(s.X).(*kernel.Load); ok && l.Buf.Kind == kernel.Input && len(l.At.Dyn) == 0 {
		p.failing(outside(x.s, limit), p.indexError(s, l, x.s, limit))
		return
	}
	p.failing(outside(x.s, limit), fmt.Sprintf(`&rt.CheckError{Model: %q, Source: %q, Message: fmt.Sprintf("%%s is %%d, must be in 0..%%d", %q, %s, %s)}`,
		p.w.owner, where(s.Span), s.What, x.s, limit))
}

// source is what x reads where it is not a number in the place of that.
func (p *printer) source(x kernel.Expr) kernel.Expr {
	switch y := x.(type) {
	case *kernel.Ref:
		if let := p.lets[y.Name]; let != nil {
			return p.source(let)
		}
	case *kernel.Select:
		if _, number := y.Y.(*kernel.Lit); number {
			return p.source(y.X)
		}
	}
	return x
}

// indexError is the error of an input's element outside its range.
func (p *printer) indexError(s *kernel.Check, l *kernel.Load, x, limit string) string {
	position := ""
	if len(l.Buf.Shape) > 0 {
		position = fmt.Sprintf("Position: []int{%s}, ", p.dim(p.subst(l.At.Base)).s)
	}
	err := fmt.Sprintf("&rt.IndexError{Model: %q, Input: %q, %sValue: int(%s), Limit: %s, Note: %q}",
		p.w.owner, l.Buf.Name, position, x, limit, where(s.Span)+": "+sourceLine(s.Span))
	if len(l.Buf.Shape) < 2 {
		return err
	}
	for _, d := range l.Buf.Shape {
		err += ", " + p.dim(d).s
	}
	return "rt.AtShape(" + err + ")"
}

func outside(x, limit string) string { return fmt.Sprintf("uint(%s) >= uint(%s)", x, limit) }

// failing ends the piece with an error where cond holds.
func (p *printer) failing(cond, err string) {
	p.f.need["fail"] = true
	first := "lo"
	if p.isUnit {
		first = "0"
	}
	p.add(block("if "+cond,
		line("w.failure.set(%s, %s)", first, err), line("return")))
}

func (p *printer) matmul(s *kernel.MatMul) {
	d := func(x shape.Dim) string { return p.dim(p.subst(x)).s }
	operand := func(o kernel.Operand) string {
		return fmt.Sprintf("%s, %s, %s, %s", p.buf(o.Buf), d(o.At), d(o.Strides[0]), d(o.Strides[1]))
	}
	if s.Runs != nil {
		p.matmulRuns(s, d)
		return
	}
	keep := p.f.width + "("
	if n, ok := p.w.kept[s]; ok {
		keep = fmt.Sprintf("Kept%s(&w.kept[%d], %s, ", p.f.width, n, d(s.Again))
	}
	p.add(line("rt.MatMul%s%s, %s, %s, %s, %s, %s, %v)", keep,
		operand(s.C), operand(s.A), operand(s.B), d(s.M), d(s.N), d(s.K), s.Add))
}

func (p *printer) matmulRuns(s *kernel.MatMul, d func(shape.Dim) string) {
	operand := func(o kernel.Operand, outer ...shape.Dim) string {
		out := p.buf(o.Buf) + ", " + d(o.At)
		for _, x := range append(outer, o.Strides[:]...) {
			out += ", " + d(x)
		}
		return out
	}
	r := s.Runs
	a := fmt.Sprintf("%s, %s, %s, %s, %s, %s", p.buf(s.A.Buf), d(s.A.At), d(r.ARow), d(s.A.Strides[0]), d(r.AGroup), d(s.A.Strides[1]))
	p.add(line("rt.MatMulRuns%s(%s, %s, %s, %s, %s, %s, %s, %s, %v)", p.f.width,
		operand(s.C, r.CRow), a, operand(s.B, r.BGroup), d(r.Rows), d(s.M), d(s.N), d(r.Groups), d(s.K), s.Add))
}

func (p *printer) callStmt(s *kernel.Call) {
	width := "Int"
	var args, ints []string
	for _, a := range s.Args {
		if a.Buf.Elem == graph.Real {
			width = p.f.width
		}
		args = append(args, p.slice(a))
	}
	for _, d := range s.Ints {
		ints = append(ints, p.dim(p.subst(d)).s)
	}
	if s.Variadic {
		args, ints = ints, args
	}
	args = append(args, ints...)
	p.add(line("rt.%s%s(%s)", s.Func, width, strings.Join(args, ", ")))
}

// slice prints part of a buffer.
func (p *printer) slice(s kernel.Slice) string {
	at, n := p.subst(s.At), p.subst(s.Len)
	switch {
	case at.Is(0) && n.Equal(s.Buf.Root().Len()):
		return p.buf(s.Buf)
	case at.Is(0):
		return fmt.Sprintf("%s[:%s]", p.buf(s.Buf), p.dim(n).s)
	}
	return fmt.Sprintf("%s[%s:][:%s]", p.buf(s.Buf), p.dim(at).s, p.dim(n).s)
}

// note prints where the next statement comes from.
func (p *printer) note(n kernel.Note) {
	if text := NoteText(n); text != "" {
		p.add(comment("%s", text))
	}
}

// NoteText says where something comes from: file, line, rule and source text.
func NoteText(n kernel.Note) string {
	at, rule := where(n.Span), n.Rule
	for _, hidden := range []string{"view", "mark", "reshape", "powi", "powd"} {
		if rule == "adjoint of "+hidden {
			rule = "adjoint"
		}
	}
	switch {
	case rule == "" && declaration.MatchString(sourceLine(n.Span)):
		return ""
	case at == "":
		return rule
	case rule == "":
		return at + ": " + sourceLine(n.Span)
	}
	return at + ": " + rule + " in " + sourceLine(n.Span)
}

// declaration is a line that computes nothing.
var declaration = regexp.MustCompile(`^(param|input|state|dim|const)\b`)

// where is the file and line of a span, "" where there is none.
func where(s diag.Span) string {
	if s.IsZero() {
		return ""
	}
	l, _ := s.Pos()
	return fmt.Sprintf("%s:%d", filepath.Base(s.File.Name), l)
}

// sourceLine is the text of the line a span begins on.
func sourceLine(s diag.Span) string {
	if s.IsZero() {
		return ""
	}
	l, _ := s.Pos()
	a, b := s.File.LineBounds(l)
	text, _, _ := strings.Cut(string(s.File.Src[a:b]), "//")
	return strings.Join(strings.Fields(text), " ")
}

// notes prints the sources of a whole kernel, each once.
func notes(k *kernel.Kernel) []jen.Code {
	var out []jen.Code
	seen := map[string]bool{}
	for _, n := range k.Notes {
		if t := NoteText(n); t != "" && !seen[t] {
			seen[t] = true
			out = append(out, comment("%s", t))
		}
	}
	return out
}
