package check

import (
	"fmt"
	"strings"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/diag"
)

// elementwise applies an operator after stretching its operands over their
// indices and shapes.
func (c *checker) elementwise(op string, at diag.Span, vs ...val) val {
	return c.elementwiseAttr(op, nil, at, vs...)
}

func (c *checker) elementwiseAttr(op string, attr graph.Attr, at diag.Span, vs ...val) val {
	var lists [][]*binder
	for _, v := range vs {
		if !v.ok() {
			return val{kind: kBad, at: at}
		}
		lists = append(lists, v.idx)
	}
	inner, ok := c.broadcast(at, vs...)
	if !ok {
		return val{kind: kBad, at: at}
	}
	idx := union(lists...)
	args := make([]*graph.Node, len(vs))
	for i, v := range vs {
		args[i] = c.lift(v, idx, inner)
	}
	return tensor(c.b.Op(op, attr, args...), idx, at)
}

// broadcast is the common inner shape; extents that cannot be compared become
// an entry check.
func (c *checker) broadcast(at diag.Span, vs ...val) ([]shape.Dim, bool) {
	var out []shape.Dim
	var from val
	for _, v := range vs {
		next, ok := c.broadcastTwo(out, v.inner(), at)
		if !ok {
			d := diag.New("G0302", at, "these shapes do not broadcast").
				WithLabel("%s and %s%s", shape.Format(out), shape.Format(v.inner()), clash(out, v.inner()))
			if strings.Contains(at.Text(), "*") && multiply(out, v.inner()) {
				d = d.WithHelp("@ multiplies matrices; * works element by element")
			}
			c.report(c.cite(d, from, v))
			return nil, false
		}
		if len(next) > 0 && len(v.inner()) > 0 {
			from = v
		}
		out = next
	}
	return out, true
}

// multiply reports whether shapes are those of matrices that fit for @.
func multiply(a, b []shape.Dim) bool {
	return len(a) > 0 && len(b) > 1 && a[len(a)-1].Equal(b[len(b)-2]) || len(a) > 1 && len(b) == 1 && a[len(a)-1].Equal(b[0])
}

// clash shows the extents that do not fit.
func clash(a, b []shape.Dim) string {
	for k := 1; k <= min(len(a), len(b)); k++ {
		x, y := a[len(a)-k], b[len(b)-k]
		if !x.Is(1) && !y.Is(1) && (shape.Facts{}).Equal(x, y) == shape.No {
			return fmt.Sprintf(": %s ≠ %s", x, y)
		}
	}
	return ""
}

func (c *checker) broadcastTwo(a, b []shape.Dim, at diag.Span) ([]shape.Dim, bool) {
	if len(a) < len(b) {
		a, b = b, a
	}
	out := append([]shape.Dim{}, a...)
	for k := range b {
		i := len(a) - len(b) + k
		switch {
		case b[k].Is(1):
		case a[i].Is(1):
			out[i] = b[k]
		case !c.sameDim(a[i], b[k], at):
			return nil, false
		}
	}
	return out, true
}

// sameDim compares extents; what only the run can tell is checked at entry.
func (c *checker) sameDim(a, b shape.Dim, at diag.Span) bool {
	switch (shape.Facts{}).Equal(a, b) {
	case shape.Yes:
		return true
	case shape.No:
		return false
	}
	c.addCheck(shape.Cond{Kind: shape.Zero, E: a.Sub(b)}, at, a.String()+" must equal "+b.String())
	return true
}

// cite adds where the operands of a clash come from.
func (c *checker) cite(d diag.Diagnostic, vs ...val) diag.Diagnostic {
	for _, v := range vs {
		if v.kind == kTensor && v.origin.File != nil && v.origin != v.at && v.name != "" {
			d = d.WithRelated(v.origin, "%s is %s", v.name, v.shapeText())
		}
	}
	return d
}
