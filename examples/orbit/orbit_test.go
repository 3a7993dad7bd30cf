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

// TestCircle: a planet at distance 1 from a mass of 1 comes back after a time of 2π.
func TestCircle(t *testing.T) {
	places := make([]float64, 2*8)
	require.NoError(t, Orbit(places, 8, [6]float64{1, 0, 0, 1, 1, 0}, 2*math.Pi))
	for i := range 8 {
		sin, cos := math.Sincos(2 * math.Pi * float64(i+1) / 8)
		assert.InDeltaSlice(t, []float64{cos, sin}, places[2*i:2*i+2], 1e-5)
	}
}

// TestSlope compares the derivatives through the solver with differences.
func TestSlope(t *testing.T) {
	const h = 1e-6
	seen, err := see(options{sights: 30, noise: 0.01, seed: 2})
	require.NoError(t, err)
	p := [6]float64{0.9, 0.1, 0.2, 1, 0.9, 0.05}
	_, _, Jr, err := Misses(p, seen, span)
	require.NoError(t, err)
	for i := range p {
		ahead, behind := p, p
		ahead[i] += h
		behind[i] -= h
		a, _, _, err := Misses(ahead, seen, span)
		require.NoError(t, err)
		b, _, _, err := Misses(behind, seen, span)
		require.NoError(t, err)
		assert.InEpsilon(t, (a-b)/(4*h), Jr[i], 1e-6)
	}
}

// TestFit: of 200 unknowns found about two thirds are within a standard deviation of the truth.
func TestFit(t *testing.T) {
	within, all := 0, 0
	for seed := range uint64(34) {
		seen, err := see(options{sights: 40, noise: 0.01, seed: seed})
		require.NoError(t, err)
		p, deviations, err := fit(seen, 0.01, func(int, int, float64) {})
		require.NoError(t, err)
		for i := range p {
			all++
			if math.Abs(p[i]-truth[i]) < deviations[i] {
				within++
			}
		}
	}
	assert.InDelta(t, 0.683, float64(within)/float64(all), 0.12)
}

func TestNetworkObeys(t *testing.T) {
	o := options{sights: 50, noise: 0.005, steps: 2500, seed: 1}
	seen, err := see(o)
	require.NoError(t, err)
	told := 0
	m, err := learn(seen, o, func(int, float64, float64, *Informed) { told++ })
	require.NoError(t, err)
	assert.Equal(t, 6, told)
	assert.InDelta(t, 1, mass(m), 0.1)
	assert.InDelta(t, 0.03, drag(m), 0.01)
}

func TestRunDraws(t *testing.T) {
	o := options{sights: 30, noise: 0.01, steps: 60, seed: 1, draw: filepath.Join(t.TempDir(), "orbit.png")}
	var out bytes.Buffer
	require.NoError(t, run(&out, o))
	assert.Contains(t, out.String(), "in the future")
	file, err := os.Open(o.draw)
	require.NoError(t, err)
	defer file.Close()
	_, err = png.Decode(file)
	assert.NoError(t, err)
}
