package parser

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/parser/std"
)

func TestStandardLibraryIsWellFormed(t *testing.T) {
	require.NotEmpty(t, std.Names())
	for _, name := range std.Names() {
		src, ok := std.Source(name)
		require.True(t, ok, name)
		_, diags := Parse(name+".grad", src)
		var b bytes.Buffer
		require.NoError(t, diags.Render(&b))
		require.Empty(t, b.String())
	}
	_, ok := std.Source("nothing")
	require.False(t, ok)
}

func BenchmarkParse(b *testing.B) {
	src := bytes.Repeat([]byte("func F(x [n, k], y) {\n    h = tanh(x[:, 0] @ W + b) * 2.5 - y^2\n    C[i, j] = sum(k: A[i, k] * B[k, j])\n    return h\n}\n"), 200)
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		Parse("b.grad", src)
	}
}
