package emit

import (
	"fmt"
	"maps"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph/shape"
)

// leaf is an innermost loop. Its printed variable runs from 0 to n; what it
// reads and writes one after the other is cut to rows of n elements before it.
type leaf struct {
	name    string // of the printed variable, with its dot
	n       shape.Dim
	count   string // n, printed
	before  []jen.Code
	rows    map[string]string // buffer and place → row
	order   []string
	first   string                  // the first row stored to
	values  map[string]string       // what does not change in the loop → variable
	stored  map[*kernel.Buffer]bool // buffers written in the loop
	inside  map[string]bool         // lets and accumulators of the loop
	nonzero bool                    // runs at least once
}

var loopNames = []string{"i", "j", "k", "l", "m", "n", "o", "q", "r", "s", "u", "v"}

// loopStmt prints a loop.
func (p *printer) loopStmt(l *kernel.Loop) {
	if l.Bounded() {
		l = p.ends(l)
	} else {
		l = p.cut(l)
	}
	if !p.vectorLoop(l) {
		p.portableLoop(l)
	}
}

// ends computes where a loop bounded by data begins and ends, and returns it as one
// between these two places, the second not before the first.
func (p *printer) ends(l *kernel.Loop) *kernel.Loop {
	from, to := p.names.short("from"), p.names.short("to")
	p.add(line("%s := %s", from, p.most("max", l.Lo, l.From)))
	p.add(line("%s := max(%s, %s)", to, from, p.most("min", l.Hi, l.To)))
	out := *l
	out.From, out.To = nil, nil
	out.Lo, out.Hi = shape.Var("."+from), shape.Var("."+to)
	return &out
}

// cut gives names to the ends of a part of a piece's rows.
func (p *printer) cut(l *kernel.Loop) *kernel.Loop {
	out := *l
	for i, end := range []*shape.Dim{&out.Lo, &out.Hi} {
		if d := p.subst(*end); ofPiece(d) {
			*end = shape.Var("." + p.end(p.dim(d).s, []string{"from", "to"}[i]))
		}
	}
	return &out
}

// end gives a place a name, the one it has in the blocks around if there is one.
func (p *printer) end(text, want string) string {
	name, ok := p.known[text]
	if !ok {
		name = p.names.short(want)
		p.add(line("%s := %s", name, text))
		p.known[text] = name
	}
	return name
}

// ofPiece reports the lesser or greater of two places one of which depends on
// where a piece begins or ends.
func ofPiece(d shape.Dim) bool {
	for _, s := range d.Syms() {
		for _, v := range shape.Of(s).Vars() {
			if (s.Fn == "min" || s.Fn == "max") && (v == ".lo" || v == ".hi") {
				return true
			}
		}
	}
	return false
}

// most prints the largest or smallest of a dim and bounds.
func (p *printer) most(name string, d shape.Dim, bs []kernel.Bound) string {
	parts := []string{p.dim(p.subst(d)).s}
	for _, b := range bs {
		x := p.expr(b.X)
		e := atom(p.asInt(b.X, x))
		if !b.Plus.Is(0) {
			e = infix("+", e, p.dim(p.subst(b.Plus)))
		}
		parts = append(parts, e.s)
	}
	return call(name, parts...).s
}

// portableLoop prints a loop in Go.
func (p *printer) portableLoop(l *kernel.Loop) {
	lo, hi := p.subst(l.Lo), p.subst(l.Hi)
	outerLoop, outerGuards, outerBranches := p.loop, p.guards, p.branches
	p.loop, p.guards, p.branches = nil, 0, 0
	before := len(p.depth)
	given := len(p.names.given)
	variable := p.names.short(loopNames[min(before-2, len(loopNames)-1)])
	name := "." + variable
	p.depth[name], p.used[name] = before, false
	if isLeaf(l.Body) {
		p.leafLoop(l, lo, hi, name)
	} else if p.env[l.Var] = shape.Var(name); !p.searchLoop(l, hi, name) {
		body := p.block(func() { p.stmts(l.Body) })
		p.add(p.header(name, lo, hi, body))
	}
	delete(p.depth, name)
	p.names.drop(given)
	delete(p.env, l.Var)
	p.loop, p.guards, p.branches = outerLoop, outerGuards, outerBranches
}

func (p *printer) header(name string, lo, hi shape.Dim, body []jen.Code) jen.Code {
	switch {
	case lo.Is(0) && !p.used[name]:
		return block("for range "+p.dim(hi).s, body...)
	case lo.Is(0):
		return block(fmt.Sprintf("for %s := range %s", name[1:], p.dim(hi).s), body...)
	}
	v := name[1:]
	return block(fmt.Sprintf("for %s := %s; %s < %s; %s++", v, p.dim(lo).s, v, p.dim(hi).s, v), body...)
}

