package kernel

import (
	"fmt"

	"github.com/gradgen/gradgen/graph/shape"
)

// Verify checks a program: loop variables and names are used inside their
// scope, arena buffers read after they are written, and every buffer is listed.
func Verify(p *Program) error {
	v := &verifier{listed: map[*Buffer]bool{}, written: map[*Buffer]bool{}}
	names := map[string]bool{}
	for _, b := range p.Buffers {
		if names[b.Name] && (b.Kind == Arena || b.Kind == Own) {
			return fmt.Errorf("internal error in lower: two buffers are called %s", b.Name)
		}
		names[b.Name], v.listed[b] = true, true
		v.written[b] = b.Kind != Arena && b.Kind != Own
	}
	for _, s := range p.Sections {
		v.kernels(s.Kernels)
	}
	for _, r := range p.Results {
		v.check(r.Buffer != nil && v.listed[r.Buffer] && v.written[r.Buffer], "result %s is not written", r.Name)
	}
	return v.err
}

type verifier struct {
	listed, written map[*Buffer]bool
	scope           map[string]bool
	steps           []string // step numbers of the loops around
	err             error
}

func (v *verifier) kernels(ks []*Kernel) {
	for _, k := range ks {
		if k.Repeat != nil {
			v.steps = append(v.steps, k.Repeat.Var)
		}
		reads, writes := k.Controls()
		for _, in := range k.Inside() {
			v.kernels(in)
		}
		for _, b := range reads {
			v.read(b)
		}
		for _, b := range writes {
			v.written[b] = true
		}
		if k.Repeat != nil {
			v.steps = v.steps[:len(v.steps)-1]
		}
		v.kernel(k)
	}
}

func (v *verifier) kernel(k *Kernel) {
	v.scope = map[string]bool{}
	for _, s := range v.steps {
		v.scope[s] = true
	}
	if !k.Rows.Is(0) {
		v.scope[".lo"], v.scope[".hi"] = true, true
		v.check(k.Grain > 0, "no grain")
	}
	before := v.err
	v.block(k.Body)
	if before == nil && v.err != nil {
		v.err = fmt.Errorf("internal error in lower: kernel %s: %w", k.Name, v.err)
	}
}

func (v *verifier) check(ok bool, format string, args ...any) {
	if !ok && v.err == nil {
		v.err = fmt.Errorf(format, args...)
	}
}

func (v *verifier) block(body []Stmt) {
	var added []string
	for _, s := range body {
		added = append(added, v.stmt(s)...)
	}
	for _, n := range added {
		delete(v.scope, n)
	}
}

// stmt checks s and returns the names it adds to its block.
func (v *verifier) stmt(s Stmt) []string {
	for _, x := range Exprs(s) {
		v.expr(*x)
	}
	switch s := s.(type) {
	case *Loop:
		v.dims(s.Lo, s.Hi)
		for _, b := range append(s.From[:len(s.From):len(s.From)], s.To...) {
			v.dims(b.Plus)
		}
		v.check(!v.scope[s.Var], "loop variable %s is in use", s.Var)
		v.scope[s.Var] = true
		v.block(s.Body)
		delete(v.scope, s.Var)
	case *Let:
		return v.declare(s.Name)
	case *Accumulator:
		return v.declare(s.Name)
	case *Set:
		v.check(v.scope[s.Name], "%s is set outside its scope", s.Name)
	case *Store:
		v.dims(s.At.Base)
	case *If:
		v.block(s.Then)
		v.block(s.Else)
	case *MatMul:
		v.dims(s.M, s.N, s.K, s.A.At, s.B.At, s.C.At)
		for _, d := range s.Runs.Dims() {
			v.dims(*d)
		}
	case *Run:
		v.run(s)
	}
	v.touched(s)
	return nil
}

// run wants what is handed over to be as long as what it is bound to.
func (v *verifier) run(s *Run) {
	bound := func(list []Slice, to []*Buffer) {
		v.check(len(list) == len(to), "section %s is run with %d for %d", s.Section.Name, len(list), len(to))
		for i, a := range list {
			v.dims(a.At)
			v.check(i < len(to) && a.Len.Equal(to[i].Len()) && a.Buf.Elem == to[i].Elem, "section %s is run with another %s", s.Section.Name, a.Buf.Name)
		}
	}
	bound(s.Args, s.Section.Params)
	bound(s.To, s.Section.Yields)
}

func (v *verifier) touched(s Stmt) {
	reads, writes := Touched(s)
	for _, b := range reads {
		v.read(b)
	}
	for _, b := range writes {
		v.check(v.listed[b], "buffer %s is not listed", b.Name)
		v.written[b] = true
	}
}

func (v *verifier) read(b *Buffer) {
	v.check(v.listed[b], "buffer %s is not listed", b.Name)
	v.check(v.written[b], "buffer %s is read before it is written", b.Name)
}

func (v *verifier) declare(name string) []string {
	v.check(!v.scope[name], "%s is declared twice", name)
	v.scope[name] = true
	return []string{name}
}

func (v *verifier) dims(ds ...shape.Dim) {
	for _, d := range ds {
		for _, n := range d.Vars() {
			v.check(n[0] != '.' || v.scope[n] || RunTime(n), "loop variable %s is used outside its loop", n)
		}
	}
}

func (v *verifier) expr(e Expr) {
	switch e := e.(type) {
	case *Load:
		v.read(e.Buf)
		v.dims(e.At.Base)
	case *Ref:
		v.check(v.scope[e.Name], "%s is used outside its scope", e.Name)
	case *IndexExpr:
		v.dims(e.E)
	case *Guard:
		for _, c := range e.Conds {
			v.dims(c.E)
		}
	}
	for _, a := range Operands(e) {
		v.expr(a)
	}
}
