package runtime

import "unsafe"

// Local returns p, hidden from the analysis that would move what it points to from
// the stack to the heap. It is for pointers that the function they are passed to
// does not keep.
func Local[T float32 | float64](p *T) *T {
	hidden := uintptr(unsafe.Pointer(p))
	return *(**T)(unsafe.Pointer(&hidden))
}
