package vector

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

var m = shape.Var("m")

func let(name string, x kernel.Expr) *kernel.Let { return &kernel.Let{Name: name, X: x} }

func set(name string, x kernel.Expr) *kernel.Set { return &kernel.Set{Name: name, X: x} }

func accumulator(name string, init float64) *kernel.Accumulator {
	return &kernel.Accumulator{Name: name, Init: number(init)}
}

func buf(name string) *kernel.Buffer { return buffer(name, graph.Real) }

func at(b *kernel.Buffer) *kernel.Load { return load(b, i) }

func rows(b *kernel.Buffer, stride shape.Dim) *kernel.Load { return load(b, i.Mul(stride).Add(j)) }

func add(b *kernel.Buffer, at shape.Dim, x kernel.Expr) *kernel.Store {
	return &kernel.Store{Buf: b, At: kernel.Addr{Base: at}, X: x, Add: true}
}

// sample is a loop with what has to exist outside of it.
type sample struct {
	name    string
	outside []kernel.Stmt
	nest    *kernel.Loop
}

// samples are loops as lowering makes them.
func samples() []sample {
	x, z, w, o := buf("x"), buf("z"), buf("w"), buf("o")
	y, sums, others, a := buf("y"), &kernel.Buffer{Name: "sums", Kind: kernel.Grad}, &kernel.Buffer{Name: "others", Kind: kernel.Grad}, shape.Var(".a")
	label, seen, row := buffer("label", graph.Int), buffer("seen", graph.Bool), buffer("row", graph.Bool)
	c10 := shape.Const(10)
	max0 := accumulator("r", math.Inf(-1))
	softmax := func(cols shape.Dim) *kernel.Loop {
		return loopTo(".i", m, max0, loopTo(".j", cols, set("r", apply("max", ref("r"), rows(x, cols)))),
			store(w, i, ref("r")), accumulator("s", 0),
			loopTo(".j", cols, let("e", apply("exp", apply("sub", rows(x, cols), ref("r")))), store(o, i.Mul(cols).Add(j), ref("e")),
				set("s", apply("add", ref("s"), ref("e")))),
			let("t", apply("div", number(1), ref("s"))),
			loopTo(".j", cols, store(o, i.Mul(cols).Add(j), apply("mul", rows(o, cols), ref("t")))))
	}
	pool := loopTo(".j", shape.Const(12), max0,
		loopTo(".a", shape.Const(2), loopTo(".b", shape.Const(2),
			set("r", apply("max", ref("r"), apply("relu", load(x, j.Add(shape.Var(".a").Scale(24)).Add(shape.Var(".b").Scale(12)))))))),
		store(o, j, ref("r")))
	var sum kernel.Expr = number(0)
	for k := range 11 {
		sum = apply("add", sum, apply("mul", at(buf(fmt.Sprintf("x%d", k))), number(float64(k)-5)))
	}
	each := func(b *kernel.Buffer, stride, k int64) *kernel.Load { return load(b, i.Scale(stride).AddInt(k)) }
	points := &kernel.Buffer{Name: "points", Shape: []shape.Dim{shape.Const(5), shape.Const(3)}}
	names := &kernel.Buffer{Name: "names", Elem: graph.Int, Shape: []shape.Dim{shape.Const(5), shape.Const(2)}}
	point := func(b *kernel.Buffer, stride, k int64) *kernel.Load {
		return &kernel.Load{Buf: b, At: kernel.Addr{Base: shape.Const(k), Dyn: []kernel.Dyn{{X: &kernel.Ref{Name: "p", Elem: graph.Int}, Stride: shape.Const(stride)}}}}
	}
	all := []sample{
		{"small problems", nil, loopTo(".i", n, let("d", apply("sub", each(x, 3, 0), each(x, 3, 2))), let("e", apply("exp", ref("d"))),
			let("f", apply("tanh", apply("add", ref("e"), each(x, 3, 1)))),
			store(o, i.Scale(2), apply("mul", ref("e"), ref("f"))), store(o, i.Scale(2).AddInt(1), apply("add", ref("d"), apply("real", each(label, 7, 4)))))},
		{"sum of a column", []kernel.Stmt{accumulator("s", 1)}, loopTo(".i", n, let("e", apply("exp", each(x, 5, 0))), set("s", apply("add", ref("s"), apply("mul", ref("e"), ref("e")))))},
		{"sum of a row", []kernel.Stmt{accumulator("s", 1)}, loopTo(".i", n, let("e", apply("exp", at(x))), set("s", apply("add", ref("s"), apply("mul", ref("e"), ref("e")))))},
		{"points that data chooses", nil, loopTo(".i", n, &kernel.Let{Name: "p", Elem: graph.Int, X: at(label)},
			let("d", apply("add", apply("mul", point(points, 3, 0), point(points, 3, 0)), apply("mul", point(points, 3, 2), point(points, 3, 1)))),
			let("e", apply("exp", apply("neg", apply("mul", ref("d"), ref("d"))))),
			store(o, i.Scale(3), apply("add", ref("e"), apply("real", point(names, 2, 1)))), store(o, i.Scale(3).AddInt(2), apply("div", ref("e"), apply("add", number(2), each(z, 2, 0)))))},
		{"bias", nil, loopTo(".i", m, loopTo(".j", n, store(o, i.Mul(n).Add(j), apply("relu", apply("add", rows(x, n), load(z, j))))))},
		{"in place", nil, loopTo(".i", n, store(x, i, apply("relu", apply("add", at(x), at(z)))))},
		{"adam", []kernel.Stmt{let("b1", number(0.9)), let("b2", number(0.99)), let("lr", number(0.1))}, loopTo(".i", n,
			let("g", apply("mul", at(x), number(0.5))),
			let("m", apply("add", apply("mul", ref("b1"), at(z)), apply("mul", apply("sub", number(1), ref("b1")), ref("g")))),
			let("v", apply("add", apply("mul", ref("b2"), apply("abs", at(w))), apply("mul", ref("g"), ref("g")))),
			store(z, i, ref("m")), store(w, i, ref("v")),
			store(o, i, apply("sub", at(o), apply("div", apply("mul", ref("lr"), ref("m")), apply("add", apply("sqrt", ref("v")), number(1e-3))))))},
		{"sum", []kernel.Stmt{accumulator("s", 2)}, loopTo(".i", n, set("s", apply("add", ref("s"), apply("mul", at(x), at(z)))))},
		{"extremes", []kernel.Stmt{accumulator("s", -100), accumulator("t", 100)}, loopTo(".i", n,
			set("s", apply("max", ref("s"), at(x))), set("t", apply("min", at(x), ref("t"))))},
		{"softmax of 10", nil, softmax(c10)},
		{"softmax", nil, softmax(n)},
		{"column sums", nil, loopTo(".i", m, loopTo(".j", n, &kernel.Store{Buf: o, At: kernel.Addr{Base: j}, X: rows(x, n), Add: true}))},
		{"jammed column sums", nil, loopTo(".i", m, loopTo(".j", n, add(sums, j, rows(x, n))))},
		{"jammed products", nil, loopTo(".i", m, let("t", at(z)), loopTo(".j", n, let("d", apply("sub", rows(x, n), ref("t"))),
			add(sums, j, apply("mul", ref("d"), ref("d"))), add(others, j, apply("mul", ref("d"), load(w, j)))))},
		{"jammed by twos", nil, loopTo(".i", m, loopTo(".j", n, add(sums, j, apply("mul", rows(x, n), apply("mul", rows(y, n.AddInt(1)), load(z, j))))))},
		{"jammed inside", nil, loopTo(".a", m, loopTo(".i", m, loopTo(".j", n,
			add(sums, a.Mul(n).Add(j), apply("mul", rows(x, n), load(z, i.AddInt(2).Add(a)))))))},
		{"jammed fixed rows", nil, loopTo(".i", m, loopTo(".j", c10, add(sums, j, apply("mul", rows(x, c10), load(z, i)))))},
		{"one hot", nil, loopTo(".i", m, let("t", at(z)), &kernel.Let{Name: "l", Elem: graph.Int, X: at(label)}, loopTo(".j", n,
			store(o, i.Mul(n).Add(j), &kernel.Select{Cond: apply("eq", &kernel.IndexExpr{E: j}, &kernel.Ref{Name: "l", Elem: graph.Int}),
				X: apply("sub", rows(x, n), ref("t")), Y: rows(x, n)})))},
		{"pooling", nil, pool},
		{"mask", nil, loopTo(".i", m, let("r", number(0)), loopTo(".j", n, store(o, i.Mul(n).Add(j), &kernel.Select{
			Cond: apply("and", load(seen, i.Mul(n).Add(j)), load(row, i)), X: rows(x, n), Y: load(z, j)})))},
		{"guards", []kernel.Stmt{accumulator("s", 1)}, loopTo(".j", shape.Const(32),
			let("v", apply("add",
				&kernel.Guard{Conds: []shape.Cond{{Kind: shape.NonNegative, E: j.AddInt(-16)}}, X: load(x, j.AddInt(-16))},
				&kernel.Guard{Conds: []shape.Cond{{Kind: shape.NonNegative, E: shape.Const(10).Sub(j)}}, X: load(z, j.AddInt(3)), Fill: 2})),
			set("s", apply("add", ref("s"), ref("v"))), store(o, j, ref("v")))},
		{"angles", []kernel.Stmt{accumulator("s", 1)}, loopTo(".i", n, let("v", apply("mul", apply("sin", at(x)), apply("cos", at(z)))),
			store(o, i, ref("v")), set("s", apply("add", ref("s"), ref("v"))))},
		{"three levels", nil, loopTo(".a", m, loopTo(".b", shape.Const(3), loopTo(".c", m, loopTo(".j", n, store(o,
			n.Mul(m).Scale(3).Mul(shape.Var(".a")).Add(n.Mul(m).Mul(shape.Var(".b"))).Add(n.Mul(shape.Var(".c"))).Add(j),
			apply("add", load(x, shape.Var(".c").Scale(50).Add(shape.Var(".b").Scale(2)).Add(j)), load(z, shape.Var(".a").Mul(n).Add(j))))))))},
		{"patches", nil, loopTo(".a", m, loopTo(".b", shape.Const(3), loopTo(".j", shape.Const(5), store(o,
			shape.Var(".a").Scale(15).Add(shape.Var(".b").Scale(5)).Add(j), load(x, shape.Var(".a").Add(shape.Var(".b").Scale(9)).Add(j))))))},
		{"choice outside", []kernel.Stmt{&kernel.Let{Name: "p", Elem: graph.Bool, X: &kernel.Lit{Elem: graph.Bool, V: 1}},
			&kernel.Let{Name: "q", Elem: graph.Bool, X: &kernel.Lit{Elem: graph.Bool}}}, loopTo(".i", n, store(o, i,
			&kernel.Select{Cond: &kernel.Ref{Name: "p", Elem: graph.Bool}, X: at(x), Y: &kernel.Select{
				Cond: &kernel.Ref{Name: "q", Elem: graph.Bool}, X: at(z), Y: number(3)}}),
			store(w, i, &kernel.Select{Cond: &kernel.Ref{Name: "q", Elem: graph.Bool}, X: at(x), Y: at(z)}))},
		{"quotients", []kernel.Stmt{let("a", number(0x1p-130)), let("b", number(0x1p110)), let("c", number(3))}, loopTo(".i", n,
			store(o, i, apply("add", apply("div", apply("mul", number(0x1p-120), at(x)), ref("a")),
				apply("add", apply("div", apply("mul", number(0x1p115), at(z)), ref("b")), apply("div", at(w), ref("c"))))))},
		{"neighbours", nil, loopTo(".i", n, store(o, i.AddInt(2), apply("add", load(x, i.AddInt(2)), apply("mul", load(x, i), load(x, i.AddInt(3))))),
			store(row, i.AddInt(1), apply("and", load(seen, i.AddInt(1)), load(seen, i))))},
		{"neighbours in rows of 7", nil, loopTo(".i", m, loopTo(".j", shape.Const(7),
			store(o, i.Scale(9).Add(j).AddInt(1), apply("sub", load(x, i.Scale(9).Add(j).AddInt(2)), load(x, i.Scale(9).Add(j))))))},
		{"masks kept", nil, loopTo(".i", n, store(seen, i, apply("gt", at(x), at(z))), store(row, i.Add(n), apply("not", load(buffer("old", graph.Bool), i))))},
		{"a mask of each row", nil, loopTo(".i", m, accumulator("s", 0), loopTo(".j", n, set("s", apply("add", ref("s"), rows(x, n)))),
			store(seen, i, apply("gt", ref("s"), number(0))))},
		{"ints kept", nil, loopTo(".i", n, store(label, i, &kernel.IndexExpr{E: i.Scale(3).AddInt(-7)}), store(buffer("first", graph.Int), i, at(buffer("old", graph.Int))))},
		{"many streams", nil, loopTo(".i", n, store(o, i, sum))},
		{"numbers of steps", nil, loopTo(".i", n, store(o, i, apply("mul", at(x), apply("real", &kernel.IndexExpr{E: i.Scale(3).AddInt(2)}))))},
		{"matches", []kernel.Stmt{accumulator("s", 0)}, loopTo(".i", n, set("s", apply("add", ref("s"), apply("real",
			apply("eq", at(label), at(buffer("label2", graph.Int)))))))},
		{"branch", nil, loopTo(".i", n, accumulator("a", 1), &kernel.If{Cond: apply("gt", at(x), number(0)),
			Then: []kernel.Stmt{set("a", at(z))}, Else: []kernel.Stmt{set("a", apply("neg", at(z)))}}, store(o, i, ref("a")))},
	}
	for k := int64(leastIteration); k < 17; k++ { // known numbers of steps
		all = append(all, sample{fmt.Sprintf("%d steps", k), nil, loopTo(".i", m, loopTo(".j", shape.Const(k),
			store(o, i.Scale(k).Add(j), apply("add", rows(x, shape.Const(k)), load(z, j)))))})
	}
	return all
}

