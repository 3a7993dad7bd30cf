package main

import (
	"math"
	"math/rand/v2"
)

// Point is a place on the sheet; y grows downwards.
type Point struct{ X, Y float64 }

// Drawing is a list of strokes, each a polyline.
type Drawing [][]Point

// pen draws with an unsteady hand and remembers its strokes.
type pen struct {
	*rand.Rand
	wobble  float64 // how far a line strays, in units of the sheet
	strokes Drawing
}

func newPen(rng *rand.Rand) *pen {
	return &pen{Rand: rng, wobble: 0.005 + 0.03*rng.Float64()*rng.Float64()}
}

func (p *pen) maybe(chance float64) bool { return p.Float64() < chance }

func (p *pen) between(lo, hi float64) float64 { return lo + (hi-lo)*p.Float64() }

// near is at, displaced by up to d in either direction.
func (p *pen) near(at Point, d float64) Point {
	return Point{at.X + p.between(-d, d), at.Y + p.between(-d, d)}
}

// line draws straight from point to point, in one stroke.
func (p *pen) line(points ...Point) {
	var path []Point
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		steps := 1 + int(math.Hypot(b.X-a.X, b.Y-a.Y)/0.08)
		for s := range steps {
			f := float64(s) / float64(steps)
			path = append(path, Point{a.X + f*(b.X-a.X), a.Y + f*(b.Y-a.Y)})
		}
	}
	p.put(append(path, points[len(points)-1]))
}

// closed draws a polygon back to where it began, now and then missing the start a little.
func (p *pen) closed(points ...Point) {
	p.line(append(points, p.near(points[0], p.wobble*2))...)
}

// apart draws every side of an open polygon as a stroke of its own, with sloppy corners.
func (p *pen) apart(points ...Point) {
	for i := 1; i < len(points); i++ {
		p.line(p.near(points[i-1], p.wobble*2), p.near(points[i], p.wobble*2))
	}
}

// bend draws a quadratic Bézier curve.
func (p *pen) bend(a, via, b Point) {
	const steps = 10
	path := make([]Point, 0, steps+1)
	for s := range steps + 1 {
		f := float64(s) / steps
		u, v, w := (1-f)*(1-f), 2*f*(1-f), f*f
		path = append(path, Point{u*a.X + v*via.X + w*b.X, u*a.Y + v*via.Y + w*b.Y})
	}
	p.put(path)
}

// arc draws a part of an ellipse; angles run clockwise from the right.
func (p *pen) arc(c Point, rx, ry, from, to float64) {
	steps := 4 + int(math.Abs(to-from)*(2+8*math.Max(rx, ry)))
	drift := p.NormFloat64() * p.wobble
	path := make([]Point, 0, steps+1)
	for s := range steps + 1 {
		f := float64(s) / float64(steps)
		sin, cos := math.Sincos(from + f*(to-from))
		path = append(path, Point{c.X + (rx+drift*f)*cos, c.Y + (ry+drift*f)*sin})
	}
	p.put(path)
}

// round draws a whole ellipse, whose ends seldom meet exactly.
func (p *pen) round(c Point, rx, ry float64) {
	from := p.between(0, 2*math.Pi)
	p.arc(c, rx, ry, from, from+2*math.Pi+p.NormFloat64()*0.15)
}

// dot draws a small scribbled spot.
func (p *pen) dot(c Point, r float64) {
	p.arc(c, r, r, 0, 2*math.Pi)
	p.arc(c, r/2, r/2, 0, 2*math.Pi)
}

// put adds a stroke after bending it by a slow random wave.
func (p *pen) put(path []Point) {
	var wave [4]float64
	for i := range wave {
		wave[i] = p.NormFloat64()
	}
	phase, length := p.between(0, 2*math.Pi), 0.0
	for i := range path {
		if i > 0 {
			length += math.Hypot(path[i].X-path[i-1].X, path[i].Y-path[i-1].Y)
		}
		s1, c1 := math.Sincos(phase + 4*length)
		s2, c2 := math.Sincos(phase + 11*length)
		path[i].X += p.wobble * (wave[0]*s1 + 0.5*wave[1]*s2)
		path[i].Y += p.wobble * (wave[2]*c1 + 0.5*wave[3]*c2)
	}
	p.strokes = append(p.strokes, path)
}

// distort slants, turns, stretches and mirrors the finished drawing, as hands do.
func (p *pen) distort() {
	sin, cos := math.Sincos(p.NormFloat64() * 0.08)
	shear, stretch := p.NormFloat64()*0.1, math.Exp(p.NormFloat64()*0.15)
	if p.maybe(0.5) {
		stretch, shear = -stretch, -shear
	}
	for _, stroke := range p.strokes {
		for i, q := range stroke {
			x, y := (q.X+shear*q.Y)*stretch, q.Y
			stroke[i] = Point{cos*x - sin*y, sin*x + cos*y}
		}
	}
}
