package engine_test

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen"
	"github.com/gradgen/gradgen/codegen/engine"
	"github.com/gradgen/gradgen/codegen/values"
)

// task compiles a program in float64 as far as its derivatives.
func task(t *testing.T, src, model, fn string) *engine.Task {
	t.Helper()
	res, list, err := codegen.Compile("m.grad", []byte(src), codegen.Options{Until: "diff", Real: "f64"})
	require.NoError(t, err)
	require.False(t, list.HasErrors(), "%v", list)
	x := &engine.Task{Program: res.Program}
	x.Model, x.Func, err = engine.Select(res.Program, model, fn)
	require.NoError(t, err)
	return x
}

const twoModels = `import "nn"

model A {
    dim batch
    input x [batch, 3]
    input label [batch] int
    h = nn.Dense(x, 4, tanh)
    g = nn.LayerNorm(h)
    logits = nn.Dense(g, 2)
    output probs = softmax(logits)
    output best = argmax(logits)
    metric accuracy = mean(best == label)
    loss mean(cross_entropy(logits, label))
    train nn.Adam(lr = 0.1) for h
}

model B {
    input x [3]
    param w [3] = 0.5
    y = where(training, 2, 1) * x @ w
    output y
    loss y^2
    train nn.SGD(lr = 0.1)
}

model C {
    dim batch
    input x [batch, 3]
    param s [3] > 0 = 1
    state seen [3] = 0
    seen <- 0.9 * seen + 0.1 * mean(x, axis = 0)
    carry last [batch, 3] = 0.5
    y = dropout(x * s, 0.5) + random.normal([batch, 3]) + last
    last = x
    output y
    output z = seen
    metric total = sum(y)
    loss mean(y^2)
    train nn.SGD(lr = 0.1)
}

model D(C) {
    input w [3]
    output y = sum(w * s) + sum(seen)
    loss y^2
}

model E {
    dim batch
    input x [batch, 3]
    net = layer nn.Dense(out = 2, act = tanh)
    all = sum(net(x)^2)
    y = sum(net(x), axis = 0)
    j = jacobian(y, net)
    whole = grad(all, net)
    scan t in 0..batch {
        carry W [2, 3, 2] = 0
        carry b [2] = 0
        row = net(x[t])
        square = sum(row^2)
        rows = jacobian(row, net)
        by = grad(square, net)
        W = W + rows.W
        b = b + by.b
    }
    output same = [sum(abs(j.W - W)), sum(abs(j.W - jacobian(y, net.W))), sum(abs(whole.b - b))] < 1e-9
    output size = sum(j^2)
}

func S(x [n]) = x + random.normal([n])

func F(x [n], k int) {
    y = sum(x^2)
    return grad(y, x), x[k] > 0
}
`

func compare(t *testing.T, a, b []values.Named) {
	t.Helper()
	require.Len(t, b, len(a))
	for i := range a {
		assert.Equal(t, a[i].Name, b[i].Name)
		assert.Equal(t, a[i].Shape, b[i].Shape, a[i].Name)
		for k, v := range a[i].Data {
			if !math.IsNaN(v) || !math.IsNaN(b[i].Data[k]) {
				assert.InDelta(t, v, b[i].Data[k], 1e-12*max(1, math.Abs(v)), "%s, element %d", a[i].Name, k)
			}
		}
	}
}

func TestEnginesAgree(t *testing.T) {
	for _, c := range []struct {
		model, fn, text string
		training, grad  bool
	}{
		{"A", "", `{"inputs": {"x": [[1, 2, 3], [0, -1, "NaN"]], "label": [1, 0]}}`, false, true},
		{"A", "", `{"inputs": {"x": [[1, 2, 3]]}}`, true, false},
		{"B", "", `{"inputs": {"x": [1, 2, 3]}}`, false, true},
		{"B", "", `{"inputs": {"x": [1, 2, 3]}}`, true, true},
		{"C", "", `{"inputs": {"x": [[1, 2, 3], [4, 5, 6]]}, "state": {"seen": [1, 1, 1]}}`, true, true},
		{"C", "", `{"inputs": {"x": [[1, 2, 3], [4, 5, 6]]}, "params": {"s": [-1, 0, 1]}}`, false, true},
		{"D", "", `{"inputs": {"w": [1, 2, 3]}, "state": {"seen": [1, 2, 1]}}`, false, true},
		{"E", "", `{"inputs": {"x": [[0.1, 0.2, 0.3], [0.4, -0.5, 0.6]]}}`, false, false},
		{"", "S", `{"inputs": {"x": [1, -2, 5]}}`, false, false},
		{"", "F", `{"inputs": {"x": [1, -2], "k": 1}}`, false, false},
	} {
		var got []*engine.Result
		for _, compute := range []engine.Engine{engine.Interp, engine.Compiled} {
			x := task(t, twoModels, c.model, c.fn)
			x.Training, x.Grad = c.training, c.grad
			set, err := values.Read(strings.NewReader(c.text))
			require.NoError(t, err)
			if x.Model != nil {
				x.Args, err = set.Model(x.Model, 3, true)
			} else {
				x.Args, err = set.Func(x.Func, 3, true)
			}
			require.NoError(t, err)
			r, err := compute(x)
			require.NoError(t, err)
			got = append(got, r)
		}
		if c.model == "E" {
			require.Equal(t, []float64{1, 1, 1}, got[0].Outputs[0].Data, "derivatives by an instance are those by its parameters")
		}
		compare(t, got[0].Outputs, got[1].Outputs)
		compare(t, got[0].Metrics, got[1].Metrics)
		compare(t, got[0].Losses, got[1].Losses)
		compare(t, got[0].Grads, got[1].Grads)
	}
}

