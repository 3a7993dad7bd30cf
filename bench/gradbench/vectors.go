package main

import "errors"

type llsqInput struct {
	X []float64
	N int
}

func llsqPrimal(in llsqInput) (task, error) {
	return number(func() (float64, error) { return Llsq(in.N, in.X) }), nil
}

func llsqGradient(in llsqInput) (task, error) {
	return vector(len(in.X), func(dst []float64) error { return LlsqGrad(dst, in.N, in.X) }), nil
}

type lseInput struct{ X []float64 }

func lsePrimal(in lseInput) (task, error) {
	return number(func() (float64, error) { return Lse(in.X) }), nil
}

func lseGradient(in lseInput) (task, error) {
	return vector(len(in.X), func(dst []float64) error { return LseGrad(dst, in.X) }), nil
}

type odeInput struct {
	X []float64
	S int
}

func odePrimal(in odeInput) (task, error) {
	return vector(len(in.X), func(dst []float64) error { return Ode(dst, in.S, in.X) }), nil
}

func odeGradient(in odeInput) (task, error) {
	return vector(len(in.X), func(dst []float64) error { return OdeGrad(dst, in.S, in.X) }), nil
}

type kmeansInput struct{ Points, Centroids [][]float64 }

func kmeansCost(in kmeansInput) (task, error) {
	m, err := flats(in.Points, in.Centroids)
	return number(func() (float64, error) { return Cost(len(in.Points), m[0], m[1]) }), err
}

func kmeansDir(in kmeansInput) (task, error) {
	m, err := flats(in.Points, in.Centroids)
	if err != nil {
		return task{}, err
	}
	if len(m[1]) == 0 {
		return task{}, errors.New("there are no centroids")
	}
	k := len(in.Centroids)
	return matrix(k, len(m[1])/k, func(dst []float64) error { return Dir(dst, len(in.Points), m[0], m[1]) }), nil
}
