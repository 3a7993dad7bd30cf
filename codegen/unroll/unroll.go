// Package unroll turns a small program of fixed shapes into straight-line code:
// every loop is run at generation time, every element of a buffer becomes a
// scalar with a name, and what nobody reads disappears.
//
// For `d = a - b; return sum(d^2)` with a and b of shape [2] the result is
//
//	d0 = a[0] - b[0]
//	d1 = a[1] - b[1]
//	r = d0*d0 + d1*d1
//
// Adding 0 and multiplying by 1 are left out, and a product with a 0 of a table is 0
// where the other factor is certainly finite for finite inputs, or where a rule of
// differentiation made it; nothing else is rearranged, so for finite inputs the numbers are those of the
// loops (but for the sign of a zero).
package unroll

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/ops"
	"github.com/gradgen/gradgen/graph/shape"
)

// Result is straight-line code: Lets in order, and the elements of each result.
// Loads that are left read input elements at constant places.
type Result struct {
	Lets    []*kernel.Let
	Results [][]kernel.Expr
}

// errShape is why a program stays as it is: a run-time dim, an index from data,
// a choice of statements, a check, or more code than the limit.
var errShape = errors.New("not a small program of fixed shapes")

// Program unrolls a program into at most limit scalars; ok is false where it is
// not small or not of fixed shape.
func Program(prog *kernel.Program, limit int) (r Result, ok bool) {
	u := newUnroller(limit)
	for _, s := range prog.Sections {
		for _, k := range s.Kernels {
			if err := u.kernel(k); err != nil {
				return Result{}, false
			}
		}
	}
	for _, res := range prog.Results {
		elems, err := u.elements(res.Buffer)
		if err != nil {
			return Result{}, false
		}
		r.Results = append(r.Results, append([]kernel.Expr{}, elems...))
	}
	r.Lets, r.Results = u.share(live(u.lets, r.Results), r.Results)
	return r, true
}

// lineTerms is the number of summands after which a sum gets a name.
const lineTerms = 8

// spine counts the operators down the left of an expression.
func spine(x kernel.Expr) int {
	n := 0
	for {
		a, ok := x.(*kernel.Apply)
		if !ok {
			return n
		}
		x, n = a.Args[0], n+1
	}
}

func newUnroller(limit int) *unroller {
	return &unroller{
		limit: limit, mem: map[*kernel.Buffer][]kernel.Expr{}, env: map[string]int64{},
		refs: map[string]kernel.Expr{}, known: map[string]*kernel.Ref{}, names: map[string]int{},
		bound: map[string]float64{},
	}
}

type unroller struct {
	limit int
	steps int
	mem   map[*kernel.Buffer][]kernel.Expr // elements of what was written
	env   map[string]int64                 // loop variables
	refs  map[string]kernel.Expr           // lets and accumulators
	lets  []*kernel.Let
	known map[string]*kernel.Ref // named values by their text
	names map[string]int
	bound map[string]float64 // of the values of names: see most
	row   *rows              // the loop whose rows are unrolled, or nil

	passed []*kernel.Buffer // what a section is called with
}

func (u *unroller) kernel(k *kernel.Kernel) error {
	rows, fixed := k.Rows.IsConst()
	if !fixed || k.Fails || k.Inside() != nil {
		return errShape
	}
	u.env[".lo"], u.env[".hi"] = 0, rows
	return u.stmts(k.Body)
}

func (u *unroller) stmts(body []kernel.Stmt) error {
	for _, s := range body {
		if err := u.stmt(s); err != nil {
			return err
		}
	}
	return nil
}

// bind puts in what loop variables stand for.
func (u *unroller) bind(d shape.Dim) shape.Dim {
	if u.row == nil {
		return d.Bind(u.env)
	}
	return d.Bind(u.env).Subst(func(s *shape.Sym) (shape.Dim, bool) {
		v, ok := u.row.vars[s.Name]
		return v, ok && s.Fn == ""
	})
}

// num is the value of a dim, all loop variables being known.
func (u *unroller) num(d shape.Dim) (int64, error) {
	v, ok := u.bind(d).IsConst()
	if !ok {
		return 0, errShape
	}
	return v, nil
}

