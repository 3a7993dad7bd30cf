package parser

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// A good program stays the same program however its tokens are spread over lines,
// spaces and comments, and formatting what came of it settles at once.
func TestLayoutDoesNotMatter(t *testing.T) {
	for _, path := range goldens(t, "good") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			src, err := os.ReadFile(path)
			require.NoError(t, err)
			f, _ := Parse(path, src)
			want := ast.Dump(f)
			for seed := range uint64(25) {
				spread := scatter(rand.New(rand.NewPCG(seed, 1)), f.Src)
				g, diags := Parse(path, []byte(spread))
				require.Empty(t, diags, spread)
				require.Equal(t, want, ast.Dump(g), spread)
				once := Format(g)
				h, diags := Parse(path, once)
				require.Empty(t, diags, "%s\n---\n%s", spread, once)
				require.Equal(t, want, ast.Dump(h), "%s\n---\n%s", spread, once)
				require.Equal(t, texts(g.Comments), texts(h.Comments))
				require.Equal(t, string(once), string(Format(h)), spread)
			}
		})
	}
}

// scatter writes the tokens of a file with random blanks between.
func scatter(r *rand.Rand, f *diag.File) string {
	one := func(of ...string) string { return of[r.IntN(len(of))] }
	lx := lex(f)
	var b strings.Builder
	var open []string
	for i, t := range lx.toks {
		if t.Type == tTerm {
			if last := lx.toks[i-1]; i+1 == len(lx.toks) || lx.toks[i+1].Value != "}" || last.Value == "}" {
				b.WriteString(one("\n", "\n", "\n\n\n", " // c\n", "\n// c\n\n", " /* c */\n"))
			}
			continue
		}
		b.WriteString(t.Value)
		switch t.Value {
		case "(", "[", "{":
			open = append(open, t.Value)
		case ")", "]", "}":
			open = open[:len(open)-1]
		}
		goesOn := t.Type != tIdent && t.Type != tString && continues[t.Value]
		typed := i+1 < len(lx.toks) && lx.toks[i+1].Value == "dim" // would seem to begin a line of its own
		if len(open) > 0 && open[len(open)-1] != "{" && !typed || goesOn {
			b.WriteString(one(" ", " ", " ", " ", " ", " ", "\n", "\n\n\n", " // c\n", "\n// c\n", "\n/* c\nd */ "))
		} else {
			b.WriteString(one(" ", " ", " ", " ", "  ", "\t", " /* c */ ", "/**/"))
		}
	}
	return b.String()
}
