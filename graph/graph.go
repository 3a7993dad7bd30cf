// Package graph is the intermediate representation between a checked program
// and its kernels: immutable, hash-consed nodes with symbolic shapes.
//
// For `h = relu(x @ W + b)` with x [batch, 784] and W [784, 128] a graph reads
//
//	%0 = input {x} : real [batch, 784]
//	%1 = view %0 {[#0, #2]} : real [batch, 128, 784]
//	%2 = param {W} : real [784, 128]
//	%3 = view %2 {[#2, #1]} : real [batch, 128, 784]
//	%4 = mul %1 %3 : real [batch, 128, 784]
//	%5 = sum %4 {axes 2} : real [batch, 128]
//	%6 = param {b} : real [128]
//	%7 = view %6 {[#1]} : real [batch, 128]
//	%8 = add %5 %7 : real [batch, 128]
//	%9 = relu %8 : real [batch, 128]
//
// A product is a sum over an element-wise product of two views. Nothing of it
// is ever stored: lowering recognises contractions by their index maps. Since a
// view's adjoint is a sum of a view and a sum's adjoint is a view, the adjoints
// of products, convolutions, pooling and transposes are again of this form.
package graph

import (
	"fmt"
	"strings"

	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/diag"
)

// Elem is an element type.
type Elem uint8

// The element types of the language. Real is float32 or float64, decided for a
// whole program.
const (
	Real Elem = iota
	Int
	Bool
)

func (e Elem) String() string { return [...]string{"real", "int", "bool"}[e] }

// Type is an element type and a symbolic shape; rank 0 is a scalar.
type Type struct {
	Elem  Elem
	Shape []shape.Dim
}

// Rank is the number of axes.
func (t Type) Rank() int { return len(t.Shape) }

// Equal reports whether element type and shape agree.
func (t Type) Equal(u Type) bool { return t.Elem == u.Elem && shape.EqualShapes(t.Shape, u.Shape) }

func (t Type) String() string {
	if len(t.Shape) == 0 {
		return t.Elem.String()
	}
	return t.Elem.String() + " " + shape.Format(t.Shape)
}

// Attr is what distinguishes nodes of one operator besides their operands. Its
// text is its identity: equal texts are equal attributes.
type Attr interface{ String() string }

// Node is one operation. Nodes are immutable once built; Name, Span and Rule
// are hints for messages and generated code and no part of a node's identity.
type Node struct {
	ID      int // position in its graph: operands come before users
	Op      *Op
	Args    []*Node
	Attr    Attr
	Type    Type
	Regions []*Region
	Span    diag.Span
	Name    string // the source name bound to it, if any
	Rule    string // what made it, if not the source: "adjoint of relu"
}

// Region is a graph owned by a control-flow node: its Params are leaves inside
// Body that the node binds, its Results what one execution yields. Values of
// the enclosing graph reach it as operands of the owner, never directly. It does
// not change once it is made.
type Region struct {
	Body    *Graph
	Params  []*Node
	Results []*Node
	key     string // once asked for
}

// Graph holds nodes in an order where operands precede users.
type Graph struct {
	Nodes []*Node
	table map[string]*Node
	marks int
}

// New returns an empty graph.
func New() *Graph { return &Graph{table: map[string]*Node{}} }

// key is the identity of a node for hash-consing.
func key(op *Op, attr Attr, t Type, args []*Node) string {
	var b strings.Builder
	b.WriteString(op.Name)
	for _, a := range args {
		fmt.Fprintf(&b, " %d", a.ID)
	}
	if attr != nil {
		b.WriteString(" {" + attr.String() + "}")
	}
	b.WriteString(" " + t.String())
	return b.String()
}

// add returns the node with that identity, making it if there is none. Nodes of
// operators marked Unique are never merged.
func (g *Graph) add(n Node) *Node {
	k := ""
	if !n.Op.Unique {
		k = key(n.Op, n.Attr, n.Type, n.Args) + regionText(n.Regions)
		if have, ok := g.table[k]; ok {
			if have.Name == "" {
				have.Name = n.Name
			}
			return have
		}
	}
	n.ID = len(g.Nodes)
	p := &n
	g.Nodes = append(g.Nodes, p)
	if k != "" {
		g.table[k] = p
	}
	return p
}

// Reachable lists the nodes that roots depend on, operands first.
func Reachable(roots ...*Node) []*Node {
	var out []*Node
	seen := map[*Node]bool{}
	var visit func(n *Node)
	visit = func(n *Node) {
		if n == nil || seen[n] {
			return
		}
		seen[n] = true
		for _, a := range n.Args {
			visit(a)
		}
		out = append(out, n)
	}
	for _, r := range roots {
		visit(r)
	}
	return out
}
