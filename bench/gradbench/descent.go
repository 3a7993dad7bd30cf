package main

type particleInput struct{ W float64 }

func particle(f func(start [1]float64) [1]float64) func(particleInput) (task, error) {
	return func(in particleInput) (task, error) {
		return number(func() (float64, error) { return f([1]float64{in.W})[0], nil }), nil
	}
}

type saddleInput struct{ Start [2]float64 }

func saddle(f func(start [2]float64) [4]float64) func(saddleInput) (task, error) {
	return func(in saddleInput) (task, error) {
		return vector(4, func(dst []float64) error {
			at := f(in.Start)
			copy(dst, at[:])
			return nil
		}), nil
	}
}
