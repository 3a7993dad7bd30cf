// Package diag holds source positions and the messages about them: files,
// spans of bytes, diagnostics with stable codes, and how these are printed.
// It is a leaf: every stage of the compiler reports through it.
//
// A message about the tiny program `output y = a + z` is printed as
//
//	tiny.grad:1:16: error[G0201]: nothing is called z here
//	    1 | output y = a + z
//	      |                ^ unknown name
//	   help: did you mean `a`?
package diag

import (
	"sort"
	"unicode/utf8"
)

// File is one source text and the table of its lines.
type File struct {
	Name  string // as given by the user; messages begin with it
	Src   []byte
	lines []int // byte offset at which each line begins
}

// NewFile makes a file and its line table.
func NewFile(name string, src []byte) *File {
	f := &File{Name: name, Src: src, lines: []int{0}}
	for i, b := range src {
		if b == '\n' {
			f.lines = append(f.lines, i+1)
		}
	}
	return f
}

// Line returns the 1-based line that holds a byte offset.
func (f *File) Line(offset int) int {
	return sort.Search(len(f.lines), func(i int) bool { return f.lines[i] > offset })
}

// Pos returns line and column, both from 1; columns count characters.
func (f *File) Pos(offset int) (line, col int) {
	offset = max(0, min(offset, len(f.Src)))
	line = f.Line(offset)
	return line, 1 + utf8.RuneCount(f.Src[f.lines[line-1]:offset])
}

// LineBounds returns the offsets of a 1-based line, without its end of line.
func (f *File) LineBounds(line int) (start, end int) {
	start, end = f.lines[line-1], len(f.Src)
	if line < len(f.lines) {
		end = f.lines[line] - 1
	}
	if end > start && f.Src[end-1] == '\r' {
		end--
	}
	return start, end
}

// Span is the half-open range of bytes [Start, End) of a file.
// The zero Span belongs to no file.
type Span struct {
	File       *File
	Start, End int
}

// Pos returns the line and column at which the span begins, from 1.
func (s Span) Pos() (line, col int) {
	if s.File == nil {
		return 0, 0
	}
	return s.File.Pos(s.Start)
}

// Text returns the source text the span covers.
func (s Span) Text() string {
	if s.File == nil {
		return ""
	}
	n := len(s.File.Src)
	start := max(0, min(s.Start, n))
	return string(s.File.Src[start:max(start, min(s.End, n))])
}

// IsZero reports whether the span belongs to no file.
func (s Span) IsZero() bool { return s.File == nil }

// To returns the span from the beginning of s to the end of t.
func (s Span) To(t Span) Span {
	switch {
	case s.IsZero():
		return t
	case t.IsZero():
		return s
	}
	return Span{s.File, s.Start, max(s.End, t.End)}
}
