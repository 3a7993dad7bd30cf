package rewrite

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gradgen/gradgen/graph"
)

// pattern is a term of the rule tables: an operator with operands, `powi{2}(x)`
// with an attribute, a number, which matches a constant of any shape, or a
// letter, which matches anything, but the same thing wherever it stands.
type pattern struct {
	op, attr string
	args     []*pattern
	number   float64
	letter   string
}

// bound are the nodes that letters have matched.
type bound map[string]*graph.Node

// match reports whether n is of the form p, and binds p's letters.
func (p *pattern) match(n *graph.Node, x bound) bool {
	switch {
	case p.letter != "":
		if have, ok := x[p.letter]; ok {
			return have == n
		}
		x[p.letter] = n
		return true
	case p.op == "":
		c, ok := n.Attr.(graph.Number)
		return ok && float64(c) == p.number
	}
	if n.Op.Name != p.op || len(n.Args) != len(p.args) || p.attr != "" && n.Attr.String() != p.attr {
		return false
	}
	for i, a := range p.args {
		if !a.match(n.Args[i], x) {
			return false
		}
	}
	return true
}

// build makes the node p stands for; numbers take type t.
func (p *pattern) build(b *graph.Builder, x bound, t graph.Type) *graph.Node {
	switch {
	case p.letter != "":
		return x[p.letter]
	case p.op == "":
		return b.Fill(p.number, t)
	}
	args := make([]*graph.Node, len(p.args))
	for i, a := range p.args {
		args[i] = a.build(b, x, t)
	}
	return b.Op(p.op, nil, args...)
}

// parse reads a pattern of the tables. A mistake there is a compiler bug.
func parse(text string) *pattern {
	p := &reader{rest: text}
	out := p.term()
	if p.rest != "" {
		panic(fmt.Sprintf("rewrite: internal error: pattern %q: left over %q", text, p.rest))
	}
	return out
}

type reader struct{ rest string }

// word reads up to a bracket, comma or the end.
func (r *reader) word() string {
	r.rest = strings.TrimLeft(r.rest, " ")
	end := strings.IndexAny(r.rest, "({,)}")
	if end < 0 {
		end = len(r.rest)
	}
	w := r.rest[:end]
	r.rest = r.rest[end:]
	return w
}

func (r *reader) take(c string) bool {
	after, ok := strings.CutPrefix(r.rest, c)
	r.rest = after
	return ok
}

func (r *reader) term() *pattern {
	p := &pattern{op: r.word()}
	if r.take("{") {
		p.attr = r.word()
		r.take("}")
	}
	if !r.take("(") {
		return leaf(p.op)
	}
	for {
		p.args = append(p.args, r.term())
		if !r.take(",") {
			break
		}
	}
	if !r.take(")") {
		panic("rewrite: internal error: pattern not closed: " + r.rest)
	}
	return p
}

func leaf(word string) *pattern {
	if v, err := strconv.ParseFloat(word, 64); err == nil {
		return &pattern{number: v}
	}
	return &pattern{letter: word}
}
