package check

import (
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// An instance is a value: its parameters together. Arithmetic makes another
// instance of the layer, whose parameters are computed instead of stored;
// calling it runs the layer's body over these.

// mapped is an instance with fn applied to each parameter. nil if some failed.
func (c *checker) mapped(i *instance, fn func(val) val) *instance {
	return c.zipped([]*instance{i}, func(vs []val) val { return fn(vs[0]) })
}

// zipped combines instances of one layer parameter by parameter.
func (c *checker) zipped(is []*instance, fn func([]val) val) *instance {
	for _, i := range is {
		c.unrollAll(i, c.b.Span, "arithmetic with an instance that each iteration makes")
	}
	return c.zip(is, fn)
}

func (c *checker) zip(is []*instance, fn func([]val) val) *instance {
	first := is[0]
	out := newInstance(first.path, first.layer, first.at)
	out.args, out.started, out.computed, out.nested, out.regions = first.args, true, true, first.nested, first.regions
	for _, i := range is {
		out.steps = max(out.steps, i.steps)
	}
	for _, name := range sortedKeys(first.params) {
		vs := make([]val, len(is))
		for k, i := range is {
			v, ok := i.params[name]
			if !ok {
				return nil
			}
			vs[k] = v
		}
		v := fn(vs)
		if !v.ok() {
			return nil
		}
		out.params[name] = v
	}
	for _, name := range sortedKeys(first.inner) {
		inner := make([]*instance, len(is))
		for k, i := range is {
			if inner[k] = i.inner[name]; inner[k] == nil {
				return nil
			}
		}
		if out.inner[name] = c.zip(inner, fn); out.inner[name] == nil {
			return nil
		}
	}
	return out
}

// firstParam is the path of some parameter of an instance, from the instance.
func (i *instance) firstParam() string {
	for _, name := range sortedKeys(i.params) {
		return name
	}
	for _, name := range sortedKeys(i.inner) {
		return name + "." + i.inner[name].firstParam()
	}
	return ".."
}

// parts are the parameters of an instance, in the order of zip.
func (c *checker) parts(i *instance) []val {
	var out []val
	c.mapped(i, func(p val) val {
		out = append(out, p)
		return p
	})
	return out
}

// with is an instance like i with other parameters, in the order of parts.
func (c *checker) with(i *instance, parts []val) *instance {
	return c.mapped(i, func(val) val {
		p := parts[0]
		parts = parts[1:]
		return p
	})
}

// parted are the pairs of parameters of two instances of one layer, of anything
// else the pair itself.
func (c *checker) parted(a, b val) (as, bs []val) {
	if a.kind == kInst && b.kind == kInst && a.inst.layer == b.inst.layer && c.applied(a) && c.applied(b) {
		if as, bs = c.parts(a.inst), c.parts(b.inst); len(as) == len(bs) {
			return as, bs
		}
	}
	return []val{a}, []val{b}
}

// nested is an instance that has, for each parameter of i, an instance.
func (c *checker) nested(i *instance, next func() *instance) *instance {
	out := newInstance(i.path, i.layer, i.at)
	out.started, out.computed, out.nested, out.regions = true, true, true, i.regions
	for _, name := range sortedKeys(i.params) {
		out.inner[name] = next()
	}
	for _, name := range sortedKeys(i.inner) {
		out.inner[name] = c.nested(i.inner[name], next)
	}
	return out
}

// instValue wraps an instance made by arithmetic.
func (c *checker) instValue(i *instance, at diag.Span) val {
	if i == nil {
		return c.bad("G0401", at, "these instances do not fit together: they must be of one layer, with parameters of the same names and shapes")
	}
	return val{kind: kInst, inst: i, at: at, name: i.path}
}

// known reports whether the parameters of an instance exist yet.
func (c *checker) applied(v val) bool {
	if v.inst.started || v.inst.failed {
		return v.inst.started
	}
	c.report(diag.New("G0516", v.at, "%s has no parameters yet", v.name).WithHelp("call it once before: y = %s(x)", v.name))
	return false
}

// instBinary is an operator with an instance on one side at least.
func (c *checker) instBinary(op string, x, y val, at diag.Span) val {
	switch op {
	case "+", "-", "*", "/":
		return c.instArith(op, x, y, at)
	case "^":
		if x.kind == kInst && y.kind != kInst && c.applied(x) {
			return c.instValue(c.mapped(x.inst, func(p val) val { return c.power(p, y, at) }), at)
		}
	}
	return c.bad("G0401", at, "%s does not apply to layer instances", op)
}

// instArith is + - * / of an instance with a scalar or with another instance.
func (c *checker) instArith(op string, x, y val, at diag.Span) val {
	switch {
	case x.kind == kInst && y.kind == kInst:
		return c.instPair(x, y, at, func(p, q val) val { return c.arith(op, p, q, at) })
	case x.kind == kInst && !c.applied(x) || y.kind == kInst && !c.applied(y):
		return val{kind: kBad, at: at}
	case x.kind == kInst:
		return c.instScalar(x, y, at, func(p, s val) val { return c.arith(op, p, s, at) })
	}
	return c.instScalar(y, x, at, func(p, s val) val { return c.arith(op, s, p, at) })
}

// instPair combines two instances parameter by parameter.
func (c *checker) instPair(x, y val, at diag.Span, fn func(p, q val) val) val {
	if !c.applied(x) || !c.applied(y) {
		return val{kind: kBad, at: at}
	}
	said := len(c.diags)
	out := c.zipped([]*instance{x.inst, y.inst}, func(vs []val) val { return fn(vs[0], vs[1]) })
	if out == nil && len(c.diags) > said {
		return val{kind: kBad, at: at}
	}
	return c.instValue(out, at)
}

func (c *checker) instScalar(x, s val, at diag.Span, fn func(p, s val) val) val {
	if s.kind != kUntyped {
		if s = c.asReal(s); !s.ok() {
			return s
		}
		if len(s.inner()) > 0 {
			return c.bad("G0401", at, "an instance takes scalars and instances of its layer, not %s", s.describe())
		}
	}
	return c.instValue(c.mapped(x.inst, func(p val) val { return fn(p, s) }), at)
}

// instSum is the sum over all entries of an instance.
func (c *checker) instSum(v val, at diag.Span) val {
	if !c.applied(v) {
		return val{kind: kBad, at: at}
	}
	total := tensor(c.b.Real(0), nil, at)
	c.mapped(v.inst, func(p val) val {
		total = c.elementwise("add", at, total, tensor(c.b.Sum(p.node, offset(seq(len(p.inner())), p.lead())...), p.idx, at))
		return p
	})
	return total
}

// stepOf takes steps of an instance that was collected: of each parameter.
func (c *checker) stepOf(s *scope, f *frame, x val, e *ast.Index) val {
	if n := len(e.Items); n > x.inst.steps {
		return c.bad("G0308", e.At, "%s for %s collected over %s", plural(n, "subscript"), x.describe(), plural(x.inst.steps, "loop"))
	}
	said, axes := len(c.diags), x.inst.steps
	out := c.mapped(x.inst, func(p val) val {
		v := c.indexed(s, f, p, e)
		if v.ok() {
			axes = x.inst.steps + len(v.inner()) - len(p.inner())
		}
		return v
	})
	if out == nil && len(c.diags) > said {
		return val{kind: kBad, at: e.At}
	}
	v := c.instValue(out, e.At)
	if v.ok() {
		v.inst.steps = axes
	}
	return v
}
