package emit

import (
	"fmt"
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph/shape"
)

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
			found = found || slices.Contains(l.stored, x.Buf.Root()) || p.mentions(x.At.Base)
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
