// Package vector is an IR of straight-line vector code under the kernel IR, the
// elementary functions written in it, and its printing as assembly for AVX2.
//
// A function stands for an innermost loop, or for a loop over rows around such
// loops. From
//
//	for i0 in lo..hi
//	    var s = 0
//	    for i1 in 0..10
//	        y[10*i0 + i1] = exp(x[10*i0 + i1])
//	        s = add(s, y[10*i0 + i1])
//	    z[i0] = s
//
// comes a function of the number of rows and of pointers to the first elements
// of x, y and z, with three parts for every row: one without a loop, which is
// empty here, a loop of 10 steps in vectors, and one that stores the sum. What
// stands outside of the inner loops has the same value in all lanes.
//
// Nothing but the printer knows how many lanes a vector has. Where a sum is
// taken in a loop, the lanes are added up at its end, in an order that depends on
// the number of steps alone.
package vector

import (
	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// V is a value: an index into Func.Values.
type V int

// Op is an operation on all lanes.
type Op uint8

// The operations. Masks, the results of comparisons, have all bits of a lane
// set or none. Ints are int32 lanes in float32 programs; in float64 programs
// they are kept as float64.
const (
	Const      Op = iota // Bits in every lane
	Argument             // scalar argument Ref in every lane
	Load                 // of stream Ref: an element a lane in a loop, outside the same for all
	Iota                 // the number of the lane's step, from 0; an int
	Reduced              // what reduction Ref came to, in every lane
	Store                // A[0] to stream Ref
	Accumulate           // A[0] into reduction Ref
	Add
	Sub
	Mul
	Div
	Min     // A[0] < A[1] ? A[0] : A[1]
	Max     // A[0] > A[1] ? A[0] : A[1]
	And     // of bits
	AndNot  // A[1] where the bits of A[0] are not set
	Or      // of bits
	Xor     // of bits
	Sqrt    // square root
	Round   // to a whole number, Imm says how
	Compare // A[0] with A[1] as Imm says; a mask
	Blend   // A[1] where the mask A[0] is set, else A[2]
	FMA     // A[0]·A[1] + A[2]
	FNMA    // A[2] - A[0]·A[1]
	FMS     // A[0]·A[1] - A[2]
	FNMS    // -(A[0]·A[1]) - A[2]
	AddBits // sum of lanes as integers
	SubBits // difference of lanes as integers
	MulInt  // product of int32 lanes
	Shl     // lanes as integers by Imm bits to the left
	Shr     // lanes as integers by Imm bits to the right, zeros from the left
	MulPair // product of the low 32 bits of 64, without signs
	ShlPair // 64 bits to the left by Imm bits
	ShrPair // 64 bits to the right by Imm bits, zeros from the left
	XorBits // of lanes as integers
	EqualInt
	GreaterInt
	FromInt // int32 lanes as floats
	Place   // of the int A[0], times Imm, the number of an element as int32
	Gather  // of stream Ref: the element Imm after the place A[0]
	Stop    // the function at the first lane where the mask A[0] is set
	// Elements Imm and Imm+1 after the places of half of the lanes, those of each
	// lane side by side: of lanes 0 and 2 for Half 0 and 1 and 3 for Half 1 in
	// float64, of lanes 0, 1, 4, 5 and 2, 3, 6, 7 in float32.
	LoadPairs
	StorePairs // A[0], like that, to stream Ref
	First      // the first elements of the pairs A[0] and A[1]
	Second     // the second ones
	PairLow    // pairs of an element of A[0] and one of A[1], for Half 0
	PairHigh   // for Half 1
	// Of straight-line code, which has values of one lane too:
	PairsLow // pairs of float32: the lower two of A[0] and of A[1]
	Join     // the lower half of A[0] and that of A[1]
	Upper    // the upper half of A[0]
	Lane     // lane Imm of the lower half of A[0]
	Return   // A[0] is result Ref
)

// Conditions of Compare, and ways to Round, in the encoding of AVX.
const (
	equal          = 0x00
	unordered      = 0x03
	notEqual       = 0x04
	notLessEqual   = 0x16 // not ordered counts
	notLess        = 0x15 // not ordered counts
	less           = 0x11
	lessEqual      = 0x12
	greaterEqual   = 0x1d
	greater        = 0x1e
	nearest        = 0x08
	down           = 0x09
	up             = 0x0a
	maxUnrolled    = 32   // iterations of loops written out
	maxValues      = 500  // of a function's code
	maxStrided     = 4000 // of the code of one with a row in each lane
	leastIteration = 4    // a loop known to be shorter stays in Go
	leastStraight  = 60   // operations of straight-line code that is worth a call
	mostLevels     = 4    // of loops over rows
)

// Value is one operation.
type Value struct {
	Op   Op
	A    [3]V
	Bits uint64 // of a Const
	Ref  int    // argument, stream or reduction
	Imm  int    // of a Load or Store: elements from the stream's place on
	Row  int    // of a Load: rows from the row at hand on
	Half int    // of LoadPairs and StorePairs: which lanes
	Copy int    // of code for two vectors: which

	Lanes int // in straight-line code
}

// args is the number of operands.
func (v Value) args() int { return arity[v.Op] }

var arity = [...]int{
	Store: 1, Accumulate: 1, Add: 2, Sub: 2, Mul: 2, Div: 2, Min: 2, Max: 2, And: 2, AndNot: 2, Or: 2, Xor: 2,
	Sqrt: 1, Round: 1, Compare: 2, Blend: 3, FMA: 3, FNMA: 3, FMS: 3, FNMS: 3, AddBits: 2, SubBits: 2, MulInt: 2,
	Shl: 1, Shr: 1, MulPair: 2, XorBits: 2, ShlPair: 1, ShrPair: 1, EqualInt: 2, GreaterInt: 2, FromInt: 1, Place: 1, Gather: 1, Stop: 1,
	StorePairs: 1, First: 2, Second: 2, PairLow: 2, PairHigh: 2, PairsLow: 2, Join: 2, Upper: 1, Lane: 1, Return: 1,
}

func (v Value) loads() bool { return v.Op == Load || v.Op == LoadPairs || v.Op == Gather }

func (v Value) stores() bool { return v.Op == Store || v.Op == StorePairs }

// Stream is memory that the function runs over: from element At on, Steps
// elements further with every iteration of the loops over rows, the outermost
// first.
type Stream struct {
	Buf   *kernel.Buffer
	At    shape.Dim
	Steps []shape.Dim
	Dyn   []kernel.Dyn
	Span  shape.Dim // elements of a row
	// Stride is the number of elements from one step of a loop to the next where
	// that is not 1, and Most how far after a step's place elements are.
	Stride int64
	Most   int64
}

// Scalar is an argument with the same value in all lanes.
type Scalar struct {
	X    kernel.Expr
	Elem graph.Elem
}

// Reduction is a sum, or a greatest or least element, over the steps of a loop.
type Reduction struct{ Op Op } // Add, Max or Min

// Part is straight-line code, run once, or once for every vector of a loop.
type Part struct {
	Loop  bool
	Count shape.Dim // steps of the loop
	Code  []V
	Twin  []V   // the code for two vectors at a time, interleaved; nil: that gains nothing
	Reds  []int // reductions of the loop
}

// Result is a variable that the function changes.
type Result struct {
	Name string // of the accumulator
	V    V
}

// Watch is the number of the result that says whether the others are good: it
// must not be above the limit. It is -1 for most functions.
func (f *Func) Watch() (result int, limit float64) {
	for i, r := range f.Results {
		if r.Name == watched {
			return i, f.turns()
		}
	}
	return -1, 0
}

// Retried reports statements that may be computed a second time, in Go, because
// an angle was too large for the first: none may have changed what it reads.
func Retried(body []kernel.Stmt) (found bool) {
	kernel.Walk(body, func(s kernel.Stmt) {
		for _, x := range kernel.Exprs(s) {
			kernel.WalkExpr(*x, func(x kernel.Expr) {
				a, ok := x.(*kernel.Apply)
				found = found || ok && (a.Op.Name == "sin" || a.Op.Name == "cos")
			})
		}
	})
	return found
}

// Overwrites reports that f stores to memory that it also loads from.
func (f *Func) Overwrites() bool {
	for _, v := range f.Values {
		if v.loads() && f.overwritten(v.Ref) {
			return true
		}
	}
	return false
}

// overwritten reports that f stores to the memory of a stream.
func (f *Func) overwritten(stream int) bool {
	for _, v := range f.Values {
		if v.stores() && f.same(v.Ref, stream) {
			return true
		}
	}
	return false
}

// same reports that two streams are of the same memory.
func (f *Func) same(a, b int) bool { return kernel.SameMemory(f.Streams[a].Buf, f.Streams[b].Buf) }

// Func is a vector function of a loop, or one of straight-line code.
type Func struct {
	Nest     *kernel.Loop // or
	Straight *Straight
	Wide     bool        // float64
	Search   bool        // gives the number of steps before a Stop
	Rows     []shape.Dim // iterations of the loops over rows, the outermost first
	Streams  []Stream
	Scalars  []Scalar
	Reds     []Reduction
	Parts    []Part
	Results  []Result
	Values   []Value
	Jam      int    // rows that Jammed does at a time, 0 if there is nothing like that
	Jammed   []Part // instead of Parts
	arranged bool
}

// Jump is the distance, in elements, from where a stream is after an iteration of
// a loop over rows to where it is before the next one.
func (f *Func) Jump(stream, level int) shape.Dim {
	steps := f.Streams[stream].Steps
	if level+1 == len(f.Rows) {
		return steps[level]
	}
	return steps[level].Sub(f.Rows[level+1].Mul(steps[level+1]))
}

// Length is the number of elements from a stream's first to its last.
func (f *Func) Length(stream int) shape.Dim {
	s := f.Streams[stream]
	length := s.Span.AddInt(s.Most)
	for k, step := range s.Steps {
		length = length.Add(step.Mul(f.Rows[k].AddInt(-1)))
	}
	return length
}
