package rewrite

import (
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/eval"
	"github.com/gradgen/gradgen/graph/graphtest"
	"github.com/gradgen/gradgen/graph/ops"
)

// before and after are graphs with rows for each rule that is a function. The
// text after is what remains when all exact rules have been applied.
var cases = []struct{ rule, before, after string }{
	{"mark", `
		%0 = input {x} : real [n, m]
		%1 = mark %0 {#1} : real [n, m]
		return %1`, `
		%0 = input {x} : real [n, m]
		return %0`},
	{"fold constants", `
		%0 = const {3} : real [n]
		%1 = const {4} : real [n]
		%2 = hypot %0 %1 : real [n]
		return %2`, `
		%0 = const {5} : real [n]
		return %0`},
	{"constant index", `
		%0 = index {7} : int [n]
		return %0`, `
		%0 = const {7} : int [n]
		return %0`},
	{"index arithmetic", `
		%0 = index {#0} : int [n]
		%1 = index {n} : int [n]
		%2 = imul %0 %1 : int [n]
		%3 = isub %2 %0 : int [n]
		%4 = iadd %3 %1 : int [n]
		%5 = ineg %4 : int [n]
		return %5`, `
		%0 = index {-#0*n + #0 - n} : int [n]
		return %0`},
	{"comparison decided by ranges", `
		%0 = index {#0} : int [n]
		%1 = index {n} : int [n]
		%2 = lt %0 %1 : bool [n]
		%3 = ge %0 %1 : bool [n]
		%4 = le %0 %1 : bool [n]
		%5 = gt %0 %1 : bool [n]
		%6 = eq %0 %1 : bool [n]
		%7 = ne %0 %1 : bool [n]
		return %2 %3 %4 %5 %6 %7`, `
		%0 = const {1} : bool [n]
		%1 = const {0} : bool [n]
		return %0 %1 %0 %1 %1 %0`},
	{"x/2ⁿ", `
		%0 = input {x} : real [n, m]
		%1 = const {-8} : real [n, m]
		%2 = div %0 %1 : real [n, m]
		return %2`, `
		%0 = const {-0.125} : real [n, m]
		%1 = input {x} : real [n, m]
		%2 = mul %0 %1 : real [n, m]
		return %2`},
	{"known condition", `
		%0 = input {c} : bool [n, m]
		%1 = input {d} : bool [n, m]
		%2 = and %0 %1 : bool [n, m]
		%3 = input {x} : real [n, m]
		%4 = input {y} : real [n, m]
		%5 = where %0 %3 %4 : real [n, m]
		%6 = sin %5 : real [n, m]
		%7 = where %2 %6 %5 : real [n, m]
		%8 = where %0 %4 %5 : real [n, m]
		return %7 %8`, `
		%0 = input {c} : bool [n, m]
		%1 = input {d} : bool [n, m]
		%2 = and %0 %1 : bool [n, m]
		%3 = input {x} : real [n, m]
		%4 = sin %3 : real [n, m]
		%5 = input {y} : real [n, m]
		%6 = where %0 %3 %5 : real [n, m]
		%7 = where %2 %4 %6 : real [n, m]
		return %7 %5`},
	{"element-wise on repeated operands", `
		%0 = input {x} : real [n, m]
		%1 = view %0 {[#0, #2]} : real [n, 5, m]
		%2 = const {2} : real [n, 5, m]
		%3 = mul %2 %1 : real [n, 5, m]
		%4 = index {#0 + 1} : int [n, 5, m]
		%5 = real %4 : real [n, 5, m]
		%6 = add %3 %5 : real [n, 5, m]
		return %6`, `
		%0 = const {2} : real [n, m]
		%1 = input {x} : real [n, m]
		%2 = mul %0 %1 : real [n, m]
		%3 = index {#0 + 1} : int [n]
		%4 = real %3 : real [n]
		%5 = view %4 {[#0]} : real [n, m]
		%6 = add %2 %5 : real [n, m]
		%7 = view %6 {[#0, #2]} : real [n, 5, m]
		return %7`},
	{"view of a view or constant", `
		%0 = input {x} : real [n, m]
		%1 = view %0 {[#1, #0]} : real [m, n]
		%2 = view %1 {[#1, n - #0 - 1]} : real [n, m]
		%3 = const {2} : real [n]
		%4 = view %3 {[#1]} : real [m, n]
		return %2 %4`, `
		%0 = input {x} : real [n, m]
		%1 = view %0 {[-#0 + n - 1, #1]} : real [n, m]
		%2 = const {2} : real [m, n]
		return %1 %2`},
	{"view of an index", `
		%0 = index {2*#0} : int [n]
		%1 = view %0 {[n - #1 - 1]} : int [m, n]
		return %1`, `
		%0 = index {-2*#1 + 2*n - 2} : int [m, n]
		return %0`},
	{"view that reads nothing", `
		%0 = input {x} : real [n, m]
		%1 = view %0 {[#0, #1] if #0 - n >= 0 else 3} : real [n, m]
		%2 = view %0 {[#0, #1] if #0 + 1 == 0 else 3} : real [n, m]
		return %1 %2`, `
		%0 = const {3} : real [n, m]
		return %0 %0`},
	{"sum of a constant", `
		%0 = const {2} : real [n, 5]
		%1 = sum %0 {axes 1} : real [n]
		%2 = sum %0 {axes 0} : real [5]
		%3 = const {3} : int [n, 5]
		%4 = isum %3 {axes 0} : int [5]
		return %1 %2 %4`, `
		%0 = const {10} : real [n]
		%1 = const {2} : real
		%2 = index {n} : int
		%3 = real %2 : real
		%4 = mul %1 %3 : real
		%5 = view %4 {[]} : real [5]
		%6 = index {3*n} : int [5]
		return %0 %5 %6`},
	{"reduction of a constant", `
		%0 = const {2} : real [n, 5]
		%1 = rmax %0 {axes 1} : real [n]
		%2 = const {1} : bool [n, 5]
		%3 = all %2 {axes 0} : bool [5]
		return %1 %3`, `
		%0 = const {2} : real [n]
		%1 = const {1} : bool [5]
		return %0 %1`},
	{"reduction of repetitions", `
		%0 = input {x} : real [n, m]
		%1 = view %0 {[#1, #2]} : real [4, n, m, 2]
		%2 = sum %1 {axes 0 2} : real [n, 2]
		%3 = rmax %1 {axes 0 1 2} : real [2]
		%4 = prod %1 {axes 1} : real [4, m, 2]
		return %2 %3 %4`, `
		%0 = const {4} : real [n]
		%1 = input {x} : real [n, m]
		%2 = sum %1 {axes 1} : real [n]
		%3 = mul %2 %0 : real [n]
		%4 = view %3 {[#0]} : real [n, 2]
		%5 = rmax %1 {axes 0 1} : real
		%6 = view %5 {[]} : real [2]
		%7 = prod %1 {axes 0} : real [m]
		%8 = view %7 {[#1]} : real [4, m, 2]
		return %4 %6 %8`},
	{"reduction of a permutation", `
		%0 = input {x} : real [n, m]
		%1 = view %0 {[#1, #0]} : real [m, n]
		%2 = sum %1 {axes 1} : real [m]
		return %2`, `
		%0 = input {x} : real [n, m]
		%1 = sum %0 {axes 0} : real [m]
		return %1`},
	{"any of what holds at a known place", `
		%0 = index {#0} : int [n, n]
		%1 = index {#1} : int [n, n]
		%2 = le %1 %0 : bool [n, n]
		%3 = any %2 {axes 0} : bool [n]
		%4 = any %2 {axes 1} : bool [n]
		%5 = lt %1 %0 : bool [n, n]
		%6 = any %5 {axes 1} : bool [n]
		return %3 %4 %6`, `
		%0 = const {1} : bool [n]
		%1 = index {#1} : int [n, n]
		%2 = index {#0} : int [n, n]
		%3 = lt %1 %2 : bool [n, n]
		%4 = any %3 {axes 1} : bool [n]
		return %0 %0 %4`},
	{"any of what holds at a known place", `
		%0 = const {1} : bool [n, m]
		%1 = view %0 {[#0, #1 - 2] if #1 - 2 >= 0 and -#1 + m + 1 >= 0 else 0} : bool [n, m + 4]
		%2 = input {c} : bool [n, m]
		%3 = view %2 {[#0, 0]} : bool [n, m + 4]
		%4 = or %3 %1 : bool [n, m + 4]
		%5 = any %4 {axes 0 1} : bool
		%6 = any %1 {axes 0} : bool [m + 4]
		return %5 %6`, `
		%0 = const {1} : bool
		%1 = const {1} : bool
		%2 = view %1 {[] if #0 - 2 >= 0 and -#0 + m + 1 >= 0 else 0} : bool [m + 4]
		return %0 %2`},
	{"guarded view of a constant", `
		%0 = const {2} : real [n]
		%1 = view %0 {[#0 - 1] if #0 - 1 >= 0 else 0} : real [n + 1]
		return %1`, `
		%0 = const {2} : real
		%1 = view %0 {[] if #0 - 1 >= 0 else 0} : real [n + 1]
		return %1`},
	{"sum of products apart", `
		%0 = input {x} : real [n, m]
		%1 = view %0 {[#0, #1]} : real [n, m, 3]
		%2 = input {y} : real [n, m]
		%3 = view %2 {[#2, #1]} : real [n, m, 3]
		%4 = mul %1 %3 : real [n, m, 3]
		%5 = mul %1 %1 : real [n, m, 3]
		%6 = mul %3 %1 : real [n, m, 3]
		%7 = sub %4 %6 : real [n, m, 3]
		%8 = sum %7 {axes 1} : real [n, 3]
		return %8`, `
		%0 = input {x} : real [n, m]
		%1 = view %0 {[#0, #1]} : real [n, m, 3]
		%2 = input {y} : real [n, m]
		%3 = view %2 {[#2, #1]} : real [n, m, 3]
		%4 = mul %1 %3 : real [n, m, 3]
		%5 = sum %4 {axes 1} : real [n, 3]
		%6 = mul %3 %1 : real [n, m, 3]
		%7 = sum %6 {axes 1} : real [n, 3]
		%8 = sub %5 %7 : real [n, 3]
		return %8`},
	{"sum of what is masked alike", `
		%0 = input {c} : bool [n, m]
		%1 = view %0 {[#0, #1]} : bool [n, m, n]
		%2 = input {x} : real [n, m]
		%3 = view %2 {[#2, #1]} : real [n, m, n]
		%4 = const {0} : real [n, m, n]
		%5 = where %1 %3 %4 : real [n, m, n]
		%6 = sum %5 {axes 2} : real [n, m]
		return %6`, `
		%0 = input {c} : bool [n, m]
		%1 = input {x} : real [n, m]
		%2 = sum %1 {axes 0} : real [m]
		%3 = view %2 {[#1]} : real [n, m]
		%4 = const {0} : real [n, m]
		%5 = where %0 %3 %4 : real [n, m]
		return %5`},
	{"reduction over one element", `
		%0 = input {x} : real [n, m]
		%1 = view %0 {[#0, #1]} : real [n, 1]
		%2 = prod %1 {axes 1} : real [n]
		return %2`, `
		%0 = input {x} : real [n, m]
		%1 = view %0 {[#0, 0]} : real [n]
		return %1`},
	{"reduction of a reduction", `
		%0 = input {x} : real [n, m]
		%1 = sum %0 {axes 0} : real [m]
		%2 = sum %1 {axes 0} : real
		return %2`, `
		%0 = input {x} : real [n, m]
		%1 = sum %0 {axes 0 1} : real
		return %1`},
	{"sum of a negative", `
		%0 = input {x} : real [n, m]
		%1 = neg %0 : real [n, m]
		%2 = sum %1 {axes 1} : real [n]
		return %2`, `
		%0 = input {x} : real [n, m]
		%1 = sum %0 {axes 1} : real [n]
		%2 = neg %1 : real [n]
		return %2`},
	{"reshape of a reshape", `
		%0 = input {x} : real [n, m]
		%1 = reshape %0 : real [n*m]
		%2 = reshape %1 : real [m, n]
		return %2`, `
		%0 = input {x} : real [n, m]
		%1 = reshape %0 : real [m, n]
		return %1`},
	{"reshape of a constant", `
		%0 = const {2} : real [n, m]
		%1 = reshape %0 : real [m*n]
		return %1`, `
		%0 = const {2} : real [m*n]
		return %0`},
	{"mask that always holds", `
		%0 = input {x} : real [n, m]
		%1 = sum %0 {axes 0} : real [m]
		%2 = isfinite %1 : bool [m]
		%3 = int %2 : int [m]
		%4 = const {1} : bool [m]
		%5 = gather %0 %3 %4 {[@0, #0] checked masked else 0} : real [m]
		return %5`, `
		%0 = input {x} : real [n, m]
		%1 = sum %0 {axes 0} : real [m]
		%2 = isfinite %1 : bool [m]
		%3 = int %2 : int [m]
		%4 = gather %0 %3 {[@0, #0] checked else 0} : real [m]
		return %4`},
	{"index known to be inside", `
		%0 = input {x} : real [n, m]
		%1 = argmax %0 {axis 0} : int [m]
		%2 = gather %0 %1 {[@0, #0] checked else 0} : real [m]
		return %2`, `
		%0 = input {x} : real [n, m]
		%1 = argmax %0 {axis 0} : int [m]
		%2 = gather %0 %1 {[@0, #0] else 0} : real [m]
		return %2`},
	{"lookup of a chosen row", `
		%0 = input {x} : real [n, m]
		%1 = sum %0 {axes 1} : real [n]
		%2 = argmax %1 {axis 0} : int
		%3 = view %2 {[]} : int [n]
		%4 = index {#0} : int [n]
		%5 = eq %4 %3 : bool [n]
		%6 = view %5 {[#0]} : bool [n, m]
		%7 = exp %0 : real [n, m]
		%8 = where %6 %0 %7 : real [n, m]
		%9 = view %2 {[]} : int [m]
		%10 = gather %8 %9 {[@0, #0] checked else 0} : real [m]
		return %10`, `
		%0 = input {x} : real [n, m]
		%1 = sum %0 {axes 1} : real [n]
		%2 = argmax %1 {axis 0} : int
		%3 = view %2 {[]} : int [m]
		%4 = gather %0 %3 {[@0, #0] else 0} : real [m]
		return %4`},
	{"check that cannot fail", `
		%0 = const {3} : int [n]
		%1 = nonzero %0 : int [n]
		return %1`, `
		%0 = const {3} : int [n]
		return %0`},
	{"reshape by axes of one", `
		%0 = input {x} : real [n, m]
		%1 = reshape %0 : real [1, n, 1, m, 1]
		return %1`, `
		%0 = input {x} : real [n, m]
		%1 = view %0 {[#1, #3]} : real [1, n, 1, m, 1]
		return %1`},
	{"concat of one", `
		%0 = input {x} : real [n, m]
		%1 = concat %0 {axis 1} : real [n, m]
		return %1`, `
		%0 = input {x} : real [n, m]
		return %0`},
}

