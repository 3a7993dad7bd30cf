package vector

import (
	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
)

// elemOf is the element type of an expression.
func elemOf(x kernel.Expr) graph.Elem {
	switch x := x.(type) {
	case *kernel.Load:
		return x.Buf.Elem
	case *kernel.Lit:
		return x.Elem
	case *kernel.Ref:
		return x.Elem
	case *kernel.Apply:
		return x.Elem
	case *kernel.Guard:
		return x.Elem
	case *kernel.Select:
		return x.Elem
	}
	return graph.Int
}

// expr builds a scalar expression for all lanes.
func (b *builder) expr(x kernel.Expr) V {
	if b.refused {
		return 0
	}
	if lit, ok := x.(*kernel.Lit); ok {
		return b.literal(lit)
	}
	if b.straight == nil && b.outside(x) {
		return b.scalar(x, elemOf(x))
	}
	switch x := x.(type) {
	case *kernel.Load:
		return b.loadExpr(x)
	case *kernel.Ref:
		if b.straight != nil {
			return b.named(x)
		}
		if v, ok := b.env[x.Name]; ok {
			return v
		}
	case *kernel.Guard:
		switch holds, known := b.decide(x.Conds); {
		case !known:
			return b.refuse("a place is inside in some steps only")
		case holds:
			return b.expr(x.X)
		default:
			return b.literal(&kernel.Lit{Elem: x.Elem, V: x.Fill})
		}
	case *kernel.IndexExpr:
		return b.index(x)
	case *kernel.Select:
		cond := b.expr(x.Cond)
		b.maybe++
		defer func() { b.maybe-- }()
		return b.op(Blend, cond, b.expr(x.X), b.expr(x.Y))
	case *kernel.Apply:
		return b.apply(x)
	}
	return b.refuse("%s is not known", kernel.ExprText(x))
}

func (b *builder) literal(x *kernel.Lit) V {
	switch x.Elem {
	case graph.Real:
		return b.real(x.V)
	case graph.Int:
		return b.integer(int64(x.V))
	}
	if x.V == 0 {
		return b.bits(0)
	}
	return b.bits(^uint64(0))
}

// index builds an int made of the number of the step and what does not change.
func (b *builder) index(x *kernel.IndexExpr) V {
	if x.Div > 1 || b.col == "" {
		return b.refuse("an int is divided")
	}
	coef, rest, ok := b.subst(x.E).Linear(symbol(b.col))
	c, isConst := coef.IsConst()
	if rest = rest.Add(coef.Mul(b.lo[b.col])); !ok || !isConst || b.varies(rest) {
		return b.refuse("%s does not grow evenly", kernel.ExprText(x))
	}
	out := b.emit(Value{Op: Iota})
	if c != 1 {
		out = b.intOp(MulInt, Mul, out, b.integer(c))
	}
	switch n, known := rest.IsConst(); {
	case known && n == 0:
		return out
	case known:
		return b.intOp(AddBits, Add, out, b.integer(n))
	}
	return b.intOp(AddBits, Add, out, b.scalar(&kernel.IndexExpr{E: rest}, graph.Int))
}

// intOp is an operation on ints in either of their forms.
func (b *builder) intOp(narrow, wide Op, args ...V) V {
	if b.f.Wide {
		return b.op(wide, args...)
	}
	return b.op(narrow, args...)
}

func (b *builder) apply(x *kernel.Apply) V {
	build, ok := operators[x.Op.Name]
	if !ok || len(x.Args) == 0 {
		return b.refuse("%s has no vector form", x.Op.Name)
	}
	if b.straight != nil && family(x) != "" {
		return b.called(x)
	}
	args := make([]V, len(x.Args))
	for i, a := range x.Args {
		chosen := x.Op.Name == "where" && i > 0
		if chosen {
			b.maybe++
		}
		if args[i] = b.expr(a); b.refused {
			return 0
		}
		if chosen {
			b.maybe--
		}
	}
	return build(b, x, args)
}

// operators are the element-wise operators that have a vector form.
var operators map[string]func(b *builder, x *kernel.Apply, a []V) V

