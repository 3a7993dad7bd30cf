package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/parser/diag"
)

// The reference of errors is made from the table of codes and from what the
// compiler says to the programs in it.
func TestReferenceOfErrors(t *testing.T) {
	var b strings.Builder
	b.WriteString(`<!-- Made by go generate ./cmd/gradgen; do not edit. -->
# Errors and warnings

Every message has a code that stays the same from version to version. This page
shows, for each code, a small program that earns it and what the compiler says.
`)
	for _, row := range diag.Codes() {
		text, err := os.ReadFile("testdata/bad/" + row.Code + ".txt")
		require.NoError(t, err)
		describe(&b, row, string(text))
	}
	golden(t, "../../docs/errors.md", b.String())
}

// families are the headings, by the first two digits.
var families = map[string]string{
	"01": "Syntax", "02": "Names", "03": "Shapes", "04": "Types", "05": "Models and training",
	"06": "Differentiation", "07": "Imports", "08": "Names in Go",
}

func describe(b *strings.Builder, row diag.Row, text string) {
	heading := "\n## " + families[row.Code[1:3]] + "\n"
	if !strings.Contains(b.String(), heading) {
		b.WriteString(heading)
	}
	kind := ""
	if row.Warning {
		kind = " (warning)"
	}
	wrong := strings.ToValidUTF8(row.Wrong, "\uFFFD")
	fmt.Fprintf(b, "\n### %s: %s%s\n\n%s\n", row.Code, row.Title, kind, row.Explanation)
	if row.Help != "" {
		fmt.Fprintf(b, "Usually: %s.\n", row.Help)
	}
	fmt.Fprintf(b, "\n```\n%s```\n\n```\n%s```\n", wrong, text)
}
