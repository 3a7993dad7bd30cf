package main

import "math/rand/v2"

// truth is what is to be found: the first place and velocity, the mass, the drag.
var truth = [6]float64{1, 0, 0.1, 1.1, 1, 0.03}

const (
	span = 10  // how long the planet is seen
	fine = 200 // times at which paths are compared, in that span
)

// see is the planet at equal times, not quite where it is.
func see(o options) ([]float64, error) {
	places := make([]float64, 2*o.sights)
	if err := Orbit(places, o.sights, truth, span); err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(o.seed, 0))
	for i := range places {
		places[i] += o.noise * rng.NormFloat64()
	}
	return places, nil
}

// times are n equal ones until the end.
func times(n int, end float64) (t []float64) {
	for i := range n {
		t = append(t, end*float64(i+1)/float64(n))
	}
	return t
}
