package graph_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	. "github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/diff"
	"github.com/gradgen/gradgen/graph/graphtest"
	"github.com/gradgen/gradgen/graph/ops"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/diag"
)

// layer is h = relu(x @ W + b), as the package comment prints it.
func layer(b *Builder) *Node {
	n, k, j := shape.Var("batch"), shape.Const(784), shape.Const(128)
	x := b.Leaf("input", "x", Type{Shape: []shape.Dim{n, k}})
	w := b.Leaf("param", "W", Type{Shape: []shape.Dim{k, j}})
	bias := b.Leaf("param", "b", Type{Shape: []shape.Dim{j}})
	ext := []shape.Dim{n, j, k}
	left := b.View(x, shape.Map{In: []shape.Dim{shape.Idx(0), shape.Idx(2)}}, 0, ext)
	right := b.View(w, shape.Map{In: []shape.Dim{shape.Idx(2), shape.Idx(1)}}, 0, ext)
	return b.Map("relu", b.Add(b.Sum(b.Mul(left, right), 2), bias))
}

func TestPrintOfALayer(t *testing.T) {
	require.Equal(t, `%0 = input {x} : real [batch, 784]
%1 = view %0 {[#0, #2]} : real [batch, 128, 784]
%2 = param {W} : real [784, 128]
%3 = view %2 {[#2, #1]} : real [batch, 128, 784]
%4 = mul %1 %3 : real [batch, 128, 784]
%5 = sum %4 {axes 2} : real [batch, 128]
%6 = param {b} : real [128]
%7 = view %6 {[#1]} : real [batch, 128]
%8 = add %5 %7 : real [batch, 128]
%9 = relu %8 : real [batch, 128]
return %9
`, Text(layer(ops.NewBuilder(New()))))
}

func TestPrintShowsHints(t *testing.T) {
	b := ops.NewBuilder(New())
	file := diag.NewFile("models/tiny.grad", []byte("input x\noutput y = sin(x)\n"))
	b.Span = diag.Span{File: file, Start: 12, End: 20}
	y := b.Map("sin", b.Leaf("input", "x", Type{}))
	y.Name = "y"
	dx := diff.Grad(b, y, y.Args)[0]
	require.Contains(t, Text(y, dx), "%1 = sin %0 : real   // y, tiny.grad:2\n")
	require.Contains(t, Text(y, dx), "cos %0 : real   // tiny.grad:2, adjoint of sin\n")
}

func TestReadGivesTheSameText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := graphtest.Draw(t, rapid.IntRange(0, 12).Draw(t, "size"))
		roots := append(diff.Grad(g.B, g.B.Mark(g.Y), g.Leaves), g.Y)
		require.NoError(t, Verify(g.B.G, roots))
		text := Text(roots...)
		back, got, err := Read(text, ops.Table())
		require.NoError(t, err)
		require.NoError(t, Verify(back, got))
		require.Equal(t, bare(text), bare(Text(got...)))
	})
}

// bare drops the hints, which are not read.
func bare(text string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		lines[i], _, _ = strings.Cut(l, "   // ")
	}
	return strings.Join(lines, "\n")
}

func TestReadOfEveryAttribute(t *testing.T) {
	for _, text := range []string{
		"%0 = const {-Inf} : real [n, quot(n, 2)]\nreturn %0\n",
		"%0 = table {1 2.5 NaN} : real [3]\nreturn %0\n",
		"%0 = index {2*#0 + div(n, 2) - 1} : int [n]\nreturn %0\n",
		"%0 = input {x} : bool [n]\n%1 = view %0 {[(#0 + 1)/2] if #0 - 1 >= 0 and #0 + 1 % 2 == 0 and #0 - #1 == 0 else 1} : bool [n, n]\nreturn %1 %0\n",
		"%0 = input {x} : real [n]\n%1 = input {i} : int [m]\n%2 = gather %0 %1 {[@0] checked else 0} : real [m]\nreturn %2\n",
		"%0 = input {x} : real [n, 3]\n%1 = argmax %0 {axis 1} : int [n]\nreturn %1\n",
		"%0 = input {x} : real\n%1 = mark %0 {#4} : real\n%2 = powi %1 {-3} : real\nreturn %2\n",
	} {
		g, roots, err := Read(text, ops.Table())
		require.NoError(t, err, text)
		require.NoError(t, Verify(g, roots), text)
		require.Equal(t, text, Text(roots...))
	}
}

func TestReadComplains(t *testing.T) {
	for text, want := range map[string]string{
		"%0 = input {x} : real":                                      "ends without return",
		"%1 = input {x} : real\nreturn %0":                           "line 1: want %0",
		"%0 = nonsense : real\nreturn %0":                            "no such operator",
		"%0 = input {x} : complex\nreturn %0":                        "no element type",
		"%0 = input {x} : real [n +]\nreturn %0":                     "line 1: dim",
		"%0 = input {x} : real\nreturn %2":                           "no node %2",
		"%0 = input {x} : real\nreturn %0\nreturn %0":                "left over",
		"%0 = input {x} : real\n%1 = view %0 {[] if n} : real [n]\n": "no condition",
	} {
		_, _, err := Read(text, ops.Table())
		require.ErrorContains(t, err, want, text)
	}
}

func TestRegionsAreIndentedAndReadBack(t *testing.T) {
	text := `%0 = const {0} : real [k]
%1 = input {x} : real [T, k]
%2 = scan %0 %1 {1 carry, 1 slice, 1 collect, trip T} : bool
  region 3
    %0 = arg {0} : int
    %1 = arg {1} : real [k]
    %2 = arg {2} : real [k]
    %3 = add %2 %1 : real [k]
    return %3 %3
%3 = result %2 {1} : real [T, k]
return %3
`
	g, roots, err := Read(text, ops.Table())
	require.NoError(t, err)
	require.NoError(t, Verify(g, roots))
	require.Equal(t, text, Text(roots...))

	scan := roots[0].Args[0]
	scan.Regions[0].Params[1] = scan.Args[0]
	require.ErrorContains(t, Verify(g, roots), "parameter 1 of its region")
}
