package unroll

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// value is an expression with loop variables, lets and buffers replaced by what
// they stand for.
func (u *unroller) value(x kernel.Expr) (kernel.Expr, error) {
	switch x := x.(type) {
	case *kernel.Load:
		if u.row != nil && !slices.Contains(u.row.owned, x.Buf.Root()) {
			return u.rowLoad(x)
		}
		e, _, err := u.element(x.Buf, x.At)
		if err != nil {
			return x, err
		}
		if *e == nil {
			return x, fmt.Errorf("%s is read before it is written", x.Buf.Name)
		}
		return *e, nil
	case *kernel.Ref:
		v := u.refs[x.Name]
		if v == nil && u.row != nil && !u.row.inside[x.Name] {
			return x, nil // the same for all rows
		}
		if v == nil {
			return x, fmt.Errorf("%s is read before it is set", x.Name)
		}
		return v, nil
	case *kernel.IndexExpr:
		n, err := u.num(x.E)
		if err != nil && u.row != nil {
			return &kernel.IndexExpr{E: u.bind(x.E), Div: x.Div}, nil
		}
		if x.Div > 1 {
			n /= x.Div
		}
		return &kernel.Lit{Elem: graph.Int, V: float64(n)}, err
	case *kernel.Guard:
		return u.guard(x)
	case *kernel.Select:
		return u.choice(x)
	case *kernel.Apply:
		return u.operator(x)
	}
	return x, nil
}

// guard is decided now: it asks loop variables only.
func (u *unroller) guard(x *kernel.Guard) (kernel.Expr, error) {
	for _, c := range x.Conds {
		if _, err := u.num(c.E); err != nil {
			return x, err
		}
		c.E = u.bind(c.E)
		if !c.Holds(nil) {
			return &kernel.Lit{Elem: x.Elem, V: x.Fill}, nil
		}
	}
	return u.value(x.X)
}

func (u *unroller) choice(x *kernel.Select) (kernel.Expr, error) {
	c, err := u.value(x.Cond)
	if err != nil {
		return x, err
	}
	if lit, ok := c.(*kernel.Lit); ok {
		if lit.V != 0 {
			return u.value(x.X)
		}
		return u.value(x.Y)
	}
	a, err := u.chosen(x.X)
	if err != nil {
		return x, err
	}
	b, err := u.chosen(x.Y)
	return &kernel.Select{Cond: c, X: a, Y: b, Elem: x.Elem}, err
}

func (u *unroller) operator(x *kernel.Apply) (kernel.Expr, error) {
	args := make([]kernel.Expr, len(x.Args))
	for i, a := range x.Args {
		value := u.value
		if i > 0 && x.Op.Name == "where" {
			value = u.chosen
		}
		v, err := value(a)
		if err != nil {
			return x, err
		}
		args[i] = v
	}
	y := u.simplify(&kernel.Apply{Op: x.Op, Attr: x.Attr, Elem: x.Elem, Args: args, Derived: x.Derived}, timesZero(x))
	if a, ok := y.(*kernel.Apply); ok && a.Op.Scalar.Func != "" && u.ahead() {
		return u.named(a, a.Op.Name), nil // a call is worth a name, and is made once
	}
	return y, nil
}

// timesZero reports a product with a 0 that the program itself says, as in 0 * x: it is
// no number where x is none. Others are elements of tables, of matrices and of choices
// by place.
func timesZero(x *kernel.Apply) bool {
	return !x.Derived && x.Elem == graph.Real && x.Op.Scalar.Infix == "*" && slices.ContainsFunc(x.Args, func(a kernel.Expr) bool { return isLit(a, 0) })
}

