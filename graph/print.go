package graph

import (
	"bufio"
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// Print writes what roots depend on, a line a node, operands first, and the
// roots themselves in a last line. Read reads it back.
func Print(w io.Writer, roots []*Node) error {
	p := &printer{w: bufio.NewWriter(w), shared: map[string]int{}}
	p.body("", roots, nil)
	return p.w.Flush()
}

// Text is what Print writes.
func Text(roots ...*Node) string {
	var b strings.Builder
	if err := Print(&b, roots); err != nil {
		return err.Error()
	}
	return b.String()
}

type printer struct {
	w      *bufio.Writer
	shared map[string]int // the numbers of regions of calls, by their keys
}

// body prints a graph or a region, whose parameters come first.
func (p *printer) body(indent string, roots, params []*Node) {
	number := map[*Node]int{}
	for i, n := range Reachable(append(append([]*Node{}, params...), roots...)...) {
		number[n] = i
		fmt.Fprintf(p.w, "%s%%%d = %s", indent, i, n.Op.Name)
		p.refs(number, n.Args)
		if n.Attr != nil {
			fmt.Fprintf(p.w, " {%s}", n.Attr)
		}
		fmt.Fprintf(p.w, " : %s%s\n", n.Type, hints(n))
		for _, r := range n.Regions {
			p.region(indent, n, r)
		}
	}
	fmt.Fprintf(p.w, "%sreturn", indent)
	p.refs(number, roots)
	p.w.WriteByte('\n')
}

// region prints a region of n, one that is shared where it is first met only.
func (p *printer) region(indent string, n *Node, r *Region) {
	said := ""
	if _, isCall := n.Attr.(Callee); isCall {
		k, known := p.shared[r.Key()]
		if known {
			fmt.Fprintf(p.w, "%s  region #%d\n", indent, k)
			return
		}
		p.shared[r.Key()] = len(p.shared)
		said = fmt.Sprintf(" #%d", len(p.shared)-1)
	}
	fmt.Fprintf(p.w, "%s  region %d%s\n", indent, len(r.Params), said)
	p.body(indent+"    ", r.Results, r.Params)
}

func (p *printer) refs(number map[*Node]int, ns []*Node) {
	for _, n := range ns {
		fmt.Fprintf(p.w, " %%%d", number[n])
	}
}

// hints is the comment behind a node: its name, place and rule.
func hints(n *Node) string {
	var parts []string
	if n.Name != "" {
		parts = append(parts, n.Name)
	}
	if !n.Span.IsZero() {
		line, _ := n.Span.Pos()
		parts = append(parts, fmt.Sprintf("%s:%d", filepath.Base(n.Span.File.Name), line))
	}
	if n.Rule != "" {
		parts = append(parts, n.Rule)
	}
	if len(parts) == 0 {
		return ""
	}
	return "   // " + strings.Join(parts, ", ")
}