func TestStructuralRules(t *testing.T) {
	for _, c := range cases {
		t.Run(c.rule, func(t *testing.T) {
			g, roots, err := graph.Read(c.before, ops.Table())
			require.NoError(t, err)
			require.NoError(t, graph.Verify(g, roots))
			e := newEngine(false, false)
			for _, n := range graph.Reachable(roots...) {
				e.old(n)
			}
			out := e.results(roots)
			require.NoError(t, graph.Verify(e.clean.G, out))
			require.True(t, fired(e, c.rule), "the rule is not used")
			_, want, err := graph.Read(c.after, ops.Table())
			require.NoError(t, err)
			require.Equal(t, graph.Text(want...), graph.Text(out...))
			same(t, roots, out)
		})
	}
}

func fired(e *engine, name string) bool {
	for r := range e.fired {
		if r.Name == name {
			return true
		}
	}
	return false
}

func same(t *testing.T, before, after []*graph.Node) {
	env := values(rand.New(rand.NewSource(1))).Env()
	want, err := eval.Run(before, env)
	require.NoError(t, err)
	got, err := eval.Run(after, env)
	require.NoError(t, err)
	for i := range want {
		graphtest.Close(t, want[i].Data, got[i].Data, 1e-15)
	}
}

func TestEveryStructuralRuleHasACase(t *testing.T) {
	for _, r := range structure {
		found := false
		for _, c := range cases {
			found = found || c.rule == r.Name
		}
		require.True(t, found, r.Name)
	}
}