// simplify computes operators of constants, drops 0 + x and 1·x, and 0·x where that is
// not to be kept.
func (u *unroller) simplify(x *kernel.Apply, keep bool) kernel.Expr {
	vals := make([]float64, len(x.Args))
	all := len(vals) > 0
	for i, a := range x.Args {
		lit, ok := a.(*kernel.Lit)
		if all = all && ok; ok {
			vals[i] = lit.V
		}
	}
	if all {
		return &kernel.Lit{Elem: x.Elem, V: x.Op.Scalar.On(x.Attr, vals...)}
	}
	if x.Elem == graph.Bool && len(x.Args) == 2 {
		return logical(x)
	}
	if x.Elem != graph.Real || len(x.Args) != 2 {
		return x
	}
	neutral := map[string]float64{"+": 0, "*": 1}
	n, commutes := neutral[x.Op.Scalar.Infix]
	switch {
	case commutes && isLit(x.Args[0], n):
		return x.Args[1]
	case commutes && isLit(x.Args[1], n), x.Op.Scalar.Infix == "-" && isLit(x.Args[1], 0):
		return x.Args[0]
	case keep:
		return x
	case x.Op.Scalar.Infix == "*" && (isLit(x.Args[0], 0) && (x.Derived || u.isFinite(x.Args[1])) || isLit(x.Args[1], 0) && (x.Derived || u.isFinite(x.Args[0]))):
		return &kernel.Lit{Elem: graph.Real}
	}
	return x
}

// logical drops from `a or b or ..`, and from `and`, what is said already or
// known.
func logical(x *kernel.Apply) kernel.Expr {
	neutral := 0.0
	switch x.Op.Name {
	case "and":
		neutral = 1
	case "or":
	default:
		return x
	}
	a, b := x.Args[0], x.Args[1]
	switch {
	case isLit(b, neutral), isLit(a, 1-neutral), says(a, b, x.Op):
		return a
	case isLit(a, neutral), isLit(b, 1-neutral):
		return b
	}
	return x
}

// says reports whether y is x or one of the operands that op joins to x.
func says(x, y kernel.Expr, op *graph.Op) bool {
	if a, ok := x.(*kernel.Apply); ok && a.Op == op {
		return says(a.Args[0], y, op) || says(a.Args[1], y, op)
	}
	return key(x) == key(y)
}

// bounded are bounds of functions where their operands are finite.
var bounded = map[string]float64{"sin": 1, "cos": 1, "tanh": 1, "sigmoid": 1, "erf": 1, "atan": 2, "atan2": 4}

// largest stands for the greatest finite number, of either width; what is made of
// constants stays below ample.
const (
	largest = 0x1p1000
	ample   = 0x1p100
)

// isFinite reports whether x is certainly finite where inputs are: 0·x is 0 then, as
// the zeros of rotations and of the seeds of derivatives are meant.
func (u *unroller) isFinite(x kernel.Expr) bool { return u.most(x) <= largest }

// most is a bound of |x|, infinite where none is known: inputs may be as large as
// numbers can be, so that a product or a sum of two may overflow.
func (u *unroller) most(x kernel.Expr) float64 {
	b := math.Inf(1)
	switch x := x.(type) {
	case *kernel.Lit:
		b = math.Abs(x.V)
	case *kernel.Load:
		if x.Buf.Kind == kernel.Input {
			b = largest
		}
	case *kernel.Ref:
		if known, ok := u.bound[x.Name]; ok {
			b = known
		}
	case *kernel.Apply:
		b = u.mostOf(x)
	}
	if !(b <= ample || b >= largest/ample && b <= largest) {
		return math.Inf(1)
	}
	return b
}

func (u *unroller) mostOf(x *kernel.Apply) float64 {
	args := make([]float64, len(x.Args))
	for i, a := range x.Args {
		if args[i] = u.most(a); math.IsInf(args[i], 1) {
			return args[i]
		}
	}
	switch s := x.Op.Scalar; {
	case s.Infix == "+", s.Infix == "-":
		return args[0] + args[1]
	case s.Infix == "*":
		return args[0] * args[1]
	case s.Prefix == "-":
		return args[0]
	case bounded[x.Op.Name] > 0:
		return bounded[x.Op.Name]
	}
	return math.Inf(1)
}