// leafLoop prints an innermost loop, its rows before it. Where the range may be
// the wrong way round, which rows would trip over, an if stands around both.
func (p *printer) leafLoop(l *kernel.Loop, lo, hi shape.Dim, name string) {
	n := hi.Sub(lo)
	leaf := &leaf{
		name: name, n: n, rows: map[string]string{}, values: map[string]string{},
		stored: storedIn(l.Body), inside: declaredIn(l.Body), nonzero: p.atLeast(n, 1),
	}
	p.loop = leaf
	known := maps.Clone(p.known)
	leaf.count = p.countOf(n)
	p.env[l.Var] = shape.Var(name).Add(lo)
	body := p.block(func() { p.stmts(l.Body) })
	p.loop = nil
	loop := p.leafHeader(leaf, body)
	if p.atLeast(n, 0) || len(leaf.before) == 0 {
		p.out = append(append(p.out, leaf.before...), loop)
		return
	}
	p.known = known
	p.add(block(fmt.Sprintf("if %s < %s", p.dim(lo).s, p.dim(hi).at(addPrec)), append(leaf.before, loop)...))
}

// countOf prints the number of iterations; a long one gets a name.
func (p *printer) countOf(n shape.Dim) string {
	e := p.dim(n)
	if e.prec == primary {
		return e.s
	}
	return p.named(e.s, "n")
}

// named gives a value made of dims a name before the innermost loop, the one it
// has in the blocks around if there is one.
func (p *printer) named(text, want string) string {
	if have, ok := p.known[text]; ok {
		return have
	}
	name := p.names.short(want)
	p.loop.before = append(p.loop.before, line("%s := %s", name, text))
	p.known[text] = name
	return name
}

func (p *printer) leafHeader(l *leaf, body []jen.Code) jen.Code {
	over := l.count
	if l.first != "" {
		over = l.first
	} else if len(l.order) > 0 {
		over = l.order[0]
	}
	if !p.used[l.name] {
		return block("for range "+over, body...)
	}
	return block(fmt.Sprintf("for %s := range %s", l.name[1:], over), body...)
}

// atLeast reports whether n ≥ c is certain: named dims are at least 1, a piece
// has rows, loop variables may be 0.
func (p *printer) atLeast(n shape.Dim, c int64) bool {
	if n.Equal(shape.Var(".hi").Sub(shape.Var(".lo"))) {
		return c <= 1
	}
	shifted := n.Subst(func(s *shape.Sym) (shape.Dim, bool) {
		return shape.Of(s).AddInt(-1), s.Fn == "" && strings.HasPrefix(s.Name, ".")
	})
	return shape.Facts{}.NonNeg(shifted.AddInt(-c)) == shape.Yes
}

// isLeaf reports a body without loops and without statements that are loops.
func isLeaf(body []kernel.Stmt) bool {
	for _, s := range body {
		switch s := s.(type) {
		case *kernel.Loop, *kernel.MatMul, *kernel.Call, *kernel.Zero, *kernel.Fill:
			return false
		case *kernel.If:
			if !isLeaf(s.Then) || !isLeaf(s.Else) {
				return false
			}
		}
	}
	return true
}

// storedIn lists the memory that a body writes.
func storedIn(body []kernel.Stmt) map[*kernel.Buffer]bool {
	out := map[*kernel.Buffer]bool{}
	kernel.Walk(body, func(s kernel.Stmt) {
		_, writes := kernel.Touched(s)
		for _, b := range writes {
			out[b.Root()] = true
		}
	})
	return out
}

// declaredIn lists the scalars that a body declares or changes.
func declaredIn(body []kernel.Stmt) map[string]bool {
	out := map[string]bool{}
	kernel.Walk(body, func(s kernel.Stmt) {
		switch s := s.(type) {
		case *kernel.Let:
			out[s.Name] = true
		case *kernel.Accumulator:
			out[s.Name] = true
		case *kernel.Set:
			out[s.Name] = true
		}
	})
	return out
}

// load prints a read.
func (p *printer) load(x *kernel.Load) string {
	if v, ok := p.direct[x.Buf]; ok {
		if v.scalar() {
			return v.name
		}
		return v.name + "[" + p.dim(x.At.Base).s + "]"
	}
	if x.Buf.Kind == kernel.Scalar {
		return p.buf(x.Buf)
	}
	l := p.loop
	if l != nil && p.certain(x.At) && l.nonzero && !p.varies(x) {
		return p.hoisted(x)
	}
	return p.place(x.Buf, x.At, false)
}

// certain reports a place that is inside its buffer whether or not the
// statement runs: one that does not come from data, outside of guarded reads.
func (p *printer) certain(at kernel.Addr) bool {
	return p.guards == 0 && (p.branches == 0 || len(at.Dyn) == 0)
}

