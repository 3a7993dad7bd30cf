package ops

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/gradgen/gradgen/graph"
)

var sameInts = same(nil, graph.Int)

// Ints have no derivatives.
var integers = []*graph.Op{
	intOp("iadd", "x + y of ints", infix("+", 1, addInts)),
	intOp("isub", "x - y of ints", infix("-", 1, func(x, y float64) float64 { return wrap(int64(x) - int64(y)) })),
	intOp("imul", "x·y of ints", infix("*", 1, mulInts)),
	// Where division by 0 is possible its divisor is a node nonzero. What is not
	// taken gives 0.
	intOp("idiv", "x/y of ints, rounded down", fn2("DivInt", 8, func(x, y float64) float64 {
		if y == 0 {
			return 0
		}
		return math.Floor(x / y)
	})),
	intOp("imod", "remainder of ints, with the sign of y", fn2("ModInt", 8, func(x, y float64) float64 {
		if y == 0 {
			return 0
		}
		return mod(x, y)
	})),
	// Where the exponent may be negative it is multiplied by a node whole. What is
	// not taken gives 1.
	intOp("ipow", "x to the power y of ints, by repeated multiplication", fn2("PowInt", 16, powInts)),
	intOp("imin", "the lesser of two ints", builtin("min", math.Min)),
	intOp("imax", "the greater of two ints", builtin("max", math.Max)),
	{Name: "ineg", Doc: "-x of an int", Arity: 1, Class: graph.Elementwise, Infer: sameInts, Samples: at(on(-9, 9)),
		Scalar: prefix("-", func(x float64) float64 { return wrap(-int64(x)) })},
	{Name: "iabs", Doc: "absolute value of an int", Arity: 1, Class: graph.CompositeOp, Infer: sameInts,
		Expand:    func(b *builder, n *node) *node { return b.Map("imax", n.Args[0], b.Map("ineg", n.Args[0])) },
		Reference: eachOf(func(x float64) float64 { return wrap(int64(math.Abs(x))) })},
}

// wrap is what 32 bits keep of an int.
func wrap(n int64) float64 { return float64(int32(n)) }

func addInts(x, y float64) float64 { return wrap(int64(x) + int64(y)) }

func mulInts(x, y float64) float64 { return wrap(int64(x) * int64(y)) }

func powInts(x, n float64) float64 {
	y := 1.0
	for k := int64(n); k > 0; k /= 2 {
		if k%2 == 1 {
			y = mulInts(y, x)
		}
		x = mulInts(x, x)
	}
	return y
}

// checks are ints that must not be 0; Fails says what is wrong where they are.
var checks = []*graph.Op{
	check("nonzero", "x itself, an int that must not be 0", "division by zero"),
	check("whole", "x itself, 1 where the exponent of an int is not negative", "a negative power of an int"),
	check("some", "x itself, a number of elements that must not be 0", "argmax and argmin need an element, and none takes part"),
	{Name: "place", Doc: "x itself, ints that must be places of an axis, where the second operand holds if there is one",
		Arity: -1, Class: graph.CheckOp, Infer: inferPlace, Reference: refPlace,
		Checks: func(n *node) bool { return !Inside(n.Args[0], n.Attr.(graph.Place).Ext) },
		Spare: func(b *builder, n, taken *node) *node {
			if len(n.Args) > 1 {
				taken = b.Map("and", n.Args[1], taken)
			}
			return b.Op("place", n.Attr, n.Args[0], taken)
		}},
}

func inferPlace(args []graph.Type, _ graph.Attr) (graph.Type, error) {
	if len(args) == 0 || len(args) > 2 || args[0].Elem != graph.Int {
		return graph.Type{}, fmt.Errorf("operands %v, want ints, and perhaps bools", args)
	}
	if mask := (graph.Type{Elem: graph.Bool, Shape: args[0].Shape}); len(args) == 2 && !args[1].Equal(mask) {
		return graph.Type{}, fmt.Errorf("operand 2 is %s, want %s", args[1], mask)
	}
	return args[0], nil
}

func refPlace(n *node, args []graph.Tensor, out []int, dims dimsFunc) (graph.Tensor, error) {
	at, y := n.Attr.(graph.Place), tensor(out)
	copy(y.Data, args[0].Data)
	for i, v := range y.Data {
		taken := len(args) == 1 || args[1].Data[i] != 0
		if ext := at.Ext.Eval(dims); taken && (v < 0 || v >= float64(ext)) {
			return y, fmt.Errorf("%s is %g, must be in 0..%d", at.What, v, ext)
		}
	}
	return y, nil
}

func check(name, doc, fails string) *graph.Op {
	return &graph.Op{Name: name, Doc: doc, Fails: fails, Arity: 1, Class: graph.CheckOp, Infer: sameInts, Samples: at(on(1, 5)),
		Checks: func(*node) bool { return true },
		Spare: func(b *builder, n, taken *node) *node {
			return b.Op(name, nil, b.Where(taken, n.Args[0], b.Fill(1, n.Type)))
		},
		Reference: func(_ *node, args []graph.Tensor, out []int, _ dimsFunc) (graph.Tensor, error) {
			y := tensor(out)
			copy(y.Data, args[0].Data)
			if slices.Contains(y.Data, 0) {
				return y, errors.New(fails)
			}
			return y, nil
		}}
}

func intOp(name, doc string, s *graph.Scalar) *graph.Op {
	return &graph.Op{Name: name, Doc: doc, Arity: 2, Class: graph.Elementwise, Infer: sameInts, Scalar: s,
		Samples: at(on(-9, 9), on(1, 5))}
}

func builtin(name string, f func(x, y float64) float64) *graph.Scalar {
	s := fn2("", 1, f)
	s.Builtin = name
	return s
}
