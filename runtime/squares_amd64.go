//go:build !purego

package runtime

// squares32 sums the squares of n elements, a multiple of 16, in four groups.
//
//go:noescape
func squares32(x *float32, n int, sums *[4]float64)

// squares64 is squares32 for float64.
//
//go:noescape
func squares64(x *float64, n int, sums *[4]float64)

func fastSquares32(x []float32) float64 {
	var s [4]float64
	n := len(x) &^ 15
	squares32(&x[0], n, &s)
	return (s[0] + s[1]) + (s[2] + s[3]) + sumSquares(x[n:])
}

func fastSquares64(x []float64) float64 {
	var s [4]float64
	n := len(x) &^ 15
	squares64(&x[0], n, &s)
	return (s[0] + s[1]) + (s[2] + s[3]) + sumSquares(x[n:])
}
