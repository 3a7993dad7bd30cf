package block

import (
	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph/shape"
)

// access is a read or write of memory by a statement, of the elements at, for all
// values of the variables of loops inside the statement and of the indices of a
// product.
type access struct {
	buf   *kernel.Buffer
	at    shape.Dim
	spans []span
	write bool
	clear bool // a row set to 0
	wild  bool // anywhere
}

// span is a variable that runs over 0..ext, or a part of it, unless it is odd and may
// begin below.
type span struct {
	name string
	ext  shape.Dim
	odd  bool
	end  shape.Dim // as it is said, in terms of the loops around
}

// The indices of a product, and the place in a slice.
const row, col, inner, along = ".m", ".n", ".k", ".x"

// accesses lists those of s.
func accesses(s kernel.Stmt, around []span) (out []access) {
	note := func(b *kernel.Buffer, at shape.Dim, write, wild bool, more ...span) {
		out = append(out, access{buf: b.Root(), at: at, spans: append(around[:len(around):len(around)], more...), write: write, wild: wild})
	}
	var load func(x kernel.Expr)
	load = func(x kernel.Expr) {
		if l, ok := x.(*kernel.Load); ok {
			note(l.Buf, l.At.Base, false, len(l.At.Dyn) > 0)
		}
		for _, a := range kernel.Operands(x) {
			load(a)
		}
	}
	for _, x := range kernel.Exprs(s) {
		load(*x)
	}
	switch s := s.(type) {
	case *kernel.Loop:
		v := span{name: s.Var, ext: upper(s.Hi, around), odd: (shape.Facts{}).NonNeg(s.Lo) != shape.Yes, end: s.Hi}
		around = append(around[:len(around):len(around)], v)
	case *kernel.Store:
		note(s.Buf, s.At.Base, true, len(s.At.Dyn) > 0)
		if s.Add {
			note(s.Buf, s.At.Base, false, len(s.At.Dyn) > 0)
		}
	case *kernel.MatMul:
		m, n, k := span{name: row, ext: s.M}, span{name: col, ext: s.N}, span{name: inner, ext: s.K}
		wild := s.Runs != nil
		note(s.A.Buf, spread(s.A, row, inner), false, wild, m, k)
		note(s.B.Buf, spread(s.B, inner, col), false, wild, k, n)
		note(s.C.Buf, spread(s.C, row, col), true, wild, m, n)
		if s.Add {
			note(s.C.Buf, spread(s.C, row, col), false, wild, m, n)
		}
	case *kernel.Zero:
		note(s.Buf, s.At.Add(shape.Var(along)), true, false, span{name: along, ext: s.Len})
		out[len(out)-1].clear = true
	default:
		reads, writes := kernel.Touched(s)
		for _, b := range reads {
			note(b, shape.Dim{}, false, true)
		}
		for _, b := range writes {
			note(b, shape.Dim{}, true, true)
		}
	}
	for _, b := range kernel.Blocks(s) {
		for _, in := range *b {
			out = append(out, accesses(in, around)...)
		}
	}
	return out
}

func spread(o kernel.Operand, i, j string) shape.Dim {
	return o.At.Add(o.Strides[0].Mul(shape.Var(i))).Add(o.Strides[1].Mul(shape.Var(j)))
}

// upper is an end of a range that holds for all values of the variables around.
func upper(d shape.Dim, around []span) shape.Dim {
	for i := len(around) - 1; i >= 0; i-- {
		d = d.Subst(func(s *shape.Sym) (shape.Dim, bool) {
			return around[i].ext.AddInt(-1), s.Fn == "" && s.Name == around[i].name && rises(d, s)
		})
	}
	return d
}

// rises reports whether d does not fall when s rises.
func rises(d shape.Dim, s *shape.Sym) bool {
	coef, _, ok := d.Linear(s)
	if ok {
		return (shape.Facts{}).NonNeg(coef) == shape.Yes
	}
	for _, a := range d.Syms() {
		if a.Fn == "" || !shape.Of(a).Mentions(s.Name) {
			continue
		}
		coef, rest, ok := d.Linear(a)
		if !ok || a.Fn != "min" && a.Fn != "max" || (shape.Facts{}).NonNeg(coef) != shape.Yes || rest.Mentions(s.Name) {
			return false
		}
		return rises(a.Args[0], s) && rises(a.Args[1], s)
	}
	return true
}

// digit is how the rounds of a loop divide memory: round v has the elements
// fixed + step·v + [0, step), and the like at a distance of whole loops.
type digit struct {
	step, fixed shape.Dim
	apart       bool // several such parts
}

// digit tells how the rounds of a loop over v of ext rounds divide what a reads or
// writes.
func (a access) digit(v string, ext shape.Dim) (d digit, ok bool) {
	step, rest, linear := a.at.Linear(shape.VarSym(v))
	if a.wild || !linear || step.Is(0) {
		return d, false
	}
	d.step = step
	low, whole := shape.Dim{}, step.Mul(ext)
	for _, s := range a.spans {
		coef, others, linear := rest.Linear(shape.VarSym(s.name))
		switch {
		case s.name == v:
			continue
		case !linear:
			return d, false
		case coef.Is(0):
			continue
		}
		if _, high := coef.DivExact(whole); high && !s.odd {
			d.apart = true
		} else if !s.odd && (shape.Facts{}).NonNeg(coef) == shape.Yes {
			low = low.Add(coef.Mul(s.ext.AddInt(-1)))
		} else {
			return d, false
		}
		rest = others
	}
	d.fixed = rest
	for _, s := range a.spans {
		if s.name != v && rest.Mentions(s.name) {
			return d, false
		}
	}
	return d, (shape.Facts{}).Less(low, step) == shape.Yes
}

// agrees reports whether different rounds have nothing in common.
func (d digit) agrees(o digit, ext shape.Dim) bool {
	if !d.step.Equal(o.step) {
		return false
	}
	by := d.fixed.Sub(o.fixed)
	_, whole := by.DivExact(d.step.Mul(ext))
	return by.Is(0) || whole
}
