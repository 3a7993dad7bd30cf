package graphtest

import (
	"pgregory.net/rapid"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// steps are the operations a drawn graph is made of. Values stay near 1.
var steps = []func(*drawer){
	unary, binary, binary, choose, stretch, slice, window, reduction, product, rows, matrices, gather, scatter, join, reshaped, poisoned,
}

func unary(d *drawer) {
	d.push(d.b.Map(d.name("sin", "tanh", "sigmoid", "neg", "softplus", "relu", "atan"), d.pick()))
}

func binary(d *drawer) {
	x := d.pick()
	y := d.partner(x)
	switch op := d.name("add", "sub", "mul", "div", "max", "powi"); op {
	case "mul":
		d.push(d.b.Map("sin", d.b.Mul(x, y)))
	case "div":
		d.push(d.b.Map("tanh", d.b.Div(x, d.b.Add(d.b.Like(1.5, y), d.b.Mul(y, y)))))
	case "powi":
		n := graph.Count(rapid.IntRange(0, 3).Draw(d.t, "exponent"))
		d.push(d.b.MapAttr("powi", n, d.b.Map("sin", x)))
	default:
		d.push(d.b.Map(op, x, y))
	}
}

func choose(d *drawer) {
	x := d.pick()
	y := d.partner(x)
	d.push(d.b.Where(d.condition(x), d.b.Map("sin", x), y))
}

func stretch(d *drawer) {
	x := d.pick()
	if x.Type.Rank() < 3 {
		d.push(d.b.Broadcast(x, append([]shape.Dim{shape.Var("m")}, x.Type.Shape...)))
	}
}

// slice takes a stretch of one axis, perhaps backwards, perhaps every second.
func slice(d *drawer) {
	x, k := d.pickRank()
	e := x.Type.Shape[k]
	m, ext := shape.Identity(x.Type.Rank()), append([]shape.Dim{}, x.Type.Shape...)
	switch d.name("flip", "tail", "second", "pad") {
	case "flip":
		m.In[k] = e.AddInt(-1).Sub(shape.Idx(k))
	case "tail":
		m.In[k], ext[k] = shape.Idx(k).AddInt(1), e.AddInt(-1)
	case "second":
		m.In[k], ext[k] = shape.Idx(k).Scale(2), shape.CeilDiv(e, shape.Const(2))
	case "pad":
		in := shape.Idx(k).AddInt(-1)
		m.In[k], ext[k] = in, e.AddInt(2)
		m.Guard = []shape.Cond{{E: in}, {E: e.AddInt(-1).Sub(in)}}
	}
	d.push(d.b.View(x, m, 0.5, ext))
}

// window reads pairs of neighbours, or a diagonal.
func window(d *drawer) {
	x, k := d.pickRank()
	r := x.Type.Rank()
	m, ext := shape.Identity(r), append([]shape.Dim{}, x.Type.Shape...)
	if r == 2 && ext[0].Equal(ext[1]) {
		d.push(d.b.View(x, shape.Map{In: []shape.Dim{shape.Idx(0), shape.Idx(0)}}, 0, ext[:1]))
		return
	}
	m.In[k] = shape.Idx(k).Add(shape.Idx(r))
	ext[k] = ext[k].AddInt(-1)
	d.push(d.b.View(x, m, 0, append(ext, shape.Const(2))))
}

func reduction(d *drawer) {
	x, k := d.pickRank()
	d.push(d.b.Map("tanh", d.b.Reduce(d.name("sum", "rmax", "rmin", "prod"), x, k)))
}

// product contracts the last axis of x with the first of another: a matrix product.
func product(d *drawer) {
	x, w := d.pick(), d.pick()
	r := x.Type.Rank()
	if r == 0 || r > 2 || w.Type.Rank() != 2 || !x.Type.Shape[r-1].Equal(w.Type.Shape[0]) {
		return
	}
	ext := append(append([]shape.Dim{}, x.Type.Shape[:r-1]...), w.Type.Shape[1], w.Type.Shape[0])
	left, right := shape.Identity(r), shape.Map{In: []shape.Dim{shape.Idx(r), shape.Idx(r - 1)}}
	left.In[r-1] = shape.Idx(r)
	d.push(d.b.Map("tanh", d.b.Sum(d.b.Mul(d.b.View(x, left, 0, ext), d.b.View(w, right, 0, ext)), r)))
}

func rows(d *drawer) {
	x, k := d.pickRank()
	switch op := d.name("softmax", "log_softmax", "cumsum", "logsumexp"); op {
	case "logsumexp":
		d.push(d.b.Map("tanh", d.b.Reduce(op, x, k)))
	default:
		d.push(d.b.Map("tanh", d.b.Op(op, nil, x)))
	}
}

// matrices works on 2 + x·xᵀ along the last two axes, which is far from singular.
func matrices(d *drawer) {
	x, _ := d.pickRank()
	r := x.Type.Rank()
	if r < 2 {
		return
	}
	x = d.b.Map("sin", x)
	ext := append([]shape.Dim{}, x.Type.Shape...)
	ext[r-1] = ext[r-2]
	domain := append(ext[:r:r], x.Type.Shape[r-1])
	left, right := shape.Identity(r), shape.Identity(r)
	left.In[r-1], right.In[r-2], right.In[r-1] = shape.Idx(r), shape.Idx(r-1), shape.Idx(r)
	square := d.b.Sum(d.b.Mul(d.b.View(x, left, 0, domain), d.b.View(x, right, 0, domain)), r)
	diagonal := shape.Map{Guard: []shape.Cond{{Kind: shape.Zero, E: shape.Idx(r - 1).Sub(shape.Idx(r - 2))}}}
	square = d.b.Add(square, d.b.View(d.b.Real(2), diagonal, 0, ext))
	switch op := d.name("inv", "cholesky", "logdet", "solve", "lower_solve", "upper_solve"); op {
	case "inv", "cholesky", "logdet":
		d.push(d.b.Op(op, nil, square))
	default:
		d.push(d.b.Op(op, nil, square, x))
	}
}

// gather reads rows in an order that repeats one.
func gather(d *drawer) {
	x, k := d.pickRank()
	ext := append([]shape.Dim{}, x.Type.Shape...)
	places := d.b.Map("imin", d.b.IndexValue(shape.Idx(k).Scale(2), ext), d.b.IndexValue(x.Type.Shape[k].AddInt(-1), ext))
	at := graph.Gather{In: make([]shape.Dim, len(ext)), By: make([]int, len(ext)), Checked: true}
	for i := range ext {
		at.In[i], at.By[i] = shape.Idx(i), -1
	}
	at.By[k] = 0
	args := []*graph.Node{x, places}
	if rapid.Bool().Draw(d.t, "masked") {
		at.Masked, at.Fill = true, 0.25
		args = append(args, d.b.Map("lt", places, d.b.Fill(2, places.Type)))
	}
	d.push(d.b.Op("gather", at, args...))
}

// scatter adds all rows of x into two.
func scatter(d *drawer) {
	x, k := d.pickRank()
	ext := append([]shape.Dim{}, x.Type.Shape...)
	index := d.b.IndexValue(shape.Idx(k), ext)
	places := d.b.Map("imod", index, d.b.Fill(2, index.Type))
	at := graph.Gather{In: make([]shape.Dim, len(ext)), By: make([]int, len(ext))}
	for i := range ext {
		at.In[i], at.By[i] = shape.Idx(i), -1
	}
	at.By[k] = 0
	ext = append([]shape.Dim{}, ext...)
	ext[k] = shape.Const(2)
	d.push(d.b.Map("tanh", d.b.Typed("scatter", at, graph.Type{Shape: ext}, x, places)))
}

func join(d *drawer) {
	x, k := d.pickRank()
	d.push(d.b.Op("concat", graph.Axis(k), x, d.b.Map("sin", x)))
}

func reshaped(d *drawer) {
	x, _ := d.pickRank()
	d.push(d.b.Reshape(x, []shape.Dim{shape.Product(x.Type.Shape)}))
}

// poisoned chooses around an operation that has no value, or an infinite
// derivative, where it is not taken.
func poisoned(d *drawer) {
	x := d.pick()
	zero := d.b.Like(0, x)
	var bad *graph.Node
	switch op := d.name("log", "sqrt", "div", "pow"); op {
	case "div":
		bad = d.b.Div(x, d.b.Map("max", x, zero))
	case "pow":
		bad = d.b.Map(op, x, d.b.Like(1.5, x))
	default:
		bad = d.b.Map(op, x)
	}
	d.push(d.b.Where(d.b.Map("gt", x, d.b.Like(0.05, x)), d.b.Map("tanh", bad), zero))
}
