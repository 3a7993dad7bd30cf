//go:build !amd64 || purego

package runtime

// Without assembly products are computed by sumPair and dots.
const useTiles = false

func (g *product[T]) tiles(*packList[T], bool) {}
