package emit

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/diag"
)

// stmts prints statements into the current block.
func (p *printer) stmts(body []kernel.Stmt) {
	for _, s := range body {
		p.stmt(s)
	}
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
	if p.read[s.Name] {
		x := p.typed(s.X)
		p.add(line("%s := %s", p.declare(s.Name), x))
	}
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
	p.add(line("%s = %s", p.ref(s.Name), p.expr(s.X).s))
}

func (p *printer) store(s *kernel.Store) {
	x := p.expr(s.X).s
	to := p.place(s.Buf, s.At, true)
	if s.Add {
		p.add(line("%s += %s", to, x))
	} else {
		p.add(line("%s = %s", to, x))
	}
}

func (p *printer) ifStmt(s *kernel.If) {
	cond := p.expr(s.Cond).s
	then := p.conditional(func() { p.stmts(s.Then) })
	if len(s.Else) == 0 {
		p.add(block("if "+cond, then...))
		return
	}
	p.add(block("if "+cond, then...).Else().Block(p.conditional(func() { p.stmts(s.Else) })...))
}

// check prints a test that ends the piece with an error. One of an input's own
// elements names the input and the place.
func (p *printer) check(s *kernel.Check) {
	limit := p.dim(p.subst(s.Limit)).s
	x := p.names.short("x")
	at := ""
	if l, ok := s.X.(*kernel.Load); ok && l.Buf.Kind == kernel.Input && len(l.At.Dyn) == 0 {
		at = p.dim(p.subst(l.At.Base)).s
		p.indexCheck(s, l.Buf, x, at, limit)
		return
	}
	p.add(line("%s := %s", x, p.expr(s.X).s))
	msg := fmt.Sprintf(`&rt.CheckError{Model: %q, Source: %q, Message: fmt.Sprintf("%%s is %%d, must be in 0..%%d", %q, %s, %s)}`,
		p.w.owner, where(s.Span), s.What, x, limit)
	p.failing(x, limit, msg)
}

func (p *printer) indexCheck(s *kernel.Check, in *kernel.Buffer, x, at, limit string) {
	p.add(line("%s := %s", x, p.expr(s.X).s))
	exts := make([]string, len(in.Shape))
	for k, d := range in.Shape {
		exts[k] = p.dim(d).s
	}
	msg := fmt.Sprintf("&rt.IndexError{Model: %q, Input: %q, Position: []int{%s}, Value: int(%s), Limit: %s, Note: %q}",
		p.w.owner, in.Name, at, x, limit, s.What)
	if len(exts) > 1 {
		msg = fmt.Sprintf("rt.AtShape(%s, %s)", msg, strings.Join(exts, ", "))
	} else if len(exts) == 0 {
		msg = strings.Replace(msg, "Position: []int{"+at+"}, ", "", 1)
	}
	p.failing(x, limit, msg)
}

func (p *printer) failing(x, limit, err string) {
	p.f.need["fail"] = true
	first := "lo"
	if p.isUnit {
		first = "0"
	}
	p.add(block(fmt.Sprintf("if uint(%s) >= uint(%s)", x, limit),
		line("w.failure.set(%s, %s)", first, err), line("return")))
}

func (p *printer) matmul(s *kernel.MatMul) {
	d := func(x shape.Dim) string { return p.dim(p.subst(x)).s }
	operand := func(o kernel.Operand) string {
		return fmt.Sprintf("%s, %s, %s, %s", p.buf(o.Buf), d(o.At), d(o.Strides[0]), d(o.Strides[1]))
	}
	p.add(line("rt.MatMul%s(%s, %s, %s, %s, %s, %s, %v)", p.f.width,
		operand(s.C), operand(s.A), operand(s.B), d(s.M), d(s.N), d(s.K), s.Add))
}

func (p *printer) callStmt(s *kernel.Call) {
	width := "32"
	var args []string
	for _, a := range s.Args {
		if a.Buf.Elem == graph.Real {
			width = p.f.width
		}
		args = append(args, p.slice(a))
	}
	for _, d := range s.Ints {
		args = append(args, p.dim(p.subst(d)).s)
	}
	p.add(line("rt.%s%s(%s)", s.Func, width, strings.Join(args, ", ")))
}

// slice prints part of a buffer.
func (p *printer) slice(s kernel.Slice) string {
	at, n := p.subst(s.At), p.subst(s.Len)
	switch {
	case at.Is(0) && n.Equal(root(s.Buf).Len()):
		return p.buf(s.Buf)
	case at.Is(0):
		return fmt.Sprintf("%s[:%s]", p.buf(s.Buf), p.dim(n).s)
	}
	return fmt.Sprintf("%s[%s:][:%s]", p.buf(s.Buf), p.dim(at).s, p.dim(n).s)
}

// note prints where the next statement comes from.
func (p *printer) note(n kernel.Note) {
	if text := noteText(n); text != "" {
		p.add(comment("%s", text))
	}
}

func noteText(n kernel.Note) string {
	at := where(n.Span)
	switch {
	case at == "" && n.Rule == "":
		return ""
	case at == "":
		return n.Rule
	case n.Rule == "":
		return at + ": " + sourceLine(n.Span)
	}
	return at + ": " + n.Rule + " in " + sourceLine(n.Span)
}

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
	l, _ := s.Pos()
	a, b := s.File.LineBounds(l)
	text := strings.TrimSpace(string(s.File.Src[a:b]))
	if i := strings.Index(text, "//"); i > 0 {
		text = strings.TrimSpace(text[:i])
	}
	return text
}

// notes prints the sources of a whole kernel, each once.
func notes(k *kernel.Kernel) []jen.Code {
	var out []jen.Code
	seen := map[string]bool{}
	for _, n := range k.Notes {
		if t := noteText(n); t != "" && !seen[t] {
			seen[t] = true
			out = append(out, comment("%s", t))
		}
	}
	return out
}
