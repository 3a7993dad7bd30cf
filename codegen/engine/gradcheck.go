package engine

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/eval"
	"github.com/gradgen/gradgen/graph/rewrite"
)

// CheckOptions say how derivatives are compared with differences.
type CheckOptions struct {
	Samples   int     // elements of each parameter, 0 for all
	Tolerance float64 // of the error, relative where numbers exceed 1
	Seed      uint64  // decides which elements
	Progress  func(done, total int)
}

// CheckRow is what was found for one parameter: the element at which gradient
// and difference are farthest apart.
type CheckRow struct {
	Name                 string
	Shape                []int
	Checked              int
	Error                float64
	At                   []int
	Gradient, Difference float64
	OK                   bool
}

// Gradcheck compares the gradient of a model's first loss by every parameter
// with central differences, extrapolated to step 0, of the same loss before any
// rewriting; both by the interpreter in float64.
func Gradcheck(t *Task, opt CheckOptions) ([]CheckRow, error) {
	t.Grad = true
	b, err := t.body()
	if err != nil {
		return nil, err
	}
	var grads []*graph.Node
	for _, g := range b.Grads {
		grads = append(grads, g.Node)
	}
	env, err := t.env(b)
	if err != nil {
		return nil, err
	}
	ts, err := eval.Run(rewrite.Nodes(grads, false, false), env)
	if err != nil {
		return nil, err
	}
	c := &comparison{opt: opt, loss: []*graph.Node{b.Losses[0].Node}, env: env}
	grad := map[string]graph.Tensor{}
	for i, p := range t.Model.Params {
		grad[p.Path] = ts[i]
	}
	all := graph.Members(t.Model.Params)
	for _, p := range all {
		c.total += c.count(p.Size())
	}
	var rows []CheckRow
	for _, p := range all {
		row, err := c.parameter(p.Path, member(p, t.Args.Params[p.Param.Path]), member(p, grad[p.Param.Path]).Data)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

type comparison struct {
	opt         CheckOptions
	loss        []*graph.Node
	env         eval.Env
	done, total int
}

func (c *comparison) count(n int) int {
	if c.opt.Samples > 0 {
		return min(n, c.opt.Samples)
	}
	return n
}

// parameter compares elements of one parameter: all, or some at random.
func (c *comparison) parameter(name string, x graph.Tensor, grad []float64) (CheckRow, error) {
	row := CheckRow{Name: name, Shape: x.Shape, Checked: c.count(len(x.Data)), OK: true, Error: -1}
	order := rand.New(rand.NewPCG(c.opt.Seed, uint64(len(x.Data)))).Perm(len(x.Data))
	for _, i := range order[:row.Checked] {
		d, slack, err := c.difference(x.Data, i)
		if err != nil {
			return row, err
		}
		e := math.Abs(grad[i]-d) / max(1, math.Abs(grad[i]), math.Abs(d))
		if math.IsNaN(grad[i]) && math.IsNaN(d) {
			e = 0
		}
		ok := e <= c.opt.Tolerance+slack
		if !(e <= row.Error) && (row.OK || !ok) || row.OK && !ok {
			row.Error, row.At, row.Gradient, row.Difference = e, placeOf(i, x.Shape), grad[i], d
		}
		row.OK = row.OK && ok
		if c.done++; c.opt.Progress != nil {
			c.opt.Progress(c.done, c.total)
		}
	}
	row.Error = max(row.Error, 0)
	return row, nil
}

// difference is the derivative of the loss by element i of x, by Ridders'
// method: central differences for smaller and smaller steps, extrapolated, the
// best by its own estimate of the relative error, slack.
func (c *comparison) difference(x []float64, i int) (best, slack float64, err error) {
	const levels, shrink = 10, 2.0
	var table [levels][levels]float64
	step := 1e-2 * max(1, math.Abs(x[i]))
	best, slack = math.NaN(), math.Inf(1)
	for k := range levels {
		if table[k][0], err = c.central(x, i, step); err != nil {
			return 0, 0, err
		}
		factor := shrink * shrink
		for j := 1; j <= k; j++ {
			table[k][j] = (factor*table[k][j-1] - table[k-1][j-1]) / (factor - 1)
			factor *= shrink * shrink
			e := max(math.Abs(table[k][j]-table[k][j-1]), math.Abs(table[k][j]-table[k-1][j-1])) / max(1, math.Abs(table[k][j]))
			if e <= slack {
				best, slack = table[k][j], e
			}
		}
		if slack < c.opt.Tolerance/100 {
			break
		}
		step /= shrink
	}
	if math.IsInf(slack, 1) {
		slack = 0
	}
	return best, min(slack, c.opt.Tolerance), nil
}

func (c *comparison) central(x []float64, i int, step float64) (float64, error) {
	old := x[i]
	defer func() { x[i] = old }()
	var f [2]float64
	for k, h := range []float64{step, -step} {
		x[i] = old + h
		ts, err := eval.Run(c.loss, c.env)
		if err != nil {
			return 0, fmt.Errorf("with a parameter moved by %g: %w", h, err)
		}
		f[k] = ts[0].Data[0]
	}
	return (f[0] - f[1]) / ((old + step) - (old - step)), nil
}

func placeOf(i int, shape []int) []int {
	out := make([]int, len(shape))
	for k := len(shape) - 1; k >= 0; k-- {
		out[k], i = i%shape[k], i/shape[k]
	}
	return out
}
