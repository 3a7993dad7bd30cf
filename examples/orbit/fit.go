package main

import "math"

// fit finds the unknowns that explain the places seen, and how far they may be off. A guess that is good for
// a while is bad after a whole turn: so it explains the first places first, and then ever more of them.
func fit(seen []float64, noise float64, tell func(sights, steps int, off float64)) (p, deviations [6]float64, err error) {
	n := len(seen) / 2
	between := span / float64(n)
	p = [6]float64{seen[0], seen[1], (seen[2] - seen[0]) / between, (seen[3] - seen[1]) / between, 0.5, 0}
	var JJ [36]float64
	for k := min(6, n); ; k = min(2*k, n) {
		var steps int
		var squares float64
		p, JJ, squares, steps, err = settle(p, seen[:2*k], between*float64(k))
		if err != nil {
			return p, p, err
		}
		tell(k, steps, math.Sqrt(squares/float64(k)))
		if k == n {
			break
		}
	}
	covariance := Covariance(JJ, noise)
	for i := range deviations {
		deviations[i] = math.Sqrt(covariance[7*i])
	}
	return p, deviations, nil
}

// settle takes steps until they bring nothing. One that brings the opposite is tried again, more carefully.
func settle(p [6]float64, seen []float64, until float64) (best [6]float64, JJ [36]float64, squares float64, steps int, err error) {
	squares, JJ, Jr, err := Misses(p, seen, until)
	for damping := 1e-2; err == nil && steps < 100 && damping < 1e9; steps++ {
		next := Step(p, JJ, Jr, damping)
		nextSquares, nextJJ, nextJr, failed := Misses(next, seen, until)
		if failed != nil {
			return p, JJ, squares, steps, failed
		}
		if !(nextSquares < squares) {
			damping *= 10
			continue
		}
		done := squares-nextSquares < 1e-9*squares
		p, squares, JJ, Jr, damping = next, nextSquares, nextJJ, nextJr, damping/10
		if done {
			break
		}
	}
	return p, JJ, squares, steps, err
}
