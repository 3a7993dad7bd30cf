// GoMLX on its backend in Go. usage: gomlx train|predict mlp|lenet|gpt|lstm THREADS DIR
package main

import (
	"runtime"

	"github.com/gomlx/gomlx/backends"
	_ "github.com/gomlx/gomlx/backends/simplego"
	. "github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"github.com/gomlx/gomlx/pkg/ml/context"
	"github.com/gomlx/gomlx/pkg/ml/train/losses"
	"github.com/gomlx/gomlx/pkg/ml/train/optimizers"

	"github.com/gradgen/gradgen/bench/peers/go/child"
)

var models = map[string]struct {
	forward func(n net, x *Node) *Node
	x       []int // shape of a batch
	y       int   // labels of a row
}{
	"mlp":   {mlp, []int{64, 784}, 1},
	"lenet": {lenet, []int{64, 1, 28, 28}, 1},
	"gpt":   {gpt, []int{16, seq}, seq},
	"lstm":  {lstm, []int{32, 64, 64}, 1},
}

func main() {
	a := child.Arguments()
	runtime.GOMAXPROCS(a.Threads)
	if a.Kind == "train" {
		train(a)
	} else {
		predict(a)
	}
}

// backend runs one operation after the other where more at once hang: with two threads its pool of workers can wait for itself.
func backend(a child.Args) backends.Backend {
	conf := "go"
	if a.Threads == 1 || a.Model == "lstm" || a.Model == "gpt" {
		conf = "go:ops_sequential"
	}
	be, err := backends.NewWithConfig(conf)
	child.Check(err)
	return be
}

// input is the first rows of x.
func input(a child.Args, rows int) *tensors.Tensor {
	shape := models[a.Model].x
	n, one := 1, 1
	for i, d := range shape {
		n *= d
		if i > 0 {
			one *= d
		}
	}
	dims := append([]int{rows}, shape[1:]...)
	if a.Model == "gpt" {
		return tensors.FromFlatDataAndDimensions(a.Ints("x", n)[:rows*one], dims...)
	}
	return tensors.FromFlatDataAndDimensions(a.Floats("x", n)[:rows*one], dims...)
}

func train(a child.Args) {
	m := models[a.Model]
	labels := m.x[0] * m.y
	x, y := input(a, m.x[0]), tensors.FromFlatDataAndDimensions(a.Ints("y", labels), labels, 1)
	opt := optimizers.Adam().Epsilon(1e-8).LearningRate(1e-3).Done()
	exec := context.MustNewExec(backend(a), context.New().Checked(false), func(ctx *context.Context, x, y *Node) *Node {
		z := m.forward(net{a, ctx, x.Graph()}, x)
		loss := ReduceAllMean(losses.SparseCategoricalCrossEntropyLogits([]*Node{y}, []*Node{z}))
		opt.UpdateGraph(ctx, x.Graph(), loss)
		return loss
	})
	step := func() float64 {
		r := exec.MustExec(x, y)[0]
		defer r.MustFinalizeAll()
		return float64(tensors.ToScalar[float32](r))
	}
	var first []float64
	for range 5 {
		first = append(first, step())
	}
	child.Serve("v0.26.0", first, note, func() { step() })
}

func predict(a child.Args) {
	m, x := models[a.Model], input(a, 1)
	exec := context.MustNewExec(backend(a), context.New().Checked(false), func(ctx *context.Context, x *Node) *Node {
		return m.forward(net{a, ctx, x.Graph()}, x)
	})
	call := func() (first []float64) {
		r := exec.MustExec(x)[0]
		defer r.MustFinalizeAll()
		r.MustConstFlatData(func(flat any) {
			for _, v := range flat.([]float32)[:5] {
				first = append(first, float64(v))
			}
		})
		return first
	}
	child.Serve("v0.26.0", call(), "", func() { call() })
}
