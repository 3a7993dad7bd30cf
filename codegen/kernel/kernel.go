// Package kernel is the loop IR between the graph and Go source: buffers,
// loops, scalar expressions, stores and calls, in an order fixed by data flow.
//
// For `h = relu(x @ W + b)` with batch rows a program has one kernel:
//
//	kernel h  rows i in 0..batch, 16 a piece          // digits.grad:9
//	    matmul h[128*lo..] = x[784*lo..] @ W          m = hi-lo, n = 128, k = 784
//	    for i in lo..hi
//	        for j in 0..128
//	            h[128*i + j] = relu(h[128*i + j] + b[j])
//
// Addresses are polynomials (shape.Dim) whose symbols are run-time dims and loop
// variables; the two never share a name, loop variables begin with a dot: ".i0".
// So do dims that a Trip or a while gives their values: ".n1".
package kernel

import (
	"slices"
	"strings"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/diag"
)

// Kind is where a buffer's memory comes from.
type Kind uint8

// The kinds of buffers.
const (
	Input  Kind = iota // the caller's slice
	Param              // in the model's parameters, at Offset
	State              // in the model's states, at Offset
	Grad               // in the trainer's gradients, at Offset
	Arena              // in the workspace, at Offset once planned
	Const              // a table written into the generated code
	Scalar             // a field of the trainer: t, gnorm, a hyperparameter
	Carry              // in a session's memory, which lasts from call to call
	Own                // in memory of the worker that runs the piece, at Offset once planned
	Passed             // part of another buffer, which each call of its section says
)

// Buffer is a tensor's memory, row-major and contiguous.
type Buffer struct {
	Name   string // unique in its program, from the source where there is a name
	Kind   Kind
	Elem   graph.Elem
	Shape  []shape.Dim
	Offset shape.Dim
	Data   []float64 // of a Const
	// First and Last are the kernels (numbered through all sections) that
	// write it first and use it last; results live to the end.
	First, Last int
	Result      bool
	Alias       *Buffer // a reshape or in-place reuse of another buffer
	From        Note    // where its value comes from
}

// Len is the number of elements.
func (b *Buffer) Len() shape.Dim { return shape.Product(b.Shape) }

// Root is the buffer whose memory b is.
func (b *Buffer) Root() *Buffer {
	for b.Alias != nil {
		b = b.Alias
	}
	return b
}

// SameMemory reports that two buffers lie in the same place, or may where they
// have none yet.
func SameMemory(a, b *Buffer) bool {
	a, b = a.Root(), b.Root()
	return a == b || (a.Kind == Arena || a.Kind == Own) && b.Kind == a.Kind && a.Elem == b.Elem && !a.Grows() && !b.Grows() && a.Offset.Equal(b.Offset)
}

// RunTime reports the name of a dim that kernels give its value.
func RunTime(name string) bool { return strings.HasPrefix(name, ".n") }

// Grows reports memory whose size only the run tells: it has a place of its own.
func (b *Buffer) Grows() bool { return slices.ContainsFunc(b.Len().Vars(), RunTime) }

// Program is everything one pass of the generated code runs.
type Program struct {
	Name     string // predict, train, update, or a function's name
	Buffers  []*Buffer
	Sections []*Section
	Results  []Result
	ArenaLen map[graph.Elem]shape.Dim // elements, after planning
}

// Section is a part that is called on its own: forward, backward, update. One that
// others call, by Run, is the body of a recursive function for some shapes: it reads
// Params and writes Yields, which are Passed. What it works with has a place apart
// from what its callers do; it never calls itself.
type Section struct {
	Name           string
	Kernels        []*Kernel
	Params, Yields []*Buffer
}

// Called reports a section that others call.
func (s *Section) Called() bool { return len(s.Yields) > 0 }

// Result names a buffer that the caller sees.
type Result struct {
	Name   string
	Kind   string // output, metric, loss, grad, state, carry
	Buffer *Buffer
}

// Note says where a kernel comes from: a source line and, in the backward pass,
// the rule applied.
type Note struct {
	Span diag.Span
	Rule string // "", or for example "adjoint of relu"
}

