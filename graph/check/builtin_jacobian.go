package check

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/diag"
)

// What is computed for each direction of a jacobian is written out for each, to be
// simplified for itself, as long as these bound the directions, through loops, and
// the directions times the operations.
const sweepLimit, loopLimit, workLimit = 64, 2, 4000

// derivative evaluates the arguments y, x and, with three, a direction. An instance
// is a target by all of its parameters.
func (b *bcall) derivative(args int, take, whole func(y, x, v val) val) val {
	c := b.c
	if !b.byPosition() {
		return b.bad()
	}
	if len(b.e.Args) != args {
		form := map[string]string{"hvp": "(y, x, v), in the direction v of x", "jvp": "(y, x, v), in the direction v of x", "vjp": "(y, x, u), with u shaped like y"}[b.name]
		if form == "" {
			form = "(y, x)"
		}
		return c.bad("G0207", b.at, "%s takes %s", b.name, plural(args, "argument")).withHelp(c, "it is "+b.name+form)
	}
	y := c.asReal(b.differentiable(b.e.Args[0].Value))
	x := b.target(b.e.Args[1])
	v := val{}
	if args == 3 {
		if v = c.expr(b.s, b.f, b.e.Args[2].Value); v.kind != kInst {
			v = c.asReal(v)
		}
		if !v.ok() {
			return b.bad()
		}
	}
	switch {
	case !y.ok() || !x.ok():
		return b.bad()
	case x.kind == kInst:
		return whole(y, x, v)
	case v.kind == kInst:
		c.report(diag.New("G0606", v.at, "the direction is %s, and %s is %s", v.describe(), short(x.at), x.shapeText()))
		return b.bad()
	}
	y, x = c.exposed(y, x)
	return take(y, x, v)
}

// shaped reports whether the direction v has the shape of like.
func (b *bcall) shaped(v, like val) bool {
	same := len(v.inner()) == len(like.inner())
	for k, d := range v.inner() {
		same = same && b.c.sameDim(d, like.inner()[k], v.at)
	}
	if !same {
		b.c.report(diag.New("G0606", v.at, "the direction is %s, and %s is %s", v.shapeText(), short(like.at), like.shapeText()).
			WithHelp("a direction is shaped like the target in jvp and hvp, like the value in vjp"))
	}
	return same
}

func (b *bcall) jvp(y, x, v val) val {
	switch {
	case !b.shaped(v, x):
		return b.bad()
	case !b.reached(y.node, x):
		return b.on(y, b.c.b.Like(0, y.node))
	}
	return b.push(y, []val{x}, []val{v})
}

func (b *bcall) vjp(y, x, u val) val {
	switch {
	case !b.shaped(u, y):
		return b.bad()
	case !b.reached(y.node, x):
		return b.on(x, b.c.b.Like(0, x.node))
	}
	return b.pull(y, x, u)
}

// isScalar reports whether y is one, which has a gradient.
func (b *bcall) isScalar(y val) bool {
	if len(y.inner()) > 0 {
		b.c.report(diag.New("G0602", y.at, "%s takes a scalar, not %s", b.name, y.describe()).WithHelp("sum(y) makes a scalar of it"))
		return false
	}
	return true
}

// slope is the gradient of a scalar y. Under indices y is summed over them: a
// target bound under the same ones sees, in each of its elements, the y of its
// own iteration only. One bound outside gets the gradient of each iteration.
func (b *bcall) slope(y, x val) val {
	if outside(y, x) {
		return b.block(y, x)
	}
	total := b.c.b.Sum(y.node, seq(len(y.idx))...)
	return b.on(x, b.c.b.Typed("gradient", nil, x.node.Type, total, x.node))
}

func (b *bcall) hvp(y, x, v val) val {
	switch {
	case !b.isScalar(y) || !b.shaped(v, x):
		return b.bad()
	case !b.reached(y.node, x):
		return b.on(x, b.c.b.Like(0, x.node))
	}
	return b.push(b.slope(y, x), []val{x}, []val{v})
}

// hessian is the jacobian, in forward mode, of the gradient.
func (b *bcall) hessian(y, x, _ val) val {
	switch {
	case !b.isScalar(y):
		return b.bad()
	case !b.reached(y.node, x):
		return b.noJacobian(b.noJacobian(y, x), x)
	}
	return b.jacobian(b.slope(y, x), x)
}

func (b *bcall) jacobianOf(y, x, _ val) val {
	if !b.reached(y.node, x) {
		return b.noJacobian(y, x)
	}
	return b.jacobian(y, x)
}

// jacobian has the shape of y, then that of x: one forward product for each
// element of x or one reverse product for each of y, whichever are fewer.
func (b *bcall) jacobian(y, x val) val {
	rows, rok := shape.Product(y.inner()).IsConst()
	cols, cok := shape.Product(x.inner()).IsConst()
	outside := outside(y, x)
	limit := sweeps(y.node, x.node)
	switch {
	case cok && cols <= limit && (outside || !rok || cols <= rows):
		return b.columns(y, x, cols)
	case rok && rows <= limit && !outside:
		return b.rows(y, x, rows)
	}
	forward := outside || rok && cok && cols <= rows || !rok && (cok || extent(x.inner()) <= extent(y.inner()))
	return b.manyDirections(y, x, forward)
}

