package check_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/eval"
	"github.com/gradgen/gradgen/runtime"
)

// draws evaluates the outputs of a model at a seed and a step.
func draws(t *testing.T, body string, seed uint64, step int) []graph.Tensor {
	t.Helper()
	m := model(t, "real f64\nmodel M {\n"+body+"\n}\n")
	low, high := runtime.SeedHalves(seed)
	env := eval.Env{Leaf: func(_, name string) (graph.Tensor, bool) {
		return scalar(map[string]float64{"seed.low": float64(low), "seed.high": float64(high), "step": float64(step)}[name]), true
	}}
	var roots []*graph.Node
	for _, v := range m.Predict.Outputs {
		roots = append(roots, v.Node)
	}
	out, err := eval.Run(roots, env)
	require.NoError(t, err)
	return out
}

func TestEachRandomCallHasItsSite(t *testing.T) {
	const seed = 0xdeadbeef12345678
	got := draws(t, "output a = random.uniform([2, 3])\noutput b = random.normal([4])\noutput c = random.uniform()", seed, 7)
	for i, v := range got[0].Data {
		require.Equal(t, runtime.Site{Seed: seed, Step: 7, Site: 1}.Uniform64(uint32(i)), v)
	}
	for i, v := range got[1].Data {
		require.Equal(t, runtime.Site{Seed: seed, Step: 7, Site: 2}.Normal64(uint32(i)), v)
	}
	require.Equal(t, runtime.Site{Seed: seed, Step: 7, Site: 3}.Uniform64(0), got[2].Data[0])
}

func TestIterationsDrawTheirOwnNumbers(t *testing.T) {
	got := draws(t, `output a = array(i in 3: random.normal([2]))
scan t in 0..3 {
    carry h = 0
    r = random.uniform()
    h = h + r
    collect rs = r
}
output rs
f = 0
for i in 0..2 { f = f + random.uniform() }
output f`, 5, 0)
	for i := range 3 {
		site := runtime.Site{Seed: 5, Site: 1, Iter: runtime.IterHash(0, i)}
		require.Equal(t, []float64{site.Normal64(0), site.Normal64(1)}, got[0].Data[2*i:2*i+2])
		require.Equal(t, runtime.Site{Seed: 5, Site: 2, Iter: runtime.IterHash(0, i)}.Uniform64(0), got[1].Data[i])
	}
	turn := func(i int) float64 {
		return runtime.Site{Seed: 5, Site: 3, Iter: runtime.IterHash(0, i)}.Uniform64(0)
	}
	require.Equal(t, turn(0)+turn(1), got[2].Data[0])
}

func TestDropoutKeepsTheMean(t *testing.T) {
	m := model(t, "model M {\n dim n\n input x [n]\n param w = 1\n loss mean(dropout(x * w, 0.25))\n output y = dropout(x * w, 0.25)\n}")
	n := 20000
	x := make([]float64, n)
	for i := range x {
		x[i] = 1
	}
	leaves := map[string]graph.Tensor{"x": tensor(x, n), "w": scalar(1), "seed.low": scalar(1), "seed.high": scalar(2), "step": scalar(3), "seed.batch": scalar(0)}
	env := eval.Env{Dims: map[string]int64{"n": int64(n)}, Leaf: func(_, name string) (graph.Tensor, bool) {
		v, ok := leaves[name]
		return v, ok
	}}
	out, err := eval.Run([]*graph.Node{m.Train.Losses[0].Node, m.Predict.Outputs[0].Node}, env)
	require.NoError(t, err)
	// The standard deviation of the mean is sqrt(0.25/0.75/n) = 0.0041.
	require.InDelta(t, 1, out[0].Data[0], 0.0164)
	require.Equal(t, x, out[1].Data)
}

func TestCategoricalFollowsItsLogits(t *testing.T) {
	got := draws(t, "output a = array(i in 20000: random.categorical([log(0.5), log(0.25), log(0.25)]))", 9, 1)
	var counts [3]float64
	for _, v := range got[0].Data {
		counts[int(v)]++
	}
	// Four standard deviations of a binomial share of a half: 0.0141.
	require.InDelta(t, 0.5, counts[0]/20000, 0.0142)
	require.InDelta(t, 0.25, counts[1]/20000, 0.0123)
}
