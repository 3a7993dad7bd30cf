package check

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/ast"
)

// Ranges that ints alone give, with no access that bounds them:
//
//	sum(i in lo[b]..hi[b]: f(i))
//
// The extent is a run-time dim, the largest of hi[b] - lo[b]. A scan makes the
// steps 0, 1 .. of that many, so that something gives the dim its value; the index
// is lo[b] + step, and elements from hi[b] on take no part.

// counted makes the index of such a range and the condition that it lies
// below hi.
func (c *checker) counted(inner *scope, f *frame, b *ast.Binder) (*binder, val, []val, bool) {
	lo, hi, ok := c.ends(inner, f, b.In)
	if !ok {
		return nil, val{}, nil, false
	}
	count := c.longest(lo, hi)
	nb := &binder{name: b.Name.Text, ext: c.rounds(count), order: c.binders, sym: indexSym(c.binders), start: &lo}
	step := tensor(c.stepsOf(count, nb.ext), []*binder{nb}, b.Name.At)
	v := c.elementwise("iadd", b.Name.At, lo, step)
	v.at = b.Name.At
	below := c.elementwise("lt", b.In.At, v, hi)
	return nb, v, []val{below}, v.ok() && below.ok()
}

// ends evaluates the ends of lo..hi, which are ints.
func (c *checker) ends(s *scope, f *frame, in *ast.Range) (lo, hi val, ok bool) {
	lo = untyped(shape.Dim{}, in.At)
	if in.Lo != nil {
		lo = c.expr(s, f, in.Lo)
	}
	hi = c.expr(s, f, in.Hi)
	if !c.oneInt(hi, in.Hi) || in.Lo != nil && !c.oneInt(lo, in.Lo) {
		return lo, hi, false
	}
	lo, hi = c.asInt(lo), c.asInt(hi)
	return lo, hi, lo.ok() && hi.ok()
}

// longest is the greatest of hi - lo for all indices that these depend on, or 0.
func (c *checker) longest(lo, hi val) *graph.Node {
	v := c.elementwise("isub", hi.at, hi, lo)
	n := c.nodeOf(v)
	if len(v.idx) > 0 {
		n = c.b.Reduce("irmax", n, seq(len(v.idx))...)
	}
	return c.b.Map("imax", n, c.b.Fill(0, n.Type))
}

// stepsOf is 0, 1 .. count-1, along an axis of extent d.
func (c *checker) stepsOf(count *graph.Node, d shape.Dim) *graph.Node {
	in := c.b.Inner(nil)
	step := []*graph.Node{in.Arg(0, graph.Type{Elem: graph.Int})}
	body := in.Close(step, step, nil)
	attr := graph.Scan{Trip: d, Collects: 1, Counted: true}
	return c.b.Result(c.b.Region("scan", attr, graph.Type{Elem: graph.Bool}, []*graph.Region{body}, count), 0)
}
