package graph

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/gradgen/gradgen/graph/shape"
)

// Verify reports the first thing wrong with a graph or with roots in it: an
// operand that does not precede its user, a type that the operator does not
// give, an attribute that does not fit, a region that is not closed.
func Verify(g *Graph, roots []*Node) error { return verify(g, roots, map[*Region]bool{}) }

// verify looks at a graph and at the regions in it that it has not seen.
func verify(g *Graph, roots []*Node, seen map[*Region]bool) error {
	for i, n := range g.Nodes {
		if n.ID != i {
			return fmt.Errorf("internal error in verify: node %d calls itself %d", i, n.ID)
		}
		for _, a := range n.Args {
			if a == nil || !g.owns(a) || a.ID >= i {
				return fault(n, "an operand does not precede it")
			}
		}
		if err := verifyNode(n, seen); err != nil {
			return fault(n, err.Error())
		}
	}
	for _, r := range roots {
		if r == nil || !g.owns(r) {
			return fmt.Errorf("internal error in verify: a root is not in the graph")
		}
	}
	return nil
}

func fault(n *Node, why string) error {
	attr := ""
	if n.Attr != nil {
		attr = " {" + n.Attr.String() + "}"
	}
	return fmt.Errorf("internal error in verify: node %d = %s%s : %s: %s", n.ID, n.Op.Name, attr, n.Type, why)
}

func verifyNode(n *Node, seen map[*Region]bool) error {
	if n.Op.Arity >= 0 && len(n.Args) != n.Op.Arity {
		return fmt.Errorf("%d operands, want %d", len(n.Args), n.Op.Arity)
	}
	if err := verifyAttr(n); err != nil {
		return err
	}
	if !n.Op.Given {
		types := make([]Type, len(n.Args))
		for i, a := range n.Args {
			types[i] = a.Type
		}
		t, err := InferType(n.Op, types, n.Attr)
		switch {
		case err != nil:
			return err
		case !t.Equal(n.Type):
			return fmt.Errorf("the operator gives %s", t)
		}
	}
	for _, d := range n.Type.Shape {
		if err := within(d, 0); err != nil {
			return err
		}
	}
	if n.Op.Class == ResultOp {
		return verifyResult(n)
	}
	if n.Op.Class == RegionOp {
		if err := verifyLoop(n); err != nil {
			return err
		}
	}
	for _, r := range n.Regions {
		if seen[r] {
			continue
		}
		seen[r] = true
		if err := verifyRegion(r, seen); err != nil {
			return err
		}
	}
	return nil
}

func verifyRegion(r *Region, seen map[*Region]bool) error {
	if err := verify(r.Body, r.Results, seen); err != nil {
		return err
	}
	for i, p := range r.Params {
		if !r.Body.owns(p) || p.Op.Name != "arg" || p.Attr.String() != strconv.Itoa(i) {
			return fmt.Errorf("parameter %d of its region is no arg of the body", i)
		}
	}
	for _, n := range r.Body.Nodes {
		if name, ok := n.Attr.(Leaf); ok && (n.Op.Name != "arg" || !slices.Contains(r.Params, n)) {
			return fmt.Errorf("its region is not closed: it reads %s %s", n.Op.Name, name)
		}
	}
	return nil
}

// within wants only the index symbols of a domain of that rank, in affine places.
func within(d shape.Dim, rank int) error {
	for _, s := range d.Syms() {
		for _, a := range s.Args {
			if err := within(a, rank); err != nil {
				return err
			}
		}
		if s.Axis >= rank {
			return fmt.Errorf("index %s in %s, of rank %d", s.Name, d, rank)
		}
	}
	return nil
}

func verifyAttr(n *Node) error {
	switch a := n.Attr.(type) {
	case View:
		return verifyView(n, a)
	case Gather:
		return verifyGather(n, a)
	case Index:
		return within(a.E, n.Type.Rank())
	case Table:
		if c, ok := shape.Product(n.Type.Shape).IsConst(); !ok || int(c) != len(a) {
			return fmt.Errorf("%d elements", len(a))
		}
	}
	return nil
}

func verifyView(n *Node, v View) error {
	x, rank := n.Args[0].Type, n.Type.Rank()
	switch {
	case x.Elem != n.Type.Elem:
		return fmt.Errorf("it views %s", x)
	case len(v.Map.In) != x.Rank(), v.Map.Div != nil && len(v.Map.Div) != x.Rank():
		return fmt.Errorf("it views %s with %d subscripts", x, len(v.Map.In))
	}
	f := shape.Facts{Ext: n.Type.Shape}
	for k, in := range v.Map.In {
		d := v.Map.DivOf(k)
		if err := affine(in, rank); err != nil {
			return err
		}
		switch {
		case d < 1:
			return fmt.Errorf("it divides by %d", d)
		case len(v.Map.Guard) > 0:
		case f.NonNeg(in) == shape.No, f.Less(in, x.Shape[k].Scale(d)) == shape.No:
			return fmt.Errorf("subscript %s is outside %s", in, x)
		}
	}
	for _, g := range v.Map.Guard {
		if err := affine(g.E, rank); err != nil {
			return err
		}
		if g.Kind == shape.Multiple && g.Mod < 1 {
			return fmt.Errorf("condition %s", g)
		}
	}
	return nil
}

// affine wants an expression of indices within rank, each of them linear.
func affine(d shape.Dim, rank int) error {
	if err := within(d, rank); err != nil {
		return err
	}
	for k := range rank {
		coef, _, ok := d.Linear(shape.IdxSym(k))
		if !ok {
			return fmt.Errorf("%s is not affine", d)
		}
		for _, s := range coef.Syms() {
			if s.Axis >= 0 {
				return fmt.Errorf("%s is not affine", d)
			}
		}
	}
	return nil
}

// verifyGather looks at a gather or a scatter: x or v, ints, perhaps a mask.
func verifyGather(n *Node, g Gather) error {
	target, domain := n.Args[0].Type, n.Type
	if n.Op.Class == ScatterOp {
		target, domain = n.Type, n.Args[0].Type
	}
	if target.Elem != domain.Elem || len(g.In) != target.Rank() || len(g.By) != len(g.In) {
		return fmt.Errorf("%d subscripts of %s", len(g.In), target)
	}
	ints := n.Args[1:]
	if g.Masked {
		if len(ints) == 0 || !ints[len(ints)-1].Type.Equal(Type{Bool, domain.Shape}) {
			return fmt.Errorf("no mask")
		}
		ints = ints[:len(ints)-1]
	}
	for _, a := range ints {
		if !a.Type.Equal(Type{Int, domain.Shape}) {
			return fmt.Errorf("an index is %s", a.Type)
		}
	}
	for k, by := range g.By {
		if by >= len(ints) {
			return fmt.Errorf("no index operand %d", by)
		}
		if err := affine(g.In[k], domain.Rank()); by < 0 && err != nil {
			return err
		}
	}
	return nil
}
