package main

import "fmt"

type detInput struct {
	A   []float64
	Ell int
}

// determinants has the two functions of each size: the depth of a recursion is known when code is generated.
var determinants = map[int]struct {
	primal   func(a []float64) (float64, error)
	gradient func(dst, a []float64) error
}{
	2: {func(a []float64) (float64, error) { return Det2([4]float64(a)), nil }, func(dst, a []float64) error {
		g := DetGrad2([4]float64(a))
		copy(dst, g[:])
		return nil
	}},
	5: {func(a []float64) (float64, error) { return Det5([25]float64(a)), nil }, func(dst, a []float64) error {
		g := DetGrad5([25]float64(a))
		copy(dst, g[:])
		return nil
	}},
	6: {func(a []float64) (float64, error) { return Det6([36]float64(a)), nil }, func(dst, a []float64) error {
		g := DetGrad6([36]float64(a))
		copy(dst, g[:])
		return nil
	}},
	7: {func(a []float64) (float64, error) { return Det7([49]float64(a)), nil }, func(dst, a []float64) error {
		g := DetGrad7([49]float64(a))
		copy(dst, g[:])
		return nil
	}},
	8: {func(a []float64) (float64, error) { return Det8([64]float64(a)), nil }, func(dst, a []float64) error {
		g := DetGrad8([64]float64(a))
		copy(dst, g[:])
		return nil
	}},
	9:  {Det9, DetGrad9},
	10: {Det10, DetGrad10},
	11: {Det11, DetGrad11},
}

func (in detInput) check() error {
	if _, ok := determinants[in.Ell]; !ok || len(in.A) != in.Ell*in.Ell {
		return fmt.Errorf("%d numbers for a matrix of size %d: it has to be square, of size 2 or 5 to 11", len(in.A), in.Ell)
	}
	return nil
}

func detPrimal(in detInput) (task, error) {
	f := determinants[in.Ell].primal
	return number(func() (float64, error) { return f(in.A) }), in.check()
}

func detGradient(in detInput) (task, error) {
	f := determinants[in.Ell].gradient
	return vector(len(in.A), func(dst []float64) error { return f(dst, in.A) }), in.check()
}
