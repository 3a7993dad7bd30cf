package graph

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gradgen/gradgen/graph/shape"
)

// Read makes the graph that Print wrote, and returns it with its roots. Hints
// are not read.
func Read(text string, ops map[string]*Op) (*Graph, []*Node, error) {
	r := &textReader{ops: ops, shared: map[string]*Region{}}
	for i, line := range strings.Split(text, "\n") {
		if at := strings.Index(line, "   // "); at >= 0 {
			line = line[:at]
		}
		if line = strings.TrimSpace(line); line != "" {
			r.lines = append(r.lines, textLine{i + 1, line})
		}
	}
	g, _, roots, err := r.body()
	if err == nil && len(r.lines) > 0 {
		err = r.wrong("left over")
	}
	return g, roots, err
}

type textLine struct {
	number int
	text   string
}

type textReader struct {
	ops    map[string]*Op
	lines  []textLine
	shared map[string]*Region // by their numbers
}

func (r *textReader) wrong(format string, args ...any) error {
	if len(r.lines) == 0 {
		return fmt.Errorf("graph text: ends without return")
	}
	l := r.lines[0]
	return fmt.Errorf("graph text, line %d: %s: %q", l.number, fmt.Sprintf(format, args...), l.text)
}

// body reads nodes up to a return line.
func (r *textReader) body() (*Graph, []*Node, []*Node, error) {
	g := New()
	var nodes []*Node
	for len(r.lines) > 0 {
		if rest, ok := strings.CutPrefix(r.lines[0].text, "return"); ok {
			roots, err := r.operands(strings.Fields(rest), nodes)
			r.lines = r.lines[1:]
			return g, nodes, roots, err
		}
		n, err := r.node(g, nodes)
		if err != nil {
			return nil, nil, nil, err
		}
		nodes = append(nodes, n)
	}
	return nil, nil, nil, r.wrong("")
}

// node reads `%6 = sum %5 {axes 2} : real [batch, 128]` and its regions.
func (r *textReader) node(g *Graph, nodes []*Node) (*Node, error) {
	head, typ, ok := cutLast(r.lines[0].text, " : ")
	lhs, rhs, ok2 := strings.Cut(head, " = ")
	if !ok || !ok2 || lhs != fmt.Sprintf("%%%d", len(nodes)) {
		return nil, r.wrong("want %%%d = op operands {attribute} : type", len(nodes))
	}
	rhs, attrText, hasAttr := strings.Cut(rhs, " {")
	words := strings.Fields(rhs)
	if len(words) == 0 || r.ops[words[0]] == nil {
		return nil, r.wrong("no such operator")
	}
	n := Node{Op: r.ops[words[0]]}
	var err error
	if n.Args, err = r.operands(words[1:], nodes); err != nil {
		return nil, err
	}
	if n.Type, err = readType(typ); err != nil {
		return nil, r.wrong("%v", err)
	}
	if hasAttr {
		if n.Attr, err = readAttr(n.Op, strings.TrimSuffix(attrText, "}")); err != nil {
			return nil, r.wrong("%v", err)
		}
	}
	r.lines = r.lines[1:]
	if n.Regions, err = r.regions(); err != nil {
		return nil, err
	}
	return (&Builder{G: g}).Copy(&n, n.Args...), nil
}

func cutLast(s, sep string) (before, after string, ok bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

func (r *textReader) operands(refs []string, nodes []*Node) ([]*Node, error) {
	out := make([]*Node, len(refs))
	for i, ref := range refs {
		k, err := strconv.Atoi(strings.TrimPrefix(ref, "%"))
		if err != nil || k < 0 || k >= len(nodes) {
			return nil, r.wrong("no node %s", ref)
		}
		out[i] = nodes[k]
	}
	return out, nil
}

func (r *textReader) regions() ([]*Region, error) {
	var out []*Region
	for len(r.lines) > 0 && strings.HasPrefix(r.lines[0].text, "region ") {
		count, number, _ := strings.Cut(strings.TrimPrefix(r.lines[0].text, "region "), "#")
		if have := r.shared[number]; have != nil && count == "" {
			r.lines, out = r.lines[1:], append(out, have)
			continue
		}
		params, err := strconv.Atoi(strings.TrimSpace(count))
		if err != nil {
			return nil, r.wrong("want the number of parameters")
		}
		r.lines = r.lines[1:]
		g, nodes, results, err := r.body()
		if err != nil {
			return nil, err
		}
		if params > len(nodes) {
			return nil, fmt.Errorf("graph text: a region has fewer nodes than parameters")
		}
		in := &Region{Body: g, Params: nodes[:params], Results: results}
		if out = append(out, in); number != "" {
			r.shared[number] = in
		}
	}
	return out, nil
}

func readType(text string) (Type, error) {
	name, rest, _ := strings.Cut(text, " ")
	for _, e := range []Elem{Real, Int, Bool} {
		if e.String() == name {
			ext, err := readDims(rest)
			return Type{Elem: e, Shape: ext}, err
		}
	}
	return Type{}, fmt.Errorf("no element type %q", name)
}

// items splits "[a, f(b, c)]" at the commas outside parentheses.
func items(text string) ([]string, error) {
	text = strings.TrimSpace(text)
	if text == "" || text == "[]" {
		return nil, nil
	}
	if text[0] != '[' || text[len(text)-1] != ']' {
		return nil, fmt.Errorf("no list: %q", text)
	}
	var out []string
	depth, from := 0, 1
	for i, c := range text {
		switch {
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ',' && depth == 0, i == len(text)-1:
			out = append(out, strings.TrimSpace(text[from:i]))
			from = i + 1
		}
	}
	return out, nil
}

func readDims(text string) ([]shape.Dim, error) {
	parts, err := items(text)
	if err != nil {
		return nil, err
	}
	var out []shape.Dim
	for _, p := range parts {
		d, err := shape.Parse(p)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}
