package kernel

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// Expr is a scalar expression.
type Expr interface{ expr() }

// Addr is a place in a buffer: an affine part plus, where an index comes from
// data, Dyn times Stride each.
type Addr struct {
	Base shape.Dim
	Dyn  []Dyn
}

// Dyn is a data-dependent part of an address.
type Dyn struct {
	X      Expr // int
	Stride shape.Dim
}

// Load reads an element.
type Load struct {
	Buf *Buffer
	At  Addr
}

// Lit is a constant of an element type.
type Lit struct {
	Elem graph.Elem
	V    float64
}

// Ref is a Let or Accumulator by name.
type Ref struct {
	Name string
	Elem graph.Elem
}

// IndexExpr is an int computed from dims and loop variables; with Div ≠ 0, 1
// it is the exact quotient.
type IndexExpr struct {
	E   shape.Dim
	Div int64
}

// Apply is an element-wise operator.
type Apply struct {
	Op   *graph.Op
	Attr graph.Attr
	Elem graph.Elem
	Args []Expr

	// Derived says that a rule of differentiation made it: the terms of a sum are
	// in no order that the source asks for, and a factor 0 is an adjoint or partial
	// that is certainly 0, whatever the other one.
	Derived bool
}

// Guard reads X only where all Conds hold (affine in loop variables), else it is Fill.
type Guard struct {
	Conds []shape.Cond
	X     Expr
	Elem  graph.Elem
	Fill  float64
}

// Select is X where Cond holds, else Y; only the one taken is evaluated.
type Select struct {
	Cond, X, Y Expr
	Elem       graph.Elem
}

func (*Load) expr()      {}
func (*Lit) expr()       {}
func (*Ref) expr()       {}
func (*IndexExpr) expr() {}
func (*Apply) expr()     {}
func (*Guard) expr()     {}
func (*Select) expr()    {}
