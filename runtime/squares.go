package runtime

// SumSquares32 returns the sum of the squares of x, in float64. Several sums run
// beside each other; the order depends on the length alone.
func SumSquares32(x []float32) float64 {
	if useTiles && len(x) >= 16 {
		return fastSquares32(x)
	}
	return sumSquares(x)
}

// SumSquares64 returns the sum of the squares of x.
func SumSquares64(x []float64) float64 {
	if useTiles && len(x) >= 16 {
		return fastSquares64(x)
	}
	return sumSquares(x)
}

func sumSquares[T Float](x []T) float64 {
	var a, b, c, d, e, f, g, h float64
	for len(x) >= 8 {
		v := (*[8]T)(x)
		a += float64(v[0]) * float64(v[0])
		b += float64(v[1]) * float64(v[1])
		c += float64(v[2]) * float64(v[2])
		d += float64(v[3]) * float64(v[3])
		e += float64(v[4]) * float64(v[4])
		f += float64(v[5]) * float64(v[5])
		g += float64(v[6]) * float64(v[6])
		h += float64(v[7]) * float64(v[7])
		x = x[8:]
	}
	for _, v := range x {
		a += float64(v) * float64(v)
	}
	return ((a + b) + (c + d)) + ((e + f) + (g + h))
}
