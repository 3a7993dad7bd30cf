package main

import "math"

// cat draws a face, mostly alone, sometimes with a body below or beside it.
func (p *pen) cat() {
	head := face{rx: p.between(0.36, 0.5), ry: p.between(0.3, 0.46)}
	switch style := p.Float64(); {
	case style < 0.2:
		p.sitting(head)
	case style < 0.4:
		p.standing(head)
	}
	p.face(head)
}

type face struct {
	at     Point
	rx, ry float64
}

// on is the place at (x, y) of a face that reaches from -1 to 1.
func (f face) on(x, y float64) Point { return Point{f.at.X + x*f.rx, f.at.Y + y*f.ry} }

func (p *pen) face(f face) {
	if p.maybe(0.3) {
		p.outlineWithEars(f)
	} else {
		p.skull(f)
		p.ears(f)
	}
	if p.maybe(0.94) {
		p.eyes(f)
	}
	nose := f.on(p.between(-0.08, 0.08), p.between(0.05, 0.35))
	if p.maybe(0.85) {
		p.nose(f, nose)
	}
	if p.maybe(0.75) {
		p.mouth(f, nose)
	}
	if p.maybe(0.85) {
		p.whiskers(f, nose)
	}
}

// skull draws the outline of the head: most are round, some have corners.
func (p *pen) skull(f face) {
	if p.maybe(0.85) {
		p.round(f.at, f.rx, f.ry)
		return
	}
	chin := p.between(0.1, 0.7)
	p.closed(f.on(-0.8, -0.85), f.on(0.8, -0.85), f.on(1, 0.1), f.on(chin, 1), f.on(-chin, 1), f.on(-1, 0.1))
}

// ear is the three corners of an ear on side s (-1 or 1).
func (p *pen) ear(f face, s float64) (inner, tip, outer Point) {
	high := p.between(1.15, 1.75)
	inner = f.on(s*p.between(0.1, 0.45), -p.between(0.85, 0.98))
	tip = f.on(s*p.between(0.5, 0.95), -high)
	outer = f.on(s*p.between(0.75, 0.95), -p.between(0.35, 0.65))
	return inner, tip, outer
}

func (p *pen) ears(f face) {
	for _, s := range []float64{-1, 1} {
		if p.maybe(0.03) {
			continue
		}
		inner, tip, outer := p.ear(f, s)
		if p.maybe(0.2) {
			p.bend(inner, tip, outer)
		} else if p.maybe(0.2) {
			p.closed(inner, tip, outer)
		} else {
			p.line(inner, tip, outer)
		}
		if p.maybe(0.2) {
			mid := func(q Point) Point {
				return Point{0.5*q.X + 0.5*(inner.X+outer.X)/2, 0.5*q.Y + 0.5*(inner.Y+outer.Y)/2}
			}
			p.line(mid(inner), mid(tip), mid(outer))
		}
	}
}

// outlineWithEars draws head and ears in one stroke.
func (p *pen) outlineWithEars(f face) {
	li, lt, lo := p.ear(f, -1)
	ri, rt, ro := p.ear(f, 1)
	path := []Point{lo, lt, li, ri, rt, ro}
	from := math.Atan2((ro.Y-f.at.Y)/f.ry, (ro.X-f.at.X)/f.rx)
	to := math.Atan2((lo.Y-f.at.Y)/f.ry, (lo.X-f.at.X)/f.rx) + 2*math.Pi
	for i := range 13 {
		sin, cos := math.Sincos(from + (to-from)*float64(i)/12)
		path = append(path, f.on(cos, sin))
	}
	p.line(path...)
}

func (p *pen) eyes(f face) {
	apart, high, r := p.between(0.3, 0.5), p.between(0.05, 0.4), p.between(0.05, 0.17)
	kind := p.IntN(6)
	for _, s := range []float64{-1, 1} {
		at := p.near(f.on(s*apart, -high), 0.02)
		switch kind {
		case 0, 1:
			p.dot(at, r*f.rx*0.5)
		case 2:
			p.round(at, r*f.rx, r*f.rx)
		case 3:
			p.round(at, r*f.rx, r*f.rx*p.between(0.8, 1.6))
			p.dot(at, r*f.rx*0.3)
		case 4:
			p.arc(at, 1.3*r*f.rx, r*f.rx, math.Pi, 2*math.Pi)
			p.arc(at, 1.3*r*f.rx, r*f.rx, 0, math.Pi)
			p.line(Point{at.X, at.Y - r*f.rx}, Point{at.X, at.Y + r*f.rx})
		case 5:
			p.line(Point{at.X, at.Y - r*f.rx}, Point{at.X, at.Y + r*f.rx})
		}
	}
}

