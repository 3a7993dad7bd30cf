package ast

import "github.com/gradgen/gradgen/parser/diag"

// Ident is a name used as a value.
type Ident struct {
	Node
	Name string
}

// Number is a literal. Text is as written; Int holds without point and exponent.
type Number struct {
	Node
	Text string
	Int  bool
}

// Bool is `true` or `false`.
type Bool struct {
	Node
	Value bool
}

// String is a literal, unquoted.
type String struct {
	Node
	Value string
}

// Call is `f(a, name = b)`. With Piped it was written `x |> f(a)`, and Args[0] is x.
type Call struct {
	Node
	Fun   Expr // *Ident, *Field, or anything callable
	Args  []*Arg
	Piped bool
}

// Arg is one argument of a call.
type Arg struct {
	Node
	Name  *Name // nil where positional
	Value Expr
}

// Comprehension is index notation: `sum(k: A[i, k] * B[k, j])`, `array(i, j: e)`.
type Comprehension struct {
	Node
	Fun     Expr // *Ident of the reduction, or array
	Binders []*Binder
	Body    Expr // an expression, or a *Block
}

// Binder is `i`, `i in n` or `i in lo..hi`, perhaps with `if cond`.
type Binder struct {
	Node
	Name Name
	In   *Range // nil where the range is inferred
	If   Expr   // nil without a condition
}

// Range is `lo..hi`, or a single extent `n` (Lo nil), which means 0..n.
type Range struct {
	Node
	Lo, Hi Expr
}

// Index is `x[items]` or, reading Pad outside, `x[items ? pad]`.
type Index struct {
	Node
	X     Expr
	Items []Expr // expressions, *Slice, *Rest
	Pad   Expr   // nil without `? v`
}

// Slice is `lo:hi:step` in an index; each part may be nil.
type Slice struct {
	Node
	Lo, Hi, Step Expr
}

// Rest is `..`: all axes not written out.
type Rest struct{ Node }

// Field is `x.name`.
type Field struct {
	Node
	X    Expr
	Name Name
}

// Unary is `-x` or `not x`.
type Unary struct {
	Node
	Op   string
	OpAt diag.Span
	X    Expr
}

// Binary is `x op y` with one of + - * / @ ^ == != < <= > >= and or.
type Binary struct {
	Node
	Op   string
	OpAt diag.Span
	X, Y Expr
}

// Transpose is `x'`.
type Transpose struct {
	Node
	X Expr
}

// List is `[a, b]`.
type List struct {
	Node
	Items []Expr
}

// LayerInst is `layer nn.Dense(out = 64)`: an instance bound but not yet applied.
type LayerInst struct {
	Node
	Call *Call
}

func (*Ident) expr()         {}
func (*Number) expr()        {}
func (*Bool) expr()          {}
func (*String) expr()        {}
func (*Call) expr()          {}
func (*Comprehension) expr() {}
func (*Index) expr()         {}
func (*Slice) expr()         {}
func (*Rest) expr()          {}
func (*Field) expr()         {}
func (*Unary) expr()         {}
func (*Binary) expr()        {}
func (*Transpose) expr()     {}
func (*List) expr()          {}
func (*LayerInst) expr()     {}
