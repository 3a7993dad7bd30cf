package unroll

import (
	"slices"
	"strings"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/codegen/vector"
	"github.com/gradgen/gradgen/graph/shape"
)

const (
	rowLimit = 3000 // scalars of a row
	rowTrips = 32   // of a loop inside a row that is written out
	rowGrain = 256  // rows of a piece at least
	fewRows  = 16   // are not worth code of their own

	rowProduct = 64 // multiplications of a product that is written out
)

// Unit turns the loops over many small problems in all programs of a unit into
// straight-line code.
func Unit(u *kernel.Unit) {
	wide := u.Program.Real64
	for _, m := range u.Models {
		for _, p := range m.Programs() {
			Rows(p, wide)
		}
	}
	for _, f := range u.Funcs {
		Rows(f.Program, wide)
	}
}

// Rows turns loops over many small problems into loops of straight-line code.
// In
//
//	for i0 in lo..hi
//	    for i1 in 0..2
//	        d[2*i0 + i1] = sub(a[2*i0 + i1], b[i1])
//	    y[i0] = add(mul(d[2*i0], d[2*i0]), mul(d[2*i0 + 1], d[2*i0 + 1]))
//
// row i0 of d is two scalars, if nobody else reads d: d has no memory then, and
// the loop may become one of vectors with a row in each lane. Loops that become
// vector code as they are stay.
func Rows(prog *kernel.Program, wide bool) {
	settle(prog)
	sections(prog)
	all := usesIn(kernelBodies(prog))
	for _, r := range prog.Results {
		all[r.Buffer.Root()]++
	}
	gone := map[*kernel.Buffer]bool{}
	for _, s := range prog.Sections {
		for _, k := range kernel.All(s.Kernels) {
			for _, b := range straighten(k, all, wide) {
				gone[b] = true
			}
			k.Body = lanes(prog, k, peel(k.Body, wide), nil, wide)
		}
	}
	prog.Buffers = slices.DeleteFunc(prog.Buffers, func(b *kernel.Buffer) bool { return gone[b.Root()] })
}

// straighten writes out the rows of a kernel, all of them as one loop or loop by
// loop, and lists the buffers that nothing uses after that.
func straighten(k *kernel.Kernel, all map[*kernel.Buffer]int, wide bool) (gone []*kernel.Buffer) {
	if n, fixed := k.Rows.IsConst(); fixed && n > 0 && n < fewRows {
		return nil
	}
	if whole := wholeRows(k, wide); whole != nil {
		if loops, local := straightRows(k, whole, all, wide); len(local) > 0 {
			k.Body, k.Grain = loops, max(k.Grain, rowGrain)
			return local
		}
	}
	for i := 0; i < len(k.Body); i++ {
		l, ok := k.Body[i].(*kernel.Loop)
		if !ok {
			continue
		}
		if n, fixed := l.Hi.Sub(l.Lo).IsConst(); fixed && n < fewRows {
			continue
		}
		if loops, local := straightRows(k, l, all, wide); loops != nil {
			k.Body = slices.Replace(k.Body, i, i+1, loops...)
			k.Grain = max(k.Grain, rowGrain)
			i += len(loops) - 1
			gone = append(gone, local...)
		}
	}
	return gone
}

// wholeRows is a kernel of several statements as a loop over rows: what it does
// for the piece of one row, again and again. It is nil where they are vector
// code as they are.
func wholeRows(k *kernel.Kernel, wide bool) *kernel.Loop {
	if len(k.Body) < 2 || k.Rows.Is(0) {
		return nil
	}
	for _, s := range k.Body {
		if l, ok := s.(*kernel.Loop); ok {
			if _, ok := vector.Build(l, wide); !ok {
				return &kernel.Loop{Var: ".i0", Lo: shape.Var(".lo"), Hi: shape.Var(".hi"), Body: k.Body}
			}
		}
	}
	return nil
}

func kernelBodies(prog *kernel.Program) (out []kernel.Stmt) {
	for _, s := range prog.Sections {
		for _, k := range kernel.All(s.Kernels) {
			out = append(out, k.Body...)
			reads, writes := k.Controls()
			for _, b := range append(reads, writes...) {
				out = append(out, &kernel.Zero{Slice: kernel.Slice{Buf: b}})
			}
		}
	}
	return out
}

