package diag

import (
	"fmt"
	"sort"
	"strings"
)

// Related is a second place a message points to, with what to say about it.
type Related struct {
	Span  Span
	Label string
}

// Diagnostic is one error or warning.
type Diagnostic struct {
	Code    string // a row of the table of codes: "G0301"
	Warning bool
	Span    Span
	Message string
	Label   string    // printed after the carets
	Related []Related // where the other half of the contradiction comes from
	Help    string    // the likely fix; may be empty
}

// New makes an error with a message in the manner of fmt.Sprintf.
func New(code string, at Span, format string, args ...any) Diagnostic {
	return Diagnostic{Code: code, Span: at, Message: fmt.Sprintf(format, args...)}
}

// Warn makes a warning with a message in the manner of fmt.Sprintf.
func Warn(code string, at Span, format string, args ...any) Diagnostic {
	d := New(code, at, format, args...)
	d.Warning = true
	return d
}

// WithLabel returns the diagnostic with the words after its carets set.
func (d Diagnostic) WithLabel(format string, args ...any) Diagnostic {
	d.Label = fmt.Sprintf(format, args...)
	return d
}

// WithRelated returns the diagnostic with one more place it points to.
func (d Diagnostic) WithRelated(at Span, format string, args ...any) Diagnostic {
	d.Related = append(d.Related[:len(d.Related):len(d.Related)], Related{at, fmt.Sprintf(format, args...)})
	return d
}

// WithHelp returns the diagnostic with its fix set.
func (d Diagnostic) WithHelp(format string, args ...any) Diagnostic {
	d.Help = fmt.Sprintf(format, args...)
	return d
}

// List is what a stage has to say about a program.
type List []Diagnostic

// Add appends a diagnostic.
func (l *List) Add(d Diagnostic) { *l = append(*l, d) }

// HasErrors reports whether any entry is an error.
func (l List) HasErrors() bool {
	for _, d := range l {
		if !d.Warning {
			return true
		}
	}
	return false
}

// Sorted returns the list in source order (file by name, then position) without
// repetitions: of several with one code at one place the first stays.
func (l List) Sorted() List {
	s := append(List{}, l...)
	sort.SliceStable(s, func(i, j int) bool { return before(s[i], s[j]) })
	type key struct {
		code string
		span Span
	}
	seen, out := map[key]bool{}, s[:0]
	for _, d := range s {
		k := key{d.Code, d.Span}
		if !seen[k] {
			seen[k] = true
			out = append(out, d)
		}
	}
	return out
}

func before(a, b Diagnostic) bool {
	if x, y := a.Span.fileName(), b.Span.fileName(); x != y {
		return x < y
	}
	if a.Span.Start != b.Span.Start {
		return a.Span.Start < b.Span.Start
	}
	return a.Code < b.Code
}

func (s Span) fileName() string {
	if s.File == nil {
		return ""
	}
	return s.File.Name
}

// Suggest returns the candidate nearest to a misspelt name, or "" where none is
// near. Candidates are looked at in the given order; the first of equals wins.
func Suggest(name string, candidates []string) string {
	best, limit := "", max(1, (len([]rune(name))+1)/3)
	for _, c := range candidates {
		if strings.EqualFold(c, name) && c != name {
			return c
		}
	}
	for _, c := range candidates {
		if d := distance(name, c); c != name && d <= limit && len([]rune(c)) > d {
			best, limit = c, d-1
		}
	}
	return best
}

// distance counts the insertions, deletions, changes and swaps of neighbours
// that lead from one word to the other.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	d := make([][]int, len(x)+1)
	for i := range d {
		d[i] = make([]int, len(y)+1)
		d[i][0] = i
	}
	for j := range y {
		d[0][j+1] = j + 1
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+differ(x[i-1], y[j-1]))
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(x)][len(y)]
}

func differ(a, b rune) int {
	if a == b {
		return 0
	}
	return 1
}
