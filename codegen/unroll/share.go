package unroll

import (
	"fmt"
	"strings"

	"github.com/gradgen/gradgen/codegen/kernel"
)

// sharer gives names to what straight-line code computes several times, choices
// and their branches included: no branch is so long that computing it in vain
// costs more than computing it twice.
type sharer struct {
	u      *unroller
	ids    map[string]int
	of     map[kernel.Expr]int
	uses   []int
	values map[string]int // what lets are
	named  map[int]*kernel.Ref
	lets   []*kernel.Let
}

// share returns lets and results in which every sum, product, call and choice
// that occurs twice has a name.
func (u *unroller) share(lets []*kernel.Let, results [][]kernel.Expr) ([]*kernel.Let, [][]kernel.Expr) {
	reciprocals(lets, results)
	s := &sharer{u: u, ids: map[string]int{}, of: map[kernel.Expr]int{}, named: map[int]*kernel.Ref{}, values: map[string]int{}}
	for _, l := range lets {
		s.values[l.Name] = s.count(l.X)
	}
	for _, r := range results {
		for _, x := range r {
			s.count(x)
		}
	}
	for _, l := range lets {
		if s.named[s.of[l.X]] != nil {
			continue // it has another name
		}
		x := s.operands(l.X)
		s.named[s.of[l.X]] = &kernel.Ref{Name: l.Name, Elem: l.Elem}
		s.lets = append(s.lets, &kernel.Let{Name: l.Name, Elem: l.Elem, X: x})
	}
	out := make([][]kernel.Expr, len(results))
	for i, r := range results {
		for _, x := range r {
			out[i] = append(out[i], s.expr(x))
		}
	}
	u.settleChoices(s.lets, out)
	return s.lets, out
}

// count numbers an expression, the same for equal ones, and counts its uses;
// what is inside counts once however often the whole does.
func (s *sharer) count(x kernel.Expr) int {
	id, met := s.of[x]
	if r, ok := x.(*kernel.Ref); ok && !met {
		id, met = s.values[r.Name]
	}
	if met {
		s.of[x] = id
		s.uses[id]++
		return id
	}
	var b strings.Builder
	args := kernel.Operands(x)
	if len(args) == 0 {
		b.WriteString(key(x))
	} else if a, ok := x.(*kernel.Apply); ok {
		fmt.Fprintf(&b, "%s{%v}%d", a.Op.Name, a.Attr, a.Elem)
	} else {
		fmt.Fprintf(&b, "%T", x)
	}
	if l, ok := x.(*kernel.Load); ok {
		fmt.Fprintf(&b, "%p[%s]", l.Buf, l.At.Base)
	}
	first := len(s.uses)
	for _, a := range args {
		fmt.Fprintf(&b, " %d", s.count(a))
	}
	id, ok := s.ids[b.String()]
	if !ok {
		id = len(s.uses)
		s.ids[b.String()] = id
		s.uses = append(s.uses, 0)
	} else if len(s.uses) == first {
		for _, a := range args {
			s.uses[s.of[a]]--
		}
	}
	s.of[x] = id
	s.uses[id]++
	return id
}

// expr is an expression with names for what occurs twice.
func (s *sharer) expr(x kernel.Expr) kernel.Expr {
	id := s.of[x]
	if ref := s.named[id]; ref != nil {
		return ref
	}
	y := s.operands(x)
	if s.uses[id] < 2 || !s.worth(x) {
		return y
	}
	hint := "choice"
	if a, ok := x.(*kernel.Apply); ok {
		hint = a.Op.Name
	}
	ref := &kernel.Ref{Name: s.u.free(hint), Elem: elemOf(x)}
	s.lets = append(s.lets, &kernel.Let{Name: ref.Name, Elem: ref.Elem, X: y})
	s.named[id] = ref
	return ref
}

func (s *sharer) operands(x kernel.Expr) kernel.Expr {
	args := kernel.Operands(x)
	if len(args) == 0 {
		return x
	}
	out := make([]kernel.Expr, len(args))
	for i, a := range args {
		out[i] = s.expr(a)
	}
	return kernel.WithOperands(x, out)
}

// worth reports whether an expression is worth a name: in the rows of a loop,
// where a read may be meant for some rows only, none with reads is.
func (s *sharer) worth(x kernel.Expr) bool {
	switch x.(type) {
	case *kernel.Apply, *kernel.Select:
		return s.u.row == nil || !reads(x)
	}
	return false
}

func reads(x kernel.Expr) bool {
	if _, ok := x.(*kernel.Load); ok {
		return true
	}
	for _, a := range kernel.Operands(x) {
		if reads(a) {
			return true
		}
	}
	return false
}
