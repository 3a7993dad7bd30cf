package main

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/bench/nets"
)

const batch = 64

// digits draws images and labels; what they show does not matter to the time.
func digits() (image []float32, label []int32) {
	rnd := rand.New(rand.NewPCG(1, 1))
	image, label = make([]float32, batch*784), make([]int32, batch)
	for i := range image {
		image[i] = rnd.Float32()
	}
	for i := range label {
		label[i] = rnd.Int32N(10)
	}
	return image, label
}

// trainer is what the trainers of both networks offer.
type trainer interface {
	Step(image []float32, label []int32) (float32, error)
	SetWorkers(n int)
}

// BenchmarkStep times training steps of batch 64: forward, backward, update.
func BenchmarkStep(b *testing.B) {
	mlp, err := nets.NewMNIST(1).NewTrainer(nets.MNISTDims{Batch: batch})
	require.NoError(b, err)
	conv, err := nets.NewConvNet(1).NewTrainer(nets.ConvNetDims{Batch: batch})
	require.NoError(b, err)
	for _, net := range []struct {
		name string
		t    trainer
	}{{"mlp-784-128-10", mlp}, {"conv", conv}} {
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/workers=%d", net.name, workers), func(b *testing.B) {
				step(b, net.t, workers)
			})
		}
	}
}

func step(b *testing.B, t trainer, workers int) {
	image, label := digits()
	t.SetWorkers(workers)
	b.ReportAllocs()
	for b.Loop() {
		_, err := t.Step(image, label)
		require.NoError(b, err)
	}
}

// The networks that are timed learn: the loss on one batch falls.
func TestNetworksLearn(t *testing.T) {
	image, label := digits()
	mlp, err := nets.NewMNIST(1).NewTrainer(nets.MNISTDims{Batch: batch})
	require.NoError(t, err)
	first, err := mlp.Step(image, label)
	require.NoError(t, err)
	var last float32
	for range 30 {
		last, err = mlp.Step(image, label)
		require.NoError(t, err)
	}
	require.Less(t, last, 0.5*first)
}
