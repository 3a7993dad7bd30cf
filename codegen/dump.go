package codegen

import (
	"fmt"
	"strings"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
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
	for _, v := range roots {
		nodes = append(nodes, v.Checks...)
	}
	fmt.Fprintf(b, "%s: %s\n%s", title, strings.Join(names, ", "), graph.Text(nodes...))
}

// Titled is a program and what it is of. Dims are dims that it has on its own: the
// number of elements that a rule moves. Times is how many there are of it, each with
// its own memory: a rule that reduces has one for each tensor of a stacked parameter.
type Titled struct {
	Title string
	*kernel.Program
	Dims  map[string]int64
	Times int64
}

// Programs lists the programs of a unit.
func Programs(u *kernel.Unit) (out []Titled) {
	add := func(title string, p *kernel.Program, dims map[string]int64, times int64) {
		if p != nil {
			out = append(out, Titled{title, p, dims, times})
		}
	}
	for _, m := range u.Models {
		add("model "+m.Model.Name+", predict", m.Predict, nil, 1)
		add("model "+m.Model.Name+", train", m.Train, nil, 1)
		for i, p := range m.Updates {
			rule, n, times := m.Model.Rules[i], int64(0), int64(1)
			for _, k := range rule.Params {
				p := m.Model.Params[k]
				size, _ := shape.Product(p.Node.Type.Shape).IsConst()
				n += size
				if !rule.Flat {
					times = int64(graph.Tensors([]*graph.Param{p}))
				}
			}
			add("model "+m.Model.Name+", rule "+rule.Name, p, map[string]int64{"params": n}, times)
		}
	}
	for _, f := range u.Funcs {
		add("func "+f.Func.Name, f.Program, nil, 1)
	}
	return out
}

// kernelText prints the kernels of the unit.
func (j *job) kernelText() string {
	var b strings.Builder
	for i, p := range Programs(j.res.Unit) {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintln(&b, p.Title)
		kernel.Print(&b, p.Program)
	}
	return b.String()
}
