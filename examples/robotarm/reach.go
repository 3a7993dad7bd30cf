package main

import (
	"fmt"
	"math"
)

// Goal is where the tool should be and where it should point: a unit vector.
type Goal struct{ Place, Direction [3]float64 }

// Rest is the arm ready to work: bent, with the hand in front of it.
var Rest = [7]float64{0, -0.785, 0, -2.356, 0, 1.571, 0.785}

const (
	tolerance = 1e-20 // of the squares of all misses
	maxSteps  = 200
)

// Reach turns the joints, from q on, until the tool is at the goal. A step that brings it nearer is taken,
// and the next one is bolder; one that does not is taken back, and the next one is more careful.
func Reach(q [7]float64, goal Goal) (found [7]float64, steps int, err error) {
	u := Unbounded(q)
	miss, motion := Miss(u, goal.Place, goal.Direction)
	for damping := 1e-2; steps < maxSteps; steps++ {
		if squares(miss) < tolerance {
			return Angles(u), steps, nil
		}
		next := Step(u, miss, motion, damping)
		nextMiss, nextMotion := Miss(next, goal.Place, goal.Direction)
		if squares(nextMiss) < squares(miss) {
			u, miss, motion = next, nextMiss, nextMotion
			damping = max(damping/10, 1e-9)
		} else {
			damping *= 4
		}
	}
	return Angles(u), steps, fmt.Errorf("the arm does not reach %.3f pointing along %.3f: a miss of %.1e is left after %d steps",
		goal.Place, goal.Direction, math.Sqrt(squares(miss)), steps)
}

func squares(x [6]float64) (sum float64) {
	for _, v := range x {
		sum += v * v
	}
	return sum
}
