package check_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gradgen/gradgen/graph/check"
	"github.com/gradgen/gradgen/parser"
	"github.com/gradgen/gradgen/parser/diag"
)

// FuzzCheck: no text makes the checker panic, and what it says has a known code.
func FuzzCheck(f *testing.F) {
	for _, r := range rows {
		f.Add("real f64\n" + signature + r.body + "\n")
	}
	for _, row := range diag.Codes() {
		f.Add(row.Wrong)
	}
	for _, pattern := range []string{"../../parser/testdata/*.grad", "../../parser/testdata/*/*.grad", "../../parser/std/*.grad"} {
		files, _ := filepath.Glob(pattern)
		for _, name := range files {
			if src, err := os.ReadFile(name); err == nil && len(src) < 4000 {
				f.Add(string(src))
			}
		}
	}
	f.Fuzz(func(t *testing.T, src string) {
		file, syntax := parser.Parse("fuzz.grad", []byte(src))
		if file.Astray {
			return
		}
		p, list := check.Check(file, check.Options{Load: load})
		if syntax.HasErrors() && p != nil {
			t.Fatal("a program with errors of syntax")
		}
		for _, d := range list {
			if _, ok := diag.Lookup(d.Code); !ok {
				t.Fatalf("unknown code %s: %s", d.Code, d.Message)
			}
		}
	})
}
