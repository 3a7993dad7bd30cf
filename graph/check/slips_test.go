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

var closing = regexp.MustCompile(`(?m)^ *\}$`)

// A line with a brace too many, or one left out, is an error of its own, and what
// stands in which block is known all the same.
func TestBracesHaveNoConsequences(t *testing.T) {
	paths, err := filepath.Glob("../../parser/testdata/good/*.grad")
	require.NoError(t, err)
	examples, err := filepath.Glob("../../examples/*/*.grad")
	require.NoError(t, err)
	paths = append(paths, examples...)
	slips, noisy := 0, 0
	for _, path := range paths {
		src, err := os.ReadFile(path)
		require.NoError(t, err)
		text := string(src)
		if _, list := said(t, text); list.HasErrors() {
			continue
		}
		for _, at := range closing.FindAllStringIndex(text, -1) {
			brace := text[at[0]:at[1]]
			for _, with := range []string{"", brace + "\n" + brace, brace + "}"} {
				syntax, more := said(t, text[:at[0]]+with+text[at[1]:])
				require.True(t, syntax.HasErrors(), path)
				if slips++; len(syntax)+len(more) > 1 {
					noisy++
					t.Logf("%s at %d, %q for %q: %v", path, at[0], with, brace, append(syntax, more...)[1].Message)
				}
			}
		}
	}
	assert.Greater(t, slips, 100)
	assert.Less(t, 20*noisy, slips)
}

// Errors of syntax and of place do not hide the others of a file.
func TestAllErrorsInOneRun(t *testing.T) {
	for src, want := range map[string]string{
		"func F(x) {\n    y = x +\n    z = hiden\n    return y + z\n}\n":                                                         "G0106 G0201",
		"func F(x) = x +\n\nfunc G(x [3], y [4]) = x + y\n":                                                                      "G0106 G0302",
		"model M {\n    input x [3]\n    return x\n    output y = x @ hiden\n}\n":                                                "G0114 G0201",
		"input x\n\nfunc G(x [3], y [4]) = x + y\n":                                                                              "G0114 G0302",
		"func F(x) {\n    param w = 1\n    return w * hiden\n}\n":                                                                "G0114 G0201",
		"func F(x) {\n    y = x\n}\n\nfunc G(x) = hiden\n":                                                                       "G0116 G0201",
		"func F(x) {\n    return x\n    y = x\n}\n\nfunc G(x) = hiden\n":                                                         "G0115 G0201",
		"func F(x [n]) {\n    scan t in 0..n {\n        carry h = \n        h = h + q\n    }\n    return h\n}\n":                 "G0106 G0201",
		"func F(x) {\n    for(rematt = 2) i in 0..3 {\n        x = x * hiden\n    }\n    return x\n}\n":                          "G0117 G0201",
		"func F(x [n]) {\n    scan t in 0..m {\n        carry h = w\n        h = h + q\n    }\n    return h\n}\n":                "G0201 G0201 G0201",
		"func F(x [n]) {\n    scan t 0..n {\n        carry h = 0\n        h = h + q + t\n    }\n    return h\n}\n":               "G0106 G0201",
		"func F(x [n]) {\n    for i in 0..m {\n        x = x + q + i\n    }\n    return x\n}\n":                                  "G0201 G0201",
		"func F(x [n]) {\n    for (i = 0) {\n        x = x + q + i\n    }\n    return x\n}\n":                                    "G0106",
		"func F(x) {\n    while {\n        carry h = 0\n        h = h + q\n    }\n    return h\n}\n":                             "G0106 G0201",
		"func F(x) {\n    while(limit = m) h < w {\n        carry h [2] = v\n        h = [1, 2, 3]\n    }\n    return h\n}\n":    "G0201 G0201 G0201 G0321",
		"func F(x) {\n    if x > {\n        y = q\n    } else {\n        y = r\n    }\n    return y\n}\n":                        "G0106 G0201 G0201",
		"func F(x [2]) {\n    if k == 1 {\n        y = q + x + [1, 2, 3]\n    } else {\n        y = x\n    }\n    return y\n}\n": "G0201 G0201",
		"func F(x [2]) {\n    if sum(x) > k {\n        y = x + [1, 2, 3]\n    } else {\n        y = x\n    }\n    return y\n}\n": "G0201 G0302",
		"func F(x) {\n    y = x\n    }\n    return y + q\n}\n\nfunc G(x) = hiden\n":                                              "G0108 G0201 G0201",
		"func F(x) {\n    y = x + q\n    return y\n}}\n\nfunc G(x) = hiden\n":                                                    "G0201 G0108 G0201",
	} {
		syntax, rest := said(t, src)
		var codes []string
		for _, d := range append(syntax, rest...).Sorted() {
			codes = append(codes, d.Code)
		}
		assert.Equal(t, want, strings.Join(codes, " "), src)
	}
}
