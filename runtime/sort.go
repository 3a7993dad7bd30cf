package runtime

import "slices"

// Sort32 copies src to dst in ascending order, NaN last. The order is stable.
func Sort32(dst, src []float32) { sortRow(dst, src) }

// Sort64 is [Sort32] for float64.
func Sort64(dst, src []float64) { sortRow(dst, src) }

// Argsort32 sets dst to the places of the elements of src in the order of
// [Sort32].
func Argsort32(dst []int32, src []float32) { argsort(dst, src) }

// Argsort64 is [Argsort32] for float64.
func Argsort64(dst []int32, src []float64) { argsort(dst, src) }

// SortInt is [Sort32] for int32.
func SortInt(dst, src []int32) {
	copy(dst, src)
	slices.Sort(dst)
}

// ArgsortInt is [Argsort32] for int32.
func ArgsortInt(dst, src []int32) { argsort(dst, src) }

func sortRow[T Float](dst, src []T) {
	copy(dst, src)
	slices.SortStableFunc(dst, ascending[T])
}

func argsort[T Float | int32](dst []int32, src []T) {
	for i := range dst {
		dst[i] = int32(i)
	}
	slices.SortFunc(dst, func(a, b int32) int {
		if c := ascending(src[a], src[b]); c != 0 {
			return c
		}
		return int(a) - int(b)
	})
}

// ascending compares numbers, NaN after all others.
func ascending[T Float | int32](x, y T) int {
	switch {
	case x < y || x == x && y != y:
		return -1
	case x > y || x != x && y == y:
		return 1
	}
	return 0
}
