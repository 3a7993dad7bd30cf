package unroll

import (
	"fmt"
	"slices"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/codegen/vector"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// Loop interchange: where the inner loop carries values from step to step and the
// outer one does not,
//
//	for i: s = 0, q = 1; for j: s += x[j]·q, q *= t[i]; y[i] = s
//
// the rows can be taken beside each other. What they carry is kept in memory, for
// some hundred rows at a time, and the loops change places:
//
//	for i: s[i] = 0, q[i] = 1
//	for j: for i: s[i] += x[j]·q[i], q[i] *= t[i]
//	for i: y[i] = s[i]

const (
	tileRows  = 512 // what they carry stays in the nearest cache
	tileSteps = 4   // of the carrying loop in a round
)

// nest is a loop over rows around one that carries values.
type nest struct {
	prog      *kernel.Program
	k         *kernel.Kernel
	around    []*kernel.Loop // loops around the rows
	rows      *kernel.Loop
	steps     *kernel.Loop
	pre, post []kernel.Stmt
	memory    map[string]*kernel.Load // what lets and accumulators are kept in
	kept      []string                // names that have memory of their own, in order
	buffers   []*kernel.Buffer
}

// lanes lets the loops of a kernel change places that gain by it.
func lanes(prog *kernel.Program, k *kernel.Kernel, body []kernel.Stmt, around []*kernel.Loop, wide bool) []kernel.Stmt {
	var out []kernel.Stmt
	for _, s := range body {
		l, ok := s.(*kernel.Loop)
		if !ok {
			out = append(out, s)
			continue
		}
		if _, ok := vector.Build(l, wide); ok {
			out = append(out, s)
			continue
		}
		if n := newNest(prog, k, l, around); n != nil {
			if parts := n.interchanged(wide); parts != nil {
				out = append(out, parts...)
				prog.Buffers = append(prog.Buffers, n.buffers...)
				continue
			}
		}
		l.Body = lanes(prog, k, l.Body, append(slices.Clone(around), l), wide)
		out = append(out, l)
	}
	return out
}

// newNest takes a loop apart; nil where it is none of this kind.
func newNest(prog *kernel.Program, k *kernel.Kernel, l *kernel.Loop, around []*kernel.Loop) *nest {
	n := &nest{prog: prog, k: k, around: around, rows: l, memory: map[string]*kernel.Load{}}
	for _, s := range l.Body {
		switch s := s.(type) {
		case *kernel.Loop:
			if n.steps != nil {
				return nil
			}
			n.steps = s
			continue
		case *kernel.Let, *kernel.Accumulator, *kernel.Store:
		default:
			return nil
		}
		if n.steps == nil {
			n.pre = append(n.pre, s)
		} else {
			n.post = append(n.post, s)
		}
	}
	if n.steps == nil || l.Bounded() || !n.simple() {
		return nil
	}
	return n
}

// simple reports steps that are the same for all rows, made of plain statements one
// of which carries a value, and rows that read nothing which rows write.
func (n *nest) simple() bool {
	j, carries := n.steps, false
	if j.Bounded() || j.Lo.Mentions(n.rows.Var) || j.Hi.Mentions(n.rows.Var) {
		return false
	}
	for _, s := range j.Body {
		switch s := s.(type) {
		case *kernel.Let:
		case *kernel.Set:
			carries = true
			if s.X == nil {
				return false
			}
		case *kernel.Store:
			if len(s.At.Dyn) > 0 || !s.At.Base.Mentions(n.rows.Var) && !s.Add {
				return false
			}
		default:
			return false
		}
	}
	written := kernel.Written(n.rows.Body)
	for b := range usesOfLoads(n.rows.Body) {
		if slices.Contains(written, b) {
			return false
		}
	}
	return carries
}

// usesOfLoads lists the memory that statements load from.
func usesOfLoads(body []kernel.Stmt) map[*kernel.Buffer]bool {
	out := map[*kernel.Buffer]bool{}
	kernel.Walk(body, func(s kernel.Stmt) {
		for _, x := range kernel.Exprs(s) {
			kernel.WalkExpr(*x, func(x kernel.Expr) {
				if l, ok := x.(*kernel.Load); ok {
					out[l.Buf.Root()] = true
				}
			})
		}
	})
	return out
}

// place is where a row keeps something: the shape of the memory, and the element.
func (n *nest) place() (ext []shape.Dim, at shape.Dim, ok bool) {
	i, whole := shape.Var(n.rows.Var), n.rows.Lo.Equal(shape.Var(".lo")) && n.rows.Hi.Equal(shape.Var(".hi"))
	switch {
	case len(n.around) == 0 && whole:
		return []shape.Dim{n.k.Rows}, i, true
	case len(n.around) == 0 && n.k.Rows.Is(0) && n.rows.Lo.Is(0):
		return []shape.Dim{n.rows.Hi}, i, true
	case len(n.around) == 1 && n.rows.Lo.Is(0) && n.around[0].Lo.Equal(shape.Var(".lo")):
		if most, ok := atMost(n.rows.Hi); ok && most <= tileRows {
			return []shape.Dim{n.k.Rows, shape.Const(most)}, shape.Var(n.around[0].Var).Scale(most).Add(i), true
		}
	}
	return nil, shape.Dim{}, false
}

// atMost is a constant that d is not above.
func atMost(d shape.Dim) (int64, bool) {
	if c, ok := d.IsConst(); ok {
		return c, true
	}
	if syms := d.Syms(); len(syms) == 1 && syms[0].Fn == "min" && d.Equal(shape.Of(syms[0])) {
		for _, a := range syms[0].Args {
			if c, ok := a.IsConst(); ok {
				return c, true
			}
		}
	}
	return 0, false
}

// interchanged are the statements instead of the nest; nil where they are no vector
// code.
func (n *nest) interchanged(wide bool) []kernel.Stmt {
	if _, ok := vector.Build(n.steps, wide); ok {
		return nil // it gains nothing
	}
	ext, at, ok := n.place()
	if !ok || !n.keep(ext, at) {
		return nil
	}
	from, to := n.rows.Lo, n.rows.Hi
	tile := &kernel.Loop{Var: n.rows.Var + ".tile", Hi: shape.CeilDiv(to.Sub(from), shape.Const(tileRows))}
	most, known := atMost(to)
	tiled := !known || most > tileRows
	if tiled {
		from = from.Add(shape.Var(tile.Var).Scale(tileRows))
		to = shape.Min(to, from.AddInt(tileRows))
	}
	over := func(body []kernel.Stmt) *kernel.Loop {
		return &kernel.Loop{Var: n.rows.Var, Lo: from, Hi: to, Body: body}
	}
	first, last := n.before(), n.after()
	length := n.steps.Hi.Sub(n.steps.Lo)
	rounds := shape.Div(length, shape.Const(tileSteps))
	main := n.carrying(over, n.steps.Var, shape.Dim{}, rounds, tileSteps)
	rest := n.carrying(over, n.steps.Var, rounds.Scale(tileSteps), length, 1)
	body := []kernel.Stmt{over(first), main, rest}
	if len(last) > 0 {
		body = append(body, over(last))
	}
	for _, s := range body[1:] {
		if _, ok := vector.Build(s.(*kernel.Loop), wide); !ok {
			return nil
		}
	}
	if !tiled {
		return body
	}
	tile.Body = body
	return []kernel.Stmt{tile}
}

// keep gives memory to what rows carry, and to what they compute before the steps and
// use later. It reports whether all of that is reals.
func (n *nest) keep(ext []shape.Dim, at shape.Dim) bool {
	used := map[string]bool{}
	later := append(slices.Clone(n.steps.Body), n.post...)
	kernel.Walk(later, func(s kernel.Stmt) {
		if set, ok := s.(*kernel.Set); ok {
			used[set.Name] = true
		}
		for _, x := range kernel.Exprs(s) {
			mark(*x, used)
		}
	})
	for _, s := range n.pre {
		name, elem := declared(s), graph.Real
		if name == "" || !used[name] {
			continue
		}
		if l, ok := s.(*kernel.Let); ok {
			elem = l.Elem
		}
		if elem != graph.Real {
			return false
		}
		if n.memory[name] = n.there(s, name); n.memory[name] == nil {
			b := &kernel.Buffer{Name: n.fresh(name), Kind: kernel.Arena, Elem: graph.Real, Shape: ext}
			n.buffers, n.kept = append(n.buffers, b), append(n.kept, name)
			n.memory[name] = &kernel.Load{Buf: b, At: kernel.Addr{Base: at}}
		}
	}
	for _, s := range n.steps.Body {
		if set, ok := s.(*kernel.Set); ok && n.memory[set.Name] == nil {
			return false // carried from row to row
		}
	}
	return true
}

// there is where a let comes from memory, or is stored anyway.
func (n *nest) there(s kernel.Stmt, name string) *kernel.Load {
	if l, ok := s.(*kernel.Let); ok {
		if load, ok := l.X.(*kernel.Load); ok && n.passes(load.At) {
			return load
		}
	}
	for _, s := range n.pre {
		if st, ok := s.(*kernel.Store); ok && !st.Add && n.passes(st.At) {
			if r, ok := st.X.(*kernel.Ref); ok && r.Name == name {
				return &kernel.Load{Buf: st.Buf, At: st.At}
			}
		}
	}
	return nil
}

// passes reports a place that goes on by one element from row to row.
func (n *nest) passes(at kernel.Addr) bool {
	coef, _, linear := at.Base.Linear(shape.VarSym(n.rows.Var))
	return linear && coef.Is(1) && len(at.Dyn) == 0
}

// fresh is a name that no buffer has.
func (n *nest) fresh(name string) string {
	has := func(b *kernel.Buffer) bool { return b.Name == name }
	for k, want := 2, name; slices.ContainsFunc(n.prog.Buffers, has) || slices.ContainsFunc(n.buffers, has); k++ {
		name = fmt.Sprintf("%s_%d", want, k)
	}
	return name
}

// before is what rows do before the steps.
func (n *nest) before() []kernel.Stmt {
	var out []kernel.Stmt
	for _, s := range n.pre {
		if a, ok := s.(*kernel.Accumulator); ok {
			s = &kernel.Let{Name: a.Name, Elem: a.Elem, X: a.Init}
		}
		out = append(out, s)
	}
	for _, name := range n.kept {
		m := n.memory[name]
		out = append(out, &kernel.Store{Buf: m.Buf, At: m.At, X: &kernel.Ref{Name: name, Elem: graph.Real}})
	}
	return out
}

// after is what rows do after the steps.
func (n *nest) after() []kernel.Stmt {
	return copied(n.post, func(x kernel.Expr) kernel.Expr {
		if r, ok := x.(*kernel.Ref); ok && n.memory[r.Name] != nil {
			return n.memory[r.Name]
		}
		return x
	})
}
