//go:build !purego

package runtime

import (
	"fmt"
	"os"
)

func cpuid(leaf, sub uint32) (a, b, c, d uint32)

func xgetbv() (low uint32)

// instructions is a set of instructions that there is assembly for; each has those
// before it.
type instructions int

const (
	portable instructions = iota
	avx2                  // with FMA
	avx512                // F, VL, DQ and BW, as in processors since 2017
)

// useTiles and useAVX512 say which assembly runs. They are decided at start-up;
// tests turn them off to compare.
var useTiles, useAVX512 = chosen(allowed(os.Getenv("GRADGEN_CPU")))

func chosen(set instructions) (tiles, wide bool) { return set >= avx2, set >= avx512 }

// HasAVX2 reports whether generated assembly may use AVX2 and FMA.
func HasAVX2() bool { return useTiles }

// HasAVX512 reports whether generated assembly may use AVX-512: F, VL, DQ and BW.
func HasAVX512() bool { return useAVX512 }

// allowed is the set to be used: what the processor has, or less where the
// environment says so: GRADGEN_CPU is avx2 or portable.
func allowed(most string) instructions {
	have := processor()
	switch most {
	case "", "avx512":
	case "avx2":
		return min(have, avx2)
	case "portable":
		return portable
	default:
		fmt.Fprintf(os.Stderr, "gradgen: GRADGEN_CPU=%q is none of avx512, avx2 and portable, and changes nothing\n", most)
	}
	return have
}

// processor is what the processor has, and whose registers the system keeps.
func processor() instructions {
	const fma, osxsave, avx = 1 << 12, 1 << 27, 1 << 28                      // of leaf 1, ECX
	const second, f, dq, bw, vl = 1 << 5, 1 << 16, 1 << 17, 1 << 30, 1 << 31 // of leaf 7, EBX
	const halves, masks = 1<<1 | 1<<2, 1<<5 | 1<<6 | 1<<7                    // that the system keeps
	if most, _, _, _ := cpuid(0, 0); most < 7 {
		return portable
	}
	_, _, c, _ := cpuid(1, 0)
	if !all(c, fma|osxsave|avx) {
		return portable
	}
	_, b, _, _ := cpuid(7, 0)
	kept := xgetbv()
	switch {
	case !all(b, second) || !all(kept, halves):
		return portable
	case !all(b, f|dq|bw|vl) || !all(kept, masks):
		return avx2
	}
	return avx512
}

func all(bits, of uint32) bool { return bits&of == of }