func (u *unroller) stmt(s kernel.Stmt) error {
	if u.steps++; u.steps > 20*u.limit || len(u.lets) > u.limit {
		return errShape
	}
	switch s := s.(type) {
	case *kernel.Loop:
		return u.loop(s)
	case *kernel.Let:
		x, err := u.value(s.X)
		u.refs[s.Name] = u.named(x, s.Name)
		return err
	case *kernel.Accumulator:
		x, err := u.value(s.Init)
		u.refs[s.Name] = x
		return err
	case *kernel.Set:
		if u.refs[s.Name] == nil {
			return errShape // a sum over rows
		}
		x, err := u.value(s.X)
		if spine(x) > lineTerms {
			x = u.named(x, s.Name)
		}
		u.refs[s.Name] = x
		return err
	case *kernel.Store:
		return u.store(s)
	case *kernel.If:
		return u.branch(s)
	case *kernel.MatMul:
		return u.matmul(s)
	case *kernel.Zero:
		return u.fill(s.Slice, 0)
	case *kernel.Fill:
		return u.fill(s.Slice, s.Value)
	case *kernel.Check:
		return u.check(s)
	case *kernel.Note1:
		return nil
	}
	return errShape
}

// branch takes the statements that a condition known now lets run.
func (u *unroller) branch(s *kernel.If) error {
	c, err := u.value(s.Cond)
	if err != nil {
		return err
	}
	lit, known := c.(*kernel.Lit)
	switch {
	case !known:
		return errShape
	case lit.V != 0:
		return u.stmts(s.Then)
	}
	return u.stmts(s.Else)
}

func (u *unroller) loop(l *kernel.Loop) error {
	if l.Bounded() {
		return errShape
	}
	lo, hi := u.bind(l.Lo), u.bind(l.Hi)
	n, fixed := hi.Sub(lo).IsConst()
	first, known := lo.IsConst()
	if !fixed || u.row == nil && !known || u.row != nil && n > rowTrips {
		return errShape
	}
	for i := range n {
		if known {
			u.env[l.Var] = first + i
		} else {
			u.row.vars[l.Var] = lo.AddInt(i)
		}
		if err := u.stmts(l.Body); err != nil {
			return err
		}
	}
	delete(u.env, l.Var)
	if u.row != nil {
		u.totals(l)
	}
	return nil
}

// elements is the memory of a buffer; unwritten inputs are loads of themselves.
func (u *unroller) elements(b *kernel.Buffer) ([]kernel.Expr, error) {
	b = b.Root()
	if have, ok := u.mem[b]; ok {
		return have, nil
	}
	length := b.Len()
	if u.row != nil {
		length = u.row.length[b]
	}
	n, fixed := length.IsConst()
	if !fixed || n > int64(u.limit) {
		return nil, errShape
	}
	out := make([]kernel.Expr, n)
	given := b.Kind == kernel.Input || b.Kind == kernel.Scalar || slices.Contains(u.passed, b)
	for i := range out {
		switch {
		case b.Kind == kernel.Const:
			out[i] = &kernel.Lit{Elem: b.Elem, V: b.Data[i]}
		case given:
			out[i] = &kernel.Load{Buf: b, At: kernel.Addr{Base: shape.Const(int64(i))}}
		}
	}
	u.mem[b] = out
	return out, nil
}

// element is the place of an element that must be known now, and its number.
func (u *unroller) element(b *kernel.Buffer, at kernel.Addr) (*kernel.Expr, int64, error) {
	base, err := u.settled(at)
	if err != nil {
		return nil, 0, err
	}
	i, err := u.offset(b, base)
	if err != nil {
		return nil, 0, errShape
	}
	elems, err := u.elements(b)
	if err != nil {
		return nil, 0, err
	}
	if i < 0 || int(i) >= len(elems) {
		return nil, 0, fmt.Errorf("element %d of %s", i, b.Name)
	}
	return &elems[i], i, nil
}

// offset is the place of an element in a buffer, or in its part for a row.
func (u *unroller) offset(b *kernel.Buffer, at shape.Dim) (int64, error) {
	if u.row != nil {
		return u.row.place(b.Root(), u.bind(at))
	}
	return u.num(at)
}

