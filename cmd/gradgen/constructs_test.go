package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen"
	"github.com/gradgen/gradgen/parser/diag"
)

// constructs are what testdata/bad has an archive of wrong programs for.
var constructs = strings.Fields(`
	assignments bases binders broadcasting builtins carry constants constraints derivatives dims distributions
	for functions geo if imports indexing instances layers linalg nn notation ode operators opt optimizers prob
	random recursion results scan shapes statedderivative states stop training types updates values while`)

// leastWrong is how many wrong programs each construct has at least.
const leastWrong = 12

// A construct's archive holds programs that newcomers from other languages may
// write, NAME.grad, each followed by what is said to them, NAME.txt. Where there is
// a NAME.fix, that makes a good program of it: it holds the line that the first
// message is about, as it should be, or lines that begin with their number. Other
// files may be imported. NAME.json holds values on which `gradgen eval` fails.
func TestConstructs(t *testing.T) {
	paths, err := filepath.Glob("testdata/bad/*.txtar")
	require.NoError(t, err)
	var found []string
	programs := 0
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".txtar")
		found = append(found, name)
		t.Run(name, func(t *testing.T) {
			ar, err := txtar.ParseFile(path)
			require.NoError(t, err)
			n := wrongPrograms(t, path, ar)
			assert.GreaterOrEqual(t, n, leastWrong)
			programs += n
		})
	}
	assert.Equal(t, constructs, found)
	t.Logf("%d constructs, %d programs", len(found), programs)
}

// wrongPrograms compares what is said to each program of an archive, and returns
// their number.
func wrongPrograms(t *testing.T, path string, ar *txtar.Archive) (n int) {
	files := map[string][]byte{}
	for _, f := range ar.Files {
		files[f.Name] = f.Data
	}
	var out []txtar.File
	for _, f := range ar.Files {
		name, program := strings.CutSuffix(f.Name, ".grad")
		if strings.HasSuffix(f.Name, ".txt") {
			continue
		}
		if out = append(out, f); !program || strings.Contains(name, "/") {
			continue
		}
		n++
		text := said(t, f, files)
		assert.NotContains(t, text, "%!", "%s: a message is badly formatted", f.Name)
		assert.NotContains(t, text, "internal error", f.Name)
		assert.NotEmpty(t, text, "%s: nothing is said", f.Name)
		if !*update {
			assert.Equal(t, string(files[name+".txt"]), text, "%s; if the new text is right, run go test with -update", f.Name)
		}
		out = append(out, txtar.File{Name: name + ".txt", Data: []byte(text)})
		if fix, ok := files[name+".fix"]; ok {
			mended(t, f, string(fix), files)
		}
	}
	if *update {
		require.NoError(t, os.WriteFile(path, txtar.Format(&txtar.Archive{Comment: ar.Comment, Files: out}), 0o644))
	}
	return n
}

// said is what the tool says to a program, or, where there are values, what eval does.
func said(t *testing.T, f txtar.File, files map[string][]byte) string {
	name := strings.TrimSuffix(f.Name, ".grad")
	values, eval := files[name+".json"]
	list := checked(t, f, files)
	if !eval {
		var b bytes.Buffer
		require.NoError(t, list.Render(&b))
		return b.String()
	}
	assert.False(t, list.HasErrors(), f.Name)
	dir := t.TempDir()
	src := filepath.Join(dir, f.Name)
	require.NoError(t, os.WriteFile(src, f.Data, 0o644))
	args := append([]string{"eval", src, "-engine", "interp", "-values", "-"}, strings.Fields(string(files[name+".args"]))...)
	var results, messages bytes.Buffer
	status := run(args, &streams{bytes.NewReader(values), &results, &messages})
	assert.NotEqual(t, done, status, f.Name)
	assert.Empty(t, results.String(), f.Name)
	return strings.ReplaceAll(messages.String(), dir+string(filepath.Separator), "")
}

func checked(t *testing.T, f txtar.File, files map[string][]byte) diag.List {
	_, list, err := codegen.Compile(f.Name, f.Data, codegen.Options{Until: "lower", ReadFile: func(name string) ([]byte, error) {
		if data, ok := files[filepath.ToSlash(name)]; ok {
			return data, nil
		}
		return nil, os.ErrNotExist
	}})
	require.NoError(t, err, f.Name)
	return list.Sorted()
}

// mended checks that a program has no errors once its lines are replaced.
func mended(t *testing.T, f txtar.File, fix string, files map[string][]byte) {
	lines := strings.Split(string(f.Data), "\n")
	for i, text := range strings.Split(strings.TrimSuffix(fix, "\n"), "\n") {
		number, rest, ok := strings.Cut(text, ": ")
		n, err := strconv.Atoi(number)
		if !ok || err != nil {
			require.Zero(t, i, "%s: lines after the first begin with their number", f.Name)
			list := checked(t, f, files)
			if !assert.NotEmpty(t, list, f.Name) {
				return
			}
			n, _ = list[0].Span.Pos()
			rest = indentOf(lines[n-1]) + text
		}
		lines[n-1] = rest
	}
	f.Data = []byte(strings.Join(lines, "\n"))
	i := slices.IndexFunc(checked(t, f, files), func(d diag.Diagnostic) bool { return !d.Warning })
	assert.Less(t, i, 0, "%s has errors still:\n%s", f.Name, f.Data)
	if i >= 0 {
		var b bytes.Buffer
		require.NoError(t, checked(t, f, files).Render(&b))
		t.Log(b.String())
	}
}

func indentOf(line string) string { return line[:len(line)-len(strings.TrimLeft(line, " "))] }
