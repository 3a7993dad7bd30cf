package unroll

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/ops"
	"github.com/gradgen/gradgen/graph/shape"
)

func apply(op string, args ...kernel.Expr) kernel.Expr {
	return &kernel.Apply{Op: ops.Table()[op], Args: args}
}

func at(d shape.Dim) kernel.Addr { return kernel.Addr{Base: d} }

// squares is r = Σ (a[i] - b[i])² over n elements.
func squares(n shape.Dim) (*kernel.Program, *kernel.Buffer) {
	i := shape.Var(".i0")
	a := &kernel.Buffer{Name: "a", Kind: kernel.Input, Shape: []shape.Dim{n}}
	b := &kernel.Buffer{Name: "b", Kind: kernel.Input, Shape: []shape.Dim{n}}
	r := &kernel.Buffer{Name: "r", Kind: kernel.Arena}
	d := &kernel.Ref{Name: "d"}
	sum := &kernel.Ref{Name: "sum"}
	body := []kernel.Stmt{
		&kernel.Accumulator{Name: "sum", Init: &kernel.Lit{}},
		&kernel.Loop{Var: ".i0", Hi: n, Body: []kernel.Stmt{
			&kernel.Let{Name: "d", X: apply("sub", &kernel.Load{Buf: a, At: at(i)}, &kernel.Load{Buf: b, At: at(i)})},
			&kernel.Let{Name: "unused", X: apply("exp", d)},
			&kernel.Set{Name: "sum", X: apply("add", sum, apply("mul", d, d))},
		}},
		&kernel.Store{Buf: r, X: sum},
	}
	return &kernel.Program{
		Buffers: []*kernel.Buffer{a, b, r}, Results: []kernel.Result{{Buffer: r}},
		Sections: []*kernel.Section{{Kernels: []*kernel.Kernel{{Body: body}}}},
	}, r
}

func text(r Result) string {
	var b strings.Builder
	for _, l := range r.Lets {
		b.WriteString(l.Name + " := " + kernel.ExprText(l.X) + "\n")
	}
	for _, xs := range r.Results {
		for _, x := range xs {
			b.WriteString("result " + kernel.ExprText(x) + "\n")
		}
	}
	return b.String()
}

func TestUnroll(t *testing.T) {
	prog, _ := squares(shape.Const(2))
	r, ok := Program(prog, 100)
	require.True(t, ok)
	assert.Equal(t, "d := sub(a[0], b[0])\nd_2 := sub(a[1], b[1])\nr := add(mul(d, d), mul(d_2, d_2))\nresult r\n", text(r))
}

// A numbered name may be one that the program has itself.
func TestNamesAreGivenOnce(t *testing.T) {
	u := &unroller{names: map[string]int{}}
	got := []string{u.free("d"), u.free("d_2"), u.free("d"), u.free("d_2"), u.free("d")}
	assert.Equal(t, []string{"d", "d_2", "d_3", "d_2_2", "d_4"}, got)
}

func TestLongSumsAreNamed(t *testing.T) {
	prog, _ := squares(shape.Const(20))
	r, ok := Program(prog, 1000)
	require.True(t, ok)
	for _, l := range r.Lets {
		assert.Less(t, len(kernel.ExprText(l.X)), 300)
	}
	assert.Contains(t, text(r), "result r\n")
}

func TestRefused(t *testing.T) {
	for name, c := range map[string]struct {
		n     shape.Dim
		limit int
	}{"a run-time dim": {shape.Var("n"), 100}, "more than the limit": {shape.Const(1000), 100}} {
		prog, _ := squares(c.n)
		_, ok := Program(prog, c.limit)
		assert.False(t, ok, name)
	}
	prog, r := squares(shape.Const(2))
	k := prog.Sections[0].Kernels[0]
	k.Body = append(k.Body, &kernel.If{Cond: apply("gt", &kernel.Load{Buf: r}, &kernel.Lit{}), Then: []kernel.Stmt{&kernel.Store{Buf: r, X: &kernel.Lit{}}}})
	_, ok := Program(prog, 100)
	assert.False(t, ok, "a choice of statements")
}

