package diag

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Render prints the list in source order for a reader at a terminal.
func (l List) Render(w io.Writer) error {
	var b strings.Builder
	for _, d := range l.Sorted() {
		d.render(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (d Diagnostic) severity() string {
	if d.Warning {
		return "warning"
	}
	return "error"
}

func (d Diagnostic) render(b *strings.Builder) {
	if d.Span.IsZero() {
		fmt.Fprintf(b, "%s[%s]: %s\n", d.severity(), d.Code, d.Message)
	} else {
		line, col := d.Span.Pos()
		fmt.Fprintf(b, "%s:%d:%d: %s[%s]: %s\n", d.Span.File.Name, line, col, d.severity(), d.Code, d.Message)
		excerpt(b, d.Span, d.Label)
	}
	for _, r := range d.Related {
		if r.Span.IsZero() {
			continue
		}
		if r.Span.File != d.Span.File {
			line, col := r.Span.Pos()
			fmt.Fprintf(b, "  %s:%d:%d:\n", r.Span.File.Name, line, col)
		}
		excerpt(b, r.Span, r.Label)
	}
	if d.Help != "" {
		fmt.Fprintf(b, "   help: %s\n", d.Help)
	}
}

// excerpt prints the source line of a span with carets under it. A span of
// several lines is underlined to the end of its first.
func excerpt(b *strings.Builder, s Span, label string) {
	line, _ := s.Pos()
	src := s.File.Src
	lo, hi := s.File.LineBounds(line)
	start := min(s.Start, hi)
	lo, hi, before, after := window(src, lo, hi, start)
	carets := max(1, width(src[start:max(start, min(s.End, hi))]))
	under := blanks([]byte(before)) + blanks(src[lo:start]) + strings.Repeat("^", carets)
	if label != "" {
		under += " " + label
	}
	fmt.Fprintf(b, "%5d | %s%s%s\n", line, before, printable(src[lo:hi]), after)
	fmt.Fprintf(b, "      | %s\n", under)
}

// window cuts a very long line to the part around a place; dots stand for the rest.
func window(src []byte, lo, hi, at int) (newLo, newHi int, before, after string) {
	const most, margin = 240, 80
	if hi-lo <= most {
		return lo, hi, "", ""
	}
	if at-margin > lo {
		lo, before = at-margin, "…"
		for lo < at && !utf8.RuneStart(src[lo]) {
			lo++
		}
	}
	if lo+most < hi {
		hi, after = lo+most, "…"
		for hi > at && !utf8.RuneStart(src[hi]) {
			hi--
		}
	}
	return lo, hi, before, after
}

// printable replaces what is not UTF-8, so that a terminal shows one sign for it.
func printable(text []byte) string { return strings.ToValidUTF8(string(text), "\uFFFD") }

// blanks is as wide as the text; tabs stay, so that the carets line up.
func blanks(text []byte) string {
	var b strings.Builder
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if r != '\t' {
			b.WriteString(strings.Repeat(" ", runeWidth(r)))
		} else {
			b.WriteByte('\t')
		}
		text = text[n:]
	}
	return b.String()
}

func width(text []byte) int {
	n := 0
	for _, r := range string(text) {
		n += runeWidth(r)
	}
	return n
}

// runeWidth is the number of columns a terminal gives a character: 2 for the
// scripts of East Asia, 0 for combining marks.
func runeWidth(r rune) int {
	switch {
	case r >= 0x300 && r <= 0x36F:
		return 0
	case r >= 0x1100 && r <= 0x115F, r >= 0x2E80 && r <= 0xA4CF, r >= 0xAC00 && r <= 0xD7A3,
		r >= 0xF900 && r <= 0xFAFF, r >= 0xFE30 && r <= 0xFE6F, r >= 0xFF00 && r <= 0xFF60,
		r >= 0x1F300 && r <= 0x1FAFF, r >= 0x20000 && r <= 0x3FFFD:
		return 2
	}
	return 1
}

// place is a span as editors want it: lines and columns from 1, columns counted
// in characters, the end exclusive.
type place struct {
	File      string `json:"file,omitempty"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndLine   int    `json:"endLine"`
	EndColumn int    `json:"endColumn"`
	Offset    int    `json:"offset"`
	EndOffset int    `json:"endOffset"`
	Label     string `json:"label,omitempty"`
}

type message struct {
	Code     string `json:"code"`
	Severity string `json:"severity"`
	place
	Message string  `json:"message"`
	Related []place `json:"related,omitempty"`
	Help    string  `json:"help,omitempty"`
}

func placeOf(s Span, label string) place {
	if s.IsZero() {
		return place{Label: label}
	}
	p := place{File: s.File.Name, Offset: s.Start, EndOffset: s.End, Label: label}
	p.Line, p.Column = s.Pos()
	p.EndLine, p.EndColumn = s.File.Pos(s.End)
	return p
}

// JSON writes the list in source order as an array, for editors.
func (l List) JSON(w io.Writer) error {
	out := []message{}
	for _, d := range l.Sorted() {
		m := message{Code: d.Code, Severity: d.severity(), place: placeOf(d.Span, d.Label), Message: d.Message, Help: d.Help}
		for _, r := range d.Related {
			m.Related = append(m.Related, placeOf(r.Span, r.Label))
		}
		out = append(out, m)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}
