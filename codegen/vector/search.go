package vector

import (
	"fmt"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// BuildSearch makes a function for a loop that does something where a condition
// holds and nothing elsewhere. From
//
//	for i1 in 0..100
//	    if eq(s[i1], m)
//	        ...
//
// comes a function that is told how many steps are left and gives the number of
// those before the next one at which the condition holds: all, if there is none. Its
// streams begin at the step that the loop's variable says.
func BuildSearch(l *kernel.Loop, wide bool) (*Func, bool) {
	test, ok := rareStep(l)
	if !ok {
		return nil, false
	}
	step := shape.Var(l.Var + ".next")
	test = &kernel.If{Cond: test.Cond}
	kernel.MapDims(test, func(d shape.Dim) shape.Dim {
		return d.Subst(func(s *shape.Sym) (shape.Dim, bool) { return step, s.Fn == "" && s.Name == l.Var })
	})
	next := &kernel.Loop{Var: l.Var + ".next", Lo: shape.Var(l.Var), Hi: l.Hi, Body: []kernel.Stmt{test}}
	b := newBuilder(next, wide)
	b.f.Search = true
	b.searching(next, test.Cond)
	if !b.ok() {
		return nil, false
	}
	b.f.finish()
	return b.f, b.f.size() <= maxValues && !b.f.crowded()
}

// rareStep is the statement that a loop consists of, if it is a choice that leads to
// further loops or to nothing.
func rareStep(l *kernel.Loop) (*kernel.If, bool) {
	if l.Bounded() || len(l.Body) != 1 {
		return nil, false
	}
	test, ok := l.Body[0].(*kernel.If)
	if !ok || len(test.Else) > 0 {
		return nil, false
	}
	loops := false
	for _, s := range test.Then {
		_, loop := s.(*kernel.Loop)
		loops = loops || loop
	}
	return test, loops
}

// searching builds the vector loop of a search.
func (b *builder) searching(l *kernel.Loop, cond kernel.Expr) {
	b.uniformPart()
	b.col = l.Var
	b.lo[l.Var], b.hi[l.Var] = l.Lo, l.Hi
	b.f.Parts = append(b.f.Parts, Part{Loop: true, Count: l.Hi.Sub(l.Lo)})
	if elemOf(cond) != graph.Bool {
		b.refuse("the condition is no bool")
	}
	mask := b.expr(cond)
	if !b.refused && b.level[mask] < 2 {
		b.refuse("the condition is the same in all steps")
	}
	b.emit(Value{Op: Stop, A: [3]V{mask}})
	b.col = ""
}

// stop ends the function at the first lane that is set.
func (r *run) stop(v Value) {
	mask := r.register(v.A[0])
	if r.masked {
		t := y(r.free())
		r.p.line("%s %s, Y15, %s", r.p.ps("VAND"), mask, t)
		mask = t
	}
	r.p.line("%s %s, DX", r.p.ps("VMOVMSK"), mask)
	r.p.line("TESTL DX, DX")
	r.p.line("JNZ found%d", r.copy)
	r.p.found = max(r.p.found, r.copy+1)
}

// searched prints what a search returns: the number of all steps, or that of the
// steps before the one that was found.
func (p *printer) searched() {
	p.line("MOVQ %s, AX", p.sig.count(p.f.Parts[1].Count))
	p.line("MOVQ AX, %s", p.sig.results[0])
	p.line("VZEROUPPER")
	p.line("RET")
	for c := range p.found {
		fmt.Fprintf(&p.out, "found%d:\n", c)
		p.line("BSFL DX, DX")
		p.line("LEAQ %d(AX)(DX*1), AX", c*p.lanes())
		p.line("MOVQ AX, %s", p.sig.results[0])
		p.line("VZEROUPPER")
		p.line("RET")
	}
}