// TestProductsAndGuards: matrix products become sums, guards are decided, zeros
// and ones leave sums and products.
func TestProductsAndGuards(t *testing.T) {
	two := shape.Const(2)
	i := shape.Var(".i0")
	x := &kernel.Buffer{Name: "x", Kind: kernel.Input, Shape: []shape.Dim{two}}
	m := &kernel.Buffer{Name: "m", Kind: kernel.Const, Shape: []shape.Dim{two, two}, Data: []float64{1, 0.5, 2, 1}}
	y := &kernel.Buffer{Name: "y", Kind: kernel.Arena, Shape: []shape.Dim{two}}
	z := &kernel.Buffer{Name: "z", Kind: kernel.Arena, Shape: []shape.Dim{two}}
	one := shape.Const(1)
	body := []kernel.Stmt{
		&kernel.MatMul{C: kernel.Operand{Buf: y, Strides: [2]shape.Dim{one, one}}, A: kernel.Operand{Buf: m, Strides: [2]shape.Dim{two, one}},
			B: kernel.Operand{Buf: x, Strides: [2]shape.Dim{one, one}}, M: two, N: one, K: two},
		&kernel.Loop{Var: ".i0", Hi: two, Body: []kernel.Stmt{&kernel.Store{Buf: z, At: at(i), X: &kernel.Guard{
			Conds: []shape.Cond{{Kind: shape.NonNegative, E: i.AddInt(-1)}}, X: &kernel.Load{Buf: y, At: at(i.AddInt(-1))}, Fill: 7}}}},
	}
	prog := &kernel.Program{Results: []kernel.Result{{Buffer: z}, {Buffer: y}}, Sections: []*kernel.Section{{Kernels: []*kernel.Kernel{{Body: body}}}}}
	r, ok := Program(prog, 100)
	require.True(t, ok)
	assert.Equal(t, "y0 := add(x[0], mul(0.5, x[1]))\ny1 := add(mul(2, x[0]), x[1])\nresult 7\nresult y0\nresult y0\nresult y1\n", text(r))
}

// TestKnownBranches: of a choice that loop variables decide only what is taken stays.
func TestKnownBranches(t *testing.T) {
	two := shape.Const(2)
	i := shape.Var(".i0")
	x := &kernel.Buffer{Name: "x", Kind: kernel.Input, Shape: []shape.Dim{two}}
	y := &kernel.Buffer{Name: "y", Kind: kernel.Arena, Shape: []shape.Dim{two}}
	body := []kernel.Stmt{&kernel.Loop{Var: ".i0", Hi: two, Body: []kernel.Stmt{&kernel.If{
		Cond: apply("gt", &kernel.IndexExpr{E: i}, &kernel.Lit{}),
		Then: []kernel.Stmt{&kernel.Store{Buf: y, At: at(i), X: apply("sin", &kernel.Load{Buf: x, At: at(i)})}},
		Else: []kernel.Stmt{&kernel.Store{Buf: y, At: at(i), X: &kernel.Lit{V: 7}}}}}}}
	prog := &kernel.Program{Results: []kernel.Result{{Buffer: y}}, Sections: []*kernel.Section{{Kernels: []*kernel.Kernel{{Body: body}}}}}
	r, ok := Program(prog, 100)
	require.True(t, ok)
	assert.Equal(t, "sin := sin(x[1])\nresult 7\nresult sin\n", text(r))
}

func TestLogicSaysNothingTwice(t *testing.T) {
	named := func(name string) kernel.Expr { return &kernel.Ref{Name: name, Elem: graph.Bool} }
	join := func(op string, a, b kernel.Expr) kernel.Expr {
		return logical(&kernel.Apply{Op: ops.Table()[op], Elem: graph.Bool, Args: []kernel.Expr{a, b}})
	}
	no, yes, a, b := &kernel.Lit{Elem: graph.Bool}, &kernel.Lit{Elem: graph.Bool, V: 1}, named("a"), named("b")
	for want, got := range map[string]kernel.Expr{
		"or(a, b)": join("or", join("or", a, b), a), "and(a, b)": join("and", join("and", a, b), b),
		"a": join("or", no, join("and", a, yes)), "1": join("or", a, yes), "0": join("and", no, b),
		"eq(a, a)": join("eq", a, a),
	} {
		assert.Equal(t, want, kernel.ExprText(got))
	}
}

// Zeros of tables take finite factors with them, those that the program says none.
func TestOnlyFiniteFactorsOfZeroGo(t *testing.T) {
	table := &kernel.Load{Buf: &kernel.Buffer{Name: "c", Kind: kernel.Const, Data: []float64{0}}}
	x := &kernel.Load{Buf: &kernel.Buffer{Name: "x", Kind: kernel.Input}}
	for factor, gone := range map[kernel.Expr]bool{
		x: true, apply("sin", x): true, apply("mul", x, apply("cos", x)): true,
		apply("sub", apply("sin", x), apply("mul", &kernel.Lit{V: 3}, apply("cos", x))): true, apply("neg", x): true,
		apply("log", x): false, apply("div", x, x): false, apply("exp", x): false,
		apply("mul", x, x): false, apply("add", x, x): false, apply("mul", &kernel.Lit{V: 2}, x): false, // may overflow
	} {
		for zero, gone := range map[kernel.Expr]bool{table: gone, &kernel.Lit{}: false} {
			r := &kernel.Buffer{Name: "r", Kind: kernel.Arena}
			prog := &kernel.Program{
				Buffers: []*kernel.Buffer{x.Buf, table.Buf, r}, Results: []kernel.Result{{Buffer: r}},
				Sections: []*kernel.Section{{Kernels: []*kernel.Kernel{{Body: []kernel.Stmt{
					&kernel.Store{Buf: r, X: apply("mul", zero, factor)},
				}}}}},
			}
			got, ok := Program(prog, 100)
			require.True(t, ok)
			_, lit := got.Results[0][0].(*kernel.Lit)
			assert.Equal(t, gone, lit, "%s of %s", kernel.ExprText(factor), kernel.ExprText(zero))
		}
	}
}

