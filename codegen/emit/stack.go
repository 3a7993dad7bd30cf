package emit

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/gradgen/gradgen/graph"
)

// member is one of the tensors that a parameter stands for, as code sees it in
// loops over the iterations in which these were made.
type member struct {
	*graph.Param
	index  []string // the variables of the loops
	number string   // among the tensors, for initial values
}

// each prints code for every tensor of parameters: where they are stacked, in a
// loop over the iterations. Numbers count from first.
func each(ps []*graph.Param, first int, body func(m member) []jen.Code) []jen.Code {
	out, _ := eachIn(ps, nil, sum{first, ""}, body)
	return out
}

// sum is a number and what is added to it, as Go text.
type sum struct {
	n    int
	rest string
}

func (s sum) String() string {
	if s.n == 0 && s.rest != "" {
		return strings.TrimPrefix(s.rest, " + ")
	}
	return strconv.Itoa(s.n) + s.rest
}

func eachIn(ps []*graph.Param, index []string, at sum, body func(m member) []jen.Code) (out []jen.Code, count int) {
	for _, g := range graph.Groups(ps, len(index)) {
		here := sum{at.n + count, at.rest}
		if g.N == 0 {
			out = append(out, body(member{g.Params[0], index, here.String()})...)
			count++
			continue
		}
		i := string(rune('i' + len(index)))
		_, one := eachIn(g.Params, append(index[:len(index):len(index)], i), sum{}, func(member) []jen.Code { return nil })
		here.rest += fmt.Sprintf(" + %d*%s", one, from(i, g.Lo))
		in, _ := eachIn(g.Params, append(index[:len(index):len(index)], i), here, body)
		if len(in) > 0 {
			out = append(out, block(loopOver(i, g.Stack), in...))
		}
		count += one * g.N
	}
	return out, count
}

// loopOver is the head of a loop over the iterations of another.
func loopOver(i string, s graph.Stack) string {
	if s.Lo == 0 {
		return fmt.Sprintf("for %s := range %d", i, s.N)
	}
	return fmt.Sprintf("for %s := %d; %s < %d; %s++", i, s.Lo, i, s.Lo+s.N, i)
}

func from(i string, lo int) string {
	if lo == 0 {
		return i
	}
	return fmt.Sprintf("(%s-%d)", i, lo)
}

// name is the path as Go text.
func (m member) name() string {
	if len(m.index) == 0 {
		return strconv.Quote(m.Path)
	}
	verbs := make([]string, len(m.index))
	for i := range verbs {
		verbs[i] = "%d"
	}
	return fmt.Sprintf("fmt.Sprintf(%q, %s)", m.PathAt(verbs...), strings.Join(m.index, ", "))
}

// at is the place of the elements in memory, where those of the parameter begin
// at a place.
func (m member) at(begin int64) string { return m.count(int(begin), m.Size()) }

// run is the number of the tensor where each is a run of its own.
func (m member) run(first int) string { return m.count(first, 1) }

// count is first, and size for each tensor of the parameter before this one.
func (m member) count(first, size int) string {
	s := sum{n: first}
	for k := len(m.index) - 1; k >= 0; k-- {
		s.rest = fmt.Sprintf(" + %d*%s", size, from(m.index[k], m.Stack[k].Lo)) + s.rest
		size *= m.Stack[k].N
	}
	return s.String()
}

// slice is the part of memory that holds the elements.
func (m member) slice(of string, begin int64) string {
	n := m.Size()
	return fmt.Sprintf("%s[%s:][:%d:%d]", of, m.at(begin), n, n)
}

// stacked reports whether some parameter stands for several tensors.
func stacked(ps []*graph.Param) bool {
	for _, p := range ps {
		if len(p.Stack) > 0 {
			return true
		}
	}
	return false
}

// isStacked reports whether the parameter of a path stands for several tensors.
func isStacked(ps []*graph.Param, path string) bool {
	for _, p := range ps {
		if p.Path == path {
			return len(p.Stack) > 0
		}
	}
	return false
}
