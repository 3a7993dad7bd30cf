package ops_test

import (
	"fmt"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/diff"
	"github.com/gradgen/gradgen/graph/eval"
	"github.com/gradgen/gradgen/graph/ops"
)

// scalarFunc evaluates a graph of scalar inputs x0, x1, ..
func scalarFunc(t *testing.T, root *graph.Node) func(x []float64) float64 {
	return func(x []float64) float64 {
		out, err := eval.Run([]*graph.Node{root}, eval.Env{Leaf: func(_, name string) (graph.Tensor, bool) {
			var k int
			_, err := fmt.Sscanf(name, "x%d", &k)
			return graph.Tensor{Data: []float64{x[k]}}, err == nil
		}})
		require.NoError(t, err)
		return out[0].Data[0]
	}
}

// slope is the derivative of f by operand k at x: central differences,
// extrapolated twice.
func slope(f func([]float64) float64, x []float64, k int) float64 {
	central := func(h float64) float64 {
		hi, lo := append([]float64{}, x...), append([]float64{}, x...)
		hi[k] += h
		lo[k] -= h
		return (f(hi) - f(lo)) / (hi[k] - lo[k])
	}
	const h = 4e-3
	a, b, c := central(h), central(h/2), central(h/4)
	ab, bc := (4*b-a)/3, (4*c-b)/3
	return (16*bc - ab) / 15
}

// counts are the attributes an operator is tried with.
func counts(op *graph.Op) []graph.Attr {
	switch op.Name {
	case "powi":
		return []graph.Attr{graph.Count(-2), graph.Count(0), graph.Count(1), graph.Count(2), graph.Count(5)}
	case "polygamma":
		return []graph.Attr{graph.Count(1), graph.Count(2)}
	}
	return []graph.Attr{nil}
}

// draw takes a point from an operator's samples, away from what they avoid.
func draw(r *rand.Rand, op *graph.Op, elems []graph.Elem) []float64 {
	x := make([]float64, len(op.Samples))
	for i, s := range op.Samples {
	again:
		x[i] = s.Lo + r.Float64()*(s.Hi-s.Lo)
		if elems[i] != graph.Real {
			x[i] = math.Round(x[i])
		}
		for _, a := range s.Avoid {
			if math.Abs(x[i]-a) < 0.05 {
				goto again
			}
		}
	}
	return x
}

// operands makes scalar inputs of the types an operator takes.
func operands(b *graph.Builder, op *graph.Op) (xs []*graph.Node, elems []graph.Elem) {
	for i := range op.Arity {
		e := graph.Real
		if op.Name == "powd" && i == 1 {
			e = graph.Int
		}
		elems = append(elems, e)
		xs = append(xs, b.Leaf("input", fmt.Sprintf("x%d", i), graph.Type{Elem: e}))
	}
	return xs, elems
}

func close(t *testing.T, want, got, tol float64, args ...any) {
	t.Helper()
	if math.Abs(want-got) > tol*(1+math.Abs(want)) || math.IsNaN(want) != math.IsNaN(got) {
		assert.Fail(t, fmt.Sprintf("want %v, got %v: %v", want, got, args))
	}
}

// Partials agree with differences, to second order.
func TestPartials(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, op := range ops.All {
		if op.Partials == nil || op.Scalar == nil || op.Name == "real" || op.Name == "stop" {
			continue
		}
		for _, attr := range counts(op) {
			t.Run(fmt.Sprint(op.Name, attr), func(t *testing.T) { checkPartials(t, r, op, attr) })
		}
	}
}

func checkPartials(t *testing.T, r *rand.Rand, op *graph.Op, attr graph.Attr) {
	b := ops.NewBuilder(graph.New())
	xs, elems := operands(b, op)
	y := b.Op(op.Name, attr, xs...)
	f := func(x []float64) float64 { return op.Scalar.On(attr, x...) }
	first := diff.Grad(b, y, xs)
	for range 20 {
		x := draw(r, op, elems)
		close(t, f(x), scalarFunc(t, y)(x), 1e-15, "value at", x)
		for i := range xs {
			if elems[i] != graph.Real {
				continue
			}
			df := scalarFunc(t, first[i])
			close(t, slope(f, x, i), df(x), 1e-7, "by operand", i, "at", x)
			second := diff.Grad(b, first[i], xs)
			for j := range xs {
				if elems[j] == graph.Real {
					close(t, slope(df, x, j), scalarFunc(t, second[j])(x), 1e-7, "by operands", i, j, "at", x)
				}
			}
		}
	}
}

