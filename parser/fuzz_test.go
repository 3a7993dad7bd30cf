package parser

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// seeds starts a fuzz target from all programs of the tests.
func seeds(f *testing.F) {
	for _, folder := range []string{"good", "bad"} {
		for _, path := range goldens(f, folder) {
			src, err := os.ReadFile(path)
			require.NoError(f, err)
			f.Add(src)
		}
	}
	for _, row := range diag.Codes() {
		f.Add([]byte(row.Wrong))
	}
}

// Parsing never panics, and whatever it says points into the file and can be
// printed.
func FuzzParse(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		file, diags := Parse("fuzz.grad", src)
		require.NotNil(t, file)
		for _, d := range diags {
			_, known := diag.Lookup(d.Code)
			require.True(t, known, d.Code)
			inside(t, d.Span, len(src))
			for _, r := range d.Related {
				inside(t, r.Span, len(src))
			}
		}
		ast.Inspect(file, func(n ast.Spanned) bool {
			inside(t, n.Span(), len(src))
			return true
		})
		require.NoError(t, diags.Render(discard{}))
		require.NoError(t, diags.JSON(discard{}))
	})
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

func inside(t *testing.T, s diag.Span, n int) {
	require.False(t, s.IsZero())
	require.True(t, 0 <= s.Start && s.Start <= s.End && s.End <= n, "%d..%d of %d", s.Start, s.End, n)
}

// Formatting what is formatted changes nothing, and formatting changes no program
// and no comment.
func FuzzFormat(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		before, diags := Parse("fuzz.grad", src)
		if diags.HasErrors() {
			return
		}
		once := Format(before)
		after, diags := Parse("fuzz.grad", once)
		require.Empty(t, diags, string(once))
		require.Equal(t, ast.Dump(before), ast.Dump(after))
		require.Equal(t, texts(before.Comments), texts(after.Comments))
		require.Equal(t, string(once), string(Format(after)))
	})
}

func texts(cs []ast.Comment) (out []string) {
	for _, c := range cs {
		out = append(out, c.Text)
	}
	return out
}
