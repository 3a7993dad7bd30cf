package main

import (
	"bytes"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDrawingsFollowTheSeed(t *testing.T) {
	for _, what := range []int32{Cat, Toaster} {
		draw := func(seed uint64) Drawing { return Draw(rand.New(rand.NewPCG(seed, 0)), what) }
		assert.Equal(t, draw(7), draw(7))
		assert.NotEqual(t, draw(7), draw(8))
	}
}

func TestBatchesAreMixedAndInked(t *testing.T) {
	const n = 400
	pictures, labels := make([]float32, n*side*side), make([]int32, n)
	Batch(rand.New(rand.NewPCG(1, 2)), pictures, labels)
	toasters := 0
	for i, label := range labels {
		toasters += int(label)
		ink := 0.0
		for _, pixel := range pictures[i*side*side : (i+1)*side*side] {
			require.True(t, pixel >= 0 && pixel <= 1)
			ink += float64(pixel)
		}
		assert.Greater(t, ink, 20.0, "drawing %d is nearly blank", i)
		assert.Less(t, ink, side*side/2.0, "drawing %d is nearly black", i)
	}
	assert.InDelta(t, n/2, toasters, 50)
}

func TestPaintFitsTheSheet(t *testing.T) {
	picture := make([]float32, side*side)
	Paint(Drawing{{{0, 0}, {255, 255}}}, centred, picture)
	assert.Equal(t, float32(1), picture[14*side+14])
	assert.Zero(t, picture[side-1])
	assert.Positive(t, picture[2*side+2])
	assert.Zero(t, picture[0])
}

func TestParseDrawing(t *testing.T) {
	d, err := parseDrawing([]byte(`{"word":"cat","drawing":[[[1,2],[3,4]]]}`))
	require.NoError(t, err)
	assert.Equal(t, Drawing{{{1, 3}, {2, 4}}}, d)
	_, err = parseDrawing([]byte(`{"drawing":[[[1,2],[3]]]}`))
	assert.ErrorContains(t, err, "2 x and 1 y")
}

// TestPassesTheExam runs the whole example and sits the exam again with the saved network.
func TestPassesTheExam(t *testing.T) {
	file := filepath.Join(t.TempDir(), "model.safetensors")
	var out bytes.Buffer
	require.NoError(t, run(&out, options{count: 10000, batch: 32, seed: 1, save: file}))
	assert.Contains(t, out.String(), "Step 4")

	e, err := loadExam()
	require.NoError(t, err)
	require.Len(t, e.labels, 50)
	m := NewCatOrToaster(2)
	require.NoError(t, m.Load(file))
	p, err := m.NewPredictor(CatOrToasterDims{Batch: 50})
	require.NoError(t, err)
	table, wrong, err := e.sit(p)
	require.NoError(t, err)
	assert.GreaterOrEqual(t, score(table), 80.0)
	assert.Len(t, wrong, table[Cat][Toaster]+table[Toaster][Cat])
}

// TestBlameFallsWithTheUpdate checks what the lesson shows: the gradient foretells a nudge.
func TestBlameFallsWithTheUpdate(t *testing.T) {
	m := NewCatOrToaster(3)
	trainer, err := m.NewTrainer(CatOrToasterDims{Batch: 1})
	require.NoError(t, err)
	picture := make([]float32, side*side)
	Paint(Draw(rand.New(rand.NewPCG(3, 0)), Toaster), centred, picture)
	loss, err := trainer.Forward(picture, []int32{Toaster})
	require.NoError(t, err)
	trainer.Backward()
	worst := mostToBlame(layers(m, trainer), 1)[0]
	foretold := worst.grad[worst.at] * 0.01
	worst.weights[worst.at] += 0.01
	nudged, err := trainer.Forward(picture, []int32{Toaster})
	require.NoError(t, err)
	assert.InEpsilon(t, foretold, nudged-loss, 0.1)
	worst.weights[worst.at] -= 0.01
	trainer.Update()
	after, err := trainer.Forward(picture, []int32{Toaster})
	require.NoError(t, err)
	assert.Less(t, after, loss)
}
