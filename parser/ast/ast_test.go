package ast_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/parser"
	"github.com/gradgen/gradgen/parser/ast"
)

func parse(t *testing.T, src string) *ast.File {
	f, diags := parser.Parse("a.grad", []byte(src))
	require.Empty(t, diags)
	return f
}

func TestDumpTellsProgramsApart(t *testing.T) {
	assert.Equal(t, ast.Dump(parse(t, "func F(a) = a + 1\n")), ast.Dump(parse(t, "// c\nfunc F( a )  = (a+1)\n")))
	for _, other := range []string{"func F(a) = a - 1\n", "func F(a) = a + 2\n", "func F(a, b) = a + 1\n", "layer F(a) = a + 1\n"} {
		assert.NotEqual(t, ast.Dump(parse(t, "func F(a) = a + 1\n")), ast.Dump(parse(t, other)))
	}
	assert.NotEqual(t, ast.Dump(parse(t, "const a = true\n")), ast.Dump(parse(t, "const a = false\n")))
}

// Inspect meets every name and value in the order of the source, and nothing
// below a node that is declined.
func TestInspect(t *testing.T) {
	f := parse(t, "func F(a [n], b = 2) {\n    c, d = g(a, k = [b])\n    return h(i in 0..3: c[i])\n}\n")
	var words []string
	ast.Inspect(f, func(n ast.Spanned) bool {
		switch n := n.(type) {
		case *ast.Name, *ast.Ident, *ast.Number:
			words = append(words, n.Span().Text())
		case *ast.Index:
			return false
		}
		return true
	})
	assert.Equal(t, "F a n b 2 c d g a k b h i 0 3", strings.Join(words, " "))
}

// Spans cover what was written, brackets included.
func TestSpans(t *testing.T) {
	f := parse(t, "func F(a) = (a + 1)' * f(a,\n  2)\n")
	var spans []string
	ast.Inspect(f, func(n ast.Spanned) bool {
		switch n.(type) {
		case *ast.Binary, *ast.Transpose, *ast.Call:
			spans = append(spans, n.Span().Text())
		}
		return true
	})
	assert.Equal(t, []string{"(a + 1)' * f(a,\n  2)", "(a + 1)'", "a + 1", "f(a,\n  2)"}, spans)
}
