package main

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBook(t *testing.T) {
	b := newBook("aab·b·a abba·x")
	assert.Equal(t, "ab· x", string(b.alphabet))
	assert.Len(t, b.learned, 12)
	assert.Len(t, b.held, 2)
	assert.Equal(t, []int32{0, 4, symbols - 1}, b.numbers("axy"))
	assert.Equal(t, 'x', b.character(4))
	assert.Equal(t, '\uFFFD', b.character(symbols-1))

	opticks, err := loadBook("")
	require.NoError(t, err)
	assert.Greater(t, len(opticks.learned), 400000)
	_, err = loadBook(filepath.Join(t.TempDir(), "none.txt"))
	assert.ErrorContains(t, err, "-file")
}

// TestSamplerRemembers: reading one character after the other gives what reading all of them at once does.
func TestSamplerRemembers(t *testing.T) {
	m := NewText(3)
	for i := range m.Params.Reader.E {
		m.Params.Reader.E[i] *= 20 // so that something is at stake
	}
	text := []int32{5, 9, 2, 2, 7, 100, 3, 41, 9, 5}
	p, err := m.NewPredictor(TextDims{Batch: 1, Seq: len(text)})
	require.NoError(t, err)
	logits, err := p.Predict(text)
	require.NoError(t, err)
	s, err := m.NewSamplerPredictor(SamplerDims{Longest: len(text)})
	require.NoError(t, err)
	for range 2 {
		for i, c := range text {
			got, err := s.Predict(c, 1)
			require.NoError(t, err)
			assert.InDeltaSlice(t, probable(logits[i*symbols:][:symbols]), got.Likely, 1e-4)
		}
		_, err = s.Predict(1, 1)
		assert.Error(t, err, "the memory is full")
		s.Reset()
	}
}

func probable(logits []float32) (p []float64) {
	sum := 0.0
	for _, l := range logits {
		p = append(p, math.Exp(float64(l)))
		sum += p[len(p)-1]
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}

// TestNothingIsForeseen: what follows a character does not change what is said of it.
func TestNothingIsForeseen(t *testing.T) {
	m := NewText(4)
	p, err := m.NewPredictor(TextDims{Batch: 1, Seq: 8})
	require.NoError(t, err)
	logits, err := p.Predict([]int32{1, 2, 3, 4, 5, 6, 7, 8})
	require.NoError(t, err)
	before := append([]float32{}, logits[:5*symbols]...)
	logits, err = p.Predict([]int32{1, 2, 3, 4, 5, 60, 70, 80})
	require.NoError(t, err)
	assert.InDeltaSlice(t, before, logits[:5*symbols], 1e-6)
	assert.NotEqual(t, before[4*symbols:], logits[5*symbols:6*symbols])
}

// TestLearnsToWrite learns a line by heart, writes more than the sampler remembers, and writes the same when
// loaded again.
func TestLearnsToWrite(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "rhyme.txt")
	require.NoError(t, os.WriteFile(file, []byte(strings.Repeat("once I caught a fish alive\n", 20)), 0o644))
	var out, again bytes.Buffer
	o := options{file: file, prompt: "once", length: 60, temperature: 0.1, save: filepath.Join(dir, "m.safetensors")}
	o.steps, o.batch, o.seq, o.rate, o.seed = 40, 4, 16, 4e-3, 1
	require.NoError(t, run(&out, o))
	assert.Contains(t, out.String(), "once I caught a fish alive\n")

	o.load, o.save, o.steps, o.time = o.save, "", 0, 0
	require.NoError(t, run(&again, o))
	_, first, _ := strings.Cut(out.String(), "\n\n")
	_, second, _ := strings.Cut(again.String(), "\n\n")
	assert.Equal(t, first, second)

	m := NewText(1)
	require.NoError(t, write(&again, m, newBook("ab"), options{lesson: lesson{seq: 1}, prompt: strings.Repeat("ab", 40), length: 30, temperature: 1}))
}

func TestTooShort(t *testing.T) {
	err := learn(NewText(1), newBook("short"), lesson{batch: 1, seq: 64})
	assert.ErrorContains(t, err, "too short")
}
