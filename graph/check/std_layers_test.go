package check_test

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/diff"
	"github.com/gradgen/gradgen/graph/rewrite"
)

// layer is a call of a layer, what it is given and what other programs make of it.
type layer struct {
	Body                            string
	Training                        bool
	Inputs, Params, States, Updates map[string]packed
	Want                            packed
}

// source is a model with the layer's call as y, whose first input axis is a run-time dim.
func (l layer) source() string {
	var b strings.Builder
	fmt.Fprint(&b, "real f64\nimport \"nn\"\nmodel M {\n    dim n\n")
	for _, name := range slices.Sorted(maps.Keys(l.Inputs)) {
		p := l.Inputs[name]
		kind := ""
		if p.Int {
			kind = " int"
		}
		fmt.Fprintf(&b, "    input %s [n%s%s\n", name, strings.TrimPrefix(strings.ReplaceAll(fmt.Sprint(p.Shape), " ", ", "), fmt.Sprintf("[%d", p.Shape[0])), kind)
	}
	fmt.Fprintf(&b, "    y = %s\n    output y\n    loss sum(sin(y))\n    train nn.SGD\n}\n", l.Body)
	return b.String()
}

func (l layer) values() map[string]graph.Tensor {
	out := map[string]graph.Tensor{}
	for _, m := range []map[string]packed{l.Inputs, l.Params, l.States} {
		for name, p := range m {
			out[name] = p.tensor()
		}
	}
	return out
}

// The values of layers, the gradients of the loss by all parameters, and the
// new states are the same before and after rewriting.
func TestLayers(t *testing.T) {
	for _, l := range read[[]layer](t, "layers") {
		t.Run(l.Body, func(t *testing.T) {
			p, said := program(t, l.source())
			require.NotNil(t, p, said)
			require.Empty(t, said)
			m, at := p.Models[0], l.values()
			require.Len(t, m.Params, len(l.Params))
			require.Len(t, m.States, len(l.States))
			diff.Program(p)
			l.compare(t, m, at)
			l.gradients(t, m, at)
			rewrite.Program(p)
			rewrite.Expand(p)
			l.compare(t, m, at)
		})
	}
}

func (l layer) compare(t *testing.T, m *graph.Model, at map[string]graph.Tensor) {
	t.Helper()
	want := l.Want.tensor()
	if !l.Training {
		same(t, want, l.run(t, m.Predict.Outputs, at)[0], 1e-11)
		return
	}
	total := 0.0
	for _, y := range want.Data {
		total += math.Sin(y)
	}
	same(t, scalar(total), l.run(t, m.Train.Losses, at)[0], 1e-11)
	for i, v := range l.run(t, m.Train.Updates, at) {
		same(t, l.Updates[m.Train.Updates[i].Name].tensor(), v, 1e-11)
	}
	require.Len(t, m.Train.Updates, len(l.Updates))
}

func (l layer) run(t *testing.T, values []*graph.Value, at map[string]graph.Tensor) []graph.Tensor {
	t.Helper()
	var nodes []*graph.Node
	for _, v := range values {
		nodes = append(nodes, v.Node)
	}
	return run(t, nodes, at)
}

// gradients compares those of the loss with differences, at a few places of each parameter.
func (l layer) gradients(t *testing.T, m *graph.Model, at map[string]graph.Tensor) {
	t.Helper()
	loss := []*graph.Node{m.Train.Losses[0].Node}
	require.Len(t, m.Train.Grads, len(m.Params))
	for i, g := range l.run(t, m.Train.Grads, at) {
		name := m.Train.Grads[i].Name
		for k := 0; k < len(g.Data); k += max(1, len(g.Data)/3) {
			require.InDelta(t, slope(t, loss, at, name, k, 0), g.Data[k], 1e-6*math.Max(1, math.Abs(g.Data[k])), "by %s[%d]", name, k)
		}
	}
}

// steps are a parameter's values under an update rule, given its gradients.
type steps struct {
	Rule        string
	P           []float64
	Grads, Want [][]float64
}

func TestUpdateRules(t *testing.T) {
	for _, r := range read[[]steps](t, "rules") {
		t.Run(r.Rule, func(t *testing.T) {
			m := model(t, fmt.Sprintf("real f64\nimport \"nn\"\nmodel M {\n param p [4] = 0\n loss sum(p^2)\n train %s\n}", r.Rule))
			rule := m.Rules[0]
			at := map[string]graph.Tensor{"p": tensor(r.P, 4)}
			for _, h := range rule.Hyper {
				at[h.Name] = scalar(h.Default)
			}
			nodes := []*graph.Node{rule.P}
			for _, s := range rule.States {
				at[s.Name] = tensor(slices.Repeat([]float64{s.Init}, 4), 4)
				nodes = append(nodes, s.Next)
			}
			for i, g := range r.Grads {
				at["g"], at["t"], at["gnorm"] = tensor(g, 4), scalar(float64(i+1)), scalar(length(g))
				got := run(t, nodes, at)
				require.InDeltaSlice(t, r.Want[i], got[0].Data, 1e-12, "step %d", i+1)
				at["p"] = got[0]
				for k, s := range rule.States {
					at[s.Name] = got[k+1]
				}
			}
		})
	}
}

func length(v []float64) float64 {
	total := 0.0
	for _, x := range v {
		total += x * x
	}
	return math.Sqrt(total)
}
