package graph

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gradgen/gradgen/graph/shape"
)

// Leaf names an input, parameter, state or other value given from outside.
type Leaf string

func (l Leaf) String() string { return string(l) }

// Number is the value of a scalar constant.
type Number float64

func (n Number) String() string { return strconv.FormatFloat(float64(n), 'g', -1, 64) }

// Table holds the elements of a constant tensor, row-major.
type Table []float64

func (t Table) String() string {
	parts := make([]string, len(t))
	for i, v := range t {
		parts[i] = Number(v).String()
	}
	return strings.Join(parts, " ")
}

// Index is the value of an `index` node: an int computed from dims and the
// element's own place (#0 is the first axis of the node).
type Index struct{ E shape.Dim }

func (i Index) String() string { return i.E.String() }

// View is the map of a view node, and the value of the elements whose guard fails.
type View struct {
	Map  shape.Map
	Fill float64
}

func (v View) String() string {
	if len(v.Map.Guard) == 0 {
		return v.Map.String()
	}
	return v.Map.String() + " else " + Number(v.Fill).String()
}

// Axes are the axes a reduction runs over, ascending.
type Axes []int

func (a Axes) String() string {
	parts := make([]string, len(a))
	for i, k := range a {
		parts[i] = strconv.Itoa(k)
	}
	return "axes " + strings.Join(parts, " ")
}

// Has reports whether axis k is reduced.
func (a Axes) Has(k int) bool {
	for _, x := range a {
		if x == k {
			return true
		}
	}
	return false
}

// AllAxes lists the axes of a tensor of that rank.
func AllAxes(rank int) Axes {
	out := make(Axes, rank)
	for k := range out {
		out[k] = k
	}
	return out
}

// Axis is the single axis of concat and its kind.
type Axis int

func (a Axis) String() string { return "axis " + strconv.Itoa(int(a)) }

// Gather tells how gather reads its first operand (and scatter writes its
// result): axis k at In[k] where By[k] < 0, In[k] affine in the indices of the
// gather's domain, and otherwise at the value of int operand By[k].
//
// gather(x, i..): y[r] = x[..]; scatter(v, i..): y[..] += v[r], where r runs
// over the domain, which is the shape of the gather, of v and of each i.
//
// An access outside x is an error value at run time where Checked is set, and
// reads Fill (adds nothing) where it is not. A gather with Masked set has one
// more operand, a bool of the domain's shape, last: elements where it is false
// read Fill and are not checked.
type Gather struct {
	In      []shape.Dim
	By      []int // operand number among the int operands, or -1
	Checked bool
	Masked  bool
	Fill    float64
}

func (g Gather) String() string {
	parts := make([]string, len(g.In))
	for k := range g.In {
		if g.By[k] >= 0 {
			parts[k] = "@" + strconv.Itoa(g.By[k])
		} else {
			parts[k] = g.In[k].String()
		}
	}
	s := "[" + strings.Join(parts, ", ") + "]"
	if g.Checked {
		s += " checked"
	}
	if g.Masked {
		s += " masked"
	}
	return s + " else " + Number(g.Fill).String()
}

// Place is the extent of the axis that ints have to be places of, and what they
// are called where they are not.
type Place struct {
	Ext  shape.Dim
	What string
}

func (p Place) String() string { return p.What + " in 0.." + p.Ext.String() }

// MarkID tells marks apart.
type MarkID int

func (m MarkID) String() string { return fmt.Sprintf("#%d", int(m)) }

// Count is a small whole-number attribute: an exponent, a derivative order, k of topk.
type Count int

func (c Count) String() string { return strconv.Itoa(int(c)) }