// prepare draws the memory of a call and runs the twin.
func (l *laboratory) prepare(t *testing.T, d Decl, s sample, fn *Func, dims map[string]int64, tolerance float64) (call, func(call)) {
	t.Helper()
	value := func(x shape.Dim) int { v, _ := x.Bind(dims).IsConst(); return int(v) }
	r := rand.New(rand.NewPCG(uint64(dims["n"]), 3))
	memory, results := map[*kernel.Buffer][]float64{}, buf("results")
	memory[results] = make([]float64, 4)
	length := func(k int) int { return value(fn.Length(k)) }
	starts := make([]int, len(fn.Streams))
	for k, st := range fn.Streams {
		starts[k] = value(st.At)
		b := st.Buf.Root()
		for len(memory[b]) < max(starts[k]+length(k), value(b.Len())) {
			x := float64(float32(r.NormFloat64()))
			switch st.Buf.Elem {
			case graph.Int:
				x = float64(r.IntN(5))
			case graph.Bool:
				x = float64(r.IntN(2))
			}
			memory[b] = append(memory[b], x)
		}
	}
	c := call{Fn: d.Name}
	for _, x := range fn.Rows {
		c.Ints = append(c.Ints, value(x))
	}
	for _, x := range fn.Counts() {
		c.Ints = append(c.Ints, value(x))
	}
	for k, st := range fn.Streams {
		c.Bufs = append(c.Bufs, append([]float64{}, memory[st.Buf.Root()][starts[k]:starts[k]+length(k)]...))
		for level := range fn.Rows {
			if fn.Strided(k, level) {
				c.Ints = append(c.Ints, value(fn.Jump(k, level)))
			}
		}
	}
	scalars := buf("scalars")
	memory[scalars] = make([]float64, len(fn.Scalars))
	before := append([]kernel.Stmt{}, s.outside...)
	for k, x := range fn.Scalars {
		before = append(before, store(scalars, shape.Const(int64(k)), x.X))
	}
	l.twin(t, fn, memory, dims, before, results)
	c.Scalars = memory[scalars]
	return c, func(done call) {
		for k, st := range fn.Streams {
			near(t, memory[st.Buf.Root()][starts[k]:starts[k]+length(k)], done.Bufs[k], tolerance, "%s, %s, %v", s.name, st.Buf.Name, dims)
		}
		if k, limit := fn.Watch(); k >= 0 {
			require.LessOrEqual(t, done.Results[k], limit)
			done.Results = append(done.Results[:k:k], done.Results[k+1:]...)
		}
		near(t, memory[results][:len(done.Results)], done.Results, tolerance, "%s, results, %v", s.name, dims)
	}
}

