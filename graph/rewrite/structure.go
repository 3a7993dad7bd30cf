package rewrite

import (
	"math"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/ops"
	"github.com/gradgen/gradgen/graph/shape"
)

// class lists the operators of a class that can be evaluated.
func class(c graph.Class) []string {
	var out []string
	for _, op := range ops.All {
		if op.Class == c {
			out = append(out, op.Name)
		}
	}
	return out
}

var sums = []string{"sum", "isum"}

// idempotent reductions are the same over one or many equal elements.
var idempotent = []string{"rmax", "rmin", "irmax", "irmin", "any", "all"}

// structure are the rules about constants, maps and reductions.
var structure = []*Rule{
	{Name: "mark", On: []string{"mark", "stated"}, Exact: true,
		Make: func(_ *graph.Builder, n *graph.Node) *graph.Node { return n.Args[0] }},
	{Name: "fold constants", On: class(graph.Elementwise), Make: fold, Exact: true},
	{Name: "constant index", On: []string{"index"}, Make: constantIndex, Exact: true},
	{Name: "index arithmetic", On: []string{"iadd", "isub", "imul", "ineg"}, Make: indexArithmetic, Exact: true},
	{Name: "comparison decided by ranges", On: []string{"lt", "le", "gt", "ge", "eq", "ne"}, Make: decide, Exact: true},
	{Name: "x/2ⁿ", On: []string{"div"}, Make: divideByPower, Exact: true},
	{Name: "known condition", On: []string{"where"}, Make: known, Exact: true},
	{Name: "element-wise on repeated operands", On: class(graph.Elementwise), Make: hoist, Exact: true},

	{Name: "view of a view or constant", On: []string{"view"}, Exact: true,
		Make: func(b *graph.Builder, n *graph.Node) *graph.Node {
			v := n.Attr.(graph.View)
			return b.View(n.Args[0], v.Map, v.Fill, n.Type.Shape)
		}},
	{Name: "guarded view of a constant", On: []string{"view"}, Exact: true,
		Make: func(b *graph.Builder, n *graph.Node) *graph.Node {
			c, ok := number(n.Args[0])
			if !ok || n.Args[0].Type.Rank() == 0 {
				return nil
			}
			v := n.Attr.(graph.View)
			one := b.Fill(c, graph.Type{Elem: n.Type.Elem})
			return b.View(one, shape.Map{Guard: v.Map.Guard}, v.Fill, n.Type.Shape)
		}},
	{Name: "view of an index", On: []string{"view"}, Make: viewOfIndex, Exact: true},
	{Name: "view that reads nothing", On: []string{"view"}, Make: emptyView, Exact: true},

	{Name: "sum of a constant", On: sums, Make: sumOfConstant, Exact: true},
	{Name: "reduction of a constant", On: idempotent, Make: reducedConstant, Exact: true},
	{Name: "reduction of repetitions", On: class(graph.ReduceOp), Make: repeated, Exact: true},
	{Name: "reduction of a permutation", On: class(graph.ReduceOp), Make: permuted, Exact: true},
	{Name: "any of what holds at a known place", On: []string{"any"}, Make: somewhere, Exact: true},
	{Name: "sum of products apart", On: []string{"sum"}, Make: apart, Exact: true},
	{Name: "sum of what is masked alike", On: sums, Make: masked, Exact: true},
	{Name: "reduction over one element", On: class(graph.ReduceOp), Make: overOne, Exact: true},
	{Name: "reduction of a reduction", On: class(graph.ReduceOp), Make: nested, Exact: true},
	{Name: "sum of a negative", On: []string{"sum"}, Exact: true,
		Make: func(b *graph.Builder, n *graph.Node) *graph.Node {
			if n.Args[0].Op.Name != "neg" {
				return nil
			}
			return b.Neg(b.Op("sum", n.Attr, n.Args[0].Args[0]))
		}},

	{Name: "lookup of a chosen row", On: []string{"gather"}, Make: lookupOfChosen, Exact: true},
	{Name: "mask that always holds", On: []string{"gather", "scatter"}, Exact: true,
		Make: func(b *graph.Builder, n *graph.Node) *graph.Node {
			at, last := n.Attr.(graph.Gather), len(n.Args)-1
			if c, ok := number(n.Args[last]); !ok || !at.Masked || c == 0 || last == 1 {
				return nil
			}
			at.Masked = false
			return b.Typed(n.Op.Name, at, n.Type, n.Args[:last]...)
		}},
	{Name: "index known to be inside", On: []string{"gather", "scatter"}, Make: inside, Exact: true},
	{Name: "check that cannot fail", On: class(graph.CheckOp), Make: sure, Exact: true},

	{Name: "reshape of a reshape", On: []string{"reshape"}, Exact: true,
		Make: func(b *graph.Builder, n *graph.Node) *graph.Node { return b.Reshape(n.Args[0], n.Type.Shape) }},
	{Name: "reshape of a constant", On: []string{"reshape"}, Exact: true,
		Make: func(b *graph.Builder, n *graph.Node) *graph.Node {
			if c, ok := number(n.Args[0]); ok {
				return b.Fill(c, n.Type)
			}
			return nil
		}},
	{Name: "reshape by axes of one", On: []string{"reshape"}, Make: squeeze, Exact: true},
	{Name: "concat of one", On: []string{"concat"}, Exact: true,
		Make: func(_ *graph.Builder, n *graph.Node) *graph.Node {
			if len(n.Args) != 1 {
				return nil
			}
			return n.Args[0]
		}},
}

