package main

import "math"

// adjust moves points and cameras until no step makes the misses less by a millionth, and tells of each step.
// A step that fails is tried again with more damping: shorter, and more downhill.
func adjust(s *scene, seen *sights, tell func(step int, pixels, damping float64)) error {
	held := make([]float64, len(s.cameras)/9)
	for c := range known {
		held[c] = 1e15
	}
	next := &scene{make([]float64, len(s.points)), make([]float64, len(s.cameras))}
	off, err := pixelsOff(s, seen)
	if err != nil {
		return err
	}
	tell(0, off, 0)
	damping := 1e-3
	for step := 1; step <= 100 && damping < 1e6; step++ {
		err := Step(next.cameras, next.points, s.cameras, held, s.points, seen.by, seen.of, seen.pixels, damping)
		if err != nil {
			return err
		}
		now, err := pixelsOff(next, seen)
		if err != nil {
			return err
		}
		tell(step, now, damping)
		if !(now < off) {
			damping *= 10
			continue
		}
		done := off-now < 1e-6*off
		*s, *next, off, damping = *next, *s, now, damping/10
		if done {
			break
		}
	}
	return nil
}

// pixelsOff is the root mean square of the misses along each axis of the pictures.
func pixelsOff(s *scene, seen *sights) (float64, error) {
	misses := make([]float64, len(seen.pixels))
	if err := Misses(misses, s.cameras, s.points, seen.by, seen.of, seen.pixels); err != nil {
		return 0, err
	}
	sum := 0.0
	for _, v := range misses {
		sum += v * v
	}
	return math.Sqrt(sum / float64(len(misses))), nil
}
