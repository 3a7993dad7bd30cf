package check

import (
	"fmt"
	"math"
	"strings"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// comprehension evaluates `fn(binders: body)`: the body once, over new indices,
// then the reduction over these, or, for array, their turning into axes.
func (c *checker) comprehension(s *scope, f *frame, fn string, bs []*ast.Binder, body ast.Expr, at diag.Span) val {
	red, known := comprehensions[fn]
	if !known {
		at.End = at.Start + len(fn)
		d := diag.New("G0204", at, "%s binds no index", fn)
		if foreign[fn] == "" && diag.Suggest(fn, sortedKeys(comprehensions)) == "" {
			d = d.WithHelp("these do: %s", strings.Join(sortedKeys(comprehensions), " "))
		}
		return c.suggest(d, fn, sortedKeys(comprehensions))
	}
	inner := newScope(s, true)
	made, cond, ok := c.bind(s, inner, f, bs, body, fn)
	if !ok {
		return val{kind: kBad}
	}
	if cond != nil {
		if fn == "array" {
			return c.notArray(bs, at)
		}
		c.masks = append(c.masks, *cond)
	}
	c.active = append(c.active, made...)
	v := c.expr(inner, f, body)
	c.active = c.active[:len(c.active)-len(made)]
	if cond != nil {
		c.masks = c.masks[:len(c.masks)-1]
	}
	return c.overAll(v, func(v val) val { return c.reduceIndices(red, v, made, cond, at) })
}

// notArray reports an array whose elements do not make a tensor.
func (c *checker) notArray(bs []*ast.Binder, at diag.Span) val {
	for _, b := range bs {
		if b.If != nil {
			return c.bad("G0114", at, "array takes no condition: every element of a tensor exists").
				withHelp(c, "select with where(c, a, b)")
		}
	}
	return c.bad("G0114", at, "the extents of an array are made of dims, not of ints or indices").
		withHelp(c, "scan to an int and collect, or run over a dim and select with where(c, a, b)")
}

// withHelp adds advice to the diagnostic just reported.
func (v val) withHelp(c *checker, help string) val {
	c.helpLast(help)
	return v
}

func (c *checker) helpLast(help string) {
	if n := len(c.diags); !c.muted && n > 0 && c.diags[n-1].Help == "" {
		c.diags[n-1].Help = help
	}
}

// overAll applies fn to each of several results.
func (c *checker) overAll(v val, fn func(val) val) val {
	if v.kind != kTuple {
		return fn(v)
	}
	for i, it := range v.items {
		v.items[i] = fn(it)
	}
	return v
}

// bind makes the indices of a comprehension and the conjunction of its conditions.
func (c *checker) bind(s, inner *scope, f *frame, bs []*ast.Binder, body ast.Expr, fn string) ([]*binder, *val, bool) {
	ranges, ok := c.ranges(s, f, bs, body)
	if !ok {
		return nil, nil, false
	}
	var made []*binder
	var cond *val
	for i, b := range bs {
		nb, v, below, ok := c.indexOver(inner, f, b, ranges[i])
		if !ok {
			return nil, nil, false
		}
		made = append(made, nb)
		inner.put(&entry{name: b.Name.Text, val: v, span: b.Name.At, what: "index", declared: true})
		for _, in := range below {
			cond = c.conjoin(cond, in)
		}
		if b.If != nil {
			v := c.expr(inner, f, b.If)
			if v.kind == kKnown {
				v = c.typed(v, false)
			}
			v = c.asBool(v)
			if v.ok() && len(v.inner()) > 0 {
				what := v.describe()
				v.kind = kBad
				c.report(diag.New("G0404", b.If.Span(), "a condition is one bool").WithLabel("this is %s", what).
					WithHelp("any(..) or all(..) makes one bool"))
			}
			if !v.ok() {
				return nil, nil, false
			}
			cond = c.conjoin(cond, v)
		}
	}
	return made, cond, true
}

// indexOver makes an index over its range, the value of its name, and the conditions
// that dependent ends of the range come to.
func (c *checker) indexOver(inner *scope, f *frame, b *ast.Binder, r *ranged) (*binder, val, []val, bool) {
	c.binders++
	if !r.known {
		return c.counted(inner, f, b)
	}
	nb := &binder{name: b.Name.Text, lo: r.lo, ext: r.ext, order: c.binders, sym: indexSym(c.binders)}
	aff := r.lo.Add(symDim(nb.sym))
	v := val{kind: kTensor, aff: &aff, idx: []*binder{nb}, at: b.Name.At}
	var conds []val
	for _, l := range r.limits {
		end := c.expr(inner, f, l.end)
		if c.oneInt(end, l.end) {
			end = c.asInt(end)
		} else {
			end.kind = kBad
		}
		if !end.ok() {
			return nil, v, nil, false
		}
		conds = append(conds, c.within(l, end, v))
	}
	return nb, v, conds, true
}

func (c *checker) conjoin(a *val, b val) *val {
	if a == nil {
		return &b
	}
	v := c.elementwise("and", b.at, *a, b)
	return &v
}

// within is the condition that index v respects one end of a dependent range.
func (c *checker) within(l limit, end, v val) val {
	op := "lt"
	if l.low {
		op = "ge"
	}
	return c.elementwise(op, end.at, v, end)
}

func indexSym(n int) *shape.Sym { return shape.VarSym(fmt.Sprintf("@%d", n)) }

func symDim(s *shape.Sym) shape.Dim { return shape.Var(s.Name) }

// reduction is what a comprehension does with its indices.
type reduction struct {
	name  string
	real  string  // operator for reals
	whole string  // operator for ints
	bools string  // operator for bools
	empty float64 // value of elements that take no part
}

var comprehensions = map[string]reduction{
	"array":     {name: "array"},
	"sum":       {"sum", "sum", "isum", "isum", 0},
	"prod":      {"prod", "prod", "iprod", "", 1},
	"max":       {"max", "rmax", "irmax", "", math.Inf(-1)},
	"min":       {"min", "rmin", "irmin", "", math.Inf(1)},
	"mean":      {"mean", "sum", "sum", "sum", 0},
	"any":       {"any", "", "", "any", 0},
	"all":       {"all", "", "", "all", 1},
	"argmax":    {"argmax", "argmax", "argmax", "", math.Inf(-1)},
	"argmin":    {"argmin", "argmin", "argmin", "", math.Inf(1)},
	"logsumexp": {"logsumexp", "logsumexp", "", "", math.Inf(-1)},
}

// op is the operator for an element type, "" where there is none.
func (r reduction) op(e graph.Elem) string { return [...]string{r.real, r.whole, r.bools}[e] }

func (c *checker) reduceIndices(r reduction, v val, made []*binder, cond *val, at diag.Span) val {
	v = c.typed(v, false)
	if !v.ok() {
		return v
	}
	idx := union(v.idx, made)
	if cond != nil {
		idx = union(idx, cond.idx)
	}
	if r.name == "array" {
		n := c.lift(v, idx, v.inner())
		return tensor(n, idx[:len(idx)-len(made)], at)
	}
	return c.reduceLast(r, v, idx, len(made), made, cond, at)
}

// reduceLast reduces v, stretched over idx, by the last n of these.
func (c *checker) reduceLast(r reduction, v val, idx []*binder, n int, made []*binder, cond *val, at diag.Span) val {
	op := r.op(v.elem())
	if op == "" {
		return c.bad("G0401", at, "%s does not apply to %ss", r.name, v.elem())
	}
	node := c.lift(v, idx, v.inner())
	node = c.excluded(r, node, cond, idx, v.inner())
	axes := make([]int, n)
	for i := range axes {
		axes[i] = len(idx) - n + i
	}
	outer := idx[:len(idx)-n]
	switch r.name {
	case "argmax", "argmin":
		if n != 1 {
			return c.bad("G0208", at, "%s takes one index", r.name)
		}
		if cond == nil && !c.someOf(r.name, node.Type.Shape[axes[0]], at) {
			return val{kind: kBad}
		}
		out := c.b.Op(op, graph.Axis(axes[0]), node)
		if cond != nil {
			taking := c.b.Map("int", c.b.Reduce("any", c.lift(*cond, idx, v.inner()), axes[0]))
			out = c.b.Map("imul", out, c.b.Op("some", nil, taking))
		}
		if !made[0].lo.Is(0) {
			out = c.b.Map("iadd", out, c.b.Dim(made[0].lo))
		}
		if from := made[0].start; from != nil {
			out = c.b.Map("iadd", out, c.lift(*from, outer, nil))
		}
		return tensor(out, outer, at)
	case "mean":
		total := c.b.Sum(c.b.ToReal(node), axes...)
		return tensor(c.b.Div(total, c.count(made, cond, idx, v.inner(), axes)), outer, at)
	}
	if op == "sum" {
		return tensor(c.sumProduct(node, axes), outer, at)
	}
	return tensor(c.b.Reduce(op, c.countable(op, node), axes...), outer, at)
}

// countable makes ints of bools that are to be added up.
func (c *checker) countable(op string, n *graph.Node) *graph.Node {
	if op == "isum" && n.Type.Elem == graph.Bool {
		return c.b.Map("int", n)
	}
	return n
}

// excluded puts the neutral value where the condition fails.
func (c *checker) excluded(r reduction, node *graph.Node, cond *val, idx []*binder, inner []shape.Dim) *graph.Node {
	if cond == nil {
		return node
	}
	mask := c.lift(*cond, idx, inner)
	empty := r.empty
	if node.Type.Elem == graph.Int && math.IsInf(empty, 0) {
		empty = max(math.MinInt32, min(empty, math.MaxInt32))
	}
	return c.b.Where(mask, node, c.b.Fill(empty, node.Type))
}

// count is the number of elements a mean divides by, shaped like the total.
func (c *checker) count(made []*binder, cond *val, idx []*binder, inner []shape.Dim, axes []int) *graph.Node {
	if cond == nil {
		return c.b.ToReal(c.b.Dim(shape.Product(extents(made))))
	}
	return c.b.Sum(c.b.ToReal(c.lift(*cond, idx, inner)), axes...)
}
