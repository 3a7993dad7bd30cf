package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	. "github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/ops"
	"github.com/gradgen/gradgen/graph/shape"
)

func TestVerifyFindsMisfits(t *testing.T) {
	for want, text := range map[string]string{
		"the operator gives real [n]":   "%0 = input {x} : real [n]\n%1 = sin %0 : real [m]\nreturn %1",
		"operand 2 is real":             "%0 = input {x} : real [n]\n%1 = input {y} : real\n%2 = add %0 %1 : real [n]\nreturn %2",
		"2 subscripts":                  "%0 = input {x} : real [n]\n%1 = view %0 {[#0, #0]} : real [n]\nreturn %1",
		"index #1 in #1, of rank 1":     "%0 = input {x} : real [n]\n%1 = view %0 {[#1]} : real [n]\nreturn %1",
		"#0*#1 is not affine":           "%0 = input {x} : real [n]\n%1 = view %0 {[#0*#1]} : real [n, n]\nreturn %1",
		"div(#0, 2) is not affine":      "%0 = input {x} : real [n]\n%1 = view %0 {[div(#0, 2)]} : real [n]\nreturn %1",
		"subscript #0 + n is outside":   "%0 = input {x} : real [n]\n%1 = view %0 {[#0 + n]} : real [n]\nreturn %1",
		"it views real [n]":             "%0 = input {x} : real [n]\n%1 = view %0 {[#0]} : bool [n]\nreturn %1",
		"3 elements":                    "%0 = table {1 2 3} : real [2]\nreturn %0",
		"no index operand 1":            "%0 = input {x} : real [n]\n%1 = input {i} : int [m]\n%2 = gather %0 %1 {[@1] else 0} : real [m]\nreturn %2",
		"no mask":                       "%0 = input {v} : real [m]\n%1 = input {i} : int [m]\n%2 = scatter %0 %1 {[@0] masked else 0} : real [n]\nreturn %2",
		"axes 1":                        "%0 = input {x} : real [n]\n%1 = sum %0 {axes 1} : real [n]\nreturn %1",
		"1 operands, want 2":            "%0 = input {x} : real [n]\n%1 = add %0 : real [n]\nreturn %1",
		"index #0 in #0 + 1, of rank 0": "%0 = input {x} : real [#0 + 1]\nreturn %0",
		"index #0 in #0, of rank 0":     "%0 = index {div(#0, 2)} : int\nreturn %0",
	} {
		g, roots, err := Read(text, ops.Table())
		require.NoError(t, err, text)
		require.ErrorContains(t, Verify(g, roots), want, text)
	}
}

func TestVerifyFindsStrangers(t *testing.T) {
	a, b := ops.NewBuilder(New()), ops.NewBuilder(New())
	x := a.Leaf("input", "x", Type{Shape: []shape.Dim{shape.Var("n")}})
	b.Leaf("input", "y", Type{})
	require.ErrorContains(t, Verify(b.G, []*Node{x}), "a root is not in the graph")
	b.Map("sin", x)
	require.ErrorContains(t, Verify(b.G, nil), "does not precede")
}
