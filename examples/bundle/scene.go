package main

import (
	"math"
	"math/rand/v2"
)

const known = 2 // cameras, the first ones, that stay where they are; they say how large the scene is

// scene is points [n, 3] and cameras [m, 9]: rotation vector, translation, focal length, lens.
type scene struct{ points, cameras []float64 }

// sights are what the cameras see: camera by[o] sees point of[o] at pixels[2*o:], counted from the centre of
// its picture.
type sights struct {
	by, of []int32
	pixels []float64
}

// newScene fills a cube of two metres with points and puts cameras around it, each of which sees half of them.
func newScene(o options) (*scene, *sights, error) {
	rng := rand.New(rand.NewPCG(o.seed, 0))
	s := &scene{}
	for i := range o.cameras {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(o.cameras))
		far := 4 + 0.4*rng.NormFloat64()
		eye := [3]float64{far * cos, far * sin, 1.2 * rng.NormFloat64()}
		camera := LookAt(eye, 800+30*rng.NormFloat64(), [2]float64{-0.1 + 0.02*rng.NormFloat64(), 0.02 * rng.NormFloat64()})
		s.cameras = append(s.cameras, camera[:]...)
	}
	for range 3 * o.points {
		s.points = append(s.points, 2*rng.Float64()-1)
	}
	seen := watch(o, rng)
	return s, seen, look(s, seen, o.noise, rng)
}

// watch says who sees what: each point is seen by half of the cameras, drawn by chance.
func watch(o options, rng *rand.Rand) *sights {
	seen := &sights{}
	for p := range o.points {
		for _, c := range rng.Perm(o.cameras)[:max(2, o.cameras/2)] {
			seen.by, seen.of = append(seen.by, int32(c)), append(seen.of, int32(p))
		}

	}
	return seen
}

// look lets the cameras see the points, not quite exactly.
func look(s *scene, seen *sights, noise float64, rng *rand.Rand) error {
	seen.pixels = make([]float64, 2*len(seen.by))
	exact := make([]float64, len(seen.pixels))
	if err := Misses(exact, s.cameras, s.points, seen.by, seen.of, seen.pixels); err != nil {
		return err
	}
	for i, v := range exact {
		seen.pixels[i] = v + noise*rng.NormFloat64()
	}
	return nil
}

// forgotten is the scene as it is roughly remembered.
func (s *scene) forgotten(seed uint64) *scene {
	rng := rand.New(rand.NewPCG(seed, 1))
	f := &scene{append([]float64{}, s.points...), append([]float64{}, s.cameras...)}
	for i := range f.points {
		f.points[i] += 0.1 * rng.NormFloat64()
	}
	for c := known; c < len(f.cameras)/9; c++ {
		camera := f.cameras[9*c:][:9]
		for i := range 3 {
			camera[i] += 0.03 * rng.NormFloat64()
			camera[3+i] += 0.15 * rng.NormFloat64()
		}
		camera[6], camera[7], camera[8] = 800, 0, 0
	}
	return f
}

// errors are root mean squares: of places in metres, of focal lengths as a part.
type errors struct{ points, cameras, focal float64 }

func compare(truth, found *scene) (e errors) {
	for i := range truth.points {
		e.points += square(truth.points[i] - found.points[i])
	}
	cameras := len(truth.cameras) / 9
	for c := range cameras {
		a, b := [9]float64(truth.cameras[9*c:]), [9]float64(found.cameras[9*c:])
		eyeA, eyeB := Eye(a), Eye(b)
		for i := range eyeA {
			e.cameras += square(eyeA[i] - eyeB[i])
		}
		e.focal += square(b[6]/a[6] - 1)
	}
	free := float64(cameras - known)
	return errors{math.Sqrt(e.points * 3 / float64(len(truth.points))), math.Sqrt(e.cameras / free), math.Sqrt(e.focal / free)}
}

func square(x float64) float64 { return x * x }
