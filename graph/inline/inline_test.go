package inline_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/check"
	"github.com/gradgen/gradgen/graph/inline"
	"github.com/gradgen/gradgen/parser"
)

// What is small as a whole, or called from one place, is written out.
func TestCallsThatAreWrittenOut(t *testing.T) {
	for src, left := range map[string]int{
		"func f(x [n], k dim) {\n if k == 0 { return sin(x) }\n return f(x, k - 1) + f(x / 2, k - 1)\n}\nfunc F(x [3]) = f(x, 4)\n": 0,
		"func f(x [n], k dim) {\n if k == 0 { return sin(x) }\n return f(x / 2, k - 1) + x\n}\nfunc F(x [500]) = f(x, 20)\n":        0,
		// Level k works on 30·2ᵏ - 20 elements: 8, called once, 7 and 6 make two calls each, 5 is small.
		"func f(x [n], k dim) {\n if k == 0 { return sin(x) }\n return f(x, k - 1) + f(x / 2, k - 1)\n}\nfunc F(x [10]) = f(x, 8)\n": 3 * 2,
	} {
		file, list := parser.Parse("f.grad", []byte(src))
		require.Empty(t, list)
		p, list := check.Check(file, check.Options{})
		require.False(t, list.HasErrors(), "%v", list)
		inline.Program(p)
		out := p.Funcs[0].Results[0].Node
		require.NoError(t, graph.Verify(p.Funcs[0].G, []*graph.Node{out}))
		require.Equal(t, left, strings.Count(graph.Text(out), "= call "), src)
	}
}
