package graph_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	. "github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/check"
	"github.com/gradgen/gradgen/graph/diff"
	"github.com/gradgen/gradgen/graph/graphtest"
	"github.com/gradgen/gradgen/graph/ops"
	"github.com/gradgen/gradgen/parser"
)

// Loops, branches and their derivatives read back as they were printed.
func TestLoopsReadBack(t *testing.T) {
	for name, body := range graphtest.Loops {
		file, list := parser.Parse("t.grad", graphtest.LoopFunc(body+"\nreturn y, grad(y, x, W, v, s)"))
		require.False(t, list.HasErrors(), name)
		p, list := check.Check(file, check.Options{})
		require.False(t, list.HasErrors(), name)
		diff.Program(p)
		var roots []*Node
		for _, v := range p.Funcs[0].Results {
			v.Node.Name = ""
			roots = append(roots, v.Node)
		}
		text := Text(roots...)
		g, back, err := Read(text, ops.Table())
		require.NoError(t, err, text)
		require.NoError(t, Verify(g, back))
		require.Equal(t, withoutHints(text), withoutHints(Text(back...)), name)
	}
}

func withoutHints(text string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		lines[i], _, _ = strings.Cut(l, "   // ")
	}
	return strings.Join(lines, "\n")
}

const counting = `%0 = input {x} : real [n]
%1 = const {0} : real
%2 = scan %1 %0 {1 carry, 1 slice, 1 collect, trip n} : bool
  region 3
    %0 = arg {0} : int
    %1 = arg {1} : real
    %2 = arg {2} : real
    %3 = add %1 %2 : real
    return %3 %3
%3 = result %2 {1} : real [n]
return %3`

func TestVerifyFindsMisfitsOfLoops(t *testing.T) {
	for from, row := range map[string]struct{ to, want string }{
		"trip n}":                   {"trip m}", "a slice of m steps is real [n]"},
		"1 carry, 1 slice":          {"2 carry, 0 slice", "2 operands, 1 regions"},
		"result %2 {1} : real [n]":  {"result %2 {0} : real [n]", "value 0 is real"},
		"result %2 {1}":             {"result %2 {4}", "value 4 of 2"},
		"%1 = const {0} : real\n%2": {"%1 = const {0} : int\n%2", "parameter 1 is real, want int"},
		"%1 %0 {1 carry,":           {"%1 %0 %0 {1 carry, counted,", "the trip count is real [n]"},
		"    %3 = add %1 %2 : real": {"    %3 = input {x} : real", "reads input x"},
		"%2 = arg {2}":              {"%2 = arg {5}", "parameter 2 of its region is no arg"},
		"%1 %0 {1 carry":            {"%1 %0 %0 {1 carry", "3 of kind parameter, want 4"},
		"region 3":                  {"region 9", "fewer nodes than parameters"},
		"1 collect,":                {"1 foo,", "no part of a loop"},
	} {
		require.Contains(t, counting, from)
		g, roots, err := Read(strings.Replace(counting, from, row.to, 1), ops.Table())
		if err == nil {
			err = Verify(g, roots)
		}
		require.ErrorContains(t, err, row.want, "%s to %s", from, row.to)
	}
	g, roots, err := Read(counting, ops.Table())
	require.NoError(t, err)
	require.NoError(t, Verify(g, roots))
}
