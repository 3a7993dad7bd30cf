package check

import (
	"math/big"

	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/diag"
)

// Arithmetic on untyped constants is exact. What no longer fits a ratio of int64s,
// such as 10^20, is the nearest real.

// ratio is the value of an untyped constant without dims.
func (v val) ratio() (*big.Rat, bool) {
	if v.kind != kUntyped {
		return nil, false
	}
	n, nok := v.num.IsConst()
	d, dok := v.den.IsConst()
	if !nok || !dok || d == 0 {
		return nil, false
	}
	return big.NewRat(n, d), true
}

// exactly is a constant of a given value.
func (c *checker) exactly(r *big.Rat, at diag.Span) val {
	if r.Num().IsInt64() && r.Denom().IsInt64() {
		return val{kind: kUntyped, num: shape.Const(r.Num().Int64()), den: shape.Const(r.Denom().Int64()), at: at}
	}
	x, _ := r.Float64()
	return tensor(c.b.Real(x), nil, at)
}

// exactArith is + - * / on two constants without dims; the divisor is not 0.
func exactArith(op string, a, b *big.Rat) *big.Rat {
	switch out := new(big.Rat); op {
	case "+":
		return out.Add(a, b)
	case "-":
		return out.Sub(a, b)
	case "*":
		return out.Mul(a, b)
	default:
		return out.Quo(a, b)
	}
}

// exactPower is a^n for n ≥ 0.
func exactPower(a *big.Rat, n int64) *big.Rat {
	e := big.NewInt(n)
	num, den := new(big.Int).Exp(a.Num(), e, nil), new(big.Int).Exp(a.Denom(), e, nil)
	return new(big.Rat).SetFrac(num, den)
}