func init() {
	operators = map[string]func(b *builder, x *kernel.Apply, a []V) V{
		"add": chain(Add), "sub": chain(Sub), "mul": chain(Mul),
		"div":  func(b *builder, _ *kernel.Apply, a []V) V { return b.divide(a[0], a[1]) },
		"max":  func(b *builder, _ *kernel.Apply, a []V) V { return b.max(a[0], a[1]) },
		"min":  func(b *builder, _ *kernel.Apply, a []V) V { return b.min(a[0], a[1]) },
		"sqrt": chain(Sqrt), "stop": func(_ *builder, _ *kernel.Apply, a []V) V { return a[0] },
		"neg": unary((*builder).neg), "abs": unary((*builder).abs), "sign": unary((*builder).sign),
		"rsqrt": unary(func(b *builder, x V) V { return b.op(Div, b.real(1), b.op(Sqrt, x)) }),
		"floor": rounding(down), "ceil": rounding(up), "round": rounding(nearest),
		"exp": unary((*builder).exp), "expm1": unary((*builder).expm1),
		"log": unary((*builder).log), "log1p": unary((*builder).log1p),
		"sigmoid": unary((*builder).sigmoid), "softplus": unary((*builder).softplus),
		"relu": unary((*builder).relu), "gelu": unary((*builder).gelu), "silu": unary((*builder).silu),
		"tanh": unary((*builder).tanh), "sin": unary((*builder).sin), "cos": unary((*builder).cos), "erf": unary((*builder).erf), "erfc": unary((*builder).erfc),
		"lt": comparison(less), "le": comparison(lessEqual), "gt": comparison(greater),
		"ge": comparison(greaterEqual), "eq": comparison(equal), "ne": comparison(notEqual),
		"and": chain(And), "or": chain(Or), "not": unary((*builder).not),
		"isnan":    unary(func(b *builder, x V) V { return b.imm(Compare, unordered, x, x) }),
		"isfinite": unary(func(b *builder, x V) V { return b.imm(Compare, equal, b.op(Sub, x, x), b.real(0)) }),
		"where":    func(b *builder, _ *kernel.Apply, a []V) V { return b.op(Blend, a[0], a[1], a[2]) },
		"real":     toReal, "powi": power,
		"iadd": ints(AddBits, Add), "isub": ints(SubBits, Sub), "imul": ints(MulInt, Mul),
		"uniform": drawUniform,
	}
}

func unary(f func(*builder, V) V) func(*builder, *kernel.Apply, []V) V {
	return func(b *builder, _ *kernel.Apply, a []V) V { return f(b, a[0]) }
}

// chain applies an operation from the left.
func chain(op Op) func(*builder, *kernel.Apply, []V) V {
	return func(b *builder, _ *kernel.Apply, a []V) V {
		if len(a) == 1 {
			return b.op(op, a[0])
		}
		out := a[0]
		for _, y := range a[1:] {
			out = b.op(op, out, y)
		}
		return out
	}
}

// ints is arithmetic on ints, which wraps around as in Go in float32 programs;
// in the others, where ints are floats, it stays in Go.
func ints(op, _ Op) func(*builder, *kernel.Apply, []V) V {
	return func(b *builder, x *kernel.Apply, a []V) V {
		if b.f.Wide {
			return b.refuse("%s of ints beside float64", x.Op.Name)
		}
		return chain(op)(b, x, a)
	}
}

func rounding(mode int) func(*builder, *kernel.Apply, []V) V {
	return unary(func(b *builder, x V) V { return b.imm(Round, mode, x) })
}

func comparison(condition int) func(*builder, *kernel.Apply, []V) V {
	return func(b *builder, x *kernel.Apply, a []V) V {
		switch e := elemOf(x.Args[0]); {
		case e == graph.Bool:
			return b.compareBools(condition, a[0], a[1])
		case e == graph.Real || b.f.Wide:
			return b.imm(Compare, condition, a[0], a[1])
		}
		return b.compareInts(condition, a[0], a[1])
	}
}

func (b *builder) compareInts(condition int, x, y V) V {
	switch condition {
	case less:
		return b.op(GreaterInt, y, x)
	case lessEqual:
		return b.not(b.op(GreaterInt, x, y))
	case greater:
		return b.op(GreaterInt, x, y)
	case greaterEqual:
		return b.not(b.op(GreaterInt, y, x))
	case equal:
		return b.op(EqualInt, x, y)
	}
	return b.not(b.op(EqualInt, x, y))
}

func (b *builder) compareBools(condition int, x, y V) V {
	switch condition {
	case equal:
		return b.not(b.op(Xor, x, y))
	case notEqual:
		return b.op(Xor, x, y)
	}
	return b.refuse("bools are compared")
}

func toReal(b *builder, x *kernel.Apply, a []V) V {
	switch e := elemOf(x.Args[0]); {
	case e == graph.Bool:
		return b.op(And, a[0], b.real(1))
	case e == graph.Int && !b.f.Wide:
		return b.op(FromInt, a[0])
	}
	return a[0]
}

// power multiplies repeatedly.
func power(b *builder, x *kernel.Apply, a []V) V {
	n, ok := x.Attr.(graph.Count)
	if !ok || n > 16 || n < -16 {
		return b.refuse("the exponent %d is large", n)
	}
	out, square, m := V(-1), a[0], max(n, -n)
	for ; m > 0; m >>= 1 {
		if m&1 == 1 && out < 0 {
			out = square
		} else if m&1 == 1 {
			out = b.op(Mul, out, square)
		}
		if m > 1 {
			square = b.op(Mul, square, square)
		}
	}
	switch {
	case n == 0:
		return b.real(1)
	case n < 0:
		return b.op(Div, b.real(1), out)
	}
	return out
}
