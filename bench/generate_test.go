package main

import (
	"bytes"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen"
)

// generate returns the code of a transformer.
func generate(t testing.TB, layers int, dims map[string]int64) []byte {
	t.Helper()
	res, list, err := codegen.Compile("transformer.grad", []byte(Transformer(layers)),
		codegen.Options{Package: "transformer", Version: "bench", Dims: dims})
	require.NoError(t, err)
	require.Empty(t, list)
	return res.Go
}

// BenchmarkGenerate times everything from source text to Go text.
func BenchmarkGenerate(b *testing.B) {
	for _, layers := range []int{1, 3, 6, 12, 24} {
		b.Run(fmt.Sprintf("layers=%d", layers), func(b *testing.B) {
			size := 0
			for b.Loop() {
				size = len(generate(b, layers, nil))
			}
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/op")
			b.ReportMetric(float64(size), "code-bytes")
		})
	}
}

// near asserts that two sizes differ by a small part at most.
func near(t *testing.T, want, got int, part float64) {
	t.Helper()
	assert.LessOrEqual(t, math.Abs(float64(got-want)), part*float64(want), "%d and %d bytes", want, got)
}

// The code does not grow with the data: a fixed batch changes literals only.
func TestCodeSizeDoesNotDependOnBatch(t *testing.T) {
	small := generate(t, 2, map[string]int64{"batch": 64})
	large := generate(t, 2, map[string]int64{"batch": 4096})
	near(t, len(small), len(large), 0.02)
}

// Nor does the code depend on the number of layers, but for literals.
func TestCodeSizeDoesNotDependOnLayers(t *testing.T) {
	few, many := generate(t, 2, nil), generate(t, 48, nil)
	near(t, len(few), len(many), 0.02)
	assert.Equal(t, bytes.Count(few, []byte("\nfunc ")), bytes.Count(many, []byte("\nfunc ")))
}
