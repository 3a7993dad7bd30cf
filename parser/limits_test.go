package parser

import (
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/parser/ast"
)

// Whatever is nested or chained without end is refused, by one message, long
// before the stack is.
func TestLimits(t *testing.T) {
	const n = 100_000
	for name, src := range map[string]string{
		"signs":      "func F(x) = " + strings.Repeat("-", n) + "x\n",
		"powers":     "func F(x) = x" + strings.Repeat("^x", n) + "\n",
		"sums":       "func F(x) = x" + strings.Repeat("+x", n) + "\n",
		"transposes": "func F(x) = x" + strings.Repeat("'", n) + "\n",
		"calls":      "func F(x) = x" + strings.Repeat("()", n) + "\n",
		"lists":      "func F(x) = " + strings.Repeat("[", n) + strings.Repeat("]", n) + "\n",
		"blocks":     "func F(x) {" + strings.Repeat("if x {\n", n) + strings.Repeat("}", n) + "}\n",
		"conditions": "func F(x) {\nif x {}" + strings.Repeat(" else if x {}", n) + "\nreturn x\n}\n",
	} {
		_, diags := Parse("limit.grad", []byte(src))
		if assert.Len(t, diags, 1, name) {
			assert.Equal(t, "G0105", diags[0].Code, name)
		}
	}
}

// Blocks in statements that cannot be read are gone through once.
func TestNestedFaultsTakeNoTime(t *testing.T) {
	f, diags := Parse("limit.grad", []byte("f [3] = "+strings.Repeat("{k", 150)))
	require.NotEmpty(t, diags)
	require.Less(t, len(ast.Bound(f)), 1000)
}

func TestDeepButLegal(t *testing.T) {
	src := "func F(x) = " + strings.Repeat("sum(i: {\nreturn ", 99) + "x" + strings.Repeat("\n})", 99) + "\n"
	_, diags := Parse("deep.grad", []byte(src))
	require.Empty(t, diags)
}

func TestParsersRunSideBySide(t *testing.T) {
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				_, diags := Parse("a.grad", []byte("func F(x) = x +\n\nfunc G(x) = x\n"))
				assert.Len(t, diags, 1)
			}
		})
	}
	wg.Wait()
}
