package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkBundle times the blocks of the Jacobian of 100,000 observations.
func BenchmarkBundle(b *testing.B) {
	in := baInput{
		N: 100, M: 1000, P: 100_000, W: 0.5,
		Cam: []float64{0.1, -0.2, 0.3, 1, 2, 3, 500, 320, 240, 0.01, 0.001}, X: []float64{1, -2, 30}, Feat: []float64{300, 200},
	}
	s, err := in.scene()
	require.NoError(b, err)
	block, spread := make([]float64, 30*s.p), make([]float64, s.p)
	for b.Loop() {
		require.NoError(b, Blocks(block, spread, s.cams, s.points, s.weights, s.feats, s.camera, s.point))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(s.p), "ns/observation")
}
