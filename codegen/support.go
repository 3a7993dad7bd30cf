package codegen

import (
	"github.com/gradgen/gradgen/codegen/lower"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/parser/diag"
)

// lower makes kernels of what the back end knows, and refuses by name what only
// the reference interpreter runs in this version.
func (j *job) lower() error {
	for _, m := range j.res.Program.Models {
		j.supported(m)
	}
	for _, f := range j.res.Program.Funcs {
		j.loops(nodes(f.Results))
	}
	if !j.list.HasErrors() {
		j.res.Unit = lower.Lower(j.res.Program)
	}
	return nil
}

func (j *job) supported(m *graph.Model) {
	for _, s := range m.States {
		if s.Node.Type.Elem != graph.Real {
			j.refuse(s.Span, "states of "+s.Node.Type.Elem.String())
		}
	}
	for _, b := range []*graph.Body{m.Predict, m.Train} {
		j.loops(nodes(b.Outputs, b.Metrics, b.Losses, b.Grads))
	}
}

// loops refuses loops that lowering does not know, inside others too.
func (j *job) loops(roots []*graph.Node) {
	for _, n := range graph.Reachable(roots...) {
		if what := lower.Unsupported(n); what != "" {
			j.refuse(n.Span, what)
		}
		for _, r := range n.Regions {
			j.loops(r.Results)
		}
	}
}

func nodes(lists ...[]*graph.Value) []*graph.Node {
	var out []*graph.Node
	for _, vs := range lists {
		for _, v := range vs {
			out = append(out, v.Node)
		}
	}
	return out
}

func (j *job) refuse(at diag.Span, what string) {
	j.list.Add(diag.New("G0901", at, "%s are not compiled to Go in this version", what).
		WithHelp("gradgen eval -engine interp runs them"))
}
