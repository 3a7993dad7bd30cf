package parser

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/parser/ast"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// goldens returns the programs of a folder below testdata.
func goldens(t testing.TB, folder string) []string {
	paths, err := filepath.Glob(filepath.Join("testdata", folder, "*.grad"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	return paths
}

// Good programs parse without complaint, stand in canonical form, and the trees of
// those with a .tree file are as recorded.
func TestGoodPrograms(t *testing.T) {
	for _, path := range goldens(t, "good") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			src, err := os.ReadFile(path)
			require.NoError(t, err)
			f, diags := Parse(path, src)
			var b bytes.Buffer
			require.NoError(t, diags.Render(&b))
			require.Empty(t, b.String())
			formatted := Format(f)
			if *update {
				require.NoError(t, os.WriteFile(path, formatted, 0o644))
			} else {
				require.Equal(t, string(src), string(formatted))
			}
			golden(t, path[:len(path)-len(".grad")]+".tree", ast.Dump(f))
		})
	}
}

// golden compares with a file, where there is one.
func golden(t *testing.T, path, got string) {
	want, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return
	}
	require.NoError(t, err)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
		return
	}
	require.Equal(t, string(want), got)
}

func TestFormatSource(t *testing.T) {
	out, diags := FormatSource("a.grad", []byte("func F( x )=x"))
	require.Empty(t, diags)
	require.Equal(t, "func F(x) = x\n", string(out))
	out, diags = FormatSource("a.grad", []byte("func F( x )="))
	require.Nil(t, out)
	require.True(t, diags.HasErrors())
}
