package check_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/diff"
	"github.com/gradgen/gradgen/graph/eval"
)

func model(t *testing.T, src string) *graph.Model {
	t.Helper()
	p, said := program(t, src)
	require.NotNil(t, p, said)
	return p.Models[0]
}

func paths(m *graph.Model) string {
	var out []string
	for _, p := range graph.Members(m.Params) {
		out = append(out, p.Path+" "+graph.Type{Shape: p.Own()}.String())
	}
	return strings.Join(out, "\n")
}

const layers = `import "nn"
layer Two(x [.., k]) {
    h = nn.Dense(x, 4, relu)
    return nn.Dense(h, k) + nn.Dense(x, k)
}
`

func TestInstancesAreNamedAfterWhatTheyAreBoundTo(t *testing.T) {
	m := model(t, layers+`
model M {
    dim n
    input x [n, 3]
    a = Two(x)
    b = nn.Dense(a, 3) + a
    a = Two(b)
    for i in 0..2 { a = Two(a) }
    output y = nn.Dense(a, 1)
}`)
	require.Equal(t, strings.TrimSpace(`
a.h.W real [3, 4]
a.h.b real [4]
a.Dense.W real [4, 3]
a.Dense.b real [3]
a.Dense_2.W real [3, 3]
a.Dense_2.b real [3]
Dense.W real [3, 3]
Dense.b real [3]
a_2.h.W real [3, 4]
a_2.h.b real [4]
a_2.Dense.W real [4, 3]
a_2.Dense.b real [3]
a_2.Dense_2.W real [3, 3]
a_2.Dense_2.b real [3]
a_3[0].h.W real [3, 4]
a_3[0].h.b real [4]
a_3[0].Dense.W real [4, 3]
a_3[0].Dense.b real [3]
a_3[0].Dense_2.W real [3, 3]
a_3[0].Dense_2.b real [3]
a_3[1].h.W real [3, 4]
a_3[1].h.b real [4]
a_3[1].Dense.W real [4, 3]
a_3[1].Dense.b real [3]
a_3[1].Dense_2.W real [3, 3]
a_3[1].Dense_2.b real [3]
y.W real [3, 1]
y.b real [1]`), paths(m))
}

func TestBoundInstancesAreShared(t *testing.T) {
	m := model(t, layers+`
model M {
    dim n
    input x [n, 3]
    input z [n, 3]
    enc = layer Two()
    output y = enc(x) + enc(z)
}`)
	require.Len(t, m.Params, 6)
	require.Equal(t, "enc.h.W", m.Params[0].Path)
}

func TestTheLastMatchingTrainLineWins(t *testing.T) {
	m := model(t, layers+`
model M {
    dim n
    input x [n, 3]
    a = Two(x)
    for i in 0..2 { a = Two(a) }
    loss sum(a^2)
    train nn.Adam(lr = nn.cosine(t, 1e-3)) for a, a_2
    train nn.SGD for ..b
    train nn.SGD(lr = 2) for a_2[1].h
}`)
	got := map[string]string{}
	for _, r := range m.Rules {
		require.True(t, r.Flat)
		for _, i := range r.Params {
			lr := "schedule"
			for _, h := range r.Hyper {
				if h.Name == "lr" {
					lr = graph.Number(h.Default).String()
				}
			}
			got[m.Params[i].Path] = r.Name + " " + lr
		}
	}
	require.Equal(t, "Adam schedule", got["a.h.W"])
	require.Equal(t, "SGD 0.01", got["a.Dense.b"])
	require.Equal(t, "SGD 2", got["a_2[1].h.b"])
	require.Equal(t, "SGD 0.01", got["a_2[0].h.b"])
	require.Len(t, got, len(m.Params))
}

