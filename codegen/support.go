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
}

func (j *job) refuse(at diag.Span, what string) {
	j.list.Add(diag.New("G0901", at, "%s are not compiled to Go in this version", what).
		WithHelp("gradgen eval -engine interp runs them"))
}
