package vector

import (
	"fmt"
	"strings"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// stmt builds a statement, into the code before the loops or into that of the loop
// being built.
func (b *builder) stmt(s kernel.Stmt) {
	switch s := s.(type) {
	case *kernel.Let:
		b.env[s.Name] = b.expr(s.X)
	case *kernel.Accumulator:
		b.env[s.Name] = b.expr(s.Init)
		if b.col == "" {
			b.accs[s.Name] = true
		}
	case *kernel.Set:
		b.setStmt(s)
	case *kernel.Store:
		b.store(s)
	case *kernel.Loop:
		b.writeOut(s)
	case *kernel.If:
		b.ifStmt(s)
	case *kernel.Note1:
	default:
		b.refuse("it holds a %s", statement(s))
	}
}

// statement names a kind of statement.
func statement(s kernel.Stmt) string {
	return strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", s), "*kernel."))
}

// setStmt assigns to an accumulator of the code at hand, or reduces into one
// from outside of the loop.
func (b *builder) setStmt(s *kernel.Set) {
	_, known := b.env[s.Name]
	if known && (b.col == "" || !b.accs[s.Name]) && !b.isReduced(s.Name) {
		b.env[s.Name] = b.expr(s.X)
		return
	}
	op, x, ok := reduction(s)
	if !ok || b.col == "" || b.isReduced(s.Name) || b.ownReads(s.Name) > 1 || !known && len(b.rows) > 0 {
		b.refuse("%s is carried from step to step", s.Name)
		return
	}
	if !known {
		b.env[s.Name] = b.scalar(&kernel.Ref{Name: s.Name}, graph.Real)
	}
	b.reduce(s.Name, op, b.expr(x))
}

// reduce takes x into a reduction of the loop being built.
func (b *builder) reduce(name string, op Op, x V) {
	red := len(b.f.Reds)
	b.f.Reds = append(b.f.Reds, Reduction{op})
	b.reduced = append(b.reduced, pending{name, op, red})
	part := b.part()
	part.Reds = append(part.Reds, red)
	b.emit(Value{Op: Accumulate, A: [3]V{x}, Ref: red})
}

func (b *builder) isReduced(name string) bool {
	for _, r := range b.reduced {
		if r.name == name {
			return true
		}
	}
	return false
}

// ownReads counts the places in the nest that read a name before it is a total:
// those in the loop that sets it.
func (b *builder) ownReads(name string) int {
	n := 0
	var find func(x kernel.Expr)
	find = func(x kernel.Expr) {
		if r, ok := x.(*kernel.Ref); ok && r.Name == name {
			n++
		}
		for _, a := range kernel.Operands(x) {
			find(a)
		}
	}
	count := func(body []kernel.Stmt) {
		kernel.Walk(body, func(s kernel.Stmt) {
			for _, x := range kernel.Exprs(s) {
				find(*x)
			}
		})
	}
	if len(b.rows) == 0 {
		count(b.f.Nest.Body)
		return n
	}
	for _, s := range b.body {
		if l, ok := s.(*kernel.Loop); ok && l.Var == b.col && sets(l, name) {
			count(l.Body)
		}
	}
	return n
}

func sets(l *kernel.Loop, name string) bool {
	found := false
	kernel.Walk(l.Body, func(s kernel.Stmt) {
		if set, ok := s.(*kernel.Set); ok && set.Name == name {
			found = true
		}
	})
	return found
}

// reduction takes `s = add(s, x)` and the like apart.
func reduction(s *kernel.Set) (Op, kernel.Expr, bool) {
	a, ok := s.X.(*kernel.Apply)
	if !ok || len(a.Args) != 2 || a.Elem != graph.Real {
		return 0, nil, false
	}
	op, ok := map[string]Op{"add": Add, "max": Max, "min": Min}[a.Op.Name]
	if !ok {
		return 0, nil, false
	}
	for i, x := range a.Args {
		if r, isRef := x.(*kernel.Ref); isRef && r.Name == s.Name {
			return op, a.Args[1-i], true
		}
	}
	return 0, nil, false
}

// combine joins what a reduction held before with its total.
func (b *builder) combine(op Op, x, y V) V {
	switch op {
	case Max:
		return b.max(x, y)
	case Min:
		return b.min(x, y)
	}
	return b.op(Add, x, y)
}

func (b *builder) store(s *kernel.Store) {
	at, ok := b.address(s.Buf, s.At)
	inner := b.col != ""
	apart := at.Stride > 0 && s.Buf.Elem == graph.Int && b.f.Wide
	if !ok || inner != at.moves || apart || s.Buf.Kind == kernel.Scalar {
		b.refuse("the elements of %s do not follow each other", s.Buf.Name)
		return
	}
	x := b.expr(s.X)
	if s.Add {
		x = b.op(Add, b.load(at), x)
	}
	id := b.stream(at)
	b.emit(Value{Op: Store, A: [3]V{x}, Ref: id, Imm: int(at.after)})
	b.version++
	b.writes = append(b.writes, access{id})
}

// writeOut writes out a short loop in a vector loop, each iteration in turn.
func (b *builder) writeOut(l *kernel.Loop) {
	lo, ok1 := l.Lo.IsConst()
	hi, ok2 := l.Hi.IsConst()
	if b.col == "" || !ok1 || !ok2 || hi-lo > int64(b.budget) {
		b.refuse("an inner loop is long")
		return
	}
	outer := b.budget
	b.budget /= int(max(1, hi-lo))
	for i := lo; i < hi && b.ok(); i++ {
		b.steps[l.Var] = shape.Const(i)
		for _, s := range l.Body {
			b.stmt(s)
		}
	}
	delete(b.steps, l.Var)
	b.budget = outer
}

// ifStmt computes both branches and chooses lane by lane.
func (b *builder) ifStmt(s *kernel.If) {
	for _, body := range [][]kernel.Stmt{s.Then, s.Else} {
		kernel.Walk(body, func(s kernel.Stmt) {
			switch s := s.(type) {
			case *kernel.Let:
			case *kernel.Set:
				if _, known := b.env[s.Name]; !known || b.col != "" && b.accs[s.Name] {
					b.refuse("%s is set in some steps only", s.Name)
				}
			default:
				b.refuse("some steps hold a %s", statement(s))
			}
		})
	}
	if b.refused {
		return
	}
	cond := b.expr(s.Cond)
	b.maybe++
	defer func() { b.maybe-- }()
	then, other := b.branch(s.Then), b.branch(s.Else)
	for _, name := range sorted(b.env) {
		x, y := then[name], other[name]
		if x != y {
			b.env[name] = b.op(Blend, cond, x, y)
		}
	}
}

func (b *builder) branch(body []kernel.Stmt) map[string]V {
	outer := b.env
	b.env = map[string]V{}
	for name, v := range outer {
		b.env[name] = v
	}
	for _, s := range body {
		b.stmt(s)
	}
	inner := b.env
	b.env = outer
	return inner
}
