package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen"
	"github.com/gradgen/gradgen/parser/diag"
)

var update = flag.Bool("update", false, "rewrite recorded texts")

// golden compares with a recorded file, or records.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "if the new text is right, run go test with -update")
}

// messages checks a file as `gradgen check` does, from the file's own folder.
func messages(t *testing.T, path string) (codes []string, text string) {
	t.Helper()
	src, err := os.ReadFile(path)
	require.NoError(t, err)
	_, list, err := codegen.Compile(filepath.Base(path), src, codegen.Options{Until: "lower", ReadFile: func(name string) ([]byte, error) {
		return os.ReadFile(filepath.Join(filepath.Dir(path), name))
	}})
	require.NoError(t, err)
	for _, d := range list.Sorted() {
		codes = append(codes, d.Code)
	}
	var b bytes.Buffer
	require.NoError(t, list.Render(&b))
	return codes, b.String()
}

// Every wrong program earns its messages in the recorded words, among them the
// one whose code its name begins with.
func TestBadPrograms(t *testing.T) {
	if *update {
		for _, row := range diag.Codes() {
			require.NoError(t, os.WriteFile(filepath.Join("testdata/bad", row.Code+".grad"), []byte(row.Wrong), 0o644))
		}
	}
	paths, err := filepath.Glob("testdata/bad/G*.grad")
	require.NoError(t, err)
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".grad")
		t.Run(name, func(t *testing.T) {
			codes, text := messages(t, path)
			golden(t, "testdata/bad/"+name+".txt", text)
			assert.Contains(t, codes, name[:5])
			assert.NotContains(t, text, "%!", "a message is badly formatted")
		})
	}
}

// Each code has a bad program, which is the one the reference shows, and it
// earns nothing else.
func TestEveryCodeHasABadProgram(t *testing.T) {
	for _, row := range diag.Codes() {
		src, err := os.ReadFile("testdata/bad/" + row.Code + ".grad")
		if !assert.NoError(t, err) {
			continue
		}
		assert.Equal(t, row.Wrong, string(src), row.Code)
		text, err := os.ReadFile("testdata/bad/" + row.Code + ".txt")
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`(error|warning)\[(G\d+)\]`).FindAllStringSubmatch(string(text), -1) {
			assert.Equal(t, row.Code, m[2], "the program of %s earns another message", row.Code)
			assert.Equal(t, row.Warning, m[1] == "warning", row.Code)
		}
	}
}

// Every code that the compiler's source mentions is in the table, and each code
// of the table is given somewhere.
func TestCodesOfTheSourceAreThoseOfTheTable(t *testing.T) {
	given := map[string]bool{}
	for _, pattern := range []string{"graph/check", "parser", "codegen"} {
		files, err := filepath.Glob("../../" + pattern + "/*.go")
		require.NoError(t, err)
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			src, err := os.ReadFile(path)
			require.NoError(t, err)
			for _, m := range regexp.MustCompile(`"(G0\d{3})"`).FindAllStringSubmatch(string(src), -1) {
				given[m[1]] = true
				_, ok := diag.Lookup(m[1])
				assert.True(t, ok, "%s of %s is not in the table", m[1], path)
			}
		}
	}
	for _, row := range diag.Codes() {
		assert.True(t, given[row.Code], "nothing gives %s", row.Code)
	}
}