func isLit(x kernel.Expr, v float64) bool {
	l, ok := x.(*kernel.Lit)
	return ok && l.V == v
}

// named gives a value a name, the one it has if it was met before. Constants,
// inputs and names are left as they are.
func (u *unroller) named(x kernel.Expr, hint string) kernel.Expr {
	switch x.(type) {
	case nil, *kernel.Lit, *kernel.Ref, *kernel.Load:
		return x
	}
	return u.let(x, hint)
}

// let gives a value a name, the one it has if it was met before.
func (u *unroller) let(x kernel.Expr, hint string) kernel.Expr {
	k := key(x)
	if have, ok := u.known[k]; ok {
		return have
	}
	hint = strings.TrimPrefix(hint, ".")
	ref := &kernel.Ref{Name: u.free(hint), Elem: elemOf(x)}
	u.lets = append(u.lets, &kernel.Let{Name: ref.Name, Elem: ref.Elem, X: x})
	u.known[k] = ref
	u.bound[ref.Name] = u.most(x)
	return ref
}

// free is a name that nothing has yet: want, or want with a number, which may
// be a name of the program itself.
func (u *unroller) free(want string) string {
	name := want
	for u.names[name] > 0 {
		u.names[want]++
		name = fmt.Sprintf("%s_%d", want, u.names[want])
	}
	u.names[name]++
	return name
}

func elemOf(x kernel.Expr) graph.Elem {
	switch x := x.(type) {
	case *kernel.Apply:
		return x.Elem
	case *kernel.Select:
		return x.Elem
	case *kernel.Load:
		return x.Buf.Elem
	case *kernel.IndexExpr:
		return graph.Int
	}
	return graph.Real
}

// key is the text of an expression: equal texts are equal values.
func key(x kernel.Expr) string {
	var b strings.Builder
	switch x := x.(type) {
	case *kernel.Load:
		fmt.Fprintf(&b, "%p[%s]", x.Buf, x.At.Base)
	case *kernel.Lit:
		fmt.Fprintf(&b, "%d:%b", x.Elem, x.V)
	case *kernel.Ref:
		b.WriteString("%" + x.Name)
	case *kernel.Apply:
		fmt.Fprintf(&b, "%s{%v}", x.Op.Name, x.Attr)
	case *kernel.IndexExpr:
		fmt.Fprintf(&b, "index(%s/%d)", x.E, x.Div)
	default:
		fmt.Fprintf(&b, "%T", x)
	}
	for _, a := range kernel.Operands(x) {
		b.WriteString("(" + key(a) + ")")
	}
	return b.String()
}

// live keeps the lets that results depend on.
func live(lets []*kernel.Let, results [][]kernel.Expr) []*kernel.Let {
	used := map[string]bool{}
	for _, r := range results {
		for _, x := range r {
			mark(x, used)
		}
	}
	var out []*kernel.Let
	for i := len(lets) - 1; i >= 0; i-- {
		if used[lets[i].Name] {
			mark(lets[i].X, used)
			out = append(out, lets[i])
		}
	}
	slices.Reverse(out)
	return out
}

func mark(x kernel.Expr, used map[string]bool) {
	if r, ok := x.(*kernel.Ref); ok {
		used[r.Name] = true
	}
	for _, a := range kernel.Operands(x) {
		mark(a, used)
	}
}

// settled is a place whose ints are known.
func (u *unroller) settled(at kernel.Addr) (shape.Dim, error) {
	base := at.Base
	for _, d := range at.Dyn {
		x, err := u.value(d.X)
		if err != nil {
			return base, err
		}
		lit, ok := x.(*kernel.Lit)
		if !ok {
			return base, errShape
		}
		base = base.Add(d.Stride.Scale(int64(lit.V)))
	}
	return base, nil
}
