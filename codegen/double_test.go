package codegen

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCompiledInDouble compares in float64, where nothing but the order of sums
// tells generated code from the interpreter.
func TestCompiledInDouble(t *testing.T) {
	for _, name := range []string{"states", "training", "draws", "random", "session", "gan"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := "testdata/models/" + name + ".grad"
			opt := Options{Real: "f64"}
			plain := compileFile(t, path, Options{Real: "f64", Until: "diff"}).Program
			b, err := BuildGo(compileFile(t, path, opt), opt, path)
			require.NoError(t, err)
			defer func() { require.NoError(t, b.Close()) }()
			for _, m := range plain.Models {
				compareModel(t, b, m, 3, 1e-11)
			}
			for _, f := range plain.Funcs {
				compareFunc(t, b, f, 3, 1e-11)
			}
		})
	}
}