func (p *pen) nose(f face, at Point) {
	r := f.rx * p.between(0.06, 0.16)
	switch p.IntN(4) {
	case 0:
		p.closed(Point{at.X - r, at.Y - r}, Point{at.X + r, at.Y - r}, Point{at.X, at.Y + r*0.6})
	case 1:
		p.line(Point{at.X - r, at.Y + r}, Point{at.X, at.Y - r}, Point{at.X + r, at.Y + r})
	case 2:
		p.round(at, r, r*p.between(0.6, 1))
	case 3:
		p.dot(at, r*0.6)
	}
}

func (p *pen) mouth(f face, nose Point) {
	w, drop := f.rx*p.between(0.15, 0.4), f.ry*p.between(0.08, 0.3)
	from := Point{nose.X, nose.Y + drop}
	switch p.IntN(4) {
	case 0, 1: // the cat's w, hanging from the nose
		p.line(nose, from)
		p.bend(from, Point{from.X - w*0.6, from.Y + drop}, Point{from.X - w, from.Y - drop*0.3})
		p.bend(from, Point{from.X + w*0.6, from.Y + drop}, Point{from.X + w, from.Y - drop*0.3})
	case 2: // a smile
		p.bend(Point{from.X - w, from.Y}, Point{from.X, from.Y + 2*drop}, Point{from.X + w, from.Y})
	case 3: // two strokes apart
		p.line(from, Point{from.X - w, from.Y + drop})
		p.line(from, Point{from.X + w, from.Y + drop})
	}
}

func (p *pen) whiskers(f face, nose Point) {
	count, start := 2+p.IntN(3), p.between(0.2, 0.6)
	length, spread := p.between(0.4, 1.5), p.between(0.1, 0.4)
	for _, s := range []float64{-1, 1} {
		for i := range count {
			y := float64(i) - float64(count-1)/2
			a := Point{nose.X + s*start*f.rx, nose.Y + y*0.13*f.ry}
			b := Point{a.X + s*length*f.rx, a.Y + y*spread*f.ry}
			p.line(p.near(a, 0.02), p.near(b, 0.05))
		}
	}
}

// sitting draws a body below the head, seen from the front, with paws and a tail.
func (p *pen) sitting(f face) {
	high, wide := p.between(0.4, 0.75), p.between(0.3, 0.55)
	at := f.on(0, 0)
	at.Y += f.ry + high*0.85
	p.round(at, wide, high)
	foot := at.Y + high
	if p.maybe(0.6) {
		for _, x := range []float64{-0.3, -0.1, 0.1, 0.3} {
			p.line(Point{x * wide * 1.6, at.Y + high*0.2}, Point{x * wide * 1.6, foot})
		}
	}
	if p.maybe(0.4) {
		p.round(Point{-wide * 0.5, foot}, 0.14, 0.08)
		p.round(Point{wide * 0.5, foot}, 0.14, 0.08)
	}
	if p.maybe(0.7) {
		end := Point{wide + p.between(0.2, 0.6), at.Y - p.between(-0.3, 0.5)}
		p.bend(Point{wide * 0.8, foot - 0.15}, Point{end.X + 0.1, foot}, end)
	}
}

// standing draws a body beside the head, seen from the side, with legs unless it lies, and a tail.
func (p *pen) standing(f face) {
	wide, high := p.between(0.5, 0.95), p.between(0.25, 0.45)
	at := Point{f.rx*0.6 + wide, f.ry*p.between(0, 1) + high*0.5}
	if p.maybe(0.2) { // a back and a belly, open at the ends
		p.bend(Point{at.X - wide, at.Y - high}, Point{at.X, at.Y - high*1.3}, Point{at.X + wide, at.Y - high*0.6})
		p.bend(Point{at.X - wide, at.Y + high}, Point{at.X, at.Y + high*0.8}, Point{at.X + wide, at.Y + high*0.7})
	} else {
		p.round(at, wide, high)
	}
	if p.maybe(0.7) {
		p.legs(at, wide, high)
	}
	if p.maybe(0.85) {
		from := Point{at.X + wide*0.9, at.Y - high*0.3}
		end := Point{from.X + p.between(0, 0.5), from.Y - p.between(-0.2, 0.8)}
		p.bend(from, Point{from.X + p.between(0.1, 0.5), from.Y}, end)
	}
}

func (p *pen) legs(at Point, wide, high float64) {
	top, length := at.Y+high*0.7, p.between(0.2, 0.55)
	thick := p.maybe(0.4)
	for _, x := range []float64{-0.75, -0.45, 0.45, 0.75} {
		x := at.X + x*wide
		p.line(Point{x, top}, Point{x + p.between(-0.05, 0.05), top + length})
		if thick {
			p.line(Point{x + 0.12, top}, Point{x + 0.12, top + length}, Point{x, top + length})
		}
	}
}
