package graph

import (
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/diag"
)

// Program is a checked file: what the checker hands to differentiation,
// lowering and the interpreter.
type Program struct {
	Source   *diag.File
	Real64   bool
	Models   []*Model
	Funcs    []*Func // exported functions, in source order
	Warnings diag.List
	Unrolled []Unrolled // for loops that do not stay loops in the generated code
}

// Unrolled is a for loop whose body is repeated, and the place that is why.
type Unrolled struct {
	Loop, At diag.Span
	Because  string
}

// Value is a named node of a model or function.
type Value struct {
	Name string
	Node *Node
	Span diag.Span
	Loss string // of a gradient: the loss it belongs to

	// Checks are made with the value although it does not need what they check:
	// it is a derivative, and they belong to what it is taken of.
	Checks []*Node
}

// DimDecl is a declared dim; Fixed ones have a value and do not occur as
// symbols in any shape.
type DimDecl struct {
	Name  string
	Fixed bool
	Value int64
	Span  diag.Span
}

// Param is a learned tensor with fixed dims. Path is its name as in files:
// "h.W", "blocks[3].attn.Wq". One made in a loop that stays a loop stands for a
// tensor of each iteration: its leaf has a first axis for each such loop, and
// its path their ranges, "blocks[0:12].attn.Wq".
type Param struct {
	Path  string
	Node  *Node // leaf of kind "param" (or "state")
	Init  Init  // of each of its tensors
	Span  diag.Span
	Stack []Stack // the loops, outermost first
}

// Init gives initial values: by a distribution of package runtime (Dist: normal
// uniform he xavier lecun orthogonal zeros ones, with numbers Args), or, where
// Dist is empty, by Value, a node without leaves, or as those of another.
type Init struct {
	Dist   string
	Args   []float64
	Within []float64 // of a constrained parameter: the bounds of what Dist draws; stored is the unconstrained
	Value  *Node
	Like   string // of a state: the parameter whose initial value it has
}

// Check is an entry check on run-time dims: Cond must hold of the bound dims.
type Check struct {
	Cond    shape.Cond
	Span    diag.Span
	Message string // "seq must be a multiple of heads", in the model's own names
}

// Model is one model. Predict and Train are the same program with `training`
// false and true: graphs that share leaves by name, not by node. Leaves are
// nodes of kind input, param and state whose Leaf attribute is their name.
type Model struct {
	Name   string
	Base   *Model // of `model B(A)`: A, whose Params and States it has
	Dims   []DimDecl
	Inputs []*Value // in order of declaration; leaves of Predict.G
	Params []*Param
	States []*Param
	// Constrained are the values of the parameters with a constraint, in terms of
	// the leaves that are stored; nodes of Predict.G.
	Constrained []*Value
	Predict     *Body
	Train       *Body
	Rules       []*Rule
	Checks      []Check
	Span        diag.Span
}

// Body is one compilation of a model's statements.
type Body struct {
	G       *Graph
	Outputs []*Value
	Metrics []*Value
	Losses  []*Value // name "loss" where it has none
	Updates []*Value // new values of states, Name the path; stored when a training step ends
	Carries []*Carry // what a session remembers from call to call
	Grads   []*Value // after differentiation: one a loss and param it trains, Name its path
}

// Rule is an update rule applied to one parameter, or, where Flat, to a run of
// parameters seen as one vector. It is a graph of its own whose leaves are
// "param p", "grad g", "state NAME" in the parameter's shape, and scalars:
// "scalar t" (int, from 1), "scalar gnorm" and one "scalar HYPER" each.
// In a flat rule every tensor has the shape [#params] with the dim named "params".
type Rule struct {
	Name   string // of the optimizer: "Adam"
	Loss   string
	Params []int // indices into Model.Params
	Flat   bool
	G      *Graph
	Hyper  []Hyper
	States []RuleState
	P      *Node // the new parameter
	GNorm  bool  // gnorm is used
	Span   diag.Span
}

// Hyper is a literal argument of an update rule, settable at run time.
type Hyper struct {
	Name    string
	Default float64
}

// RuleState is what an update rule remembers: a tensor of the parameter's shape.
type RuleState struct {
	Name string
	Init float64
	Next *Node
}

// Carry is the memory of a session, a predictor or trainer: a leaf of kind
// "carry" that a call finds as the call before left it, and the first one as
// Init, a value of constants and dims.
type Carry struct {
	Name       string
	Leaf       *Node
	Init, Next *Node
	Checks     []*Node // of Next, as of a Value
	Span       diag.Span
}

// Func is an exported function; Args are leaves of kind input in order.
type Func struct {
	Name    string
	Dims    []string // run-time dims in order of appearance
	Args    []*Value
	Results []*Value
	G       *Graph
	Checks  []Check
	Span    diag.Span
}
