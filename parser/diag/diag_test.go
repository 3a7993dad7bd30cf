package diag_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/parser/diag"
)

// file makes a file and a function that finds the nth occurrence of a text in it.
func file(name, src string) func(text string, nth int) diag.Span {
	f := diag.NewFile(name, []byte(src))
	return func(text string, nth int) diag.Span {
		at := -len(text)
		for range nth {
			at += len(text) + strings.Index(src[at+len(text):], text)
		}
		return diag.Span{File: f, Start: at, End: at + len(text)}
	}
}

func rendered(t *testing.T, l diag.List) string {
	var b bytes.Buffer
	require.NoError(t, l.Render(&b))
	return b.String()
}

func TestRenderAsInTheReference(t *testing.T) {
	src := strings.Repeat("\n", 8) + "    param W2 [256, 10] ~ he\n" + strings.Repeat("\n", 4) + "    logits = h @ W2 + b2\n"
	at := file("digits.grad", src)
	d := diag.New("G0301", at("h @ W2", 1), "these shapes do not multiply").
		WithLabel("[batch, 128] @ [256, 10]: 128 ≠ 256").
		WithRelated(at("256", 1), "256 comes from here").
		WithHelp("h is [batch, hidden] with hidden = 128; declare W2 as [hidden, 10]")
	assert.Equal(t, `digits.grad:14:14: error[G0301]: these shapes do not multiply
   14 |     logits = h @ W2 + b2
      |              ^^^^^^ [batch, 128] @ [256, 10]: 128 ≠ 256
    9 |     param W2 [256, 10] ~ he
      |               ^^^ 256 comes from here
   help: h is [batch, hidden] with hidden = 128; declare W2 as [hidden, 10]
`, rendered(t, diag.List{d}))
}

func TestCaretsStandUnderWideCharactersAndTabs(t *testing.T) {
	at := file("a.grad", "\t形 = x\r\n")
	assert.Equal(t, "a.grad:1:6: warning[G0213]: w\n    1 | \t形 = x\n      | \t     ^\n",
		rendered(t, diag.List{diag.Warn("G0213", at("x", 1), "w")}))
}

func TestRelatedPlaceInAnotherFile(t *testing.T) {
	a, b := file("a.grad", "x\n"), file("b.grad", "\ny\n")
	d := diag.New("G0702", a("x", 1), "m").WithRelated(b("y", 1), "here")
	assert.Equal(t, `a.grad:1:1: error[G0702]: m
    1 | x
      | ^
  b.grad:2:1:
    2 | y
      | ^ here
`, rendered(t, diag.List{d}))
}

func TestSpanOfSeveralLinesIsUnderlinedToTheEndOfItsFirst(t *testing.T) {
	at := file("a.grad", "ab (c\nd)\n")
	s := at("c", 1).To(at(")", 1))
	assert.Equal(t, "a.grad:1:5: error[G0106]: m\n    1 | ab (c\n      |     ^\n", rendered(t, diag.List{diag.New("G0106", s, "m")}))
	assert.Equal(t, "c\nd)", s.Text())
}

func TestLongLinesAreCut(t *testing.T) {
	at := file("a.grad", strings.Repeat("é", 300)+"x"+strings.Repeat("é", 300))
	out := strings.Split(rendered(t, diag.List{diag.New("G0101", at("x", 1), "m")}), "\n")
	half, rest := strings.Repeat("é", 40), strings.Repeat("é", 79)
	assert.Equal(t, "    1 | …"+half+"x"+rest+"…", out[1])
	assert.Equal(t, "      |  "+strings.Repeat(" ", 40)+"^", out[2])
}

func TestSortedOrdersBySourceAndDropsRepetitions(t *testing.T) {
	at := file("a.grad", "x y z")
	l := diag.List{
		diag.New("G0201", at("z", 1), "third"), diag.Warn("G0213", at("x", 1), "first"),
		diag.New("G0201", at("z", 1), "again"), diag.New("G0201", at("y", 1), "second"),
	}
	var words []string
	for _, d := range l.Sorted() {
		words = append(words, d.Message)
	}
	assert.Equal(t, []string{"first", "second", "third"}, words)
	assert.True(t, l.HasErrors())
	assert.False(t, l[1:2].HasErrors())
}

func TestJSON(t *testing.T) {
	at := file("a.grad", "é = x\ny")
	var b bytes.Buffer
	d := diag.New("G0201", at("x", 1), "a < b").WithRelated(at("y", 1), "r").WithHelp("h")
	require.NoError(t, diag.List{d}.JSON(&b))
	assert.JSONEq(t, `[{"code": "G0201", "severity": "error", "file": "a.grad", "line": 1, "column": 5,
		"endLine": 1, "endColumn": 6, "offset": 5, "endOffset": 6, "message": "a < b", "help": "h",
		"related": [{"file": "a.grad", "line": 2, "column": 1, "endLine": 2, "endColumn": 2, "offset": 7, "endOffset": 8, "label": "r"}]}]`, b.String())
	assert.Contains(t, b.String(), "a < b")
	b.Reset()
	require.NoError(t, diag.List{}.JSON(&b))
	assert.Equal(t, "[]\n", b.String())
}

func TestSuggest(t *testing.T) {
	names := []string{"hidden", "batch", "x", "relu"}
	assert.Equal(t, "hidden", diag.Suggest("hiden", names))
	assert.Equal(t, "batch", diag.Suggest("bathc", names))
	assert.Equal(t, "relu", diag.Suggest("rleu", names))
	assert.Equal(t, "", diag.Suggest("y", names))
	assert.Equal(t, "", diag.Suggest("momentum", names))
}

// Every row is complete, codes are unique and in order, and titles begin small,
// as the rest of a message line does.
func TestTableOfCodes(t *testing.T) {
	last := ""
	form := regexp.MustCompile(`^G0[1-9]\d\d$`)
	for _, r := range diag.Codes() {
		assert.Regexp(t, form, r.Code)
		assert.Greater(t, r.Code, last, "codes stand in order, each once")
		assert.NotEmpty(t, r.Title, r.Code)
		assert.Regexp(t, `\.\)?$`, r.Explanation, r.Code)
		assert.True(t, strings.HasSuffix(r.Wrong, "\n"), r.Code)
		last = r.Code
	}
	_, ok := diag.Lookup("G9999")
	assert.False(t, ok)
}