// usesIn counts how often statements mention the memory of buffers.
func usesIn(body []kernel.Stmt) map[*kernel.Buffer]int {
	uses := map[*kernel.Buffer]int{}
	var find func(x kernel.Expr)
	find = func(x kernel.Expr) {
		if l, ok := x.(*kernel.Load); ok {
			uses[l.Buf.Root()]++
		}
		for _, a := range kernel.Operands(x) {
			find(a)
		}
	}
	kernel.Walk(body, func(s kernel.Stmt) {
		for _, x := range kernel.Exprs(s) {
			find(*x)
		}
		reads, writes := kernel.Touched(s)
		for _, b := range append(reads, writes...) {
			uses[b.Root()]++
		}
	})
	return uses
}

// straightRows writes the rows of a loop out, and lists the buffers that nothing
// uses after that. It returns nil where that is not possible, or no gain.
func straightRows(k *kernel.Kernel, l *kernel.Loop, all map[*kernel.Buffer]int, wide bool) ([]kernel.Stmt, []*kernel.Buffer) {
	if len(l.Body) < 2 {
		return nil, nil
	}
	if _, ok := vector.Build(l, wide); ok {
		return nil, nil
	}
	here := usesIn(l.Body)
	r := &rows{loop: l, length: map[*kernel.Buffer]shape.Dim{}, local: map[*kernel.Buffer]bool{}}
	for _, b := range kernel.Written(l.Body) {
		r.local[b] = b.Kind == kernel.Arena && !b.Result && all[b] == here[b]
		r.owned = append(r.owned, b)
	}
	loops, err := newUnroller(rowLimit).rowLoops(r, k)
	if err != nil {
		return nil, nil
	}
	var gone []*kernel.Buffer
	for _, b := range r.owned {
		if r.local[b] {
			gone = append(gone, b)
		}
	}
	if len(gone) == 0 {
		if _, ok := vector.Build(loops[len(loops)-1].(*kernel.Loop), wide); !ok {
			return nil, nil
		}
	}
	return loops, gone
}

// rows is a loop over rows being unrolled.
type rows struct {
	loop   *kernel.Loop
	owned  []*kernel.Buffer // written by the loop, each row its own part
	local  map[*kernel.Buffer]bool
	length map[*kernel.Buffer]shape.Dim // elements of a row
	checks []kernel.Stmt
	stored map[*kernel.Buffer]map[int]bool
	inside map[string]bool        // names that the loop declares
	named  map[string]kernel.Expr // what the names of loads stand for
	vars   map[string]shape.Dim   // what loop variables stand for that depend on the row
	maybe  int                    // choices around, not all of which are taken: nothing is computed ahead
}

// place is where in a row an element is.
func (r *rows) place(b *kernel.Buffer, at shape.Dim) (int64, error) {
	length, rest, ok := at.Linear(shape.VarSym(r.loop.Var))
	n, fixed := length.IsConst()
	i, known := rest.IsConst()
	if !ok || !fixed || !known || i < 0 || i >= n || n > rowLimit {
		return 0, errShape
	}
	if have, met := r.length[b]; met && !have.Equal(length) {
		return 0, errShape
	}
	r.length[b] = length
	return i, nil
}

// rowLoops are a loop of the checks that the rows make, if they do, and the loop
// of straight-line code.
func (u *unroller) rowLoops(r *rows, k *kernel.Kernel) ([]kernel.Stmt, error) {
	u.row = r
	row := shape.Var(r.loop.Var)
	r.vars = map[string]shape.Dim{r.loop.Var: row, ".lo": row, ".hi": row.AddInt(1)}
	r.stored, r.inside, r.named = map[*kernel.Buffer]map[int]bool{}, map[string]bool{}, map[string]kernel.Expr{}
	for _, s := range k.Body {
		if s != kernel.Stmt(r.loop) && !within(r.loop, s) {
			kernel.Walk([]kernel.Stmt{s}, func(s kernel.Stmt) { u.names[declared(s)]++ })
		}
	}
	kernel.Walk(r.loop.Body, func(s kernel.Stmt) { r.inside[declared(s)] = true })
	if err := u.stmts(r.loop.Body); err != nil {
		return nil, err
	}
	var stores []*kernel.Store
	var results [][]kernel.Expr
	for _, b := range r.owned {
		for i, x := range u.mem[b] {
			if !r.local[b] && r.stored[b][i] {
				at := r.length[b].Mul(shape.Var(r.loop.Var)).AddInt(int64(i))
				stores = append(stores, &kernel.Store{Buf: b, At: kernel.Addr{Base: at}, X: x})
				results = append(results, []kernel.Expr{x})
			}
		}
	}
	var body []kernel.Stmt
	lets, results := u.share(live(u.lets, results), results)
	for _, l := range lets {
		body = append(body, l)
	}
	for i, st := range stores {
		st.X = results[i][0]
		body = append(body, st)
	}
	var out []kernel.Stmt
	if len(r.checks) > 0 {
		out = append(out, &kernel.Loop{Var: r.loop.Var, Lo: r.loop.Lo, Hi: r.loop.Hi, Body: r.checks})
	}
	return append(out, &kernel.Loop{Var: r.loop.Var, Lo: r.loop.Lo, Hi: r.loop.Hi, Body: body}), nil
}

