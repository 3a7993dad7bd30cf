package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen"
	"github.com/gradgen/gradgen/codegen/engine"
	"github.com/gradgen/gradgen/codegen/values"
)

// padded is a sequence of which some elements are padding, marked by -1.
const padded = `real f64
import "nn"
model Padded {
    dim n, v = 4, k = 3
    input token [n] int
    input label [n] int
    param E [v, k] ~ normal(0, 1)
    param W [k, v] ~ normal(0, 1)
    e = E[token]
    logits = tanh(e) @ W
    output best = where(token >= 0, argmax(logits), -1)
    metric right = mean(i if label[i] >= 0: argmax(logits[i]) == label[i])
    loss mean(i if label[i] >= 0: cross_entropy(logits[i], label[i]))
    train nn.SGD
}
`

const checked = `real f64
func Best(x [n], c [n] bool) = argmax(i if c[i]: x[i])
func Ratio(a [n] int, b [n] int) = where(b != 0, div(a, b), 0) + where(a > 0, mod(a, b), 0)
func Powers(a [n] int, b [n] int) {
    return where(b >= 0, a^b, 0), array(i in n: a[i]^i), a[0]^n
}
func Raised(a [n] int, b int) = a^b
func Outside(x [n], at [n] int, s) {
    e = x[at]
    if s > 0 {
        y = sum(e)
    } else {
        y = s
    }
    return y
}
func Steps(E [v, k], token [b, t] int, length [b] int) {
    x = E[token]
    scan s in 0..t {
        carry h [b, k] = 0
        h = array(i, j: where(s < length[i], tanh(x[i, s, j] + h[i, j]), h[i, j]))
    }
    total = sum(h^2)
    return total, grad(total, E)
}
func Hot(i [n] int) {
    y[a, b in 3] = where(i[a] >= 0, one_hot(i[a], 3)[b], 7)
    return y
}
func Slope(z [n, k], label [n] int) {
    y = sum(a if label[a] >= 0: cross_entropy(z[a], label[a]))
    return grad(y, z)
}
func Apart(x, t [n], i int, b int) {
    y = x^2 + where(b >= 0, t[i] + real(div(i, b)), 0)
    return grad(y, x), jvp(y, x, 2)
}
func Descent(w0 [k], x [n, k], label [n] int) {
    scan t in 0..n {
        carry w = w0
        l = cross_entropy(w * x[t], label[t])
        w = w - 0.1 * grad(l, w)
    }
    return w
}
func Unread(x, t [n], i int) {
    while r < 10 {
        carry r = x, k = i, s = 0
        if r > 5 {
            s = s + t[k]
        }
        r = r * 2
        k = k + 1
    }
    y = s + r
    return grad(y, x)
}
`

const sloped = `real f64
import "nn"
model Sloped {
    dim n, k = 3
    input z [n, k]
    input label [n] int
    param w [k] = 1
    l = mean(cross_entropy(w * z, label))
    output d = grad(l, z)
    loss sum(grad(l, w)^2)
    train nn.SGD
}
`

