package main

import (
	"bytes"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPatients(t *testing.T) {
	all, err := loadPatients()
	require.NoError(t, err)
	assert.Equal(t, 569, all.len())
	assert.Equal(t, 212, all.malignant())
	assert.Equal(t, 17.99, all.row(0)[0])
	assert.Equal(t, "fractal dimension, worst", names()[29])

	scaled := scaleOf(all).of(all)
	s := scaleOf(scaled)
	assert.InDelta(t, 0, s.mean[3], 1e-12)
	assert.InDelta(t, 1, s.deviation[3], 1e-12)
}

// TestFit: at the most likely coefficients the slope, worked out by hand, is 0, and the covariance is the
// inverse of the curvature, worked out by hand.
func TestFit(t *testing.T) {
	const spread = 2.0
	all, err := loadPatients()
	require.NoError(t, err)
	p := scaleOf(all).of(all)
	b, steps, err := fit(p, spread)
	require.NoError(t, err)
	assert.Less(t, steps, 20)

	covariance := make([]float64, 31*31)
	require.NoError(t, Covariance(covariance, p.x, p.y, b, spread))
	var slope [31]float64
	var curvature [31][31]float64
	for j := range measurements {
		slope[j], curvature[j][j] = b[j]/(spread*spread), 1/(spread*spread)
	}
	for i := range p.len() {
		row := append(append([]float64{}, p.row(i)...), 1)
		logit := 0.0
		for j, v := range row {
			logit += b[j] * v
		}
		prob := 1 / (1 + math.Exp(-logit))
		for j, v := range row {
			slope[j] += (prob - p.y[i]) * v
			for k, w := range row {
				curvature[j][k] += prob * (1 - prob) * v * w
			}
		}
	}
	for j := range slope {
		assert.InDelta(t, 0, slope[j], 1e-8)
		for k := range slope {
			sum := 0.0
			for l := range slope {
				sum += curvature[j][l] * covariance[31*l+k]
			}
			want := 0.0
			if j == k {
				want = 1
			}
			assert.InDelta(t, want, sum, 1e-8)
		}
	}
}

func TestROC(t *testing.T) {
	y, probs := []float64{1, 0, 1, 0, 1}, []float64{0.9, 0.8, 0.7, 0.2, 0.2}
	assert.Equal(t, []point{{0, 0}, {0, 1 / 3.}, {0.5, 1 / 3.}, {0.5, 2 / 3.}, {1, 1}}, rocCurve(y, probs))
	assert.InDelta(t, 3.5/6, area(rocCurve(y, probs)), 1e-15, "pairs in the right order, ties half")
	missed, alarmed := mistakes(y, probs)
	assert.Equal(t, []int{1, 1}, []int{missed, alarmed})
	assert.Equal(t, bin{0.9, 1, 1, 1}, calibration(y, probs)[3])
	assert.InDelta(t, math.Log(2), logLoss([]float64{1}, []float64{0.5}), 1e-15)
}

// TestRun runs the example: both methods judge well those they have not seen.
func TestRun(t *testing.T) {
	all, err := loadPatients()
	require.NoError(t, err)
	o := options{folds: 5, epochs: 30, spread: 1, seed: 2}
	for name, m := range map[string]method{"regression": regression, "network": network} {
		probs, err := crossValidate(all, o, m)
		require.NoError(t, err)
		assert.Greater(t, area(rocCurve(all.y, probs)), 0.98, name)
		assert.Less(t, logLoss(all.y, probs), 0.15, name)
	}
	o.roc = filepath.Join(t.TempDir(), "roc.png")
	var out bytes.Buffer
	require.NoError(t, run(&out, o))
	assert.Contains(t, out.String(), "212 of them")
	file, err := os.Open(o.roc)
	require.NoError(t, err)
	defer file.Close()
	_, err = png.Decode(file)
	assert.NoError(t, err)
}
