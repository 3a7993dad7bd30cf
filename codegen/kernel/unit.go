package kernel

import "github.com/gradgen/gradgen/graph"

// Unit is all that one file's generated code runs.
type Unit struct {
	Program *graph.Program
	Models  []*Model
	Funcs   []*Func
}

// Model holds the passes of one model. Train has the sections forward and
// backward; Updates go with Model.Rules, one each, section update.
type Model struct {
	Model   *graph.Model
	Predict *Program   // nil for a model without outputs
	Train   *Program   // of the first loss; nil for a model without losses
	Others  []*Program // of the other losses, in order
	// Evaluate has the losses and metrics with training false, section evaluate;
	// nil for a model without losses.
	Evaluate *Program
	// Constrain has the values of the parameters with a constraint, section
	// constrain; nil where there are none.
	Constrain *Program
	// Reset has the initial values of what sessions carry, section reset; nil
	// where they carry nothing.
	Reset   *Program
	Updates []*Program
}

// Trains lists the training steps, one a loss.
func (m *Model) Trains() []*Program {
	if m.Train == nil {
		return nil
	}
	return append([]*Program{m.Train}, m.Others...)
}

// Programs lists all that is run of the model.
func (m *Model) Programs() []*Program {
	var out []*Program
	for _, p := range append(append([]*Program{m.Predict, m.Evaluate, m.Constrain, m.Reset}, m.Trains()...), m.Updates...) {
		if p != nil {
			out = append(out, p)
		}
	}
	return out
}

// Func is an exported function, section call.
type Func struct {
	Func    *graph.Func
	Program *Program
}
