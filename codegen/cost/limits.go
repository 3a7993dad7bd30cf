package cost

import (
	"time"

	"github.com/gradgen/gradgen/runtime"
)

// Limits are what one core of this machine does in a second: operations of a
// product in cache, and bytes read and written of memory of the given size.
type Limits struct{ Operations, Bytes float64 }

// Measure finds the limits, in a few hundredths of a second.
func Measure(double bool, memory int64) Limits {
	const n = 256
	var product func()
	if double {
		a, b, c := make([]float64, n*n), make([]float64, n*n), make([]float64, n*n)
		product = func() { runtime.MatMul64(c, 0, n, 1, a, 0, n, 1, b, 0, n, 1, n, n, n, false) }
	} else {
		a, b, c := make([]float32, n*n), make([]float32, n*n), make([]float32, n*n)
		product = func() { runtime.MatMul32(c, 0, n, 1, a, 0, n, 1, b, 0, n, 1, n, n, n, false) }
	}
	size := min(max(memory/2, 1<<14), 1<<26)
	from, to := make([]byte, size), make([]byte, size)
	rounds := max(1<<22/size, 1)
	moves := func() {
		for range rounds {
			copy(to, from)
		}
	}
	return Limits{2 * n * n * n / best(product).Seconds(), float64(2*size*rounds) / best(moves).Seconds()}
}

// best is the shortest of several times.
func best(f func()) time.Duration {
	f()
	least := time.Hour
	for range 15 {
		at := time.Now()
		f()
		least = min(least, time.Since(at))
	}
	return max(least, 1)
}

// Least is the time below which the work of a row cannot go on one core.
func (l Limits) Least(r Row) time.Duration {
	return time.Duration(1e9 * max(float64(r.Operations)/l.Operations, float64(r.Bytes)/l.Bytes))
}
