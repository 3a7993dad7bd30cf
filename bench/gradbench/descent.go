package main

import "errors"

// Loops whose length only the run tells have no derivatives in this version, so the models take bounds: how
// often a descent goes on, and how many steps a particle flies. What exceeds them is an error.
const (
	rounds = 300
	steps  = 500
)

var errUnfinished = errors.New("the descent does not end within its bound")

type particleInput struct{ W float64 }

func particle(f func(steps, rounds int, start [1]float64) ([1]float64, bool, error)) func(particleInput) (task, error) {
	return func(in particleInput) (task, error) {
		return number(func() (float64, error) {
			w, found, err := f(steps, rounds, [1]float64{in.W})
			if err == nil && !found {
				err = errUnfinished
			}
			return w[0], err
		}), nil
	}
}

type saddleInput struct{ Start [2]float64 }

func saddle(f func(rounds int, start [2]float64) ([4]float64, bool, error)) func(saddleInput) (task, error) {
	return func(in saddleInput) (task, error) {
		return vector(4, func(dst []float64) error {
			at, found, err := f(rounds, in.Start)
			if err == nil && !found {
				err = errUnfinished
			}
			copy(dst, at[:])
			return err
		}), nil
	}
}
