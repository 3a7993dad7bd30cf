package cost_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen"
	"github.com/gradgen/gradgen/codegen/cost"
)

func report(t *testing.T, src string, program int, dims map[string]int64) cost.Report {
	t.Helper()
	res, list, err := codegen.Compile("x.grad", []byte(src), codegen.Options{Until: "plan"})
	require.NoError(t, err)
	require.Empty(t, list)
	p := codegen.Programs(res.Unit)[program]
	require.Empty(t, cost.Unknown(p.Program, dims))
	return cost.Program(p.Program, false, dims, p.Times)
}

const dense = `
model Dense {
    dim batch
    input x [batch, 100]
    param W [100, 8] ~ xavier
    output y = x @ W
}`

func TestDense(t *testing.T) {
	r := report(t, dense, 0, map[string]int64{"batch": 32})
	require.Len(t, r.Rows, 1)
	row := r.Rows[0]
	require.EqualValues(t, 2*32*100*8, row.Operations)
	require.EqualValues(t, 4*(32*100+100*8+32*8), row.Bytes)
	require.EqualValues(t, 4*32*8, r.Arena)
	require.Equal(t, map[string]int64{"inputs": 4 * 32 * 100, "parameters": 4 * 100 * 8}, r.Kinds)
}

func TestDimsWithoutValues(t *testing.T) {
	res, _, err := codegen.Compile("x.grad", []byte(dense), codegen.Options{Until: "plan"})
	require.NoError(t, err)
	require.Equal(t, []string{"batch"}, cost.Unknown(codegen.Programs(res.Unit)[0].Program, nil))
}

// What a scan does counts once a step, and of a sequence what a step reads.
func TestScan(t *testing.T) {
	r := report(t, `
func Run(x [n, 1000]) {
    scan s in 0..n {
        carry h [1000] = 0
        h = tanh(h + x[s])
    }
    return h
}`, 0, map[string]int64{"n": 5})
	step := cost.Row{}
	for _, row := range r.Rows {
		if row.Times == 5 && row.Operations > step.Operations {
			step = row
		}
	}
	require.EqualValues(t, 5, step.Times)
	require.GreaterOrEqual(t, step.Operations, int64(2*5*1000))
	require.EqualValues(t, 5*3*4*1000, step.Bytes) // reads x[s] and h, writes h
}

// A rule that reduces runs for each tensor of a stacked parameter.
func TestRulesOfStackedParameters(t *testing.T) {
	const layers = 6
	src := func(loop string) string {
		return `
optimizer Largest(lr = 0.5) {
    p <- p - lr * g / max(abs(g))
}
layer Step(x) {
    param W [8, 8] ~ xavier
    return tanh(x @ W)
}
model M {
    dim batch
    input x [batch, 8]
    h = x
` + loop + `
    loss sum(h^2)
    train Largest
}`
	}
	one := report(t, src("    h = Step(h)"), 1, nil)
	many := report(t, src("    for i in 0..6 {\n        h = Step(h)\n    }"), 1, nil)
	require.Len(t, many.Rows, len(one.Rows))
	for i, row := range many.Rows {
		require.Equal(t, layers*one.Rows[i].Times, row.Times)
		require.Equal(t, layers*one.Rows[i].Operations, row.Operations)
		require.Equal(t, layers*one.Rows[i].Bytes, row.Bytes)
	}
	require.Equal(t, layers*one.Arena, many.Arena)
	require.EqualValues(t, layers*4*64, many.Kinds["parameters"])
}

func TestLimits(t *testing.T) {
	l := cost.Measure(false, 1<<16)
	require.Greater(t, l.Operations, 1e7)
	require.Greater(t, l.Bytes, 1e7)
	row := cost.Row{Operations: 1000, Bytes: 8}
	require.Equal(t, l.Least(row), cost.Limits{Operations: l.Operations, Bytes: 1e18}.Least(row))
}
