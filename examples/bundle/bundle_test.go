package main

import (
	"bytes"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCamera(t *testing.T) {
	eye := [3]float64{3, -2, 1.5}
	camera := LookAt(eye, 800, [2]float64{})
	back := Eye(camera)
	assert.InDeltaSlice(t, eye[:], back[:], 1e-12)

	// It sees the origin in the centre of its picture, and what is above it above.
	pixels := make([]float64, 4)
	require.NoError(t, Misses(pixels, camera[:], []float64{0, 0, 0, 0, 0, 0.1}, []int32{0, 0}, []int32{0, 1}, make([]float64, 4)))
	assert.InDeltaSlice(t, []float64{0, 0, 0}, pixels[:3], 1e-9)
	assert.Greater(t, pixels[3], 10.0)
}

// TestExact: without noise everything is found exactly.
func TestExact(t *testing.T) {
	truth, seen, err := newScene(options{cameras: 6, points: 60, seed: 3})
	require.NoError(t, err)
	found := truth.forgotten(3)
	before := compare(truth, found)
	assert.Greater(t, before.points, 0.1)
	require.NoError(t, adjust(found, seen, func(int, float64, float64) {}))
	after := compare(truth, found)
	assert.Less(t, after.points, 1e-6)
	assert.Less(t, after.cameras, 1e-6)
	assert.Less(t, after.focal, 1e-6)
	assert.InDeltaSlice(t, truth.cameras[:9*known], found.cameras[:9*known], 1e-9)
}

// TestNoise: what is left after the adjustment is what theory says.
func TestNoise(t *testing.T) {
	o := options{cameras: 10, points: 300, noise: 0.5, seed: 4}
	truth, seen, err := newScene(o)
	require.NoError(t, err)
	found, left := truth.forgotten(4), 0.0
	require.NoError(t, adjust(found, seen, func(_ int, off, _ float64) { left = off }))
	assert.InEpsilon(t, o.noise*math.Sqrt(freedom(truth, seen)), left, 0.05)
	assert.Less(t, compare(truth, found).points, 0.01)
}

func TestNoSuchPoint(t *testing.T) {
	err := Misses(make([]float64, 2), make([]float64, 9), make([]float64, 3), []int32{0}, []int32{1}, make([]float64, 2))
	assert.Error(t, err)
}

func TestRun(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(&out, options{cameras: 8, points: 100, noise: 0.3, seed: 1}))
	assert.Contains(t, out.String(), "100 points seen 400 times by 8 cameras")
}
