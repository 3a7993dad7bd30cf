package emit

import (
	"fmt"
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/gradgen/gradgen/codegen/kernel"
)

// The scalars that random numbers are functions of: the seed of the model in two
// halves, and the number of the step or call, from 1.
const (
	seedLow    = "seed.low"
	seedHigh   = "seed.high"
	stepNumber = "step"
	seedBatch  = "seed.batch" // hash of the number of the batch within a training step
)

// scalar is the field of a scalar of that name, "" where the program has none.
func (w *workspace) scalar(name string) string {
	for _, b := range w.prog.Buffers {
		if b.Kind == kernel.Scalar && b.Name == name && w.has(b) {
			return w.fieldOf(b)
		}
	}
	return ""
}

// random reports a model that draws random numbers.
func (m *model) random() bool {
	return slices.ContainsFunc(m.k.Programs(), draws)
}

// draws reports a program that draws random numbers.
func draws(p *kernel.Program) bool {
	return slices.ContainsFunc(p.Buffers, func(b *kernel.Buffer) bool { return b.Kind == kernel.Scalar && b.Name == seedLow })
}

// seeds reports a model that keeps its seed, for itself or a model over it.
func (m *model) seeds() bool {
	for _, k := range m.f.unit.Models {
		if other := newModel(m.f, k); other.holder == m.holder && other.random() {
			return true
		}
	}
	return false
}

// seeded prints the halves of the seed into a workspace.
func (w *workspace) seeded(on, low, high string) []jen.Code {
	var out []jen.Code
	for _, half := range []struct{ name, from string }{{seedLow, low}, {seedHigh, high}} {
		if f := w.scalar(half.name); f != "" {
			out = append(out, line("%s.%s = %s", on, f, half.from))
		}
	}
	return out
}

// counted prints the number of a call.
func (w *workspace) counted(on, number string) []jen.Code {
	f := w.scalar(stepNumber)
	switch {
	case f == "":
		return nil
	case number == "":
		return []jen.Code{line("%s.%s++", on, f)}
	}
	return []jen.Code{line("%s.%s = %s", on, f, number)}
}

// uncounted prints that a call which failed does not count.
func (w *workspace) uncounted(on string) []jen.Code {
	if f := w.scalar(stepNumber); f != "" {
		return []jen.Code{line("%s.%s--", on, f)}
	}
	return nil
}

// drawn prints seed and step into the workspace of a pass of a trainer.
func (w *workspace) drawn(on string, pass int) []jen.Code {
	return append(w.seeded(on, "t.seed[0]", "t.seed[1]"), w.counted(on, fmt.Sprintf("t.step[%d] + 1", pass))...)
}
