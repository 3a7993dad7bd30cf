package runtime

import "unsafe"

// Line is the alignment, in bytes, of what Alloc32, Alloc64 and AllocInt
// return: a cache line.
const Line = 64

// Alloc32 returns n zeros whose first element is aligned to a cache line.
func Alloc32(n int) []float32 { return alloc[float32](n) }

// Alloc64 returns n zeros whose first element is aligned to a cache line.
func Alloc64(n int) []float64 { return alloc[float64](n) }

// AllocInt returns n zeros whose first element is aligned to a cache line.
func AllocInt(n int) []int32 { return alloc[int32](n) }

func alloc[T float32 | float64 | int32](n int) []T {
	var zero T
	size := int(unsafe.Sizeof(zero))
	s := make([]T, n+Line/size)
	skip := -int(uintptr(unsafe.Pointer(&s[0]))) & (Line - 1) / size
	return s[skip : skip+n : skip+n]
}

// AlignUp rounds n elements of size bytes up to whole cache lines: the length
// a buffer takes in an arena.
func AlignUp(n, size int) int {
	per := Line / size
	return (n + per - 1) / per * per
}

// Grow is s with n elements: as many of s as there are, then zeros or what was
// left there before. It allocates only where s never was as long.
func Grow[T any](s []T, n int) []T {
	if n <= cap(s) {
		return s[:n]
	}
	return append(s[:cap(s)], make([]T, n-cap(s))...)
}

// Apart reports whether x shares no memory with any of the others.
func Apart[T any](x []T, others ...[]T) bool {
	at, size := uintptr(unsafe.Pointer(unsafe.SliceData(x))), unsafe.Sizeof(*new(T))
	for _, y := range others {
		from := uintptr(unsafe.Pointer(unsafe.SliceData(y)))
		if at < from+uintptr(len(y))*size && from < at+uintptr(len(x))*size {
			return false
		}
	}
	return true
}