// analytic are complex versions of real functions, of those that keep a tiny
// imaginary part exact.
var analytic = map[string]func(x, y complex128) complex128{
	"neg":      func(x, _ complex128) complex128 { return -x },
	"add":      func(x, y complex128) complex128 { return x + y },
	"sub":      func(x, y complex128) complex128 { return x - y },
	"mul":      func(x, y complex128) complex128 { return x * y },
	"div":      func(x, y complex128) complex128 { return x / y },
	"pow":      func(x, y complex128) complex128 { return cmplx.Exp(y * cmplx.Log(x)) },
	"hypot":    func(x, y complex128) complex128 { return cmplx.Sqrt(x*x + y*y) },
	"sqrt":     func(x, _ complex128) complex128 { return cmplx.Sqrt(x) },
	"rsqrt":    func(x, _ complex128) complex128 { return 1 / cmplx.Sqrt(x) },
	"exp":      func(x, _ complex128) complex128 { return cmplx.Exp(x) },
	"exp2":     func(x, _ complex128) complex128 { return cmplx.Exp(x * math.Ln2) },
	"expm1":    func(x, _ complex128) complex128 { return cmplx.Exp(x) - 1 },
	"log":      func(x, _ complex128) complex128 { return cmplx.Log(x) },
	"log2":     func(x, _ complex128) complex128 { return cmplx.Log(x) / math.Ln2 },
	"log10":    func(x, _ complex128) complex128 { return cmplx.Log(x) / math.Ln10 },
	"log1p":    func(x, _ complex128) complex128 { return cmplx.Log(1 + x) },
	"sin":      func(x, _ complex128) complex128 { return cmplx.Sin(x) },
	"cos":      func(x, _ complex128) complex128 { return cmplx.Cos(x) },
	"tan":      func(x, _ complex128) complex128 { return cmplx.Sin(x) / cmplx.Cos(x) },
	"sinh":     func(x, _ complex128) complex128 { return (cmplx.Exp(x) - cmplx.Exp(-x)) / 2 },
	"cosh":     func(x, _ complex128) complex128 { return (cmplx.Exp(x) + cmplx.Exp(-x)) / 2 },
	"tanh":     func(x, _ complex128) complex128 { return 1 - 2/(cmplx.Exp(2*x)+1) },
	"asinh":    func(x, _ complex128) complex128 { return cmplx.Log(x + cmplx.Sqrt(x*x+1)) },
	"acosh":    func(x, _ complex128) complex128 { return cmplx.Log(x + cmplx.Sqrt(x*x-1)) },
	"atanh":    func(x, _ complex128) complex128 { return (cmplx.Log(1+x) - cmplx.Log(1-x)) / 2 },
	"sigmoid":  func(x, _ complex128) complex128 { return 1 / (1 + cmplx.Exp(-x)) },
	"softplus": func(x, _ complex128) complex128 { return cmplx.Log(1 + cmplx.Exp(x)) },
	"silu":     func(x, _ complex128) complex128 { return x / (1 + cmplx.Exp(-x)) },
}

// Partials of analytic functions agree with complex steps, to nearly all digits.
func TestPartialsByComplexStep(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, op := range ops.All {
		f, ok := analytic[op.Name]
		if !ok {
			continue
		}
		b := ops.NewBuilder(graph.New())
		xs, elems := operands(b, op)
		grads := diff.Grad(b, b.Op(op.Name, nil, xs...), xs)
		for range 50 {
			x := append(draw(r, op, elems), 0)
			const h = 1e-30 // its square vanishes beside anything
			want := []float64{
				imag(f(complex(x[0], h), complex(x[1], 0))) / h,
				imag(f(complex(x[0], 0), complex(x[1], h))) / h,
			}
			for i, g := range grads {
				close(t, want[i], scalarFunc(t, g)(x), 1e-13, op.Name, "by operand", i, "at", x)
			}
		}
	}
}
