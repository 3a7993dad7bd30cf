package engine_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen/engine"
)

// triangles are products along triangles of scores, and their adjoints.
const triangles = `real f64
func scores(q [b, t, d], k [b, t, d]) {
    s[n, i, j] = sum(c: q[n, i, c] * k[n, j, c])
    return s
}
func Strict(q [b, t, d], k [b, t, d]) {
    s = scores(q, k)
    w[n, i, j] = where(j < i, exp(s[n, i, j] - logsumexp(l if l < i: s[n, i, l])), 0)
    y[n, i, c] = sum(j: w[n, i, j] * k[n, j, c])
    z = sum(y^2)
    return y, grad(z, q, k)
}
func Band(q [b, t, d], k [b, t, d]) {
    s = scores(q, k)
    e[n, i, j] = where(j <= i, where(i < j + 5, exp(s[n, i, j]), 0), 0)
    y[n, i, c] = sum(j: e[n, i, j] * k[n, j, c])
    z = sum(y^2)
    return y, grad(z, q, k)
}
func Other(q [b, t, d], k [b, t, d]) {
    s = scores(q, k)
    e[n, i, j] = where(j <= i, exp(s[n, i, j]), 0)
    y[n, i, c] = sum(j: e[b - 1 - n, i, j] * k[n, j, c])
    z = sum(y^2)
    return y, grad(z, q, k)
}
func Square(q [b, t, d], k [b, t, d]) {
    s = scores(q, k)
    e[n, i, j] = where(j <= i, exp(s[n, i, j]), 0)
    g[n, j, l] = sum(i: e[n, i, j] * e[n, i, l])
    return g
}
func Both(q [b, t, d], k [b, t, d]) {
    s = scores(q, k)
    e[n, i, j] = where(j <= i, exp(s[n, i, j]), 0)
    f[n, i, j] = where(j <= i, s[n, i, j], 0)
    g[n, j, l] = sum(i: e[n, i, j] * f[n, i, l])
    y[n, i, c] = sum(j: f[n, i, j] * k[n, j, c])
    return g, y
}
func Read(q [b, t, d], k [b, t, d]) {
    s = scores(q, k)
    e[n, i, j] = where(j <= i, exp(s[n, i, j]), 0)
    y[n, i, c] = sum(j: e[n, i, j] * k[n, j, c])
    r[n, i] = sum(j: s[n, i, j]^2)
    z = sum(y^2) + sum(r)
    return y, r, grad(z, q, k)
}
`

// drawn is a tensor of normal numbers for JSON.
func drawn(rnd *rand.Rand, ext ...int) any {
	if len(ext) == 0 {
		return rnd.NormFloat64() * 0.5
	}
	out := make([]any, ext[0])
	for i := range out {
		out[i] = drawn(rnd, ext[1:]...)
	}
	return out
}

// TestTriangles compares what is cut into blocks with the interpreter, for batches in
// which memory for blocks is used again.
func TestTriangles(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var runs []engineRun
	for _, name := range []string{"Strict", "Band", "Other", "Square", "Both", "Read"} {
		for _, n := range []int{33, 70} {
			q, _ := json.Marshal(drawn(rnd, 2, n, 3))
			k, _ := json.Marshal(drawn(rnd, 2, n, 3))
			runs = append(runs, engineRun{name: name, inputs: fmt.Sprintf(`{"q": %s, "k": %s}`, q, k)})
		}
	}
	task := func(i int) *engine.Task {
		return lazyTask(t, i, triangles, runs[i].name, `{"inputs": `+runs[i].inputs+`}`)
	}
	for _, tags := range []string{"", "purego"} {
		var tasks []*engine.Task
		for i := range runs {
			tasks = append(tasks, task(i))
		}
		built, err := build(tasks, tags)
		require.NoError(t, err)
		defer built.Close()
		for i, r := range runs {
			want, err := engine.Plain(task(i))
			require.NoError(t, err)
			require.NoError(t, (&expected{value: want, moved: want}).check(built, i, 1e-9, 0), "%s %s", r.name, tags)
		}
	}
}
