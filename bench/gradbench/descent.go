package main

import "errors"

// rounds bounds how long a descent goes on; more is an error. Loops whose length only the run tells have no
// derivatives in this version.
const rounds = 300

var errUnfinished = errors.New("the descent does not end within its bound")

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
