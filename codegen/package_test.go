package codegen

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestGeneratedPackage generates all programs into one package of a module of
// its own, vets it and runs the tests of testdata/generated beside it: what a
// user's program relies on.
func TestGeneratedPackage(t *testing.T) {
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	dir := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	write("go.mod", "module example.com/generated\n\ngo 1.26\n\nrequire github.com/gradgen/gradgen v0.0.0\n\nreplace github.com/gradgen/gradgen => "+root+"\n")
	tests, err := filepath.Glob("testdata/generated/*.go.txt")
	require.NoError(t, err)
	for _, path := range tests {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		write(strings.TrimSuffix(filepath.Base(path), ".go.txt")+"_test.go", string(text))
	}
	for _, path := range modelFiles(t) {
		src, err := os.ReadFile(path)
		require.NoError(t, err)
		model := filepath.Join(dir, filepath.Base(path))
		write(filepath.Base(path), string(src))
		list, err := Generate(model, "", Options{Version: "test"})
		require.NoError(t, err)
		require.Empty(t, list)
	}
	for _, args := range [][]string{{"vet", "./..."}, {"test", "./..."}, {"test", "-tags", "purego", "./..."}, {"test", "-race", "-run", "Together|Mistakes", "./..."}} {
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "go %v:\n%s", args, out)
	}
	out, err := exec.Command("gofmt", "-l", dir).CombinedOutput()
	require.NoError(t, err)
	require.Empty(t, string(out), "files that gofmt would change")
}