func TestRulesKeepTheirDistance(t *testing.T) {
	for name, text := range map[string]string{
		"a sum that may be empty":       "%0 = input {x} : real\n%1 = view %0 {[]} : real [n - 1]\n%2 = sum %1 {axes 0} : real\nreturn %2\n",
		"an unknown comparison":         "%0 = index {#0} : int [n]\n%1 = index {m} : int [n]\n%2 = lt %0 %1 : bool [n]\nreturn %2\n",
		"a product over repetitions":    "%0 = input {x} : real [n, m]\n%1 = view %0 {[#1, #2]} : real [4, n, m]\n%2 = prod %1 {axes 0} : real [n, m]\nreturn %2\n",
		"a permutation of what is kept": "%0 = input {x} : real [n, m, n]\n%1 = view %0 {[#1, #0, #2]} : real [m, n, n]\n%2 = sum %1 {axes 2} : real [m, n]\nreturn %2\n",
		"a division by three":           "%0 = input {x} : real [n]\n%1 = const {3} : real [n]\n%2 = div %0 %1 : real [n]\nreturn %2\n",
		"zero times what may be inf":    "%0 = input {x} : real [n]\n%1 = const {0} : real [n]\n%2 = mul %0 %1 : real [n]\nreturn %2\n",
	} {
		_, roots, err := graph.Read(text, ops.Table())
		require.NoError(t, err)
		require.Equal(t, text, graph.Text(Nodes(roots, false, false)...), name)
	}
}

func TestNamesMoveToWhatRemains(t *testing.T) {
	b := ops.NewBuilder(graph.New())
	x := b.Leaf("input", "x", graph.Type{})
	h := b.Mark(b.Map("sin", x))
	h.Name = "h"
	require.Equal(t, "h", Nodes([]*graph.Node{h}, false, false)[0].Name)
}
