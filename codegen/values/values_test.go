package values_test

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen"
	"github.com/gradgen/gradgen/codegen/values"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/runtime"
)

const source = `model M {
    dim n, m
    dim k = 3
    input x [n, k]
    input pairs [2*m + 1] int
    input on bool
    param w [k] ~ normal(0, 1)
    param u [2, k] = 0.25
    param s [k] > 1 ~ uniform(2, 3)
    output y = sum(x @ w) + sum(real(pairs)) + where(on, 1, 0) + sum(u) + sum(s)
}

func F(a [n], b) {
    return a * b
}
`

func program(t testing.TB) *graph.Program {
	t.Helper()
	res, list, err := codegen.Compile("m.grad", []byte(source), codegen.Options{Until: "check"})
	require.NoError(t, err)
	require.Empty(t, list)
	return res.Program
}

func bind(t testing.TB, text string) (*values.Args, error) {
	t.Helper()
	set, err := values.Read(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	return set.Model(program(t).Models[0], 1, false)
}

const good = `{"inputs": {"x": [[1, 2, 3], ["NaN", "Infinity", "-Infinity"]], "pairs": [1, 2, -3, 4.0, 5e1], "on": true},
	"params": {"w": [0.1, 0.2, 0.3]}, "dims": {"n": 2}}`

func TestBind(t *testing.T) {
	a, err := bind(t, good)
	require.NoError(t, err)
	assert.Equal(t, map[string]int64{"n": 2, "m": 2}, a.Dims)
	x := a.Inputs["x"]
	assert.Equal(t, []int{2, 3}, x.Shape)
	assert.True(t, math.IsNaN(x.Data[3]))
	assert.Equal(t, []float64{math.Inf(1), math.Inf(-1)}, x.Data[4:])
	assert.Equal(t, []float64{1, 2, -3, 4, 50}, a.Inputs["pairs"].Data)
	assert.Equal(t, []float64{1}, a.Inputs["on"].Data)
	assert.Equal(t, float64(float32(0.1)), a.Params["w"].Data[0], "rounded to float32")
	assert.Equal(t, graph.Tensor{Shape: []int{2, 3}, Data: []float64{.25, .25, .25, .25, .25, .25}}, a.Params["u"])
}

func TestParametersLeftOutAreDrawnAsTheGeneratedCodeDoes(t *testing.T) {
	a, err := bind(t, `{"dims": {"n": 1, "m": 1}}`)
	require.NoError(t, err)
	want := make([]float32, 3)
	runtime.InitNormal(want, runtime.Init{Seed: 1, Param: 0}, 0, 1)
	for i, w := range want {
		assert.Equal(t, float64(w), a.Params["w"].Data[i])
	}
	s := make([]float64, 3)
	runtime.InitUniform(s, runtime.Init{Seed: 1, Param: 2}, 2, 3)
	for i, u := range a.Params["s"].Data {
		assert.InDelta(t, s[i], 1+math.Log1p(math.Exp(u)), 1e-6)
	}
}

// Each text is wrong in one way, and the message says in which.
func TestWrongValues(t *testing.T) {
	in := func(inputs string) string { return `{"inputs": {` + inputs + `}, "dims": {"n": 2, "m": 1}}` }
	for text, want := range map[string]string{
		`[1]`:                          "the values must be a JSON object",
		`{"inputs": [1]}`:              `"inputs" must be a JSON object`,
		"{\n\"inputs\": {\"x\": }}":    "no JSON: line 2, column 17",
		`{"input": {}}`:                `the values have a part "input"; the parts are inputs, params, state and dims`,
		`{"dims": {"n": 1.5}}`:         "the dim n is 1.5; a dim is a whole number from 1 to 2147483647",
		`{"dims": {"n": 0}}`:           "the dim n is 0",
		`{"dims": {"nn": 2}}`:          "model M has no dim nn",
		`{"dims": {"k": 4}}`:           "the dim k is fixed at 3; set it with -D k=4",
		`{"dims": {"n": 2}}`:           `the dim m cannot be read off the given inputs; give it: "dims": {"m": ..}`,
		`{"inputs": {"x": [1, 2, 3]}}`: "input x has shape [3] and must have [n, 3]",
		`{"inputs": {"x": 1}}`:         "input x is a scalar and must have shape [n, 3]",
		`{"params": {"v": 1}, "dims": {"n": 2, "m": 1}}`:         "model M has no param v",
		`{"params": {"w": [1, 2]}, "dims": {"n": 2, "m": 1}}`:    "param w has shape [2] and must have [3]",
		`{"params": {"w": [1, 2, {}]}, "dims": {"n": 2, "m":1}}`: "param w: element [2]: expected a number, found {}",
		in(`"pears": [1]`):                      "model M has no input pears; did you mean pairs?",
		in(`"x": [[1, 2], [3, 4]]`):             "input x has shape [2, 2] and must have [n, 3] = [2, 3]",
		in(`"x": [1, 2, 3]`):                    "input x has shape [3] and must have [n, 3] = [2, 3]",
		in(`"x": [[1, 2, 3], [1, 2]]`):          "input x: element [1]: an array of length 2 where the first of its kind has 3",
		in(`"x": [[1, 2, 3], 4]`):               "input x: element [1]: the arrays are not nested equally deep",
		in(`"x": [[1, 2, 3], [1, 2, "nan"]]`):   `input x: element [1][2]: expected a number, found "nan"`,
		in(`"x": [[1, 2, 3], [1, 2, true]]`):    `element [1][2]: expected a number, found true`,
		in(`"x": [[1, 2, 3], [1, 2, 1e99]]`):    `element [1][2]: 1e99 does not fit a float32`,
		in(`"pairs": [1, 2.5, 3]`):              "input pairs: element [1]: 2.5 is not a whole number",
		in(`"pairs": [1, 3000000000, 3]`):       "element [1]: 3000000000 does not fit an int of 32 bits",
		in(`"pairs": [1, "2", 3]`):              `element [1]: expected a whole number, found "2"`,
		in(`"on": 1`):                           "input on: expected true or false, found 1",
		in(`"on": [true]`):                      "input on has shape [1] and must be a scalar",
		`{"inputs": {"pairs": [1, 2, 3, 4]}}`:   "input pairs has shape [4]; its extent 2*m + 1 leaves no value for the dim m",
		`{"inputs": {"pairs": [1], "x": [[]]}}`: "leaves no value for the dim m",
	} {
		_, err := bind(t, text)
		assert.ErrorContains(t, err, want, text)
	}
}

func TestFuncs(t *testing.T) {
	set, err := values.Read(strings.NewReader(`{"inputs": {"a": [1, 2], "b": 3}}`))
	require.NoError(t, err)
	a, err := set.Func(program(t).Funcs[0], 1, true)
	require.NoError(t, err)
	assert.Equal(t, map[string]int64{"n": 2}, a.Dims)
	set.Params = set.Inputs
	_, err = set.Func(program(t).Funcs[0], 1, true)
	assert.ErrorContains(t, err, "a func has no params")
}

func TestWriterPrintsWhatReadsBack(t *testing.T) {
	w := &values.Writer{}
	w.Open("")
	w.Members("outputs", []values.Named{
		{Name: "y", Elem: graph.Real, Tensor: graph.Tensor{Shape: []int{2, 2}, Data: []float64{float64(float32(0.1)), math.NaN(), math.Inf(-1), 1e30}}},
		{Name: "i", Elem: graph.Int, Tensor: graph.Tensor{Shape: []int{}, Data: []float64{-7}}},
		{Name: "none", Elem: graph.Bool, Tensor: graph.Tensor{Shape: []int{2, 0}}},
	})
	w.Members("metrics", nil)
	w.List("results", []values.Named{{Elem: graph.Bool, Tensor: graph.Tensor{Shape: []int{1}, Data: []float64{1}}}})
	w.Close()
	var b bytes.Buffer
	_, err := w.WriteTo(&b)
	require.NoError(t, err)
	assert.Equal(t, `{
  "outputs": {
    "y": [[0.1, "NaN"], ["-Infinity", 1e+30]],
    "i": -7,
    "none": [[], []]
  },
  "metrics": {},
  "results": [
    [true]
  ]
}
`, b.String())
}

// Whatever stands in a values file, it is bound or refused.
func FuzzValues(f *testing.F) {
	m := program(f).Models[0]
	for _, seed := range []string{good, `{}`, `{"inputs": {"x": [[[]]]}}`, `{"inputs": {"x": []}, "dims": {"n": 9e9}}`, `{"params": {"w": "NaN"}}`, `{"dims": {"m": 99999999}}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		set, err := values.Read(strings.NewReader(text))
		if err != nil {
			return
		}
		a, err := set.Model(m, 1, false)
		if err != nil {
			return
		}
		for _, v := range m.Inputs {
			if x, ok := a.Inputs[v.Name]; ok {
				n := 1
				for _, e := range x.Shape {
					n *= e
				}
				require.Len(t, x.Data, n)
				require.Len(t, x.Shape, v.Node.Type.Rank())
			}
		}
	})
}
