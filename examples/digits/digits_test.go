package main

import (
	"bytes"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDrawingsAreSplit(t *testing.T) {
	train, held, err := loadDrawings()
	require.NoError(t, err)
	assert.Equal(t, 1438, train.len())
	assert.Equal(t, 359, held.len())
	assert.Equal(t, int32(4), held.labels[0])
	assert.Equal(t, float32(5)/16, train.image(0)[2])
}

func TestJitterMovesAndStays(t *testing.T) {
	train, _, err := loadDrawings()
	require.NoError(t, err)
	rng, moved := rand.New(rand.NewPCG(1, 1)), make([]float32, 64)
	jitter(rng, moved, train.image(0), 8)
	assert.NotEqual(t, train.image(0), moved)
	assert.InDelta(t, total(train.image(0)), total(moved), 6)
	assert.Equal(t, train.image(0)[3*8+4], sample(train.image(0), 8, 4, 3))
	assert.Zero(t, sample(train.image(0), 8, -1.5, 3))
}

func total(image []float32) (sum float64) {
	for _, pixel := range image {
		sum += float64(pixel)
	}
	return sum
}

// TestLearnsToRead runs the whole example: it learns, saves, plots, and reads as well when loaded again.
func TestLearnsToRead(t *testing.T) {
	dir := t.TempDir()
	var out, again bytes.Buffer
	o := options{save: filepath.Join(dir, "model.safetensors"), plot: filepath.Join(dir, "loss.png")}
	o.epochs, o.seed = 60, 1
	require.NoError(t, run(&out, o))
	assert.Contains(t, out.String(), "misread")

	_, held, net, err := choose(&o)
	require.NoError(t, err)
	require.NoError(t, net.load(o.save))
	wrong, err := examine(net, held, o.batch)
	require.NoError(t, err)
	assert.GreaterOrEqual(t, held.score(wrong), 97.0)

	require.NoError(t, run(&again, options{load: o.save}))
	assert.Contains(t, again.String(), "of 359 drawings")

	file, err := os.Open(o.plot)
	require.NoError(t, err)
	defer file.Close()
	_, err = png.Decode(file)
	assert.NoError(t, err)
}

func TestMNISTIsFound(t *testing.T) {
	train, test, err := loadMNIST("")
	require.NoError(t, err)
	assert.Equal(t, 60000, train.len())
	assert.Equal(t, 10000, test.len())
	assert.Equal(t, int32(7), test.labels[0])

	_, _, err = loadMNIST(t.TempDir())
	assert.ErrorContains(t, err, "-data")
}

// TestMNISTNetworksLearn gives both networks for MNIST a twentieth of an epoch.
func TestMNISTNetworksLearn(t *testing.T) {
	train, test, err := loadMNIST("")
	require.NoError(t, err)
	train, test = train.first(3000), test.first(1000)
	for name, build := range map[string]func(uint64, int) (*network, error){"mnist": newMNIST, "conv": newConvNet} {
		t.Run(name, func(t *testing.T) {
			net, err := build(1, 32)
			require.NoError(t, err)
			quiet := lesson{epochs: 1, batch: 32, seed: 1, say: func(string) {}, tick: func(int, float64, float64) {}}
			losses, err := learn(net, train, test, quiet)
			require.NoError(t, err)
			assert.Len(t, losses, 94)
			wrong, err := examine(net, test, 32)
			require.NoError(t, err)
			assert.GreaterOrEqual(t, test.score(wrong), 80.0)
		})
	}
}

func (s *set) first(n int) *set {
	return &set{s.side, s.images[:n*s.side*s.side], s.labels[:n]}
}