// Rows of d are two scalars, and d has no memory.
func TestRows(t *testing.T) {
	n, i, j := shape.Var("n"), shape.Var(".i0"), shape.Var(".i1")
	a := &kernel.Buffer{Name: "a", Kind: kernel.Input, Shape: []shape.Dim{n, shape.Const(2)}}
	b := &kernel.Buffer{Name: "b", Kind: kernel.Const, Shape: []shape.Dim{shape.Const(2)}, Data: []float64{0, 3}}
	d := &kernel.Buffer{Name: "d", Kind: kernel.Arena, Shape: []shape.Dim{n, shape.Const(2)}}
	y := &kernel.Buffer{Name: "y", Kind: kernel.Arena, Shape: []shape.Dim{n}}
	pair := i.Scale(2)
	k := &kernel.Kernel{Body: []kernel.Stmt{&kernel.Loop{Var: ".i0", Hi: n, Body: []kernel.Stmt{
		&kernel.Accumulator{Name: "sum", Init: &kernel.Lit{}},
		&kernel.Loop{Var: ".i1", Hi: shape.Const(2), Body: []kernel.Stmt{
			&kernel.Store{Buf: d, At: at(pair.Add(j)), X: apply("sub", &kernel.Load{Buf: a, At: at(pair.Add(j))}, &kernel.Load{Buf: b, At: at(j)})},
			&kernel.Set{Name: "sum", X: apply("add", &kernel.Ref{Name: "sum"}, &kernel.Load{Buf: d, At: at(pair.Add(j))})},
		}},
		&kernel.Store{Buf: y, At: at(i), X: apply("mul", &kernel.Ref{Name: "sum"}, &kernel.Load{Buf: d, At: at(pair)})},
	}}}}
	prog := &kernel.Program{
		Name: "call", Buffers: []*kernel.Buffer{a, b, d, y}, Results: []kernel.Result{{Buffer: y}},
		Sections: []*kernel.Section{{Name: "call", Kernels: []*kernel.Kernel{k}}},
	}
	Rows(prog, false)
	require.Equal(t, []*kernel.Buffer{a, b, y}, prog.Buffers)
	require.Len(t, k.Body, 1)
	var lines []string
	for _, s := range k.Body[0].(*kernel.Loop).Body {
		if l, ok := s.(*kernel.Let); ok {
			lines = append(lines, l.Name+" := "+kernel.ExprText(l.X))
		} else {
			st := s.(*kernel.Store)
			lines = append(lines, st.Buf.Name+"["+st.At.Base.String()+"] = "+kernel.ExprText(st.X))
		}
	}
	require.Equal(t, []string{
		"a := a[2*i0]", "a_2 := a[2*i0 + 1]", "d1 := sub(a_2, 3)", "sum := add(a, d1)", "y0 := mul(sum, a)", "y[.i0] = y0",
	}, lines)
}

// A sum over rows, or a row that reads another, stays as it is.
func TestRowsThatStay(t *testing.T) {
	n, i := shape.Var("n"), shape.Var(".i0")
	a := &kernel.Buffer{Name: "a", Kind: kernel.Input, Shape: []shape.Dim{n}}
	d := &kernel.Buffer{Name: "d", Kind: kernel.Arena, Shape: []shape.Dim{n.AddInt(1)}}
	for name, body := range map[string][]kernel.Stmt{
		"another row": {
			&kernel.Store{Buf: d, At: at(i), X: apply("lgamma", &kernel.Load{Buf: a, At: at(i)})},
			&kernel.Store{Buf: d, At: at(i.AddInt(1)), X: &kernel.Load{Buf: d, At: at(i)}},
		},
		"a sum": {
			&kernel.Store{Buf: d, At: at(i), X: apply("lgamma", &kernel.Load{Buf: a, At: at(i)})},
			&kernel.Set{Name: "sum", X: apply("add", &kernel.Ref{Name: "sum"}, &kernel.Load{Buf: d, At: at(i)})},
		},
	} {
		l := &kernel.Loop{Var: ".i0", Hi: n, Body: body}
		k := &kernel.Kernel{Body: []kernel.Stmt{&kernel.Accumulator{Name: "sum", Init: &kernel.Lit{}}, l}}
		Rows(&kernel.Program{Sections: []*kernel.Section{{Kernels: []*kernel.Kernel{k}}}}, false)
		require.Same(t, l, k.Body[1], name)
	}
}