// inside drops a check that cannot fail.
func inside(b *graph.Builder, n *graph.Node) *graph.Node {
	at, ext := n.Attr.(graph.Gather), n.Args[0].Type.Shape
	if n.Op.Class == graph.ScatterOp {
		ext = n.Type.Shape
	}
	f := shape.Facts{Ext: domain(n)}
	for k, by := range at.By {
		switch {
		case by >= 0 && ops.Inside(n.Args[1+by], ext[k]):
		case by < 0 && f.NonNeg(at.In[k]) == shape.Yes && f.Less(at.In[k], ext[k]) == shape.Yes:
		default:
			return nil
		}
	}
	if !at.Checked {
		return nil
	}
	at.Checked = false
	return b.Typed(n.Op.Name, at, n.Type, n.Args...)
}

// sure drops a check that cannot fail, or the condition of one that it always has.
func sure(b *graph.Builder, n *graph.Node) *graph.Node {
	at, isPlace := n.Attr.(graph.Place)
	c, known := number(n.Args[len(n.Args)-1])
	switch {
	case isPlace && ops.Inside(n.Args[0], at.Ext), !isPlace && known && c != 0, len(n.Args) > 1 && known && c == 0:
		return n.Args[0]
	case len(n.Args) > 1 && known:
		return b.Op(n.Op.Name, at, n.Args[0])
	}
	return nil
}

func domain(n *graph.Node) []shape.Dim {
	if n.Op.Class == graph.ScatterOp {
		return n.Args[0].Type.Shape
	}
	return n.Type.Shape
}

// number is the value of a uniform constant.
func number(n *graph.Node) (float64, bool) {
	c, ok := n.Attr.(graph.Number)
	return float64(c), ok && n.Op.Name == "const"
}

func isInt(letter string) func(*graph.Builder, map[string]*graph.Node) bool {
	return func(_ *graph.Builder, x map[string]*graph.Node) bool { return x[letter].Type.Elem == graph.Int }
}

// fold computes an operator on constants.
func fold(b *graph.Builder, n *graph.Node) *graph.Node {
	x := make([]float64, len(n.Args))
	for i, a := range n.Args {
		c, ok := number(a)
		if !ok {
			return nil
		}
		x[i] = c
	}
	return b.Fill(n.Op.Scalar.On(n.Attr, x...), n.Type)
}

func constantIndex(b *graph.Builder, n *graph.Node) *graph.Node {
	if c, ok := n.Attr.(graph.Index).E.IsConst(); ok {
		return b.Fill(float64(c), n.Type)
	}
	return nil
}

// polynomial is the value of an index or an int constant.
func polynomial(n *graph.Node) (shape.Dim, bool) {
	if i, ok := n.Attr.(graph.Index); ok {
		return i.E, true
	}
	c, ok := number(n)
	return shape.Const(int64(c)), ok && n.Type.Elem == graph.Int && c == math.Trunc(c)
}

func polynomials(args []*graph.Node) ([]shape.Dim, bool) {
	out := make([]shape.Dim, len(args))
	for i, a := range args {
		p, ok := polynomial(a)
		if !ok {
			return nil, false
		}
		out[i] = p
	}
	return out, true
}

func indexArithmetic(b *graph.Builder, n *graph.Node) *graph.Node {
	p, ok := polynomials(n.Args)
	if !ok {
		return nil
	}
	var e shape.Dim
	switch n.Op.Name {
	case "iadd":
		e = p[0].Add(p[1])
	case "isub":
		e = p[0].Sub(p[1])
	case "imul":
		e = p[0].Mul(p[1])
	case "ineg":
		e = p[0].Scale(-1)
	}
	return b.IndexValue(e, n.Type.Shape)
}

// decide answers a comparison of indices that their ranges settle.
func decide(b *graph.Builder, n *graph.Node) *graph.Node {
	p, ok := polynomials(n.Args)
	if !ok {
		return nil
	}
	switch compared(shape.Facts{Ext: n.Type.Shape}, n.Op.Name, p[0], p[1]) {
	case shape.Yes:
		return b.Fill(1, n.Type)
	case shape.No:
		return b.Fill(0, n.Type)
	}
	return nil
}

// compared is what facts say about a comparison.
func compared(f shape.Facts, op string, x, y shape.Dim) shape.Answer {
	switch op {
	case "lt":
		return f.Less(x, y)
	case "gt":
		return f.Less(y, x)
	case "le":
		return opposite(f.Less(y, x))
	case "ge":
		return opposite(f.Less(x, y))
	case "eq":
		return f.Equal(x, y)
	case "ne":
		return opposite(f.Equal(x, y))
	}
	return shape.Unknown
}

func opposite(a shape.Answer) shape.Answer {
	switch a {
	case shape.Yes:
		return shape.No
	case shape.No:
		return shape.Yes
	}
	return shape.Unknown
}

// divideByPower multiplies by the reciprocal where that is exact.
func divideByPower(b *graph.Builder, n *graph.Node) *graph.Node {
	c, ok := number(n.Args[1])
	if frac, _ := math.Frexp(c); !ok || math.Abs(frac) != 0.5 || math.Abs(c) == 1 {
		return nil
	}
	return b.Scale(1/c, n.Args[0])
}
