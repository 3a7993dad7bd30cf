//go:build !amd64 || purego

package runtime

// Without assembly products are computed by sumPair and dots.
const useTiles = false

// packSize is the room for a copied block of B.
const packSize = blockK * blockN

func (g *product[T]) tiles(*packList[T], bool) {}

func (g *product[T]) runKept(*packList[T], *kept[T]) bool { return false }
