package check_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/diff"
	"github.com/gradgen/gradgen/graph/eval"
)

// stateRows are bodies of a model with input x and state m = 1, n int = 2, and
// what m and n are at the end and y is, by hand, for x = 3 and x = -1.
var stateRows = []struct {
	body     string
	positive [3]float64 // m, n, y
	negative [3]float64
}{
	{"m <- m + x\n y = m\n m <- 2 * m", [3]float64{8, 2, 4}, [3]float64{0, 2, 0}},
	{"if x > 0 {\n m <- m + x\n n <- n + 1\n }\n y = m * 10", [3]float64{4, 3, 40}, [3]float64{1, 2, 10}},
	{"if x > 0 {\n m <- 5\n } else {\n n <- 7\n m <- m - 1\n }\n y = m", [3]float64{5, 2, 5}, [3]float64{0, 7, 0}},
	{"if x > 0 {\n m <- 5\n if n == 2 {\n n <- 9\n }\n m <- m + 1\n }\n y = m", [3]float64{6, 9, 6}, [3]float64{1, 2, 1}},
	{"if x > 0 {\n } else {\n if x < -5 {\n m <- 3\n } else {\n n <- n - 1\n }\n }\n y = m", [3]float64{1, 2, 1}, [3]float64{1, 1, 1}},
	{"scan t in 0..3 {\n m <- m + x\n n <- n * 2\n }\n y = m", [3]float64{10, 16, 10}, [3]float64{-2, 16, -2}},
	{"scan t in 0..3 {\n carry h = m\n h = h + m\n m <- x\n collect hs = m + h\n }\n y = h + sum(hs)", [3]float64{3, 2, 8 + 5 + 8 + 11}, [3]float64{-1, 2, 0 + 1 + 0 - 1}},
	{"scan t in 0..3 {\n carry h = 0\n h = h + m\n if h > 1.5 {\n m <- m + x\n }\n }\n y = h", [3]float64{7, 2, 6}, [3]float64{-1, 2, 2}},
	{"scan t in 0..2 {\n scan u in 0..3 {\n m <- m + 1\n }\n n <- n + 1\n }\n y = m", [3]float64{7, 4, 7}, [3]float64{7, 4, 7}},
	{"if x > 0 {\n scan t in 0..3 {\n m <- 2 * m\n }\n }\n y = m", [3]float64{8, 2, 8}, [3]float64{1, 2, 1}},
	{"while m < 20 {\n m <- m * 3\n n <- n + 1\n }\n y = m", [3]float64{27, 5, 27}, [3]float64{27, 5, 27}},
	{"for i in 0..3 {\n m <- m + i * x\n }\n y = m", [3]float64{10, 2, 10}, [3]float64{-2, 2, -2}},
	{"func f(v) {\n if v > 0 {\n return v\n }\n return -v\n }\n y = f(x) + m", [3]float64{1, 2, 4}, [3]float64{1, 2, 2}},
	{"k = layer Keep()\n a = k(x)\n b = k(2 * x)\n y = a + 100 * b + 10000 * k.c", [3]float64{1, 2, 3 + 600 + 10000*9}, [3]float64{1, 2, 7 + 700 + 10000*0}},
	{"k = layer Keep()\n scan t in 0..2 {\n carry h = x\n h = k(h + 1)\n }\n y = h + 100 * k.c", [3]float64{1, 2, 5 + 900}, [3]float64{1, 2, 8 + 800}},
}

const keep = `
layer Keep(v) {
    state c = 0
    if v > 0 {
        c <- c + v
        return v
    }
    return 7 + 0 * v
}
`