func TestRulesThatReduceRunForEachParameter(t *testing.T) {
	m := model(t, `
optimizer Normed(lr = 0.1) {
    p <- p - lr * g / (norm(g) + 1e-8)
}
model M {
    dim n
    input x [n, 3]
    param W [3, 2] ~ normal(0, 1)
    param b [2] = 0
    loss mean((x @ W + b)^2)
    train Normed()
}`)
	require.Len(t, m.Rules, 2)
	require.False(t, m.Rules[0].Flat)
	require.Equal(t, "real [3, 2]", m.Rules[0].P.Type.String())
}

func TestFrozenParametersHaveNoRule(t *testing.T) {
	m := model(t, layers+`
model M {
    dim n
    input x [n, 3]
    a = Two(x)
    loss sum(a^2)
    train nn.SGD for a.h
}`)
	require.Equal(t, []int{0, 1}, m.Rules[0].Params)
}

func TestDimsMayBeGivenFromOutside(t *testing.T) {
	m := model(t, "model M {\n dim n, k = 2\n input x [n, k]\n param w [k] = real(range(k)) / k\n output y = x @ w\n}")
	require.Equal(t, []bool{false, true}, []bool{m.Dims[0].Fixed, m.Dims[1].Fixed})
	require.NotNil(t, m.Params[0].Init.Value)
}

func TestEntryChecksSayWhatMustHold(t *testing.T) {
	m := model(t, "model M {\n dim n\n input x [n]\n input z [n/2]\n output y = sum(x[1:3]) + sum(reshape(x, [n/2, 2]) @ [1, 1] * z)\n}")
	var said []string
	for _, c := range m.Checks {
		said = append(said, c.Message)
	}
	require.Equal(t, []string{"n must be a multiple of 2", "n - 3 must not be negative"}, said)
}

func TestConstrainedParametersStoreAnUnconstrainedOne(t *testing.T) {
	m := model(t, "real f64\nimport \"nn\"\nmodel M {\n dim n\n input x [n]\n param s > 1 = 3\n param p in (-1, 1) = 0.5\n y = p * x / s\n output y\n loss sum(y^2)\n train nn.SGD\n}\n")
	require.Len(t, m.Constrained, 2)
	stored, err := eval.Run([]*graph.Node{m.Params[0].Init.Value, m.Params[1].Init.Value}, eval.Env{})
	require.NoError(t, err)
	env := eval.Env{Leaf: func(kind, name string) (graph.Tensor, bool) {
		return map[string]graph.Tensor{"s": stored[0], "p": stored[1]}[name], true
	}}
	back, err := eval.Run([]*graph.Node{m.Constrained[0].Node, m.Constrained[1].Node}, env)
	require.NoError(t, err)
	require.InDelta(t, 3, back[0].Data[0], 1e-12)
	require.InDelta(t, 0.5, back[1].Data[0], 1e-12)
}

func TestStatesSeeTheirNewValues(t *testing.T) {
	m := model(t, `
layer Count(x) {
    state seen = 0.0
    if training { seen <- seen + mean(x) }
    return x - seen
}
model M {
    dim n
    input x [n]
    param w = 1
    h = Count(x * w)
    output y = h
    loss sum(h^2)
}`)
	require.Len(t, m.States, 1)
	require.Equal(t, "h.seen", m.States[0].Path)
	require.Empty(t, m.Predict.Updates)
	require.Len(t, m.Train.Updates, 1)
	require.Contains(t, graph.Reachable(m.Train.Losses[0].Node), m.Train.Updates[0].Node)
}

func TestEachLossTrainsItsOwn(t *testing.T) {
	p, said := program(t, `
import "nn"
model GAN {
    dim n
    input x [n, 2]
    input z [n, 2]
    D = layer nn.Dense(out = 1)
    G = layer nn.Dense(out = 2)
    fake = G(z)
    loss d = mean(softplus(-D(x))) + mean(softplus(D(stop(fake))))
    loss g = mean(softplus(-D(fake)))
    train d: nn.Adam(lr = 1e-3) for D
    train g: nn.Adam(lr = 1e-4) for G
}`)
	require.NotNil(t, p, said)
	require.Empty(t, said)
	diff.Program(p)
	var got []string
	for _, v := range p.Models[0].Train.Grads {
		got = append(got, v.Loss+" "+v.Name)
	}
	require.Equal(t, []string{"d D.W", "d D.b", "g G.W", "g G.b"}, got)
}

