package main_test

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen"
)

// fenced finds the programs of a document.
var fenced = regexp.MustCompile("(?s)```grad\n(.*?)```")

// The programs in the documents compile without a word.
func TestProgramsOfTheDocuments(t *testing.T) {
	for name, count := range map[string]int{"language.md": 9, "derivatives.md": 1} {
		text, err := os.ReadFile("../../docs/" + name)
		require.NoError(t, err)
		programs := fenced.FindAllSubmatch(text, -1)
		require.GreaterOrEqual(t, len(programs), count)
		for _, p := range programs {
			_, said, err := codegen.Compile(name, p[1], codegen.Options{})
			require.NoError(t, err)
			require.Empty(t, said, "%s", p[1])
		}
	}
}
