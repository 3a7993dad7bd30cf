package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestStraightArm: with all joints at 0 the links lie in a plane and their lengths add up.
func TestStraightArm(t *testing.T) {
	position, motion := Position([7]float64{})
	assert.InDeltaSlice(t, []float64{0.088 + 0.05, 0, 0.333 + 0.316 + 0.384 - 0.107}, position[:], 1e-12)
	assert.InDeltaSlice(t, []float64{0, position[0], 0}, []float64{motion[0], motion[7], motion[14]}, 1e-12, "a turn about the base")

	places := Joints([7]float64{})
	assert.Equal(t, []float64{0, 0, 0, 0, 0, 0.333}, places[:6])
	assert.InDeltaSlice(t, position[:], places[24:], 1e-12)
}

func TestMotionIsTheDerivative(t *testing.T) {
	const h = 1e-6
	q := [7]float64{0.3, -0.9, 0.2, -2, 0.5, 1.4, -0.7}
	_, motion := Position(q)
	for j := range q {
		ahead, behind := q, q
		ahead[j] += h
		behind[j] -= h
		a, _ := Position(ahead)
		b, _ := Position(behind)
		for i := range a {
			assert.InDelta(t, (a[i]-b[i])/(2*h), motion[7*i+j], 1e-8)
		}
	}
}

// TestReach: the arm finds its way to wherever it was put near its rest, within its limits.
func TestReach(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		var u [7]float64
		for i, r := range Unbounded(Rest) {
			u[i] = r + 0.3*rng.NormFloat64()
		}
		there := Angles(u)
		place, _ := Position(there)
		miss, _ := Miss(u, place, [3]float64{})
		goal := Goal{place, [3]float64(miss[3:])} // all of the direction is missed
		q, _, err := Reach(Rest, goal)
		require.NoError(t, err)
		got, _ := Position(q)
		assert.InDeltaSlice(t, place[:], got[:], 1e-9)
		assert.InDeltaSlice(t, q[:], anglesOf(q), 1e-9)
	}
}

func anglesOf(q [7]float64) []float64 {
	back := Angles(Unbounded(q))
	return back[:]
}

func TestOutOfReach(t *testing.T) {
	_, _, err := Reach(Rest, Goal{Place: [3]float64{3, 0, 0}, Direction: [3]float64{0, 0, -1}})
	assert.ErrorContains(t, err, "does not reach")
}

func TestRunDraws(t *testing.T) {
	path := filepath.Join(t.TempDir(), "arm.svg")
	var out bytes.Buffer
	require.NoError(t, run(&out, options{places: 5, x: 0.5, r: 0.2, draw: path}))
	assert.Equal(t, 6, strings.Count(out.String(), "\n"))

	data, err := os.ReadFile(path)
	require.NoError(t, err)
	d, lines := xml.NewDecoder(bytes.NewReader(data)), 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if s, ok := token.(xml.StartElement); ok && s.Name.Local == "polyline" {
			lines++
		}
	}
	assert.Equal(t, 5, lines)
}

func TestDrawingFits(t *testing.T) {
	x, y := projected(Joints(Rest))
	for i := range x {
		assert.Less(t, math.Abs(x[i]-width/2), width/2.0)
		assert.Less(t, math.Abs(y[i]-height/2), height/2.0)
	}
}

func BenchmarkPosition(b *testing.B) {
	for b.Loop() {
		Position(Rest)
	}
}