// within reports whether s stands directly in a loop.
func within(l *kernel.Loop, s kernel.Stmt) bool { return slices.Contains(l.Body, s) }

// declared is the name that a statement declares, or "".
func declared(s kernel.Stmt) string {
	switch s := s.(type) {
	case *kernel.Let:
		return s.Name
	case *kernel.Accumulator:
		return s.Name
	}
	return ""
}

// check keeps a check for the loop before the rows; there, nothing that the rows
// compute is known.
func (u *unroller) check(s *kernel.Check) error {
	x, err := u.value(s.X)
	if err != nil || u.row == nil {
		return errShape
	}
	if x, err = u.alone(x); err != nil {
		return err
	}
	c := *s
	c.X = x
	u.row.checks = append(u.row.checks, &c)
	return nil
}

// alone is an expression without names of the row: those of loads are replaced
// by the loads, whose places are without names too.
func (u *unroller) alone(x kernel.Expr) (kernel.Expr, error) {
	if ref, ok := x.(*kernel.Ref); ok {
		load := u.row.named[ref.Name]
		if load == nil {
			return x, errShape
		}
		return u.alone(load)
	}
	args := slices.Clone(kernel.Operands(x))
	for i, a := range args {
		v, err := u.alone(a)
		if err != nil {
			return x, err
		}
		args[i] = v
	}
	return kernel.WithOperands(x, args), nil
}

// rowLoad is a read of memory that the rows do not write.
func (u *unroller) rowLoad(x *kernel.Load) (kernel.Expr, error) {
	at := kernel.Addr{Base: u.bind(x.At.Base)}
	for _, d := range x.At.Dyn {
		v, err := u.value(d.X)
		if err != nil {
			return x, err
		}
		at.Dyn = append(at.Dyn, kernel.Dyn{X: v, Stride: u.bind(d.Stride)})
	}
	if i, fixed := at.Base.IsConst(); x.Buf.Kind == kernel.Const && fixed && len(at.Dyn) == 0 {
		return &kernel.Lit{Elem: x.Buf.Elem, V: x.Buf.Data[i]}, nil
	}
	load := &kernel.Load{Buf: x.Buf, At: at}
	if u.row.maybe > 0 {
		return load, nil
	}
	out := u.let(load, strings.TrimPrefix(x.Buf.Name, "."))
	if ref, ok := out.(*kernel.Ref); ok {
		u.row.named[ref.Name] = load
	}
	return out, nil
}

// chosen is the value of something that a choice may not take.
func (u *unroller) chosen(x kernel.Expr) (kernel.Expr, error) {
	if u.row != nil {
		u.row.maybe++
		defer func() { u.row.maybe-- }()
	}
	return u.value(x)
}

// ahead reports whether what is computed now is certainly wanted.
func (u *unroller) ahead() bool { return u.row == nil || u.row.maybe == 0 }

// totals gives names to what a loop summed up.
func (u *unroller) totals(l *kernel.Loop) {
	kernel.Walk(l.Body, func(s kernel.Stmt) {
		if set, ok := s.(*kernel.Set); ok && u.refs[set.Name] != nil && u.ahead() {
			u.refs[set.Name] = u.named(u.refs[set.Name], set.Name)
		}
	})
}
