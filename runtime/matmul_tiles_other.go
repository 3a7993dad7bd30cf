//go:build !amd64 || purego

package runtime

// Without assembly products are computed by sumPair and dots.
const useTiles = false

func (g *product[T]) tiles(*pack[T], *matrix[T], int, int, int, int) {}

func (g *product[T]) copies() bool { return false }
