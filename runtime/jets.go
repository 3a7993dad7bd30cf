package runtime

import (
	"math"
	"math/bits"
)

// A jet is a number with its derivatives: a₀ + Σ a_S·ε_S over the sets S of k
// directions, where ε_S is the product of their εs and ε² = 0; the bits of an index are
// a set. Jets add and multiply as polynomials do, and one with a₀ ≠ 0 has an inverse.
// Sets above sums and products of jets are written s, parts of them t.

// A jetMatrix has n columns; coefficient s of its elements lies together.
type jetMatrix struct {
	n, sets int
	v       []float64
}

// row is coefficient s of row i, from column j on.
func (m *jetMatrix) row(s, i, j int) []float64 { return m.v[(s*m.n+i)*m.n+j : (s*m.n+i+1)*m.n] }

func (m *jetMatrix) get(f []float64, i, j int) {
	for s := range f {
		f[s] = m.v[(s*m.n+i)*m.n+j]
	}
}

func (m *jetMatrix) set(i, j int, f []float64) {
	for s, v := range f {
		m.v[(s*m.n+i)*m.n+j] = v
	}
}

// add adds sign·f times row k of x to row i, from column j on.
func (m *jetMatrix) add(i int, sign float64, f []float64, x *jetMatrix, k, j int) {
	for s := range f {
		y := m.row(s, i, j)
		for t := s; ; t = (t - 1) & s {
			g := sign * f[t]
			for c, v := range x.row(s^t, k, j) {
				y[c] += g * v
			}
			if t == 0 {
				break
			}
		}
	}
}

// scale multiplies row i by f, greater sets first: a set needs parts of it only.
func (m *jetMatrix) scale(i int, f []float64) {
	for s := len(f) - 1; s >= 0; s-- {
		y := m.row(s, i, 0)
		for c := range y {
			y[c] *= f[0]
		}
		for t := s; t != 0; t = (t - 1) & s {
			for c, v := range m.row(s^t, i, 0) {
				y[c] += f[t] * v
			}
		}
	}
}

// jetAdd adds sign·x·y to f, which is neither.
func jetAdd(f []float64, sign float64, x, y []float64) {
	for s := range f {
		for t := s; ; t = (t - 1) & s {
			f[s] += sign * x[t] * y[s^t]
			if t == 0 {
				break
			}
		}
	}
}

// jetInverse sets f to 1/x.
func jetInverse(f, x []float64) {
	for s := range f {
		sum := 0.0
		for t := s; t != 0; t = (t - 1) & s {
			sum += x[t] * f[s^t]
		}
		f[s] = -sum / x[0]
		if s == 0 {
			f[s] = 1 / x[0]
		}
	}
}

// along is what [CofactorAlong64] works in.
type along struct {
	order          order
	lu, x          jetMatrix
	f, inv, det    []float64
	minors, matrix []float64 // jets; of the rest of the matrix
	memory         []float64
}

func newAlong() *along { return new(along) }

var alongs shelf[along]

// reset makes room for n×n matrices, k directions, and a rest of k + 1 rows.
func (w *along) reset(n, k int) {
	sets, rest := 1<<k, k+1
	need := 2*sets*n*n + 3*sets + sets<<rest + sets*rest*rest
	if need > cap(w.memory) {
		w.memory = make([]float64, need)
	}
	free := w.memory[:need]
	clear(free)
	take := func(size int) []float64 {
		part := free[:size:size]
		free = free[size:]
		return part
	}
	w.lu, w.x = jetMatrix{n, sets, take(sets * n * n)}, jetMatrix{n, sets, take(sets * n * n)}
	w.f, w.inv, w.det = take(sets), take(sets), take(sets)
	w.minors, w.matrix = take(sets<<rest), take(sets*rest*rest)
	w.order.reset(n)
	w.det[0] = 1
}

// cofactorAlong takes the cofactors of the jets a + Σ h·ε. It finds P·A·Q = L·M·U,
// where M has ones and then a rest S with as many rows as a minor with k directions
// and one row less can do without pivots: fewer rows are never divided by. As cofactors
// of products are products of cofactors, those of P·A·Q are L⁻ᵀ·C·U⁻ᵀ, where C has
// det U·det S and det U times the cofactors of S.
func cofactorAlong[T Float](n int, c, a []T, hs [][]T) {
	w := alongs.take(newAlong)
	defer alongs.give(w)
	k := len(hs)
	w.reset(n, k)
	bad := anyNaN(a)
	for i, v := range a {
		w.lu.v[i] = float64(v)
	}
	for d, h := range hs {
		bad = bad || anyNaN(h)
		for i, v := range h {
			w.lu.v[n*n<<d+i] = float64(v)
		}
	}
	first := max(0, n-k-1)
	switch {
	case bad:
		fillNaN(c)
		return
	case k >= n || !w.eliminate(first):
		clear(c)
		return
	}
	w.solve(first)
	full := w.x.v[(w.x.sets-1)*n*n:]
	for i := range n {
		for j := range n {
			c[w.order.rows[j]*n+w.order.cols[i]] = T(full[i*n+j])
		}
	}
}