func near(t *testing.T, want, got []float64, tolerance float64, format string, args ...any) {
	t.Helper()
	require.Len(t, got, len(want), format, args)
	for k := range want {
		if math.IsNaN(want[k]) && math.IsNaN(got[k]) || want[k] == got[k] {
			continue
		}
		if math.Abs(want[k]-got[k]) > tolerance*max(1, math.Abs(want[k])) || math.IsNaN(want[k]-got[k]) {
			assert.Fail(t, "differs", fmt.Sprintf(format, args...)+fmt.Sprintf(": [%d] is %g, want %g", k, got[k], want[k]))
			return
		}
	}
}

func TestSamples(t *testing.T) {
	for _, wide := range []bool{false, true} {
		l, x := newLaboratory(t, wide), trials{}
		var decls []Decl
		for _, s := range samples() {
			decls = append(decls, l.add(t, s.nest))
		}
		l.build(t)
		for k, s := range samples() {
			fn, _ := Build(s.nest, wide)
			require.Equal(t, strings.HasPrefix(s.name, "jammed"), fn.Jam > 0, s.name)
			x.try(t, l, decls[k], s, fn, map[bool]float64{false: 2e-6, true: 1e-14}[wide])
		}
		x.run(t, l)
		rightInstructions(t, l.file)
	}
}