// Kernel is one step. With Rows set it is cut into pieces of Grain rows that may
// run at the same time: the body sees the loop bounds ".lo" and ".hi" as
// symbols. A row is computed the same in whatever piece it is, so neighbouring
// pieces may run as one.
type Kernel struct {
	Name  string
	Notes []Note
	Rows  shape.Dim // extent cut into pieces; 0: one piece, no bounds
	Grain int64
	Most  int64 // rows of several pieces that one worker takes at once, at most; 0: any
	Body  []Stmt
	Flops shape.Dim
	Own   shape.Dim // elements of the Own buffers, after planning
	Fails bool      // a check inside may fail; see Stmt Check

	// A kernel of kernels has one of these and no Body, Rows or Grain.
	Repeat *Repeat
	Branch *Branch
	Trip   *Trip // nor does one that only gives a dim its value
}

// Trip gives a run-time dim its value: Count, an int scalar, or where that is nil
// Value. From then on buffers whose shapes mention the dim have room for it.
type Trip struct {
	Dim   string
	Count *Buffer
	Value shape.Dim
}

// Repeat runs kernels again and again, for a scan or a while. All kernels inside
// see the symbol Var, the number of the step from 0 (".s0" in an outermost loop).
type Repeat struct {
	Var     string
	Trip    shape.Dim // steps of a scan
	Reverse bool      // from Trip-1 down to 0
	// A while goes on as long as Cond, run before each step, leaves true in the
	// bool scalar While (nil: a scan). With Limited it fails after Limit steps.
	// Count, an int scalar, is the number of steps made.
	While   *Buffer
	Cond    []*Kernel
	Limited bool
	Limit   shape.Dim
	Count   *Buffer
	Trips   string // the run-time dim that the steps made of a while are, if any
	Span    diag.Span
	Kernels []*Kernel
}

// Branch runs Then where the bool scalar Cond holds, else Else.
type Branch struct {
	Cond       *Buffer
	Then, Else []*Kernel
}

// Inside lists the kernels of a kernel of kernels, in order, group by group.
func (k *Kernel) Inside() [][]*Kernel {
	switch {
	case k.Repeat != nil:
		return [][]*Kernel{k.Repeat.Cond, k.Repeat.Kernels}
	case k.Branch != nil:
		return [][]*Kernel{k.Branch.Then, k.Branch.Else}
	}
	return nil
}

// All lists kernels and those inside them, outer before inner.
func All(ks []*Kernel) (out []*Kernel) {
	for _, k := range ks {
		out = append(out, k)
		for _, in := range k.Inside() {
			out = append(out, All(in)...)
		}
	}
	return out
}

// Controls lists the scalars that k itself reads and writes to decide what runs.
func (k *Kernel) Controls() (reads, writes []*Buffer) {
	switch {
	case k.Repeat != nil && k.Repeat.While != nil:
		reads = append(reads, k.Repeat.While)
		if k.Repeat.Count != nil {
			writes = append(writes, k.Repeat.Count)
		}
	case k.Branch != nil:
		reads = append(reads, k.Branch.Cond)
	case k.Trip != nil && k.Trip.Count != nil:
		reads = append(reads, k.Trip.Count)
	}
	return reads, writes
}

// Stmt is a statement of a kernel.
type Stmt interface{ stmt() }

// Loop runs Var over Lo..Hi, or the part of it that lies behind each of From and
// before each of To, which are evaluated once, before the loop.
type Loop struct {
	Var      string
	Lo, Hi   shape.Dim
	From, To []Bound
	Body     []Stmt
}

// Bound is an end of a range that data gives: X, an int, plus a polynomial.
type Bound struct {
	X    Expr
	Plus shape.Dim
}

// Bounded reports whether data says where the loop begins or ends.
func (l *Loop) Bounded() bool { return len(l.From)+len(l.To) > 0 }

// Let names a scalar.
type Let struct {
	Name string
	Elem graph.Elem
	X    Expr
}

