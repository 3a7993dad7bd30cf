package main

import "math"

// side is the height and width of a picture in pixels.
const side = 28

// Fit says how a drawing is laid on the sheet: the fraction it fills, and how far from the middle it lies.
type Fit struct{ Fill, DX, DY float64 }

// centred is the fit of the exam drawings: all of the sheet but a small margin.
var centred = Fit{Fill: 0.88}

// Paint draws the strokes into a picture of side × side pixels between 0 (paper) and 1 (ink).
func Paint(d Drawing, fit Fit, picture []float32) {
	clear(picture)
	lo, hi := bounds(d)
	scale := side * fit.Fill / max(hi.X-lo.X, hi.Y-lo.Y, 1e-9)
	left := side*(0.5+fit.DX) - scale*(lo.X+hi.X)/2
	top := side*(0.5+fit.DY) - scale*(lo.Y+hi.Y)/2
	for _, stroke := range d {
		for i, q := range stroke {
			b := Point{left + scale*q.X, top + scale*q.Y}
			q = stroke[max(i-1, 0)]
			ink(picture, Point{left + scale*q.X, top + scale*q.Y}, b)
		}
	}
}

func bounds(d Drawing) (lo, hi Point) {
	lo, hi = Point{math.Inf(1), math.Inf(1)}, Point{math.Inf(-1), math.Inf(-1)}
	for _, stroke := range d {
		for _, q := range stroke {
			lo = Point{min(lo.X, q.X), min(lo.Y, q.Y)}
			hi = Point{max(hi.X, q.X), max(hi.Y, q.Y)}
		}
	}
	return lo, hi
}

// ink draws one segment: a pixel is as dark as its centre is near to the line.
func ink(picture []float32, a, b Point) {
	const radius = 0.7
	x0, x1 := pixels(a.X, b.X)
	y0, y1 := pixels(a.Y, b.Y)
	for y := y0; y <= y1; y++ {
		for x := x0; x <= x1; x++ {
			dark := radius + 0.5 - distance(Point{float64(x) + 0.5, float64(y) + 0.5}, a, b)
			at := &picture[y*side+x]
			*at = max(*at, float32(min(max(dark, 0), 1)))
		}
	}
}

// pixels is the range of pixels that ink between a and b may reach.
func pixels(a, b float64) (from, to int) {
	return max(0, int(math.Floor(min(a, b)-2))), min(side-1, int(math.Floor(max(a, b)+2)))
}

func distance(p, a, b Point) float64 {
	dx, dy := b.X-a.X, b.Y-a.Y
	f := 0.0
	if l := dx*dx + dy*dy; l > 0 {
		f = min(max(((p.X-a.X)*dx+(p.Y-a.Y)*dy)/l, 0), 1)
	}
	x, y := p.X-a.X-f*dx, p.Y-a.Y-f*dy
	return math.Sqrt(x*x + y*y)
}
