package shape_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	. "github.com/gradgen/gradgen/graph/shape"
)

func TestArithmeticAgreesWithNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawDim(t, 2, 2), drawDim(t, 2, 2)
		p := []int64{2, 1}
		x, y := a.Eval(at(p)), b.Eval(at(p))
		require.Equal(t, x+y, a.Add(b).Eval(at(p)))
		require.Equal(t, x-y, a.Sub(b).Eval(at(p)))
		require.Equal(t, x*y, a.Mul(b).Eval(at(p)))
		require.True(t, a.Add(b).Sub(b).Equal(a))
		require.True(t, a.Mul(b).Equal(b.Mul(a)))
	})
}

func TestQuotientTimesDivisorIsTheDividend(t *testing.T) {
	n, h := Var("n"), Var("h")
	q := Quotient(n, h)
	require.True(t, q.Mul(h).Equal(n))
	require.True(t, h.Mul(q).Mul(Const(2)).AddInt(1).Equal(n.Scale(2).AddInt(1)))
	require.Equal(t, "quot(n, h)", q.String())
	require.True(t, Quotient(n.Mul(h), h).Equal(n))
	require.True(t, Quotient(n, Const(2)).Scale(4).Equal(n.Scale(2)))
}

// What is a multiple of a constant divisor stands outside of the quotient.
func TestQuotientsAreInANormalForm(t *testing.T) {
	n := Var("n")
	require.True(t, Div(n.Scale(2).AddInt(1), Const(2)).Equal(n))
	require.True(t, Div(n.AddInt(3), Const(2)).Equal(Div(n.AddInt(1), Const(2)).AddInt(1)))
	require.True(t, Mod(n.AddInt(-2), Const(2)).Equal(Mod(n, Const(2))))
	rapid.Check(t, func(t *rapid.T) {
		a, c := drawDim(t, 2, 3), rapid.Int64Range(1, 5).Draw(t, "divisor")
		p := []int64{rapid.Int64Range(0, 9).Draw(t, "n"), rapid.Int64Range(0, 9).Draw(t, "m")}
		require.Equal(t, Div(a, Const(c)).Eval(at(p))*c+Mod(a, Const(c)).Eval(at(p)), a.Eval(at(p)))
		require.Less(t, Mod(a, Const(c)).Eval(at(p)), c)
		require.GreaterOrEqual(t, Mod(a, Const(c)).Eval(at(p)), int64(0))
	})
}

func TestParseReadsWhatStringWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDim(t, 2, 3)
		got, err := Parse(d.String())
		require.NoError(t, err)
		require.True(t, got.Equal(d), "%s reads as %s", d, got)
	})
}

func TestParseComplains(t *testing.T) {
	for _, bad := range []string{"", "n +", "div(n)", "2 2", "n)", "max(n, m"} {
		_, err := Parse(bad)
		require.Error(t, err, bad)
	}
}
