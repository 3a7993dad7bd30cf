// Package ast is the syntax tree of the language. Every node knows its span.
//
// The model
//
//	model Line {
//	    input x
//	    param a = 1
//	    output y = a * x
//	}
//
// is a File with one *Model whose Body holds an *Input, a *Param and an *Output;
// the output's Value is a *Binary of two *Ident.
//
// Blocks stand where a statement has a body, and also where an expression may be
// spelled out as a block that returns: *Block is an Expr for that reason, found
// only as the body of a Func, a Derivative, a Comprehension or an indexed Assign.
package ast

import "github.com/gradgen/gradgen/parser/diag"

// Node carries the span of whatever embeds it.
type Node struct{ At diag.Span }

// Span returns the source range of the node.
func (n Node) Span() diag.Span { return n.At }

// Name is an identifier where it is declared, bound, or selects a field.
type Name struct {
	Node
	Text string
}

// File is one source file.
type File struct {
	Node
	Src      *diag.File
	Real     *Real // nil without a `real` line
	Imports  []*Import
	Decls    []Stmt // const, func, layer, model, optimizer, in order
	Comments []Comment
	Faulty   bool // there are errors of syntax or place; see Broken
	Astray   bool // what stands in which block is not known
}

// Real is the line `real f64` (or f32) at the top of a root file.
type Real struct {
	Node
	Type Name // f32 or f64
}

// Import is `import "nn"` (standard) or `import "./blocks"` (a file beside this one).
type Import struct {
	Node
	Path   string    // as written between the quotes
	PathAt diag.Span // with the quotes
	Joined bool      // listed after a comma in the declaration before
}

// Comment is one `//` or `/* */` comment, markers included.
type Comment struct {
	Node
	Text string
}

// Stmt is a statement or declaration: *Const *Func *Model *Optimizer *Dim *Input
// *Param *State *Carry *Assign *Update *Output *Metric *Loss *Train *Return *For
// *Scan *While *If *Collect, or *Broken.
type Stmt interface {
	Span() diag.Span
	stmt()
}

// Expr is an expression: *Ident *Number *Bool *String *Call *Comprehension *Index
// *Slice *Rest *Field *Unary *Binary *Transpose *List *LayerInst, or a *Block as a
// body.
type Expr interface {
	Span() diag.Span
	expr()
}

// Block is `{ .. }`.
type Block struct {
	Node
	Stmts []Stmt
}

func (*Block) expr() {}
