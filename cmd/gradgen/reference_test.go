package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/graph/check"
	"github.com/gradgen/gradgen/parser"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/std"
)

// The reference of functions is made from the checker's table and from the
// comments in the library.
func TestReferenceOfFunctions(t *testing.T) {
	var b strings.Builder
	b.WriteString(`<!-- Made by go generate ./cmd/gradgen; do not edit. -->
# Functions

What is built in, and what the library holds. [language.md](language.md) teaches
the language; [errors.md](errors.md) explains messages.

# Built in
`)
	family := ""
	for _, f := range check.Functions() {
		if f.Family != family {
			family = f.Family
			fmt.Fprintf(&b, "\n## %s\n\n| function | what it is |\n| --- | --- |\n", family)
		}
		require.NotEmpty(t, f.Doc, f.Signature)
		fmt.Fprintf(&b, "| `%s` | %s |\n", f.Signature, strings.ReplaceAll(f.Doc, "|", "\\|"))
	}
	for _, name := range std.Names() {
		library(t, &b, name)
	}
	golden(t, "../../docs/reference.md", b.String())
}

// library lists what a module of the library declares, with the comments above.
func library(t *testing.T, b *strings.Builder, name string) {
	src, _ := std.Source(name)
	f, list := parser.Parse(name+".grad", src)
	require.Empty(t, list)
	fmt.Fprintf(b, "\n# Module %s\n\n| | |\n| --- | --- |\n", name)
	for _, d := range f.Decls {
		if kind, at := heading(d); kind != "" {
			head := strings.TrimSpace(strings.TrimSuffix(strings.SplitN(d.Span().Text(), "\n", 2)[0], "{"))
			if i := strings.Index(head, ") = "); i > 0 {
				head = head[:i+1]
			}
			fmt.Fprintf(b, "| `%s` | %s |\n", strings.ReplaceAll(head, "|", "\\|"), strings.ReplaceAll(above(string(src), at), "|", "\\|"))
		}
	}
}

// heading is the kind of a declaration worth listing, and where it begins.
func heading(d ast.Stmt) (kind string, at int) {
	switch d := d.(type) {
	case *ast.Func:
		if d.Layer {
			return "layer", d.At.Start
		}
		return "func", d.At.Start
	case *ast.Optimizer:
		return "optimizer", d.At.Start
	}
	return "", 0
}

// above is the comment that ends on the line before a place.
func above(src string, at int) string {
	lines := strings.Split(strings.TrimRight(src[:at], "\n"), "\n")
	if strings.HasSuffix(src[:at], "\n\n") {
		return ""
	}
	var out []string
	for i := len(lines) - 1; i >= 0 && strings.HasPrefix(lines[i], "//"); i-- {
		out = append([]string{strings.TrimSpace(strings.TrimPrefix(lines[i], "//"))}, out...)
	}
	return strings.Join(out, " ")
}
