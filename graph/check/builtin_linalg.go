package check

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/diag"
)

func linalgBuiltins() map[string]*builtin {
	t := map[string]*builtin{
		"solve":            {params: []string{"A", "b"}, run: func(b *bcall) val { return b.solve("solve") }},
		"triangular_solve": {params: []string{"L", "b", "lower?"}, run: triangularSolve},
	}
	for _, name := range []string{"det", "logdet", "inv", "cholesky"} {
		t[name] = &builtin{params: []string{"A"}, run: ofSquare}
	}
	return t
}

func triangularSolve(b *bcall) val {
	if !b.has(2) || b.flag(2) {
		return b.solve("lower_solve")
	}
	return b.solve("upper_solve")
}

// square is argument k as matrices that are certainly square, or checked to be
// at entry, and their number of rows.
func (b *bcall) square(k int) (val, shape.Dim, bool) {
	v := b.real(k)
	if !v.ok() {
		return v, shape.Dim{}, false
	}
	ext := v.inner()
	r := len(ext)
	if r < 2 {
		return b.c.bad("G0319", b.args[k].at, "%s takes a matrix, not %s", b.name, v.describe()), shape.Dim{}, false
	}
	if !b.c.sameDim(ext[r-2], ext[r-1], b.args[k].at) {
		b.c.report(b.c.cite(diag.New("G0318", b.args[k].at, "%s takes a square matrix", b.name).
			WithLabel("%s", shape.Format(ext)), v))
		return b.bad(), shape.Dim{}, false
	}
	return v, ext[r-2], true
}

// ofSquare is a function of one matrix, for each matrix of the operand.
func ofSquare(b *bcall) val {
	v, n, ok := b.square(0)
	if !ok {
		return b.bad()
	}
	ext := v.inner()
	x := b.c.lift(v, v.idx, append(append([]shape.Dim{}, ext[:len(ext)-2]...), n, n))
	return b.on(v, b.c.b.Op(b.name, nil, x))
}

// solve is the solution of A·x = b by the named operator: b is a vector or a
// matrix, and the leading axes broadcast, as in A @ b.
func (b *bcall) solve(op string) val {
	x, n, ok := b.square(0)
	y := b.real(1)
	if !ok || !y.ok() {
		return b.bad()
	}
	xs, ys := x.inner(), y.inner()
	if len(ys) == 0 {
		return b.c.bad("G0319", b.args[1].at, "%s takes a vector or a matrix on the right, not a scalar", b.name)
	}
	rows, lead, tail := ys[0], []shape.Dim(nil), []shape.Dim{n}
	if len(ys) > 1 {
		rows, lead, tail = ys[len(ys)-2], ys[:len(ys)-2], []shape.Dim{n, ys[len(ys)-1]}
	}
	if !b.c.sameDim(n, rows, b.at) {
		return b.solveClash(x, y, n, rows)
	}
	common, ok := b.c.broadcastTwo(xs[:len(xs)-2], lead, b.at)
	if !ok {
		return b.c.bad("G0302", b.at, "the leading axes of %s and %s do not broadcast", shape.Format(xs), shape.Format(ys))
	}
	return b.solved(op, x, y, common, tail)
}

func (b *bcall) solved(op string, x, y val, lead, tail []shape.Dim) val {
	idx, n := union(x.idx, y.idx), tail[0]
	result := append(append([]shape.Dim{}, lead...), tail...)
	right := b.c.lift(y, idx, result)
	if len(x.idx) == 0 && len(x.inner()) == 2 {
		return tensor(b.sharedSolve(op, b.c.lift(x, nil, []shape.Dim{n, n}), right, len(idx)+len(lead)), idx, b.at)
	}
	left := b.c.lift(x, idx, append(append([]shape.Dim{}, lead...), n, n))
	if len(tail) == 1 {
		right = b.c.b.Reshape(right, append(append([]shape.Dim{}, right.Type.Shape...), shape.Const(1)))
	}
	z := b.c.b.Op(op, nil, left, right)
	return tensor(b.c.b.Reshape(z, append(extents(idx), result...)), idx, b.at)
}

// sharedSolve solves for all right sides with one matrix at once, as columns:
// right counts its rows along the given axis.
func (b *bcall) sharedSolve(op string, left, right *graph.Node, axis int) *graph.Node {
	perm := append([]int{axis}, seq(axis)...)
	perm = append(perm, seq(right.Type.Rank())[axis+1:]...)
	rows := b.c.b.Permute(right, perm)
	ext := rows.Type.Shape
	z := b.c.b.Op(op, nil, left, b.c.b.Reshape(rows, []shape.Dim{ext[0], shape.Product(ext[1:])}))
	back := append(offset(seq(axis), 1), 0)
	back = append(back, seq(right.Type.Rank())[axis+1:]...)
	return b.c.b.Permute(b.c.b.Reshape(z, ext), back)
}

func (b *bcall) solveClash(x, y val, n, rows shape.Dim) val {
	d := diag.New("G0301", b.at, "the right side does not fit the matrix").
		WithLabel("%s and %s: %s ≠ %s", shape.Format(x.inner()), shape.Format(y.inner()), n, rows)
	if ys := y.inner(); len(ys) == len(x.inner())-1 && ys[len(ys)-1].Equal(n) {
		d = d.WithHelp("this right side is one matrix; for a vector to each matrix use index notation: x[i] = %s(A[i], b[i])", b.name)
	}
	b.c.report(b.c.cite(d, x, y))
	return b.bad()
}