// Accumulator declares a mutable scalar that Set changes.
type Accumulator struct {
	Name string
	Elem graph.Elem
	Init Expr
}

// Set assigns to an accumulator.
type Set struct {
	Name string
	X    Expr
}

// Store writes an element; with Add it adds to what is there.
type Store struct {
	Buf *Buffer
	At  Addr
	X   Expr
	Add bool
}

// If runs Then where Cond holds, otherwise Else.
type If struct {
	Cond       Expr
	Then, Else []Stmt
}

// Usual is a number of rounds to reckon with for a loop that data bounds and that
// could make n: one for a place, 64 for a row.
func (l *Loop) Usual(n int64) int64 {
	switch {
	case len(l.From) == 0 || len(l.To) == 0:
		return n
	case l.From[0].X == l.To[0].X:
		return min(n, 1)
	}
	return min(n, 64)
}

// Check fails the pass with an index error unless 0 <= X < Limit or, where
// Nonzero is set, unless X is not 0.
type Check struct {
	X       Expr
	Limit   shape.Dim
	Nonzero bool
	What    string // "E[tokens]: index", for the message; what is wrong where X is 0
	Span    diag.Span
}

// MatMul is C[i, j] (+)= Σ_k A[i, k]·B[k, j], for i in 0..M and so on.
type MatMul struct {
	C, A, B Operand // the two strides of C are by i and j, of A by i and k, of B by k and j
	M, N, K shape.Dim
	Add     bool
	Runs    *Runs // nil: one
	// Again is about how often the program makes the product with the same B, after
	// planning; 0 is once, or not known.
	Again shape.Dim
}

// Runs says that the rows of a product come in runs of M, and what is summed in
// groups of K, each a distance from the one before: C[q, i, j] (+)= Σ_h Σ_k
// A[q, i, h, k]·B[h, k, j]. A convolution is a product of this kind.
type Runs struct {
	Rows, Groups   shape.Dim
	CRow, ARow     shape.Dim
	AGroup, BGroup shape.Dim
}

// Dims lists the places of the polynomials of r, which may be nil.
func (r *Runs) Dims() []*shape.Dim {
	if r == nil {
		return nil
	}
	return []*shape.Dim{&r.Rows, &r.Groups, &r.CRow, &r.ARow, &r.AGroup, &r.BGroup}
}

// Operand is a strided matrix inside a buffer.
type Operand struct {
	Buf     *Buffer
	At      shape.Dim
	Strides [2]shape.Dim
}

// Call runs a function of package runtime on whole rows or matrices. The first
// argument is written, and so are the Scratch arguments after it, whose contents
// nobody reads later. The Ints come last, and of a Variadic function first.
type Call struct {
	Func     string
	Args     []Slice
	Scratch  int
	Ints     []shape.Dim
	Variadic bool
}

// Slice is part of a buffer.
type Slice struct {
	Buf     *Buffer
	At, Len shape.Dim
}

// Run calls a section: Args and To are what its Params and Yields stand for. It
// stands in a kernel of its own.
type Run struct {
	Section  *Section
	Args, To []Slice
}

// Running is the call that a kernel is, or nil.
func (k *Kernel) Running() *Run {
	if len(k.Body) == 1 {
		r, _ := k.Body[0].(*Run)
		return r
	}
	return nil
}

// Zero clears part of a buffer.
type Zero struct{ Slice }

// Fill sets part of a buffer to a value.
type Fill struct {
	Slice
	Value float64
}

// Note1 is a comment line before the next statement.
type Note1 struct{ Note }

func (*Loop) stmt()        {}
func (*Let) stmt()         {}
func (*Accumulator) stmt() {}
func (*Set) stmt()         {}
func (*Store) stmt()       {}
func (*If) stmt()          {}
func (*Check) stmt()       {}
func (*MatMul) stmt()      {}
func (*Call) stmt()        {}
func (*Run) stmt()         {}
func (*Zero) stmt()        {}
func (*Fill) stmt()        {}
func (*Note1) stmt()       {}
