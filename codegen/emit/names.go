package emit

import (
	"go/token"
	"strings"
	"unicode"
	"unicode/utf8"
)

// scope gives out names, each once.
type scope struct {
	taken map[string]bool
	given []string // by short, in order
}

func newScope(reserved ...string) *scope {
	s := &scope{taken: map[string]bool{}}
	for _, r := range reserved {
		s.taken[r] = true
	}
	return s
}

// name returns want, with `_` appended where it is taken.
func (s *scope) name(want string) string {
	got := want
	for s.taken[got] {
		got += "_"
	}
	s.taken[got] = true
	return got
}

// numbered returns want, with a number appended where it is taken.
func (s *scope) numbered(want string) string {
	got := want
	for n := 2; s.taken[got]; n++ {
		got = want + digits(n)
	}
	s.taken[got] = true
	return got
}

// short returns want, with a number appended where it is taken, until release.
func (s *scope) short(want string) string {
	got := s.numbered(want)
	s.given = append(s.given, got)
	return got
}

// release frees the names that short gave after the first n.
func (s *scope) release(n int) {
	for _, name := range s.given[n:] {
		delete(s.taken, name)
	}
	s.given = s.given[:n]
}

// drop frees the n-th name that short gave.
func (s *scope) drop(n int) {
	delete(s.taken, s.given[n])
	s.given = append(s.given[:n], s.given[n+1:]...)
}

func digits(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return digits(n/10) + string(rune('0'+n%10))
}

// predeclared are the names of Go's universe block.
var predeclared = words(`any append bool byte cap clear close comparable complex complex128
	complex64 copy delete error false float32 float64 imag int int16 int32 int64 int8 iota len
	make max min new nil panic print println real recover rune string true uint uint16 uint32
	uint64 uint8 uintptr rt fmt math sync`)

func words(s string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(s) {
		out[w] = true
	}
	return out
}

// local turns a source name into a Go identifier with a lower-case beginning
// that hides nothing of Go: "h.W" becomes hW, "blocks[3].b" blocks3B, "my_x" myX, "len" len_.
func local(path string) string {
	name := joined(strings.ReplaceAll(path, "_", "."))
	r, n := utf8.DecodeRuneInString(name)
	if !unicode.IsLetter(r) {
		name = "x" + name
	} else if !allUpper(name) {
		name = string(unicode.ToLower(r)) + name[n:]
	}
	if predeclared[name] || token.IsKeyword(name) {
		name += "_"
	}
	return name
}

// allUpper keeps names such as W and W1 as they are.
func allUpper(s string) bool {
	return strings.IndexFunc(s, unicode.IsLower) < 0
}

// exported turns a source name into an exported Go identifier.
func exported(path string) string {
	name := joined(path)
	r, n := utf8.DecodeRuneInString(name)
	if u := unicode.ToUpper(r); unicode.IsUpper(u) {
		return string(u) + name[n:]
	}
	return "X" + name
}

// joined drops what is no part of an identifier and capitalises what follows.
func joined(path string) string {
	var b strings.Builder
	up := false
	for _, r := range path {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_':
			up = true
		case up:
			b.WriteRune(unicode.ToUpper(r))
			up = false
		default:
			b.WriteRune(r)
		}
	}
	if b.Len() == 0 {
		return "x"
	}
	return b.String()
}

// exportAll makes exported names for siblings: where two meet (w and W) the
// lower-case one gets `_`.
func exportAll(names []string, reserved ...string) map[string]string {
	s, out := newScope(reserved...), map[string]string{}
	for _, capital := range []bool{true, false} {
		for _, n := range names {
			r, _ := utf8.DecodeRuneInString(n)
			if _, done := out[n]; !done && unicode.IsUpper(r) == capital {
				out[n] = s.name(exported(n))
			}
		}
	}
	return out
}
