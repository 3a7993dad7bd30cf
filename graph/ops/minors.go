package ops

import (
	bit "math/bits"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// smallMatrix is the order up to which cofactors are written as polynomials in the
// elements, so that determinants are right to any order of differentiation, at
// singular matrices too.
const smallMatrix = 4

// minors are determinants of parts of matrices, as polynomials in their elements.
type minors struct {
	b    *builder
	a    *node
	memo map[[2]uint]*node
}

// smallCofactors are the cofactors of n×n matrices: for each element the minor
// without its row and column, with alternating signs.
func smallCofactors(b *builder, a *node, n int) *node {
	m := &minors{b, a, map[[2]uint]*node{}}
	lead := a.Type.Shape[:a.Type.Rank()-2]
	all := uint(1)<<n - 1
	var elements []*node
	for i := range n {
		for j := range n {
			c := m.minor(all&^(1<<i), all&^(1<<j))
			if (i+j)%2 == 1 {
				c = b.Neg(c)
			}
			column := append(append([]shape.Dim{}, lead...), shape.Const(1))
			elements = append(elements, b.View(c, shape.Identity(len(lead)), 0, column))
		}
	}
	return b.Reshape(b.Op("concat", graph.Axis(len(lead)), elements...), a.Type.Shape)
}

// minor is the determinant of some rows and columns, expanded along the first row.
func (m *minors) minor(rows, cols uint) *node {
	key := [2]uint{rows, cols}
	if have := m.memo[key]; have != nil {
		return have
	}
	sum := m.b.Fill(1, graph.Type{Shape: m.a.Type.Shape[:m.a.Type.Rank()-2]})
	if rows != 0 {
		sum = m.expand(rows, cols)
	}
	m.memo[key] = sum
	return sum
}

func (m *minors) expand(rows, cols uint) (sum *node) {
	i := bit.TrailingZeros(rows)
	for rest, odd := cols, false; rest != 0; odd = !odd {
		j := bit.TrailingZeros(rest)
		rest &^= 1 << j
		term := m.element(i, j)
		if rows&(rows-1) != 0 {
			term = m.b.Mul(term, m.minor(rows&^(1<<i), cols&^(1<<j)))
		}
		switch {
		case sum == nil:
			sum = term
		case odd:
			sum = m.b.Sub(sum, term)
		default:
			sum = m.b.Add(sum, term)
		}
	}
	return sum
}

func (m *minors) element(i, j int) *node {
	lead := m.a.Type.Rank() - 2
	at := shape.Identity(lead)
	at.In = append(at.In, shape.Const(int64(i)), shape.Const(int64(j)))
	return m.b.View(m.a, at, 0, m.a.Type.Shape[:lead])
}