// bodies draws loops of tame operators: their values stay between -4 and 4.
var bodies = rapid.Custom(func(t *rapid.T) sample {
	nested := rapid.Bool().Draw(t, "nested")
	place := func(b *kernel.Buffer) kernel.Expr { return at(b) }
	if nested {
		place = func(b *kernel.Buffer) kernel.Expr { return rows(b, n) }
	}
	values := []kernel.Expr{place(buf("x")), place(buf("z")), ref("a")}
	apart := !nested && rapid.Bool().Draw(t, "apart") // rows of 3, of which all are written
	if apart {
		for k := range int64(3) {
			values = append(values, load(buf("p"), i.Scale(3).AddInt(k)), load(buf("q"), i.Scale(5).AddInt(2*k)))
		}
	}
	if nested {
		values = append(values, load(buf("b"), j), load(buf("r"), i))
	}
	body := []kernel.Stmt{}
	tame := func(x kernel.Expr) kernel.Expr { return apply("max", number(-4), apply("min", x, number(4))) }
	pick := func() kernel.Expr {
		if rapid.IntRange(0, 5).Draw(t, "constant") == 0 {
			return number(float64(rapid.IntRange(-32, 32).Draw(t, "c")) / 16)
		}
		return values[rapid.IntRange(0, len(values)-1).Draw(t, "value")]
	}
	square := func(x kernel.Expr, c float64) kernel.Expr { return apply("add", apply("mul", x, x), number(c)) }
	most := 24
	if apart {
		most = 80
	}
	for k := range rapid.IntRange(most/2-11, most).Draw(t, "steps") {
		var x kernel.Expr
		switch kind := rapid.IntRange(0, 11).Draw(t, "kind"); kind {
		case 0, 1, 2:
			x = apply([]string{"add", "sub", "mul"}[kind], pick(), pick())
		case 3:
			x = apply("max", pick(), pick())
		case 4:
			x = apply("exp", apply("min", pick(), number(1)))
		case 5:
			x = apply("div", pick(), square(pick(), 1))
		case 6:
			x = apply("sqrt", square(pick(), 0.5))
		case 7:
			x = apply("log", square(pick(), 0.5))
		case 8:
			x = apply([]string{"tanh", "sigmoid", "erf", "gelu"}[rapid.IntRange(0, 3).Draw(t, "f")], pick())
		case 9:
			x = apply("neg", pick())
		case 10:
			x = apply("add", apply("mul", pick(), pick()), pick())
		default:
			x = apply("abs", pick())
		}
		name := fmt.Sprintf("v%d", k)
		body = append(body, let(name, tame(x)))
		values = append(values, ref(name))
	}
	last := values[len(values)-1]
	target := i
	if nested {
		target = i.Mul(n).Add(j)
	}
	body = append(body, store(buf("o"), target, last))
	if apart {
		for k := range 3 {
			body = append(body, store(buf("w"), i.Scale(3).AddInt(int64(k)), values[max(0, len(values)-1-4*k)]))
		}
	}
	if rapid.Bool().Draw(t, "reduces") {
		body = append(body, set("s", apply([]string{"add", "max", "min"}[rapid.IntRange(0, 2).Draw(t, "how")], ref("s"), last)))
	}
	s := sample{name: "random", outside: []kernel.Stmt{let("a", number(0.75))}, nest: loopTo(".i", n, body...)}
	if apart {
		s.name = "random rows"
	}
	if nested {
		s.nest = loopTo(".i", m, accumulator("s", 0.5), loopTo(".j", n, body...), store(buf("t"), i, ref("s")))
	} else {
		s.outside = append(s.outside, accumulator("s", 0.5))
	}
	return s
})

