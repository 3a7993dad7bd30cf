package codegen

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAssemblyBesideGo: assembly is written beside the Go code, wherever that goes,
// and removed when no loop is left; what others wrote stays.
func TestAssemblyBesideGo(t *testing.T) {
	dir := t.TempDir()
	model, out := filepath.Join(dir, "m.grad"), filepath.Join(dir, "named.go")
	generate := func(src string) {
		t.Helper()
		require.NoError(t, os.WriteFile(model, []byte(src), 0o644))
		list, err := Generate(model, out, Options{Version: "test", Package: "m"})
		require.NoError(t, err)
		require.Empty(t, list)
	}
	const loop = "model M {\n    dim n\n    input x [n]\n    output y = exp(x)\n}\n"
	const without = "model M {\n    input x\n    output y = 2 * x\n}\n"
	asm, decl := filepath.Join(dir, "named_amd64.s"), filepath.Join(dir, "named_amd64.go")
	generate(loop)
	text, err := os.ReadFile(asm)
	require.NoError(t, err)
	require.Contains(t, string(text), "//go:build !purego")
	require.Contains(t, string(text), "// for i0 in lo..hi")
	require.FileExists(t, decl)
	generate(without)
	require.NoFileExists(t, asm)
	require.NoFileExists(t, decl)
	require.NoError(t, os.WriteFile(asm, []byte("// by hand\n"), 0o644))
	generate(without)
	require.FileExists(t, asm)
}
