package main_test

import (
	"encoding/json"
	"io"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const home = "github.com/gradgen/gradgen/"

// mayImport says which rooms a room may import; rooms are listed from the bottom
// of the house to the top. A room includes the folders below it that have no
// line of their own.
var mayImport = []struct {
	room  string
	rooms []string
}{
	{"runtime", nil},
	{"parser/diag", nil},
	{"parser/ast", []string{"parser/diag"}},
	{"parser/std", nil},
	{"parser", []string{"parser/diag", "parser/ast"}},
	{"graph/shape", []string{"parser/diag"}},
	{"graph", []string{"parser/diag", "graph/shape"}},
	{"graph/ops", []string{"parser/diag", "graph/shape", "graph", "runtime"}},
	{"graph/graphtest", append([]string{"graph/eval"}, middle...)},
	{"graph/check", middle}, {"graph/inline", middle}, {"graph/demand", middle}, {"graph/diff", middle}, {"graph/rewrite", middle}, {"graph/eval", middle},
	{"codegen", append([]string{
		"graph/check", "graph/inline", "graph/demand", "graph/diff", "graph/rewrite", "graph/eval", "codegen", "parser", "parser/std", "runtime",
	}, middle...)},
	{strings.TrimSuffix(home, "/"), nil}, // the runtime's text, for the tool
	{"cmd", []string{"*"}}, {"examples", []string{"runtime", "examples"}}, {"bench", []string{"*"}},
}

var middle = []string{"parser/diag", "parser/ast", "graph/shape", "graph", "graph/ops"}

type pkg struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", home+"...").Output()
	require.NoError(t, err)
	var all []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); err == io.EOF {
			return all
		} else {
			require.NoError(t, err)
		}
		all = append(all, p)
	}
}

// room is the longest listed room that a package stands in.
func room(path string) (name string, allowed []string) {
	path = strings.TrimPrefix(path, home)
	for _, m := range mayImport {
		if (path == m.room || strings.HasPrefix(path, m.room+"/")) && len(m.room) >= len(name) {
			name, allowed = m.room, m.rooms
		}
	}
	return name, allowed
}

func TestImportsRunOneWay(t *testing.T) {
	for _, p := range packages(t) {
		from, allowed := room(p.ImportPath)
		require.NotEmpty(t, from, "%s stands in no room", p.ImportPath)
		for _, im := range p.Imports {
			if !strings.HasPrefix(im, home) {
				continue
			}
			to, _ := room(im)
			require.True(t, to == from || contains(allowed, to) || contains(allowed, "*"),
				"%s may not import %s", p.ImportPath, im)
		}
	}
}

// The runtime travels into users' binaries: only the standard library comes along.
func TestRuntimeImportsOnlyTheStandardLibrary(t *testing.T) {
	for _, p := range packages(t) {
		if name, _ := room(p.ImportPath); name != "runtime" {
			continue
		}
		for _, im := range p.Imports {
			first, _, _ := strings.Cut(im, "/")
			require.NotContains(t, first, ".", "%s imports %s", p.ImportPath, im)
		}
	}
}

// Only codegen/emit writes Go source.
func TestOnlyEmitUsesJennifer(t *testing.T) {
	for _, p := range packages(t) {
		if contains(p.Imports, "github.com/dave/jennifer/jen") {
			require.Equal(t, home+"codegen/emit", p.ImportPath)
		}
	}
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
