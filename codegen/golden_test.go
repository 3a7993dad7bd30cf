package codegen

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestStages compares what every pass makes of a model with testdata/*.txtar.
// The first file of an archive is the model, the others are named for passes;
// those that change nothing are left out.
func TestStages(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			ar, err := txtar.ParseFile(path)
			require.NoError(t, err)
			model := ar.Files[0]
			want := map[string]string{}
			for _, f := range ar.Files[1:] {
				want[f.Name] = string(f.Data)
			}
			ar.Files = ar.Files[:1]
			before := ""
			for _, pass := range Passes()[1:] {
				res, list, err := Compile(model.Name, model.Data, Options{Dump: pass, Version: "golden", Package: "golden"})
				require.NoError(t, err)
				require.Empty(t, list)
				got := txtar.Format(&txtar.Archive{Files: []txtar.File{{Data: []byte(res.Dump)}}})
				_, text, _ := strings.Cut(string(got), "--\n")
				if text == before {
					require.True(t, *update || want[pass] == "", "pass %s changes nothing", pass)
					continue
				}
				before = text
				ar.Files = append(ar.Files, txtar.File{Name: pass, Data: []byte(text)})
				if !*update {
					require.Equal(t, want[pass], text, "pass %s; run with -update to accept", pass)
				}
			}
			if *update {
				require.NoError(t, os.WriteFile(path, txtar.Format(ar), 0o644))
			}
		})
	}
}

// TestSameBytes: the same source gives the same code, whatever the path to it.
func TestSameBytes(t *testing.T) {
	for _, path := range modelFiles(t) {
		src, err := os.ReadFile(path)
		require.NoError(t, err)
		first, _, err := Compile(path, src, Options{Version: "v"})
		require.NoError(t, err)
		second, _, err := Compile("/elsewhere/"+filepath.Base(path), src, Options{Version: "v"})
		require.NoError(t, err)
		require.Equal(t, string(first.Go), string(second.Go))
		require.Equal(t, string(first.Asm), string(second.Asm))
		require.Equal(t, string(first.Decl), string(second.Decl))
	}
}
