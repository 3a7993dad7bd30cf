package main

import "math/rand/v2"

// What can be seen on a picture.
const (
	Cat int32 = iota
	Toaster
)

var names = []string{"cat", "toaster"}

// Draw invents a drawing of a cat or a toaster by the rules in cat.go and toaster.go.
func Draw(rng *rand.Rand, what int32) Drawing {
	p := newPen(rng)
	if what == Cat {
		p.cat()
	} else {
		p.toaster()
	}
	p.forget()
	if p.maybe(0.1) {
		p.scribble()
	}
	p.distort()
	return p.strokes
}

// forget leaves out a stroke now and then; the outline, drawn first, stays.
func (p *pen) forget() {
	kept := p.strokes[:1]
	for _, stroke := range p.strokes[1:] {
		if p.maybe(0.95) {
			kept = append(kept, stroke)
		}
	}
	p.strokes = kept
}

// scribble adds a line that means nothing.
func (p *pen) scribble() {
	from := p.near(Point{0, 0.3}, 0.6)
	p.bend(from, p.near(from, 0.4), p.near(from, 0.4))
}

// Batch fills pictures and labels with fresh drawings, laid on the sheet loosely.
func Batch(rng *rand.Rand, pictures []float32, labels []int32) {
	for i := range labels {
		labels[i] = rng.Int32N(2)
		fit := Fit{0.72 + 0.2*rng.Float64(), 0.04 * rng.NormFloat64(), 0.04 * rng.NormFloat64()}
		Paint(Draw(rng, labels[i]), fit, pictures[i*side*side:(i+1)*side*side])
	}
}
