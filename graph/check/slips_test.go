package check_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/graph/check"
	"github.com/gradgen/gradgen/parser"
	"github.com/gradgen/gradgen/parser/diag"
)

// said parses and checks a text, and says what either has to say.
func said(t *testing.T, src string) (syntax, rest diag.List) {
	t.Helper()
	f, syntax := parser.Parse("a.grad", []byte(src))
	if !f.Astray {
		_, rest = check.Check(f, check.Options{Load: load})
	}
	return syntax, rest
}

var lexeme = regexp.MustCompile(`[\pL_][\pL\d_]*|[\d.]+|[-+*/@^=<>!]+|\.\.|\S`)

// Where leaving out a word of a good program is an error of syntax, there is
// nothing else to say: what the statement would have bound is not missed.
func TestSlipsOfSyntaxHaveNoConsequences(t *testing.T) {
	paths, err := filepath.Glob("../../parser/testdata/good/*.grad")
	require.NoError(t, err)
	slips, noisy := 0, 0
	for _, path := range paths {
		src, err := os.ReadFile(path)
		require.NoError(t, err)
		text := string(src)
		if _, list := said(t, text); list.HasErrors() {
			continue // it is about syntax only
		}
		for i, at := range lexeme.FindAllStringIndex(text, -1) {
			if i%3 != 0 {
				continue
			}
			syntax, more := said(t, text[:at[0]]+" "+text[at[1]:])
			if !syntax.HasErrors() {
				continue
			}
			if slips++; len(more) > 0 {
				noisy++
				t.Logf("%s without %q at %d: %s", path, text[at[0]:at[1]], at[0], more[0].Message)
			}
		}
	}
	assert.Greater(t, slips, 300)
	assert.Less(t, 100*noisy, slips)
}

// Errors of syntax and of place do not hide the others of a file.
func TestAllErrorsInOneRun(t *testing.T) {
	for src, want := range map[string]string{
		"func F(x) {\n    y = x +\n    z = hiden\n    return y + z\n}\n":                                         "G0106 G0201",
		"func F(x) = x +\n\nfunc G(x [3], y [4]) = x + y\n":                                                      "G0106 G0302",
		"model M {\n    input x [3]\n    return x\n    output y = x @ hiden\n}\n":                                "G0114 G0201",
		"input x\n\nfunc G(x [3], y [4]) = x + y\n":                                                              "G0114 G0302",
		"func F(x) {\n    param w = 1\n    return w * hiden\n}\n":                                                "G0114 G0201",
		"func F(x) {\n    y = x\n}\n\nfunc G(x) = hiden\n":                                                       "G0116 G0201",
		"func F(x) {\n    return x\n    y = x\n}\n\nfunc G(x) = hiden\n":                                         "G0115 G0201",
		"func F(x [n]) {\n    scan t in 0..n {\n        carry h = \n        h = h + q\n    }\n    return h\n}\n": "G0106 G0201",
		"func F(x) {\n    for(rematt = 2) i in 0..3 {\n        x = x * hiden\n    }\n    return x\n}\n":          "G0117 G0201",
	} {
		syntax, rest := said(t, src)
		var codes []string
		for _, d := range append(syntax, rest...) {
			codes = append(codes, d.Code)
		}
		assert.Equal(t, want, strings.Join(codes, " "), src)
	}
}
