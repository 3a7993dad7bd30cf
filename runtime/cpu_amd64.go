//go:build !purego

package runtime

func cpuid(leaf, sub uint32) (a, b, c, d uint32)

func xgetbv() (low uint32)

// HasAVX2 reports whether generated assembly may use AVX2 and FMA.
func HasAVX2() bool { return useTiles }

// hasAVX2 reports whether the processor has AVX2 and FMA, and the system keeps
// the upper halves of their registers.
func hasAVX2() bool {
	const fma, osxsave, avx, avx2 = 1 << 12, 1 << 27, 1 << 28, 1 << 5
	most, _, _, _ := cpuid(0, 0)
	if most < 7 {
		return false
	}
	_, _, c, _ := cpuid(1, 0)
	if c&(fma|osxsave|avx) != fma|osxsave|avx || xgetbv()&6 != 6 {
		return false
	}
	_, b, _, _ := cpuid(7, 0)
	return b&avx2 != 0
}