// A check before the rows says where it reads without names of the rows, in the places of places too.
func TestChecksKnowNoNames(t *testing.T) {
	i := shape.Var(".i0")
	own := &kernel.Buffer{Name: "own", Kind: kernel.Input, Shape: []shape.Dim{shape.Var("n")}}
	corner := &kernel.Buffer{Name: "corner", Kind: kernel.Input, Shape: []shape.Dim{shape.Var("m")}}
	load := &kernel.Load{Buf: own, At: at(i)}
	corners := &kernel.Load{Buf: corner, At: kernel.Addr{Dyn: []kernel.Dyn{{X: &kernel.Ref{Name: "own"}, Stride: shape.Const(3)}}}}
	u := &unroller{row: &rows{named: map[string]kernel.Expr{"own": load, "corner": corners}}}
	x, err := u.alone(&kernel.Ref{Name: "corner"})
	require.NoError(t, err)
	assert.Equal(t, "corner[0 + own[i0]*3]", kernel.ExprText(x))
	_, err = u.alone(apply("add", load, &kernel.Ref{Name: "sum"}))
	assert.ErrorIs(t, err, errShape)
}

// A choice that two results need is made once, and so is what its branches share.
func TestShare(t *testing.T) {
	a := &kernel.Load{Buf: &kernel.Buffer{Name: "a", Kind: kernel.Input, Shape: []shape.Dim{shape.Const(1)}}}
	pick := func() kernel.Expr {
		return &kernel.Select{Cond: apply("gt", a, &kernel.Lit{}), X: apply("mul", a, apply("add", a, a)), Y: apply("add", a, a)}
	}
	u := newUnroller(100)
	lets, results := u.share(nil, [][]kernel.Expr{{apply("exp", pick())}, {pick()}})
	require.Equal(t, "add := add(a[0], a[0])\nchoice := (gt(a[0], 0) ? mul(a[0], add) : add)\nresult exp(choice)\nresult choice\n", text(Result{lets, results}))
}

// A choice whose value is used in a branch of another by the same condition only is
// the branch; what is the same with names put in has one name.
func TestSettledChoices(t *testing.T) {
	a := &kernel.Load{Buf: &kernel.Buffer{Name: "a", Kind: kernel.Input, Shape: []shape.Dim{shape.Const(1)}}}
	cond := func() kernel.Expr { return apply("gt", a, &kernel.Lit{V: 1}) }
	named := func(name string) kernel.Expr { return &kernel.Ref{Name: name} }
	pick := func(x kernel.Expr) kernel.Expr { return &kernel.Select{Cond: cond(), X: &kernel.Lit{}, Y: x} }
	lets := []*kernel.Let{
		{Name: "x", X: pick(apply("mul", a, a))}, {Name: "y", X: pick(apply("exp", named("x")))}, {Name: "z", X: pick(apply("mul", named("x"), named("x")))},
		{Name: "again", X: apply("exp", pick(apply("mul", a, a)))},
	}
	u := newUnroller(100)
	got, results := u.share(lets, [][]kernel.Expr{{named("y")}, {named("z")}})
	require.Equal(t, "gt := gt(a[0], 1)\nx := mul(a[0], a[0])\nexp := exp(x)\ny := (gt ? 0 : exp)\nz := (gt ? 0 : mul(x, x))\n"+
		"result y\nresult z\n", text(Result{got, results}))
	got, results = newUnroller(100).share(lets, [][]kernel.Expr{{named("y")}, {named("x")}})
	require.Contains(t, text(Result{got, results}), "x := (gt ? 0 : mul(a[0], a[0]))\n")
}

// Quotients that rules of differentiation made share one division where they have one
// divisor; those of the source, and one that is alone, stay.
func TestReciprocals(t *testing.T) {
	b := &kernel.Buffer{Name: "a", Kind: kernel.Input, Shape: []shape.Dim{shape.Const(4)}}
	a := func(i int64) kernel.Expr { return &kernel.Load{Buf: b, At: at(shape.Const(i))} }
	derived := func(x, y kernel.Expr) kernel.Expr {
		return &kernel.Apply{Op: ops.Table()["div"], Args: []kernel.Expr{x, y}, Derived: true}
	}
	_, results := newUnroller(100).share(nil, [][]kernel.Expr{{
		derived(a(0), a(2)), derived(a(1), a(2)), apply("div", a(0), a(2)), derived(a(0), a(3)),
	}})
	require.Equal(t, "result mul(a[0], div)\nresult mul(a[1], div)\nresult div(a[0], a[2])\nresult div(a[0], a[3])\n", text(Result{nil, results}))
}
