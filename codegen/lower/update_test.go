package lower

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
)

// adam is one step of Adam on a tensor of that shape; with norm set the step is
// scaled to the norm of the parameter.
func (b *bench) adam(norm bool, xs ...any) *graph.Rule {
	p, g := b.real("param", "p", xs...), b.real("grad", "g", xs...)
	m, v := b.real("state", "m", xs...), b.real("state", "v", xs...)
	for i, x := range b.leaf["v"].Data {
		b.leaf["v"].Data[i] = x * x
	}
	lr := b.real("scalar", "lr")
	step := b.leafOf("scalar", "t", graph.Type{Elem: graph.Int}, func() float64 { return 3 })
	decay := func(c float64) *node { return b.Sub(b.Real(1), b.Op("powd", nil, b.Real(c), step)) }
	m2 := b.Add(b.Scale(0.9, m), b.Scale(0.1, g))
	v2 := b.Add(b.Scale(0.99, v), b.Scale(0.01, b.Mul(g, g)))
	d := b.Div(b.Div(m2, decay(0.9)), b.Add(b.Op("sqrt", nil, b.Div(v2, decay(0.99))), b.Real(1e-8)))
	if norm {
		d = b.Mul(d, b.Div(b.Op("norm", graph.Axes{0, 1}, p), b.Op("norm", graph.Axes{0, 1}, d)))
	}
	return &graph.Rule{G: b.G, P: b.Sub(p, b.Mul(lr, d)), States: []graph.RuleState{{Name: "m", Next: m2}, {Name: "v", Next: v2}}}
}

func (b *bench) updates(r *graph.Rule) *kernel.Program {
	want := b.values(r.P, r.States[0].Next, r.States[1].Next)
	prog := lowerRule(r)
	require.NoError(b.t, kernel.Verify(prog))
	memory := b.memory()
	m := b.machine(memory)
	require.NoError(b.t, m.Run(prog.Sections[0]))
	byName := map[string]*kernel.Buffer{}
	for _, x := range prog.Buffers {
		byName[x.Name] = x
	}
	for i, name := range []string{"p", "m", "v"} {
		same(b.t, want[i].Data, memory(byName[name]), "%s\n%s", name, text(prog))
	}
	return prog
}

func TestAdamIsOneLoop(t *testing.T) {
	b := newBench(t, map[string]int64{"params": 10})
	p := b.updates(b.adam(false, "params"))
	require.Len(t, p.Sections[0].Kernels, 1)
	require.NotContains(t, text(p), "arena")
	t.Log(text(p))
}

func TestUpdateWithNorms(t *testing.T) {
	b := newBench(t, nil)
	t.Log(text(b.updates(b.adam(true, 3, 4))))
}