func TestStatesInControlFlow(t *testing.T) {
	for _, row := range stateRows {
		m := model(t, "real f64\n"+keep+"model M {\n input x\n state m = 1\n state n int = 2\n "+row.body+"\n output y\n}")
		for x, want := range map[float64][3]float64{3: row.positive, -1: row.negative} {
			got := [3]float64{1, 2, 0}
			roots := []*graph.Node{m.Predict.Outputs[0].Node}
			at := []int{2}
			for _, u := range m.Predict.Updates {
				if k := strings.Index("mn", u.Name); k >= 0 {
					roots, at = append(roots, u.Node), append(at, k)
				}
			}
			ts, err := eval.Run(roots, eval.Env{Leaf: func(_, name string) (graph.Tensor, bool) {
				return scalar(map[string]float64{"x": x, "m": 1, "n": 2}[name]), true
			}})
			require.NoError(t, err, row.body)
			for i, k := range at {
				got[k] = ts[i].Data[0]
			}
			assert.Equal(t, want, got, "x = %v in\n%s", x, row.body)
		}
	}
}

const heldNet = `real f64
layer Line(v) {
    param w [2] ~ normal(0, 1)
    param s > 1 = 3
    return s * v * w
}
`

// A state that holds an instance has a state for each parameter, which begins
// with what the parameter begins with.
func TestStatesHoldInstances(t *testing.T) {
	m := model(t, heldNet+`model M {
    input x
    net = layer Line()
    y = net(x)
    state target = net
    a = target(x)
    target <- 0.75 * target + 0.25 * net
    b = target(x)
    scan t in 0..2 {
        target <- 0.5 * target
    }
    output a
    output b
    output c = target.w
    loss sum(y^2)
}`)
	require.Len(t, m.States, 2)
	assert.Equal(t, "target.s", m.States[0].Path)
	ts, err := eval.Run([]*graph.Node{m.States[0].Init.Value}, eval.Env{})
	require.NoError(t, err)
	assert.InDelta(t, 3, ts[0].Data[0], 1e-12)
	assert.Equal(t, graph.Init{Like: "net.w"}, m.States[1].Init)

	leaves := map[string]graph.Tensor{
		"x": scalar(2), "net.w": tensor([]float64{1, 2}, 2), "net.s": scalar(0), // s = 1 + softplus(0)
		"target.w": tensor([]float64{3, -4}, 2), "target.s": scalar(5),
	}
	var roots []*graph.Node
	for _, v := range append(m.Predict.Outputs, m.Predict.Updates...) {
		roots = append(roots, v.Node)
	}
	ts, err = eval.Run(roots, eval.Env{Leaf: func(_, name string) (graph.Tensor, bool) { return leaves[name], true }})
	require.NoError(t, err)
	const s = 1 + 0.6931471805599453
	mixed := 0.75*5 + 0.25*s
	for i, want := range [][]float64{{30, -40}, {2 * mixed * 2.5, 2 * mixed * -2.5}, {0.625, -0.625}, {mixed / 4}, {0.625, -0.625}} {
		assert.InDeltaSlice(t, want, ts[i].Data, 1e-12, "%d", i)
	}
}

// What is stored of a constrained parameter is u: training goes by u, grad(y, s)
// by s.
func TestDerivativesByConstrainedParameters(t *testing.T) {
	p, said := program(t, `real f64
model M {
    param s > 1 = 3
    param p in (-1, 2) = 0.5
    y = s^2 * p
    output a = grad(y, s)
    output b = grad(y, p)
    loss y
    train Plain
}
optimizer Plain(lr = 0.1) { p <- p - lr * g }
`)
	require.NotNil(t, p, said)
	diff.Program(p)
	m := p.Models[0]
	u := map[string]float64{"s": 0.3, "p": -0.4}
	sigmoid := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	s, q := 1+math.Log1p(math.Exp(u["s"])), -1+3*sigmoid(u["p"])
	ts, err := eval.Run([]*graph.Node{m.Predict.Outputs[0].Node, m.Predict.Outputs[1].Node, m.Train.Grads[0].Node, m.Train.Grads[1].Node},
		eval.Env{Leaf: func(_, name string) (graph.Tensor, bool) { return scalar(u[name]), true }})
	require.NoError(t, err)
	for i, want := range []float64{2 * s * q, s * s, 2 * s * q * sigmoid(u["s"]), s * s * 3 * sigmoid(u["p"]) * (1 - sigmoid(u["p"]))} {
		assert.InDelta(t, want, ts[i].Data[0], 1e-12, "%d", i)
	}
}
