package codegen

import (
	"fmt"
	"strings"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
)

// graphText prints the graphs of the program under headings, each result with
// its name.
func (j *job) graphText() string {
	var b strings.Builder
	p := j.res.Program
	for _, m := range p.Models {
		body(&b, "model "+m.Name+", predict", m.Predict)
		body(&b, "model "+m.Name+", train", m.Train)
		for _, r := range m.Rules {
			roots := []*graph.Value{{Name: "p", Node: r.P}}
			for _, s := range r.States {
				roots = append(roots, &graph.Value{Name: s.Name, Node: s.Next})
			}
			section(&b, "model "+m.Name+", rule "+r.Name, roots)
		}
	}
	for _, f := range p.Funcs {
		section(&b, "func "+f.Name, f.Results)
	}
	return b.String()
}

func body(b *strings.Builder, title string, g *graph.Body) {
	if g == nil {
		return
	}
	var roots []*graph.Value
	for _, part := range [][]*graph.Value{g.Outputs, g.Metrics, g.Losses, g.Grads} {
		roots = append(roots, part...)
	}
	section(b, title, roots)
}

func section(b *strings.Builder, title string, roots []*graph.Value) {
	if len(roots) == 0 {
		return
	}
	if b.Len() > 0 {
		b.WriteString("\n")
	}
	names := make([]string, len(roots))
	nodes := make([]*graph.Node, len(roots))
	for i, v := range roots {
		names[i], nodes[i] = v.Name, v.Node
	}
	fmt.Fprintf(b, "%s: %s\n%s", title, strings.Join(names, ", "), graph.Text(nodes...))
}

// programs lists the programs of a unit with a title each.
func programs(u *kernel.Unit) (titles []string, progs []*kernel.Program) {
	add := func(title string, p *kernel.Program) {
		if p != nil {
			titles, progs = append(titles, title), append(progs, p)
		}
	}
	for _, m := range u.Models {
		add("model "+m.Model.Name+", predict", m.Predict)
		add("model "+m.Model.Name+", train", m.Train)
		for i, p := range m.Updates {
			add("model "+m.Model.Name+", rule "+m.Model.Rules[i].Name, p)
		}
	}
	for _, f := range u.Funcs {
		add("func "+f.Func.Name, f.Program)
	}
	return titles, progs
}

// kernelText prints the kernels of the unit.
func (j *job) kernelText() string {
	var b strings.Builder
	titles, progs := programs(j.res.Unit)
	for i, p := range progs {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintln(&b, titles[i])
		kernel.Print(&b, p)
	}
	return b.String()
}