// Both engines fail for elements that are taken, and for no others.
func TestBothEnginesCheckWhatIsTaken(t *testing.T) {
	tests := []struct{ src, name, values, fails string }{
		{padded, "Padded", `{"inputs": {"token": [0, 3, -1, 2], "label": [1, -1, -1, 3]}}`, ""},
		{padded, "Padded", `{"inputs": {"token": [0, 3, -1, 2], "label": [1, -1, 0, 3]}}`, "input token[2] is -1, must be in 0..4"},
		{padded, "Padded", `{"inputs": {"token": [0, 3, -1, 2], "label": [1, -1, -1, 4]}}`, "input label[3] is 4, must be in 0..4"},
		{checked, "Best", `{"inputs": {"x": [3, 1, 2], "c": [false, false, false]}}`, "need an element"},
		{checked, "Ratio", `{"inputs": {"a": [7, -3, 0], "b": [2, 0, 0]}}`, ""},
		{checked, "Ratio", `{"inputs": {"a": [7, -3, 1], "b": [2, 0, 0]}}`, "division by zero"},
		{checked, "Powers", `{"inputs": {"a": [7, -3, 0], "b": [3, -1, 0]}}`, ""},
		{checked, "Raised", `{"inputs": {"a": [7, -3, 3], "b": 21}}`, ""},
		{checked, "Raised", `{"inputs": {"a": [7, -3, 3], "b": -1}}`, "a negative power of an int"},
		{checked, "Outside", `{"inputs": {"x": [1, 2], "at": [1, 2], "s": -1}}`, ""},
		{checked, "Outside", `{"inputs": {"x": [1, 2], "at": [1, 2], "s": 1}}`, "input at[1] is 2, must be in 0..2"},
		{checked, "Steps", `{"inputs": {"E": [[1, 2], [0.5, -1]], "token": [[0, 1, -1], [1, 5, 5]], "length": [2, 1]}}`, ""},
		{checked, "Steps", `{"inputs": {"E": [[1, 2], [0.5, -1]], "token": [[0, 1, -1], [1, 5, 5]], "length": [2, 2]}}`, "5"},
		{checked, "Hot", `{"inputs": {"i": [2, -1, 0]}}`, ""},
		{checked, "Hot", `{"inputs": {"i": [2, -1, 3]}}`, "input i[2] is 3, must be in 0..3"},
		{checked, "Slope", `{"inputs": {"z": [[1, 2], [3, 4]], "label": [1, -1]}}`, ""},
		{checked, "Slope", `{"inputs": {"z": [[1, 2], [3, 4]], "label": [1, 2]}}`, "input label[1] is 2, must be in 0..2"},
		{checked, "Apart", `{"inputs": {"x": 3, "t": [1, 2], "i": 1, "b": 1}}`, ""},
		{checked, "Apart", `{"inputs": {"x": 3, "t": [1, 2], "i": 2, "b": 1}}`, "must be in 0..2"},
		{checked, "Apart", `{"inputs": {"x": 3, "t": [1, 2], "i": 1, "b": 0}}`, "division by zero"},
		{checked, "Apart", `{"inputs": {"x": 3, "t": [1, 2], "i": 2, "b": -1}}`, ""},
		{checked, "Descent", `{"inputs": {"w0": [1, 2], "x": [[1, 2], [3, 4]], "label": [0, 1]}}`, ""},
		{checked, "Descent", `{"inputs": {"w0": [1, 2], "x": [[1, 2], [3, 4]], "label": [0, 2]}}`, "2"},
		{checked, "Unread", `{"inputs": {"x": 1, "t": [1, 2, 3, 4], "i": 0}}`, ""},
		{checked, "Unread", `{"inputs": {"x": 1, "t": [1, 2, 3], "i": 0}}`, "3"},
		{sloped, "Sloped", `{"inputs": {"z": [[1, 2, 3], [3, 4, 1]], "label": [0, 2]}}`, ""},
		{sloped, "Sloped", `{"inputs": {"z": [[1, 2, 3], [3, 4, 1]], "label": [0, 3]}}`, "3"},
	}
	var tasks []*engine.Task
	for i, test := range tests {
		tasks = append(tasks, lazyTask(t, i, test.src, test.name, test.values))
	}
	built, err := engine.Build(tasks, "")
	require.NoError(t, err)
	defer built.Close()
	for i, test := range tests {
		want, wanted := engine.Interp(lazyTask(t, i, test.src, test.name, test.values))
		got, err := built.Run(i, 0)
		if test.fails != "" {
			require.ErrorContains(t, wanted, test.fails, test.values)
			require.ErrorContains(t, err, test.fails, test.values)
			continue
		}
		require.NoError(t, wanted, test.values)
		require.NoError(t, err, test.values)
		require.NoError(t, (&expected{value: want, moved: want}).same(got, 1e-9, 0), test.values)
	}
}

// lazyTask is a task of a program with a name of its own.
func lazyTask(t *testing.T, i int, src, name, text string) *engine.Task {
	own := fmt.Sprint(name, i)
	res, list, err := codegen.Compile("m.grad", []byte(strings.Replace(src, name, own, 1)), codegen.Options{Until: "diff"})
	require.NoError(t, err)
	require.False(t, list.HasErrors(), "%v", list)
	set, err := values.Read(strings.NewReader(text))
	require.NoError(t, err)
	x := &engine.Task{Program: res.Program}
	if strings.Contains(src, "model "+name) {
		x.Grad = true
		x.Model, _, err = engine.Select(res.Program, own, "")
		require.NoError(t, err)
		x.Args, err = set.Model(x.Model, 1, true)
	} else {
		_, x.Func, err = engine.Select(res.Program, "", own)
		require.NoError(t, err)
		x.Args, err = set.Func(x.Func, 1, true)
	}
	require.NoError(t, err)
	return x
}
