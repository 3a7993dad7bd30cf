//go:build !purego

package runtime

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What the environment allows is used where the processor has it, and no more.
func TestAllowed(t *testing.T) {
	have := processor()
	t.Logf("this processor has AVX2: %t, AVX-512: %t", have >= avx2, have >= avx512)
	assert.Equal(t, have, allowed(""))
	assert.Equal(t, have, allowed("avx512"))
	assert.Equal(t, min(have, avx2), allowed("avx2"))
	assert.Equal(t, portable, allowed("portable"))
	assert.Equal(t, have, allowed("sse"))
	for set, want := range [][2]bool{portable: {false, false}, avx2: {true, false}, avx512: {true, true}} {
		tiles, wide := chosen(instructions(set))
		assert.Equal(t, want, [2]bool{tiles, wide})
	}
}

// Before anything else runs the environment is read.
func TestForced(t *testing.T) {
	if os.Getenv("GRADGEN_CPU") == "portable" {
		assert.False(t, HasAVX2())
		assert.False(t, HasAVX512())
		return
	}
	assert.Equal(t, processor() >= avx2, HasAVX2() || os.Getenv("GRADGEN_CPU") != "")
	test := exec.Command(os.Args[0], "-test.run", "TestForced")
	test.Env = append(os.Environ(), "GRADGEN_CPU=portable")
	out, err := test.CombinedOutput()
	require.NoError(t, err, "%s", out)
}
