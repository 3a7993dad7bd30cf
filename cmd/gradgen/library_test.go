package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/parser/std"
)

// The reference of the library is made from its signatures and comments.
func TestReferenceOfTheLibrary(t *testing.T) {
	var b strings.Builder
	b.WriteString(`<!-- Made by go generate ./cmd/gradgen; do not edit. -->
# The standard library

Its modules are written in the language and lie in [parser/std](../parser/std),
where the formulas are. ` + "`import \"nn\"` makes `nn.Dense` and all else below `nn` known.\n")
	for _, name := range std.Names() {
		src, ok := std.Source(name)
		require.True(t, ok)
		fmt.Fprintf(&b, "\n## %s\n", name)
		module(&b, name, string(src))
	}
	golden(t, "../../docs/library.md", b.String())
}

var signature = regexp.MustCompile(`^(func|layer|optimizer) (\w+\(.*?\)) (?:=|\{)`)

// module prints comments that stand alone as text, short ones as headings, and
// those before a declaration beside its signature.
func module(b *strings.Builder, name, src string) {
	var comment []string
	for _, line := range strings.Split(src, "\n") {
		text, isComment := strings.CutPrefix(line, "//")
		found := signature.FindStringSubmatch(line)
		switch {
		case isComment:
			comment = append(comment, strings.TrimPrefix(text, " "))
			continue
		case found != nil:
			said := strings.TrimSpace("`" + name + "." + found[2] + "`  \n  " + strings.Join(comment, "\n  "))
			fmt.Fprintf(b, "- %s\n", strings.TrimSuffix(said, "  \n  "))
		case line == "" && len(comment) == 1 && len(comment[0]) < 40:
			fmt.Fprintf(b, "\n### %s\n\n", strings.TrimSuffix(comment[0], "."))
		case line == "" && len(comment) > 0:
			fmt.Fprintf(b, "\n%s\n\n", strings.Join(comment, "\n"))
		}
		comment = nil
	}
}