func TestTrainingDecides(t *testing.T) {
	for training, want := range map[bool]float64{false: 3, true: 6} {
		x := task(t, twoModels, "B", "")
		x.Training, x.Grad = training, true
		set, err := values.Read(strings.NewReader(`{"inputs": {"x": [1, 2, 3]}}`))
		require.NoError(t, err)
		x.Args, err = set.Model(x.Model, 1, true)
		require.NoError(t, err)
		r, err := engine.Interp(x)
		require.NoError(t, err)
		assert.Equal(t, want, r.Outputs[0].Data[0])
		assert.Equal(t, want*want, r.Losses[0].Data[0])
		assert.Equal(t, 2*want*want, r.Grads[0].Data[0]*0.5+r.Grads[0].Data[1]*0.5+r.Grads[0].Data[2]*0.5)
	}
}

func TestSelect(t *testing.T) {
	res, _, err := codegen.Compile("m.grad", []byte(twoModels), codegen.Options{Until: "check"})
	require.NoError(t, err)
	for _, c := range [][3]string{
		{"", "", "the file has the models A, B, C, D, E; choose one with -model"},
		{"a", "", "there is no model a"},
		{"", "G", "there is no exported func G"},
		{"A", "F", "not both"},
	} {
		_, _, err := engine.Select(res.Program, c[0], c[1])
		assert.ErrorContains(t, err, c[2])
	}
}

func check(t *testing.T, src string, seed uint64) []engine.CheckRow {
	t.Helper()
	x := task(t, src, "", "")
	require.NoError(t, engine.Draw(x, seed))
	rows, err := engine.Gradcheck(x, engine.CheckOptions{Tolerance: 1e-6, Samples: 12, Seed: seed})
	require.NoError(t, err)
	return rows
}

// Every model of the compiler's tests passes its gradcheck, save where stop(..)
// makes derivatives differ from differences on purpose.
func TestGradcheckOfModels(t *testing.T) {
	paths, err := filepath.Glob("../testdata/models/*.grad")
	require.NoError(t, err)
	for _, path := range paths {
		src, err := os.ReadFile(path)
		require.NoError(t, err)
		if strings.Contains(string(src), "stop(") {
			continue
		}
		res, list, err := codegen.Compile(path, src, codegen.Options{Until: "diff", Real: "f64"})
		require.NoError(t, err)
		require.False(t, list.HasErrors())
		for _, m := range res.Program.Models {
			if len(m.Predict.Losses) == 0 || len(m.Params) == 0 || m.Name == "Roots" { // begins where its slope is infinite
				continue
			}
			x := &engine.Task{Program: res.Program, Model: m}
			require.NoError(t, engine.Draw(x, 1), path)
			rows, err := engine.Gradcheck(x, engine.CheckOptions{Tolerance: 1e-6, Samples: 3, Seed: 1})
			require.NoError(t, err, path)
			for _, r := range rows {
				assert.True(t, r.OK, "%s: %+v", path, r)
			}
		}
	}
}

const indexed = `model M {
    dim n, v
    dim k = 3
    input i [n] int
    input on [n] bool
    input j [n-1] int
    param E [5, k] ~ normal(0, 1)
    param w [k] ~ normal(0, 1)
    y = E[i] @ w + sum(t: real(j[t]))
    output y
    loss sum(a: where(on[a], y[a]^2, 0)) + real(v)
}
`

func TestDrawFindsValuesThatFit(t *testing.T) {
	for seed := range uint64(20) {
		for _, r := range check(t, indexed, seed) {
			assert.True(t, r.OK, "%+v", r)
		}
	}
}

// A derivative that is not that of the loss is found, at its element.
func TestGradcheckFindsWrongDerivatives(t *testing.T) {
	rows := check(t, `model M {
    input x [4]
    param a [4] = 2
    param b = 1
    output y = sum(a * x) + b
    loss sum(where(range(4) == 2, stop(a), a) * x) + b^2
}
`, 1)
	require.Len(t, rows, 2)
	assert.False(t, rows[0].OK)
	assert.Equal(t, []int{2}, rows[0].At)
	assert.Zero(t, rows[0].Gradient)
	assert.Greater(t, rows[0].Error, 1e-3)
	assert.True(t, rows[1].OK)
}
