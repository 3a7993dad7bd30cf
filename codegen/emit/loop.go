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
	first   string            // the first row stored to
	values  map[string]string // what does not change in the loop → variable
	stored  []*kernel.Buffer  // buffers written in the loop
	inside  map[string]bool   // lets and accumulators of the loop
	nonzero bool              // runs at least once
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
		stored: kernel.Written(l.Body), inside: declaredIn(l.Body), nonzero: p.atLeast(n, 1),
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