func (u *unroller) store(s *kernel.Store) error {
	x, err := u.value(s.X)
	if err != nil {
		return err
	}
	to, i, err := u.element(s.Buf, s.At)
	if err != nil {
		return err
	}
	if s.Add && *to == nil && u.row != nil {
		return errShape // a sum that began before the loop
	}
	if s.Add && *to != nil {
		x = u.apply("add", s.Buf.Elem, *to, x)
	}
	name := s.Buf.Name
	if len(s.Buf.Shape) > 0 {
		name += strconv.FormatInt(i, 10)
	}
	*to = u.named(x, name)
	u.written(s.Buf, i)
	if r, ok := s.X.(*kernel.Ref); ok && !s.Add {
		u.refs[r.Name] = *to // a running sum goes on from its name
	}
	return nil
}

// written notes that a row stores an element.
func (u *unroller) written(b *kernel.Buffer, i int64) {
	if u.row == nil {
		return
	}
	b = b.Root()
	if u.row.stored[b] == nil {
		u.row.stored[b] = map[int]bool{}
	}
	u.row.stored[b][int(i)] = true
}

func (u *unroller) fill(s kernel.Slice, v float64) error {
	n, err := u.num(s.Len)
	if err != nil || n > int64(u.limit) {
		return errShape
	}
	for k := range n {
		to, i, err := u.element(s.Buf, kernel.Addr{Base: s.At.AddInt(k)})
		if err != nil {
			return err
		}
		*to = &kernel.Lit{Elem: s.Buf.Elem, V: v}
		u.written(s.Buf, i)
	}
	return nil
}

// matmul writes the sums of a matrix product out.
func (u *unroller) matmul(s *kernel.MatMul) error {
	m, err1 := u.num(s.M)
	n, err2 := u.num(s.N)
	k, err3 := u.num(s.K)
	if errors.Join(err1, err2, err3) != nil || m*n*k > int64(u.limit) || u.row != nil && m*n*k > rowProduct {
		return errShape
	}
	if s.Runs != nil {
		return u.runs(s)
	}
	at := func(o kernel.Operand, i, j int64) kernel.Addr {
		return kernel.Addr{Base: o.At.Add(o.Strides[0].Scale(i)).Add(o.Strides[1].Scale(j))}
	}
	for i := range m {
		for j := range n {
			var sum kernel.Expr = &kernel.Lit{}
			for l := range k {
				a, b := &kernel.Load{Buf: s.A.Buf, At: at(s.A, i, l)}, &kernel.Load{Buf: s.B.Buf, At: at(s.B, l, j)}
				mul := &kernel.Apply{Op: ops.Table()["mul"], Args: []kernel.Expr{a, b}}
				sum = &kernel.Apply{Op: ops.Table()["add"], Args: []kernel.Expr{sum, mul}} // at most limit terms
			}
			if err := u.store(&kernel.Store{Buf: s.C.Buf, At: at(s.C, i, j), X: sum, Add: s.Add}); err != nil {
				return err
			}
		}
	}
	return nil
}

// runs writes a product of runs out, one after the other.
func (u *unroller) runs(s *kernel.MatMul) error {
	r := s.Runs
	rows, err1 := u.num(r.Rows)
	groups, err2 := u.num(r.Groups)
	if errors.Join(err1, err2) != nil || rows*groups > int64(u.limit) {
		return errShape
	}
	for q := range rows {
		for h := range groups {
			one := *s
			one.Runs, one.Add = nil, s.Add || h > 0
			one.C.At = s.C.At.Add(r.CRow.Scale(q))
			one.A.At = s.A.At.Add(r.ARow.Scale(q)).Add(r.AGroup.Scale(h))
			one.B.At = s.B.At.Add(r.BGroup.Scale(h))
			if err := u.matmul(&one); err != nil {
				return err
			}
		}
	}
	return nil
}

func (u *unroller) apply(op string, e graph.Elem, args ...kernel.Expr) kernel.Expr {
	return u.simplify(&kernel.Apply{Op: ops.Table()[op], Elem: e, Args: args}, false)
}