// share makes buffers of one name one buffer.
func share(s sample) sample {
	known := map[string]*kernel.Buffer{}
	one := func(b *kernel.Buffer) *kernel.Buffer {
		if known[b.Name] == nil {
			known[b.Name] = b
		}
		return known[b.Name]
	}
	var visit func(x kernel.Expr)
	visit = func(x kernel.Expr) {
		if l, ok := x.(*kernel.Load); ok {
			l.Buf = one(l.Buf)
		}
		for _, a := range kernel.Operands(x) {
			visit(a)
		}
	}
	kernel.Walk([]kernel.Stmt{s.nest}, func(st kernel.Stmt) {
		if w, ok := st.(*kernel.Store); ok {
			w.Buf = one(w.Buf)
		}
		for _, x := range kernel.Exprs(st) {
			visit(*x)
		}
	})
	return s
}

func TestRandomBodies(t *testing.T) {
	for _, wide := range []bool{false, true} {
		l, x := newLaboratory(t, wide), trials{}
		var all []sample
		var decls []Decl
		rows := 0
		for seed := range pick(emulator == "", 60, 20) {
			s := share(bodies.Example(seed))
			if s.name == "random rows" {
				if _, ok := Build(s.nest, wide); !ok {
					continue // less to compute than to fetch
				}
				rows++
			}
			all, decls = append(all, s), append(decls, l.add(t, s.nest))
		}
		require.Greater(t, rows, pick(emulator == "", 5, 0))
		l.build(t)
		for k, s := range all {
			fn, _ := Build(s.nest, wide)
			require.Equal(t, strings.HasPrefix(s.name, "jammed"), fn.Jam > 0, s.name)
			x.try(t, l, decls[k], s, fn, map[bool]float64{false: 1e-3, true: 1e-11}[wide])
		}
		x.run(t, l)
		rightInstructions(t, l.file)
	}
}
