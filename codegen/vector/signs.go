package vector

// negated is the value that v is the negative of, if it is one.
func (f *Func) negated(v V) (V, bool) {
	x := f.Values[v]
	sign := uint64(1) << 31
	if f.Wide {
		sign = 1 << 63
	}
	for k, a := range x.A[:x.args()] {
		if c := f.Values[a]; x.Op == Xor && c.Op == Const && c.Bits == sign {
			return x.A[1-k], true
		}
	}
	return 0, false
}

func (b *builder) negated(v V) (V, bool) {
	if b.refused {
		return 0, false
	}
	return b.f.negated(v)
}

// withoutSigns makes sums, products and quotients of negatives from what these are
// the negatives of, so that few signs are left to be changed. In straight-line
// code of small problems the sign of a zero may come out another.
func (b *builder) withoutSigns(op Op, args []V) (V, bool) {
	if b.refused || op != Add && op != Sub && op != Mul && op != Div {
		return 0, false
	}
	x, y := args[0], args[1]
	a, left := b.negated(x)
	c, right := b.negated(y)
	switch {
	case op == Mul && b.isReal(y, -1):
		return b.neg(x), true
	case op == Mul && b.isReal(x, -1):
		return b.neg(y), true
	case op == Sub && b.strided && b.isReal(x, 0):
		return b.neg(y), true
	case !left && !right:
	case op == Mul || op == Div:
		return b.signed(left != right, b.op(op, pick(left, a, x), pick(right, c, y))), true
	case op == Add && left && right && b.strided:
		return b.neg(b.op(Add, a, c)), true
	case op == Add && right:
		return b.op(Sub, x, c), true
	case op == Add:
		return b.op(Sub, y, a), true
	case right && !left:
		return b.op(Add, x, c), true
	case right:
		return b.op(Sub, c, a), true
	case b.strided:
		return b.neg(b.op(Add, a, y)), true
	}
	return 0, false
}

func pick[T any](first bool, x, y T) T {
	if first {
		return x
	}
	return y
}

func (b *builder) signed(negative bool, x V) V {
	if negative {
		return b.neg(x)
	}
	return x
}

// isReal reports a certain constant.
func (b *builder) isReal(v V, x float64) bool {
	have := b.f.Values[v]
	return have.Op == Const && have.Bits == b.f.Values[b.real(x)].Bits
}
