package main

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What is there was written by this program.
func TestGenerated(t *testing.T) {
	for name, src := range map[string][]byte{"tiles_amd64.s": assembly(avx2), "tiles512_amd64.s": assembly(avx512), "tiles_amd64.go": declarations()} {
		have, err := os.ReadFile("../../" + name)
		require.NoError(t, err)
		assert.Equal(t, string(src), string(have), name)
	}
}

// A processor with AVX2 alone has no mask registers and no wide or high ones.
func TestAVX2Alone(t *testing.T) {
	wide := regexp.MustCompile(`\b(Z\d+|K[0-7]|[XY](1[6-9]|[23]\d))\b|\.(Z|BCST)\b`)
	assert.Nil(t, wide.FindAll(assembly(avx2), -1))
	assert.NotNil(t, wide.FindAll(assembly(avx512), -1))
}

// With AVX-512 there are no instructions beside those of AVX2, FMA, F, VL and DQ.
func TestAVX512Instructions(t *testing.T) {
	known := map[string]bool{}
	for _, m := range mnemonics(assembly(avx2)) {
		known[m] = true
	}
	var more []string
	for _, m := range mnemonics(assembly(avx512)) {
		if !known[m] {
			known[m] = true
			more = append(more, m)
		}
	}
	assert.ElementsMatch(t, []string{"INCQ", "JLE", "KMOVW", "SHRQ", "VEXTRACTF64X4",
		"VFMADD231PD.BCST", "VFMADD231PS.BCST", "VMOVUPD.Z", "VMOVUPS.Z", "VPTERNLOGD", "VPXORD"}, more)
}

// mnemonics are those of all instructions.
func mnemonics(src []byte) []string {
	var all []string
	for _, m := range regexp.MustCompile(`(?m)^\t([A-Z][A-Z0-9.]+)`).FindAllSubmatch(src, -1) {
		all = append(all, string(m[1]))
	}
	return all
}