// One inner step of gradient descent, differentiated through: with the loss
// q(w) = (w·x - t)², fast = w - a·2x(wx - t).
func TestInstancesAreValues(t *testing.T) {
	p, said := program(t, `real f64
layer Line(x) {
    param w = 3
    return w * x
}
model M {
    input x, t
    net = layer Line()
    inner = (net(x) - t)^2
    fast = net - 0.1 * grad(inner, net)
    output y = fast(x)
    loss (fast(x) - t)^2 + 0.5 * sum(net^2)
    train SGD
}
optimizer SGD(lr = 0.1) { p <- p - lr * g }
`)
	require.NotNil(t, p, said)
	diff.Program(p)
	m := p.Models[0]
	require.Len(t, m.Params, 1)
	env := eval.Env{Leaf: func(_, name string) (graph.Tensor, bool) {
		return map[string]graph.Tensor{"x": scalar(2), "t": scalar(1), "net.w": scalar(3)}[name], true
	}}
	got, err := eval.Run([]*graph.Node{m.Predict.Outputs[0].Node, m.Train.Grads[0].Node}, env)
	require.NoError(t, err)
	// w = 3: inner gradient 2·2·(6-1) = 20, fast.w = 1, y = 2;
	// d/dw = 2(y - t)·x·(1 - 0.1·2x²) + w = 2·1·2·0.2 + 3
	require.InDelta(t, 2, got[0].Data[0], 1e-12)
	require.InDelta(t, 3.8, got[1].Data[0], 1e-12)
}

// The jacobian of y = (w·x, w²) by the instance with w.
func TestJacobiansByInstancesAreInstances(t *testing.T) {
	m := model(t, "layer Line(x) {\n param w = 3\n param c = 1\n return [w * x, w^2]\n}\nmodel M {\n input x\n net = layer Line()\n y = net(x)\n j = jacobian(y, net)\n output a = j.w\n output b = j.c\n}\n")
	env := eval.Env{Leaf: func(_, name string) (graph.Tensor, bool) {
		return map[string]graph.Tensor{"x": scalar(2), "net.w": scalar(3), "net.c": scalar(1)}[name], true
	}}
	diff.Program(&graph.Program{Models: []*graph.Model{m}})
	got, err := eval.Run([]*graph.Node{m.Predict.Outputs[0].Node, m.Predict.Outputs[1].Node}, env)
	require.NoError(t, err)
	require.Equal(t, []float64{2, 6}, got[0].Data)
	require.Equal(t, []float64{0, 0}, got[1].Data)
}

func TestModelsOverAnothersParameters(t *testing.T) {
	p, said := program(t, `
import "nn"
model Flow {
    dim n
    dim width = 3
    input x [n, 2]
    param scale > 0 = 2
    enc = layer nn.Dense(out = width)
    output y = enc(x) * scale
    loss sum(y^2)
    train nn.SGD
}
model Step(Flow) {
    input z [2]
    carry seen [width] = 0
    seen = seen + enc(z) * scale
    output seen
}`)
	require.NotNil(t, p, said)
	require.Empty(t, said)
	step := p.Models[1]
	require.Same(t, p.Models[0], step.Base)
	require.Len(t, step.Params, 3)
	k := step.Predict.Carries[0]
	require.Equal(t, "real [3]", k.Leaf.Type.String())
	require.Same(t, step.Predict.Outputs[0].Node, k.Next)
	require.Contains(t, graph.Reachable(k.Next), k.Leaf)
}
