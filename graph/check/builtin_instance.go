package check

import (
	"github.com/gradgen/gradgen/parser/diag"
)

// Derivatives by a layer instance go by all of its parameters together. What is
// shaped like the target is an instance of the layer again; so is a jacobian,
// with the axes of y before those of each parameter.

// allOf are y and the parameters of the instance x as values of the current body.
func (b *bcall) allOf(y, x val) (val, []val) {
	ps := b.c.parts(x.inst)
	for k := range ps {
		ps[k].at = x.at
	}
	y, ps = b.c.exposedBy(y, ps)
	for _, p := range ps {
		if dependsOn(y.node, p.node) {
			return y, ps
		}
	}
	b.warnZero(x)
	return y, ps
}

// byEach is an instance with the values of fn for each parameter of x.
func (b *bcall) byEach(x val, ps []val, fn func(p val) val) val {
	out := make([]val, len(ps))
	for k, p := range ps {
		if out[k] = fn(p); !out[k].ok() {
			return b.bad()
		}
	}
	return b.c.instValue(b.c.with(x.inst, out), b.at)
}

func (b *bcall) gradOfAll(y, x val) val {
	y, ps := b.allOf(y, x)
	return b.byEach(x, ps, func(p val) val { return b.slope(y, p) })
}

func (b *bcall) jacobianOfAll(y, x, _ val) val {
	y, ps := b.allOf(y, x)
	return b.byEach(x, ps, func(p val) val { return b.block(y, p) })
}

func (b *bcall) vjpOfAll(y, x, u val) val {
	if !b.isTensor(u, y) || !b.shaped(u, y) {
		return b.bad()
	}
	y, ps := b.allOf(y, x)
	return b.byEach(x, ps, func(p val) val { return b.pull(y, p, u) })
}

func (b *bcall) jvpOfAll(y, x, v val) val {
	vs, ok := b.partsOf(x, v)
	if !ok {
		return b.bad()
	}
	y, ps := b.allOf(y, x)
	return b.push(y, ps, vs)
}

func (b *bcall) hvpOfAll(y, x, v val) val {
	vs, ok := b.partsOf(x, v)
	if !ok || !b.isScalar(y) {
		return b.bad()
	}
	y, ps := b.allOf(y, x)
	return b.byEach(x, ps, func(p val) val { return b.push(b.slope(y, p), ps, vs) })
}

// hessianOfAll is an instance of instances: H.W.b are the second derivatives by
// W, whose axes come first, and b.
func (b *bcall) hessianOfAll(y, x, _ val) val {
	if !b.isScalar(y) {
		return b.bad()
	}
	y, ps := b.allOf(y, x)
	rows := make([]*instance, len(ps))
	for k, p := range ps {
		row := b.byEach(x, ps, func(q val) val { return b.block(b.slope(y, p), q) })
		if !row.ok() {
			return row
		}
		rows[k] = row.inst
	}
	return b.c.instValue(b.c.nested(x.inst, func() *instance {
		row := rows[0]
		rows = rows[1:]
		return row
	}), b.at)
}

// isTensor reports whether the direction u is a tensor, to be shaped like y.
func (b *bcall) isTensor(u, y val) bool {
	if u.kind == kInst {
		b.c.report(diag.New("G0606", u.at, "the direction is %s, and %s is %s", u.describe(), short(y.at), y.shapeText()))
	}
	return u.kind != kInst
}

// partsOf are the parts of a direction for each parameter of x.
func (b *bcall) partsOf(x, v val) ([]val, bool) {
	if v.kind != kInst {
		b.c.report(diag.New("G0606", v.at, "the direction is %s, and %s is %s", v.describe(), short(x.at), x.describe()).
			WithHelp("a direction is a value of the layer, such as grad(y, %s)", short(x.at)))
		return nil, false
	}
	if !b.c.applied(v) {
		return nil, false
	}
	var out []val
	fits := true
	both := b.c.zipped([]*instance{x.inst, v.inst}, func(vs []val) val {
		vs[1].at = v.at
		fits = fits && b.shaped(vs[1], vs[0])
		out = append(out, vs[1])
		return vs[0]
	})
	if both == nil {
		return nil, b.c.instValue(nil, v.at).ok()
	}
	return out, fits
}
