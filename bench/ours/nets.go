package main

import "fmt"

// net is a model of a task over its batch.
type net struct {
	params interface {
		Save(path string) error
		Load(path string) error
	}
	trainer   func(workers int) (step func() (loss float32, err error), err error)
	predictor func(workers int) (predict func() (logits []float32, err error), err error)
}

// inputs are a batch, each row of x of integers below symbols if there are any, of y below classes.
type inputs struct {
	batch, x, y      int // how many, and elements of each
	symbols, classes int

	reals  []float32 // x without symbols
	ints   []int32   // x with symbols
	labels []int32   // y
}

// maker makes a net, and says by which names the peers know its parameters.
type maker struct {
	inputs
	names map[string]string
	make  func(in inputs) net
}

var nets = map[string]maker{
	"mlp": {inputs{batch: 64, x: 784, y: 1, classes: 10},
		map[string]string{"h.W": "w1", "h.b": "b1", "logits.W": "w2", "logits.b": "b2"}, mlp},
	"lenet": {inputs{batch: 64, x: 784, y: 1, classes: 10},
		map[string]string{"edges.K": "k1", "edges.b": "c1", "parts.K": "k2", "parts.b": "c2",
			"h.W": "w1", "h.b": "b1", "g.W": "w2", "g.b": "b2", "logits.W": "w3", "logits.b": "b3"}, lenet},
	"gpt": {inputs{batch: 16, x: 128, y: 128, symbols: 65, classes: 65}, gptNames(4), gpt},
	"lstm": {inputs{batch: 32, x: 64 * 64, y: 1, classes: 10},
		map[string]string{"rnn.W": "wx", "rnn.U": "wh", "rnn.b": "b", "logits.W": "w", "logits.b": "c"}, lstm},
}

func gptNames(layers int) map[string]string {
	names := map[string]string{"tok": "tok", "pos": "pos", "head": "head", "norm.gain": "gf", "norm.bias": "bf"}
	for i := range layers {
		for ours, theirs := range map[string]string{
			"norm1.gain": "g1", "norm1.bias": "b1", "attn.W": "wqkv", "attn.b": "bqkv", "mix.W": "wo", "mix.b": "bo",
			"norm2.gain": "g2", "norm2.bias": "b2", "up.W": "w1", "up.b": "c1", "down.W": "w2", "down.b": "c2",
		} {
			names[fmt.Sprintf("h[%d].%s", i, ours)] = fmt.Sprintf("l%d.%s", i, theirs)
		}
	}
	return names
}

func mlp(in inputs) net {
	m := NewMLP(1)
	return net{m,
		trainingOf(in.reals, in.labels, func() (trainer[float32], error) { return m.NewTrainer(MLPDims{Batch: in.batch}) }),
		predictionOf(in.reals, in.x, func() (predictor[float32], error) { return m.NewPredictor(MLPDims{Batch: 1}) })}
}

func lenet(in inputs) net {
	m := NewLeNet(1)
	return net{m,
		trainingOf(in.reals, in.labels, func() (trainer[float32], error) { return m.NewTrainer(LeNetDims{Batch: in.batch}) }),
		predictionOf(in.reals, in.x, func() (predictor[float32], error) { return m.NewPredictor(LeNetDims{Batch: 1}) })}
}

func gpt(in inputs) net {
	m := NewGPT(1)
	return net{m,
		trainingOf(in.ints, in.labels, func() (trainer[int32], error) { return m.NewTrainer(GPTDims{Batch: in.batch}) }),
		predictionOf(in.ints, in.x, func() (predictor[int32], error) { return m.NewPredictor(GPTDims{Batch: 1}) })}
}

func lstm(in inputs) net {
	m := NewLSTM(1)
	return net{m,
		trainingOf(in.reals, in.labels, func() (trainer[float32], error) { return m.NewTrainer(LSTMDims{Batch: in.batch}) }),
		predictionOf(in.reals, in.x, func() (predictor[float32], error) { return m.NewPredictor(LSTMDims{Batch: 1}) })}
}

// trainer is what the trainers that are generated offer.
type trainer[T any] interface {
	SetWorkers(n int)
	Step(x []T, y []int32) (loss float32, err error)
}

func trainingOf[T any](x []T, y []int32, make func() (trainer[T], error)) func(workers int) (func() (float32, error), error) {
	return func(workers int) (func() (float32, error), error) {
		t, err := make()
		if err != nil {
			return nil, err
		}
		t.SetWorkers(workers)
		return func() (float32, error) { return t.Step(x, y) }, nil
	}
}

// predictor is what the predictors that are generated offer.
type predictor[T any] interface {
	SetWorkers(n int)
	Predict(x []T) (y []float32, err error)
}

// predictionOf is of the first of a batch, which has n elements.
func predictionOf[T any](x []T, n int, make func() (predictor[T], error)) func(workers int) (func() ([]float32, error), error) {
	return func(workers int) (func() ([]float32, error), error) {
		p, err := make()
		if err != nil {
			return nil, err
		}
		p.SetWorkers(workers)
		return func() ([]float32, error) { return p.Predict(x[:min(n, len(x))]) }, nil
	}
}
