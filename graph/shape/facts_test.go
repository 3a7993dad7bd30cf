package shape_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	. "github.com/gradgen/gradgen/graph/shape"
)

// drawDim draws a polynomial over n, m, the given number of indices, and atoms.
func drawDim(t *rapid.T, indices, depth int) Dim {
	if depth == 0 {
		leaves := []Dim{Const(1), Const(2), Const(-3), Var("n"), Var("m")}
		for k := range indices {
			leaves = append(leaves, Idx(k))
		}
		return rapid.SampledFrom(leaves).Draw(t, "leaf")
	}
	a, b := drawDim(t, indices, depth-1), drawDim(t, indices, depth-1)
	divisor := Const(int64(rapid.IntRange(1, 4).Draw(t, "divisor")))
	switch rapid.IntRange(0, 9).Draw(t, "op") {
	case 0:
		return Div(a, divisor)
	case 1:
		return Mod(a, divisor)
	case 2:
		return Min(a, b)
	case 3:
		return Max(a, b)
	case 4:
		return Div(a, Var("m"))
	case 5:
		return a.Mul(b)
	case 6, 7:
		return a.Sub(b)
	}
	return a.Add(b)
}

// each calls f with every value of n and m from 1 to 5, and of two indices inside ext.
func each(ext []Dim, f func(value func(*Sym) int64)) {
	for n := int64(1); n <= 5; n++ {
		for m := int64(1); m <= 5; m++ {
			dims := map[string]int64{"n": n, "m": m}
			e0 := ext[0].Bind(dims).Eval(nil)
			e1 := ext[1].Bind(dims).Eval(nil)
			for i := range max(e0, 0) {
				for j := range max(e1, 0) {
					f(func(s *Sym) int64 {
						if s.Axis >= 0 {
							return []int64{i, j}[s.Axis]
						}
						return dims[s.Name]
					})
				}
			}
		}
	}
}

func TestFactsNeverClaimAFalsehood(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ext := drawShape(t, "ext", 2, 2)
		f := Facts{Ext: ext}
		a, b := drawDim(t, 2, 2), drawDim(t, 2, 2)
		nonNeg, less, equal := f.NonNeg(a), f.Less(a, b), f.Equal(a, b)
		each(ext, func(value func(*Sym) int64) {
			x, y := a.Eval(value), b.Eval(value)
			claim(t, nonNeg, x >= 0, a)
			claim(t, less, x < y, a, b)
			claim(t, equal, x == y, a, b)
		})
	})
}

func claim(t *rapid.T, got Answer, truth bool, about ...any) {
	if got != Unknown && (got == Yes) != truth {
		t.Fatalf("claims %v of %v", got == Yes, about)
	}
}

func TestFactsProveWhatTheCheckerNeeds(t *testing.T) {
	n, m := Var("n"), Var("m")
	f := Facts{Ext: []Dim{n, Const(3), Div(n.AddInt(-1), Const(2)).AddInt(1)}}
	require.Equal(t, Yes, f.Less(Idx(0).Add(Idx(1)), n.AddInt(2)))
	require.Equal(t, No, f.Less(Idx(0).Add(Const(3)), Idx(0)))
	require.Equal(t, Unknown, f.Less(Idx(0).Add(Idx(1)), n))
	require.Equal(t, Yes, f.Less(Idx(2).Scale(2), n))
	require.Equal(t, Yes, f.NonNeg(n.Mul(m).AddInt(-1)))
	require.Equal(t, Yes, f.NonNeg(Div(n, m)))
	require.Equal(t, Unknown, f.NonNeg(Div(n.AddInt(-2), m)))
	require.Equal(t, Yes, f.Less(Min(Idx(0), m), n))
}
