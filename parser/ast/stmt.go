package ast

import "github.com/gradgen/gradgen/parser/diag"

// Decl is the part shared by declarations that may list several items separated
// by commas. Each item is a statement of its own; Joined says that it stands in
// the same declaration as the statement before it.
type Decl struct {
	Node
	Joined bool
}

// Shape is the bracket after a declared name: `[batch, 784]`, `[.., k]`.
type Shape struct {
	Node
	Items []Expr // dimensions, or *Rest for `..` (in signatures)
}

// Const is `const g = 9.81`.
type Const struct {
	Decl
	Name  Name
	Value Expr
}

// Func is a `func` or a `layer`.
type Func struct {
	Node
	Layer      bool
	Name       Name
	Params     []*FuncParam
	Body       Expr        // an expression, or a *Block
	Derivative *Derivative // nil unless stated by hand
}

// FuncParam is one parameter of a func, layer or optimizer.
type FuncParam struct {
	Node
	Name    Name
	Shape   *Shape // nil where none is given
	Type    *Name  // real, int, bool or dim; nil where none is given
	Default Expr   // nil where there is none
}

// Derivative is `derivative(dx, dy) = e`: a tangent rule stated by hand.
type Derivative struct {
	Node
	Params []Name
	Body   Expr // an expression, or a *Block
}

// Model is `model M { .. }` or, over another model's parameters, `model S(M) { .. }`.
type Model struct {
	Node
	Name Name
	Base Expr // *Ident or *Field; nil without one
	Body *Block
}

// Optimizer is an update rule.
type Optimizer struct {
	Node
	Name   Name
	Params []*FuncParam
	Body   *Block
}

// Dim is `dim n` (Value nil: bound at run time) or `dim n = 8`.
type Dim struct {
	Decl
	Name  Name
	Value Expr
}

// Input is `input x [a, b] int`.
type Input struct {
	Decl
	Name  Name
	Shape *Shape // nil: a scalar
	Type  *Name  // nil: real
}

// Param is a learned parameter. At most one of Dist and Init is set.
type Param struct {
	Decl
	Name       Name
	Shape      *Shape // nil: a scalar
	Type       *Name
	Constraint *Constraint // nil: unconstrained
	Dist       Expr        // after `~`
	Init       Expr        // after `=`
}

// Constraint is `> a` (Hi nil) or `in (a, b)`.
type Constraint struct {
	Node
	Lo, Hi Expr
}

// State is the model's own memory: `state m [c] = 0`.
type State struct {
	Decl
	Name  Name
	Shape *Shape // nil where none is given
	Type  *Name
	Init  Expr // nil where none is given
}

// Carry is a session's memory in a model and the loop's in a `scan` or `while`.
type Carry struct {
	Decl
	Name  Name
	Shape *Shape // nil: the initial value's
	Type  *Name
	Init  Expr
}

// Assign is `name = e`, `a, b = e` or, element by element, `C[i, j] = e`.
type Assign struct {
	Node
	Targets []*Target
	Value   Expr // a *Block only where the target is indexed
}

// Target is one name on the left of `=`.
type Target struct {
	Node
	Name    Name
	Indexed bool      // written with a bracket
	Index   []*Binder // what the bracket binds
}

// Update is `m <- e`.
type Update struct {
	Node
	Name  Name
	Arrow diag.Span
	Value Expr
}

// Output is `output y = e`, or `output y` (Value nil) for an existing y.
type Output struct {
	Decl
	Name  Name
	Value Expr
}

// Metric is `metric accuracy = e`, or `metric y` (Value nil) for an existing y.
type Metric struct {
	Decl
	Name  Name
	Value Expr
}

// Loss is `loss e` (Name nil) or `loss name = e`.
type Loss struct {
	Decl
	Name  *Name
	Value Expr
}

// Train is `train rule`, `train rule for a, ..b` or `train d: rule for D`.
type Train struct {
	Node
	Loss *Name // nil: the only loss
	Rule Expr  // the call of an update rule
	For  []*Pattern
}

// Pattern names parameters: a path and all below it.
type Pattern struct {
	Node
	Anywhere bool // begins with `..`
	Path     []PathStep
}

// PathStep is one step of a path: `name` or `name[3]`.
type PathStep struct {
	Node
	Name  Name
	Index []Expr // nil without a bracket
}

// Return is `return a, b`.
type Return struct {
	Node
	Values []Expr
}

// For is `for i in lo..hi { .. }`, unrolled or rolled when code is generated.
type For struct {
	Node
	Remat Expr // nil without `(remat = k)`
	Index Name
	Range *Range
	Body  *Block
}

// Scan is `scan t in lo..hi { .. }`, a loop at run time.
type Scan struct {
	Node
	Remat Expr // nil without `(remat = k)`
	Index Name
	Range *Range
	Body  *Block
}

// While is `while cond { .. }`.
type While struct {
	Node
	Limit Expr // nil without `(limit = n)`
	Cond  Expr
	Body  *Block
}

// If is `if c { .. } else { .. }`. At most one of Else and ElseIf is set.
type If struct {
	Node
	Cond   Expr
	Then   *Block
	Else   *Block
	ElseIf *If
}

// Collect is `collect hs = h` in a scan.
type Collect struct {
	Decl
	Name  Name
	Value Expr
}

// Broken stands where a statement has an error of syntax or place, which has been
// reported, or for what its head was to hold where its blocks could be read. Names
// are those it seems to bind: nothing is known of them. Unnamed says that it seems
// to bind something whose name cannot be told.
type Broken struct {
	Node
	Names   []Name
	Unnamed bool
}

func (*Const) stmt()     {}
func (*Func) stmt()      {}
func (*Model) stmt()     {}
func (*Optimizer) stmt() {}
func (*Dim) stmt()       {}
func (*Input) stmt()     {}
func (*Param) stmt()     {}
func (*State) stmt()     {}
func (*Carry) stmt()     {}
func (*Assign) stmt()    {}
func (*Update) stmt()    {}
func (*Output) stmt()    {}
func (*Metric) stmt()    {}
func (*Loss) stmt()      {}
func (*Train) stmt()     {}
func (*Return) stmt()    {}
func (*For) stmt()       {}
func (*Scan) stmt()      {}
func (*While) stmt()     {}
func (*If) stmt()        {}
func (*Collect) stmt()   {}
func (*Broken) stmt()    {}
func (*Broken) expr()    {}
