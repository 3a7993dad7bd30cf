package graph

import "github.com/gradgen/gradgen/graph/shape"

// Class is how the passes treat an operator.
type Class uint8

// The classes of operators.
const (
	LeafOp      Class = iota // input param state grad scalar const table index
	Elementwise              // operands and result have one shape
	ViewOp                   // an affine map
	ReduceOp                 // over the axes of an Axes attribute
	ArgReduceOp              // argmax, argmin over one axis: the first place
	GatherOp                 // data-dependent read
	ScatterOp                // data-dependent accumulating write
	ReshapeOp                // same elements in row-major order, other shape
	ConcatOp                 // along one axis
	RowOp                    // works along the last axis: cumsum cumprod sort argsort
	CallOp                   // works on whole matrices, the last two axes: inv solve cholesky
	CompositeOp              // expands to other nodes before lowering
	CheckOp                  // identity that fails at some values
	MarkOp                   // identity that nothing merges or folds
	RegionOp                 // owns regions: see region.go
	ResultOp                 // one of the values of a node with regions
	DerivOp                  // a derivative still to be taken: gradient
)

// Op declares an operator; all passes read what they need from here. The table
// of all operators is graph/ops.All.
type Op struct {
	Name   string
	Doc    string // one line, in the language's terms
	Arity  int    // -1: any number of operands
	Class  Class
	Unique bool // never merged with an equal node

	// Stated marks a value whose derivative is given by hand: operand 0 is the
	// value, operand 1 its tangent, linear in the placeholders that the second half
	// of the other operands are; the first half are what these are tangents of.
	Stated bool
	Given  bool // the builder states the result type (Typed); there is no Infer

	// Infer gives the result type or says what is wrong. For element-wise
	// operators nil means: all operands and the result are real and of one shape.
	Infer func(args []Type, attr Attr) (Type, error)

	// Scalar is the meaning of an element-wise operator.
	Scalar *Scalar

	// Partials are the local derivatives of a real element-wise operator by
	// each operand, as graph fragments of the operands x and the result y; a nil
	// entry is zero. Forward and reverse mode both follow from them.
	Partials []func(b *Builder, x []*Node, y *Node) *Node

	// Pullback is the reverse rule of an operator without Partials: from the
	// cotangent of the result those of the operands (zero Cotangent: none).
	Pullback func(b *Builder, n *Node, ct Cotangent) []Cotangent

	// Pushforward is the forward rule: from the tangents of the operands (nil:
	// zero) that of the result.
	Pushforward func(b *Builder, n *Node, tangents []*Node) *Node

	// Takes says of an operator that chooses when operand k matters to an element:
	// where an operand of n has a certain truth; nil: always.
	Takes func(n *Node, k int) (cond *Node, truth bool)

	// Checks reports whether a node fails at some values of its operands, and
	// Spare makes its like that does not where taken, a bool of its shape, is
	// false; what value it has there means nothing.
	Checks func(n *Node) bool
	Spare  func(b *Builder, n, taken *Node) *Node
	Fails  string // what is wrong where one of class CheckOp is 0

	// Conditions are nodes of class CheckOp that check what a node checks and
	// compute nothing else; nil: it is one.
	Conditions func(b *Builder, n *Node) []*Node

	// Expand rewrites a composite in terms of simpler operators.
	Expand func(b *Builder, n *Node) *Node

	// Reference computes the node on concrete tensors, in the plainest way; dims
	// gives the named dims in its attribute. An index outside is an error. Element-wise operators and leaves
	// need none.
	Reference func(n *Node, args []Tensor, out []int, dims func(*shape.Sym) int64) (Tensor, error)

	// Call is how generated code computes an operator of class CallOp.
	Call Call

	// Identity is the value of an empty reduction, and Combine its step.
	Identity float64
	Combine  func(acc, v float64) float64

	// Samples tells tests where an element-wise operator may be tried.
	Samples []Sample
}

// Scalar is the meaning of an element-wise operator on numbers. Ints and bools
// are numbers too (false 0, true 1). An operator with a Count attribute gets
// the count as one more operand, last, here and in generated code.
type Scalar struct {
	Eval func(x []float64) float64
	// Go gives the expression in generated code: Infix is a Go operator ("+",
	// "<", "&&"), Prefix a unary one ("-", "!"), Func the name of a function of
	// package runtime without its width suffix: Tanh is rt.Tanh32 or rt.Tanh64.
	// Int operands and counts are passed to Func as int. Builtin is a builtin of
	// Go ("min"), Convert a conversion to the result's element type. Selections
	// (where) have none of these: only the operand taken is evaluated.
	Infix, Prefix, Func, Builtin string
	Convert                      bool
	CountFirst                   bool // Func takes the count before the operand
	Cost                         int  // in additions, for decisions about recomputation
}

// Call names a function of package runtime, without its width suffix, that
// computes one matrix of the result. Its arguments are the result, with Scratch a
// matrix like the first operand to work in, the operands, the number of rows, and
// that of the columns of a second operand. Where it is Variadic there are any number
// of matrices of one size, and the number of rows comes first.
type Call struct {
	Func              string
	Scratch, Variadic bool
}

// On evaluates s at x, the count of the attribute appended where there is one.
func (s *Scalar) On(attr Attr, x ...float64) float64 {
	if c, ok := attr.(Count); ok {
		x = append(append([]float64{}, x...), float64(c))
	}
	return s.Eval(x)
}

// Sample is a box to draw operands from, and the points inside it to stay away
// from when derivatives are compared with differences.
type Sample struct {
	Lo, Hi float64
	Avoid  []float64
}

// Tensor is a concrete value, row-major; ints and bools are whole numbers.
type Tensor struct {
	Shape []int
	Data  []float64
}

// Cotangent is an adjoint with an optional guard, a bool of the same shape:
// false means "certainly zero here, whatever the local derivative is". A nil
// Value is zero everywhere, a nil Guard true everywhere. Value is 0 wherever
// Guard is false: rules keep it so.
type Cotangent struct{ Value, Guard *Node }
