package parser

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/parser/diag"
)

// Every syntax error of a file is reported in one run, in the recorded words.
func TestBadPrograms(t *testing.T) {
	for _, path := range goldens(t, "bad") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			src, err := os.ReadFile(path)
			require.NoError(t, err)
			_, diags := Parse(filepath.Base(path), src)
			var b bytes.Buffer
			require.NoError(t, diags.Render(&b))
			out := strings.TrimSuffix(path, ".grad") + ".out"
			if *update {
				require.NoError(t, os.WriteFile(out, b.Bytes(), 0o644))
			}
			want, err := os.ReadFile(out)
			require.NoError(t, err)
			require.Equal(t, string(want), b.String())
		})
	}
}

// The wrong program of a syntax code earns that code and no other; those of later
// stages are well-formed.
func TestWrongProgramsOfCodes(t *testing.T) {
	for _, row := range diag.Codes() {
		_, diags := Parse(row.Code+".grad", []byte(row.Wrong))
		var got []string
		for _, d := range diags {
			got = append(got, d.Code)
		}
		if strings.HasPrefix(row.Code, "G01") {
			assert.Equal(t, []string{row.Code}, got, row.Wrong)
		} else {
			assert.Empty(t, got, row.Code)
		}
	}
}

// Leaving out one token of a good program is answered by a message or two.
func TestSlipsMakeNoNoise(t *testing.T) {
	slips, noisy := 0, 0
	for _, path := range goldens(t, "good") {
		src, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, tok := range lex(diag.NewFile(path, src)).toks {
			if tok.Type == tTerm {
				continue
			}
			_, diags := Parse(path, []byte(string(src[:tok.Pos.Offset])+" "+string(src[end(tok):])))
			slips++
			assert.LessOrEqual(t, len(diags), 10)
			if len(diags) > 2 {
				noisy++
			}
		}
	}
	assert.Less(t, 200*noisy, slips)
}