// noJacobian is the jacobian of what does not depend on x.
func (b *bcall) noJacobian(y, x val) val {
	idx := union(y.idx, x.idx)
	ext := append(append(extents(idx), y.inner()...), x.inner()...)
	return tensor(b.c.b.Fill(0, graph.Type{Shape: ext}), idx, b.at)
}

// block is the jacobian of y by x, which y may not depend on.
func (b *bcall) block(y, x val) val {
	if !dependsOn(y.node, x.node) {
		return b.noJacobian(y, x)
	}
	return b.jacobian(y, x)
}

// sweeps is how many derivatives of y by x are written out.
func sweeps(y, x *graph.Node) int64 {
	work, loops := operations([]*graph.Node{y}, map[*graph.Node]bool{x: true})
	if loops {
		return min(loopLimit, workLimit/max(work, 1))
	}
	return min(sweepLimit, workLimit/max(work, 1))
}

// operations counts the nodes that depend on some others, those of regions too.
func operations(roots []*graph.Node, on map[*graph.Node]bool) (count int64, loops bool) {
	for _, n := range graph.Reachable(roots...) {
		for _, a := range n.Args {
			on[n] = on[n] || on[a]
		}
		if !on[n] {
			continue
		}
		count++
		for _, r := range n.Regions {
			params := map[*graph.Node]bool{}
			for _, p := range r.Params {
				params[p] = true
			}
			inside, _ := operations(r.Results, params)
			count, loops = count+inside, loops || n.Op.Name != "branch"
		}
	}
	return count, loops
}

// manyDirections takes all products at once, over an axis of directions.
func (b *bcall) manyDirections(y, x val, forward bool) val {
	c := b.c
	idx := union(y.idx, x.idx)
	node := c.lift(y, idx, y.inner())
	like, op, to := x, "jvps", node.Type
	if !forward {
		like, op, to = tensor(node, idx, b.at), "vjps", x.node.Type
	}
	count := shape.Product(like.inner())
	n := c.b.Typed(op, nil, graph.Type{Shape: append([]shape.Dim{count}, to.Shape...)}, node, x.node, b.units(like, count))
	at := len(idx) // where the axis of directions belongs: before or after the others
	if forward {
		at = n.Type.Rank() - 1
	}
	perm := make([]int, 0, n.Type.Rank())
	for k := 1; k < n.Type.Rank(); k++ {
		if len(perm) == at {
			perm = append(perm, 0)
		}
		perm = append(perm, k)
	}
	if len(perm) == at {
		perm = append(perm, 0)
	}
	ext := append(append(extents(idx), y.inner()...), x.inner()...)
	return tensor(c.b.Reshape(c.b.Permute(n, perm), ext), idx, b.at)
}

// units are the unit tensors like v, one for each element, on a first axis.
func (b *bcall) units(v val, count shape.Dim) *graph.Node {
	ext := append([]shape.Dim{count}, v.node.Type.Shape...)
	element, stride := shape.Dim{}, shape.Const(1)
	for k := len(ext) - 1; k > len(v.idx); k-- {
		element = element.Add(shape.Idx(k).Mul(stride))
		stride = stride.Mul(ext[k])
	}
	return b.c.b.ToReal(b.c.b.Op("eq", nil, b.c.b.IndexValue(shape.Idx(0), ext), b.c.b.IndexValue(element, ext)))
}

// unit is the tensor like v whose element k is 1, under every index.
func (b *bcall) unit(v val, k, n int64) *graph.Node {
	data := make(graph.Table, n)
	data[k] = 1
	if len(v.inner()) == 0 {
		return b.c.b.Like(1, v.node)
	}
	own := tensor(b.c.b.Typed("table", data, graph.Type{Shape: v.inner()}), nil, b.at)
	return b.c.lift(own, v.idx, v.inner())
}

func (b *bcall) columns(y, x val, n int64) val {
	var parts []*graph.Node
	idx := union(y.idx, x.idx)
	for k := range n {
		t := b.push(y, []val{x}, []val{tensor(b.unit(x, k, n), x.idx, b.at)})
		parts = append(parts, b.c.unsqueeze(t.node, t.node.Type.Rank()))
	}
	ext := append(append(extents(idx), y.inner()...), x.inner()...)
	return tensor(b.joined(parts, len(idx)+len(y.inner()), ext), idx, b.at)
}

func (b *bcall) rows(y, x val, n int64) val {
	var parts []*graph.Node
	at := len(x.idx)
	node := b.c.lift(y, x.idx, y.inner())
	for k := range n {
		row := b.c.b.Typed("vjp", nil, x.node.Type, node, x.node, b.unit(tensor(node, x.idx, b.at), k, n))
		parts = append(parts, b.c.unsqueeze(row, at))
	}
	ext := append(append(extents(x.idx), y.inner()...), x.inner()...)
	return tensor(b.joined(parts, at, ext), x.idx, b.at)
}

// joined puts the parts side by side along an axis and gives the whole its shape.
func (b *bcall) joined(parts []*graph.Node, axis int, ext []shape.Dim) *graph.Node {
	all := parts[0]
	if len(parts) > 1 {
		all = b.c.b.Op("concat", graph.Axis(axis), parts...)
	}
	return b.c.b.Reshape(all, ext)
}
