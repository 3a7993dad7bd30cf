package main

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/bench/nets"
)

func places(rnd *rand.Rand, n, below int) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = rnd.Int32N(int32(below))
	}
	return out
}

func floats(rnd *rand.Rand, n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(rnd.NormFloat64())
	}
	return out
}

// BenchmarkGraph times training steps of a graph network: the time grows with the
// edges and nodes, not with their product.
func BenchmarkGraph(b *testing.B) {
	const width = 16
	for _, size := range []struct{ nodes, edges int }{{2_000, 10_000}, {20_000, 100_000}} {
		rnd := rand.New(rand.NewPCG(1, 1))
		x, want := floats(rnd, size.nodes*width), floats(rnd, size.nodes*width)
		src, dst := places(rnd, size.edges, size.nodes), places(rnd, size.edges, size.nodes)
		dims := nets.GraphDims{Nodes: size.nodes, Edges: size.edges}
		b.Run(fmt.Sprintf("edges=%d/forward", size.edges), func(b *testing.B) {
			p, err := nets.NewGraph(1).NewPredictor(dims)
			require.NoError(b, err)
			for b.Loop() {
				_, err := p.Predict(x, src, dst)
				require.NoError(b, err)
			}
		})
		b.Run(fmt.Sprintf("edges=%d/step", size.edges), func(b *testing.B) {
			t, err := nets.NewGraph(1).NewTrainer(dims)
			require.NoError(b, err)
			for b.Loop() {
				_, err := t.Step(x, src, dst, want)
				require.NoError(b, err)
			}
		})
	}
}

// BenchmarkRows times training steps on rows of different lengths.
func BenchmarkRows(b *testing.B) {
	const width = 16
	for _, size := range []struct{ rows, words int }{{2_000, 10_000}, {20_000, 100_000}} {
		rnd := rand.New(rand.NewPCG(1, 1))
		x, want := floats(rnd, size.words*width), floats(rnd, size.rows*width)
		off := make([]int32, size.rows+1)
		for range size.words {
			off[1+rnd.IntN(size.rows)]++
		}
		for i := range size.rows {
			off[i+1] += off[i]
		}
		b.Run(fmt.Sprintf("words=%d/step", size.words), func(b *testing.B) {
			t, err := nets.NewRows(1).NewTrainer(nets.RowsDims{Rows: size.rows, Words: size.words})
			require.NoError(b, err)
			for b.Loop() {
				_, err := t.Step(x, off, want)
				require.NoError(b, err)
			}
		})
	}
}

// BenchmarkCausal times half of a square beside all of it.
func BenchmarkCausal(b *testing.B) {
	const n = 1024
	rnd := rand.New(rand.NewPCG(1, 1))
	x, v, out := floats(rnd, n*n), floats(rnd, n), make([]float32, n)
	for _, f := range []struct {
		name string
		run  func(dv, x, v []float32) (float32, error)
	}{{"half", nets.Causal}, {"full", nets.Full}} {
		b.Run(f.name, func(b *testing.B) {
			for b.Loop() {
				_, err := f.run(out, x, v)
				require.NoError(b, err)
			}
		})
	}
}
