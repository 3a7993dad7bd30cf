package check_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/graph"
)

// calls counts the regions of calls in a program, and the calls of all of them.
func calls(t *testing.T, src string) (regions, calls int) {
	p, said := program(t, src)
	require.NotNil(t, p, said)
	text := graph.Text(roots(p)...)
	return strings.Count(text, " #") - strings.Count(text, "region #"), strings.Count(text, "= call ")
}

func TestRecursiveFunctionsAreOneRegionAShape(t *testing.T) {
	regions, n := calls(t, `
func det(M [n, n]) {
    if n == 1 { return M[0, 0] }
    d = 0.0
    for j in 0..n {
        d = d + (-1)^j * M[0, j] * det(minor(M, j))
    }
    return d
}
func minor(M [n, n], j) {
    m[r in n-1, c in n-1] = M[r + 1, where(c < j, c, c + 1)]
    return m
}
func Det(A [12, 12]) = det(A)
`)
	require.Equal(t, []int{12, 12 * 13 / 2}, []int{regions, n})
}

func TestWhatIsSharedAndWhatIsWrittenOut(t *testing.T) {
	tests := []struct {
		why, src string
		regions  int
	}{
		{"not recursive", "func f(x) = 2 * x\nfunc F(x) = f(f(x))", 0},
		{"mutual", "func f(x, k dim) {\n if k == 0 { return x }\n return g(x, k - 1) * g(2 * x, k - 1)\n}\nfunc g(x, k dim) = f(x, k) + 1\nfunc F(x) = f(x, 2)", 5},
		{"other numbers are other regions", "func f(x, c, k dim) {\n if k == 0 { return c * x }\n return f(x, c + 1, k - 1) * f(x, c + 2, k - 1)\n}\nfunc F(x) = f(x, 0, 2)", 6},
		{"and so are other shapes and functions", "func f(x, h, k dim) {\n if k == 0 { return h(x) }\n return f(x, h, k - 1) + f(x, h, k - 1)\n}\nfunc F(x [3]) = f(x, sin, 1) + f(x, cos, 1) + sum(f(x[:2], cos, 1))", 6},
		{"random", "func f(x, k dim) {\n if k == 0 { return x * random.normal([]) }\n return f(x, k - 1) + f(x, k - 1)\n}\nfunc F(x) = f(x, 2)", 0},
		{"a check of data", "func f(x [n], i int, k dim) {\n if k == 0 { return x[i] }\n return f(x, i, k - 1) + f(2 * x, i, k - 1)\n}\nfunc F(x [n], i int) = f(x, i, 2)", 0},
		{"under an index", "func f(x, k dim) {\n if k == 0 { return x }\n return f(x, k - 1) + f(2 * x, k - 1)\n}\nfunc F(x [n]) = sum(i: f(x[i], 2))", 0},
		{"of inner functions", "func F(x, w) {\n func f(y, k dim) {\n  if k == 0 { return y * w }\n  return f(y, k - 1) * f(2 * y, k - 1)\n }\n return f(x, 2)\n}", 3},
	}
	for _, test := range tests {
		regions, _ := calls(t, test.src+"\n")
		require.Equal(t, test.regions, regions, test.why)
	}
}

func TestLookupsAtKnownPlacesAreNotChecked(t *testing.T) {
	for src, checked := range map[string]bool{
		"func F(x [4]) {\n y[i in 3] = x[where(i < 1, i, i + 1)]\n return y\n}\n": false,
		"func F(x [4]) {\n y[i in 3] = x[where(i < 1, i, i + 2)]\n return y\n}\n": true,
		"func F(x [n]) {\n y[i in 3] = x[where(i < 1, i, i + 1)]\n return y\n}\n": true,
	} {
		p, said := program(t, src)
		require.NotNil(t, p, said)
		require.Equal(t, checked, strings.Contains(graph.Text(roots(p)...), "checked"), src)
	}
}

func TestErrorsInSharedFunctionsAreSaidOnce(t *testing.T) {
	_, said := program(t, "func f(x, k dim) {\n if k == 0 { return x + y }\n return f(x, k - 1) + f(2 * x, k - 1)\n}\nfunc F(x) = f(x, 3)\n")
	require.Equal(t, 1, strings.Count(said, "G02"), said)
}