// eliminate makes L and U of so many rows and the determinant of U. Where the rank is
// less the result is 0, and so it is where powers of a pivot are.
func (w *along) eliminate(rows int) bool {
	m := &w.lu
	n, plane := m.n, m.n*m.n
	least := math.Pow(0x1p-1000, 1/float64(bits.Len(uint(m.sets))))
	for k := range rows {
		row, col := greatest(m.v[:plane], n, k)
		for s := range m.sets {
			swapPlaces(m.v[s*plane:][:plane], n, k, row, col)
		}
		if w.order.swap(k, row, col) {
			negate(w.det)
		}
		if math.Abs(m.v[k*n+k]) < least {
			return false
		}
		m.get(w.f, k, k)
		jetInverse(w.inv, w.f)
		jetMultiply(w.det, w.f)
		for i := k + 1; i < n; i++ {
			m.get(w.f, i, k)
			jetMultiply(w.f, w.inv)
			m.set(i, k, w.f)
			m.add(i, -1, w.f, m, k, k+1)
		}
	}
	return true
}

func negate(f []float64) {
	for s := range f {
		f[s] = -f[s]
	}
}

// jetMultiply sets f to f·g, greater sets first.
func jetMultiply(f, g []float64) {
	for s := len(f) - 1; s >= 0; s-- {
		sum := 0.0
		for t := s; ; t = (t - 1) & s {
			sum += f[t] * g[s^t]
			if t == 0 {
				break
			}
		}
		f[s] = sum
	}
}

// solve sets x to U⁻¹·Cᵀ·L⁻¹.
func (w *along) solve(first int) {
	n, m, x := w.lu.n, &w.lu, &w.x
	for i := range n {
		x.v[i*n+i] = 1
		for k := range min(i, first) {
			m.get(w.f, i, k)
			x.add(i, -1, w.f, x, k, 0)
		}
	}
	w.rest(first)
	for i := first - 1; i >= 0; i-- {
		x.scale(i, w.det)
		for k := i + 1; k < n; k++ {
			m.get(w.f, i, k)
			x.add(i, -1, w.f, x, k, 0)
		}
		m.get(w.f, i, i)
		jetInverse(w.inv, w.f)
		x.scale(i, w.inv)
	}
}

// rest multiplies the last rows of x by det U and the adjugate of S, and det U by
// det S.
func (w *along) rest(first int) {
	m, x, sets := &w.lu, &w.x, w.lu.sets
	rest := m.n - first
	element := func(i, j int) []float64 { return w.matrix[(i*rest+j)*sets:][:sets] }
	for i := range rest {
		w.cofactors(first, i, func(j int, minor []float64, sign float64) {
			jetAdd(element(j, i), sign, minor, w.det)
		})
	}
	clear(w.inv)
	for j := range rest {
		m.get(w.f, first, first+j)
		jetAdd(w.inv, 1, w.f, element(j, 0))
	}
	copy(w.det, w.inv)
	// The rows of m that S stood in have room for those of x.
	for i := range rest {
		for s := range sets {
			copy(m.row(s, first+i, 0), x.row(s, first+i, 0))
			clear(x.row(s, first+i, 0))
		}
	}
	for i := range rest {
		for j := range rest {
			x.add(first+i, 1, element(i, j), m, first+j, 0)
		}
	}
}

// cofactors calls f with the minors of S without row skip and column j. The minor of
// some columns and as many first rows is expanded along the last of these.
func (w *along) cofactors(first, skip int, f func(j int, minor []float64, sign float64)) {
	rest, sets := w.lu.n-first, w.lu.sets
	minor := func(cols uint) []float64 { return w.minors[cols*uint(sets):][:sets] }
	clear(w.minors)
	minor(0)[0] = 1
	all := uint(1)<<rest - 1
	for cols := uint(1); cols <= all; cols++ {
		row := bits.OnesCount(cols) - 1
		if row >= skip {
			row++
		}
		if row == rest {
			continue
		}
		for j := range rest {
			if cols>>j&1 == 1 {
				w.lu.get(w.f, first+row, first+j)
				jetAdd(minor(cols), alternate(bits.OnesCount(cols>>j)-1), w.f, minor(cols&^(1<<j)))
			}
		}
	}
	for j := range rest {
		f(j, minor(all&^(1<<j)), alternate(skip+j))
	}
}

// alternate is (-1)ⁿ.
func alternate(n int) float64 { return float64(1 - n&1*2) }