// varies reports whether a value may change from one iteration of the innermost
// loop to the next.
func (p *printer) varies(x kernel.Expr) bool {
	l, found := p.loop, false
	visit := func(x kernel.Expr) {
		switch x := x.(type) {
		case *kernel.Ref:
			found = found || l.inside[x.Name]
		case *kernel.Load:
			found = found || l.stored[x.Buf.Root()] || p.mentions(x.At.Base)
			for _, d := range x.At.Dyn {
				found = found || p.mentions(d.Stride)
			}
		case *kernel.IndexExpr:
			found = found || p.mentions(x.E)
		case *kernel.Guard:
			for _, c := range x.Conds {
				found = found || p.mentions(c.E)
			}
		}
	}
	walkExpr(x, visit)
	return found
}

// mentions reports whether a dim depends on the variable of the innermost loop.
func (p *printer) mentions(d shape.Dim) bool {
	for _, v := range p.subst(d).Vars() {
		if v == p.loop.name {
			return true
		}
	}
	return false
}

// place prints an element of a buffer: of a row cut before the innermost loop
// where the elements follow each other and are certainly there.
func (p *printer) place(b *kernel.Buffer, at kernel.Addr, write bool) string {
	l := p.loop
	if l == nil || !p.certain(at) {
		return p.indexed(b, at)
	}
	base := p.subst(at.Base)
	coef, rest, ok := base.Linear(symOf(l.name))
	if !ok || !coef.Is(1) || p.dynVaries(at) {
		return p.indexed(b, at)
	}
	row := p.row(b, rest, at.Dyn)
	if write && l.first == "" {
		l.first = row
	}
	p.used[l.name] = true
	return row + "[" + l.name[1:] + "]"
}

func symOf(name string) *shape.Sym { return shape.Var(name).Syms()[0] }

func (p *printer) dynVaries(at kernel.Addr) bool {
	for _, d := range at.Dyn {
		if p.varies(d.X) || p.mentions(d.Stride) {
			return true
		}
	}
	return false
}

// row cuts the elements that the innermost loop runs over, once for each place.
func (p *printer) row(b *kernel.Buffer, start shape.Dim, dyn []kernel.Dyn) string {
	l := p.loop
	buf := p.buf(b)
	var from string
	outside := p.outside(func() { from = p.address(start, dyn) })
	key := buf + "@" + from
	if have, ok := l.rows[key]; ok {
		return have
	}
	text := fmt.Sprintf("%s[%s:][:%s]", buf, from, l.count)
	if from == "0" {
		text = fmt.Sprintf("%s[:%s]", buf, l.count)
	}
	l.before = append(l.before, outside...)
	var row string
	if len(dyn) == 0 {
		row = p.named(text, p.w.goName(b)+"Row")
	} else {
		row = p.names.short(p.w.goName(b) + "Row")
		l.before = append(l.before, line("%s := %s", row, text))
	}
	l.rows[key] = row
	l.order = append(l.order, row)
	return row
}

// outside prints something as before the innermost loop.
func (p *printer) outside(print func()) []jen.Code {
	loop, out := p.loop, p.out
	p.loop, p.out = nil, nil
	print()
	inner := p.out
	p.loop, p.out = loop, out
	return inner
}

// indexed prints an element by its full index; what does not change in the
// innermost loop is computed before it.
func (p *printer) indexed(b *kernel.Buffer, at kernel.Addr) string {
	l := p.loop
	base := p.subst(at.Base)
	if l != nil && len(at.Dyn) == 0 {
		coef, rest, ok := base.Linear(symOf(l.name))
		if ok && !coef.Is(0) && !rest.Is(0) && len(rest.Syms()) > 0 {
			name := p.named(p.dim(rest).s, p.w.goName(b)+"At")
			step := p.dim(coef.Mul(shape.Var(l.name)))
			return p.buf(b) + "[" + infix("+", atom(name), step).s + "]"
		}
	}
	return p.buf(b) + "[" + p.address(base, at.Dyn) + "]"
}

// address prints a place in a buffer.
func (p *printer) address(base shape.Dim, dyn []kernel.Dyn) string {
	var out expr
	for _, d := range dyn {
		term := call("int", p.expr(d.X).s)
		if stride := p.dim(p.subst(d.Stride)); stride.s != "1" {
			term = infix("*", stride, term)
		}
		if out.s == "" {
			out = term
		} else {
			out = infix("+", out, term)
		}
	}
	switch {
	case out.s == "":
		return p.dim(base).s
	case base.Is(0):
		return out.s
	}
	return infix("+", out, p.dim(base)).s
}

// hoisted reads an element that does not change in the innermost loop before it.
func (p *printer) hoisted(x *kernel.Load) string {
	l := p.loop
	var text string
	outside := p.outside(func() { text = p.indexed(x.Buf, x.At) })
	if have, ok := l.values[text]; ok {
		return have
	}
	name := p.names.short(p.w.goName(x.Buf) + "V")
	l.before = append(append(l.before, outside...), line("%s := %s", name, text))
	l.values[text] = name
	return name
}
