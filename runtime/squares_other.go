//go:build !amd64 || purego

package runtime

func fastSquares32(x []float32) float64 { return sumSquares(x) }

func fastSquares64(x []float64) float64 { return sumSquares(x) }
