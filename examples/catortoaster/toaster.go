package main

import "math"

// box is the front of a toaster: half its width and its height, and how deep it looks.
type box struct {
	wide, high   float64 // from -wide to wide, from 0 down to high
	lean         float64 // the top is narrower by this much on each side
	backX, backY float64 // how far the back edge of the top is displaced; 0 if seen from the front
}

// toaster draws a box with slots or slices of bread on top, a lever, knobs, feet, a cord.
func (p *pen) toaster() {
	b := box{wide: p.between(0.4, 0.75), high: p.between(0.45, 0.9)}
	if p.maybe(0.35) {
		b.lean = p.between(-0.02, 0.15)
	}
	deep := p.maybe(0.4)
	if deep {
		b.backX, b.backY = p.between(0.05, 0.5), -p.between(0.15, 0.45)
	}
	p.body(b, deep)
	bread := p.maybe(0.65)
	if bread {
		p.slices(b, deep)
	}
	if !bread || p.maybe(0.3) {
		p.slots(b, deep)
	}
	p.fittings(b, deep)
}

func (p *pen) body(b box, deep bool) {
	tl, tr := Point{-b.wide + b.lean, 0}, Point{b.wide - b.lean, 0}
	br, bl := Point{b.wide, b.high}, Point{-b.wide, b.high}
	switch {
	case !deep && p.maybe(0.45):
		p.rounded(b)
	case p.maybe(0.3):
		p.apart(tl, tr, br, bl, tl)
	default:
		p.closed(tl, tr, br, bl)
	}
	if !deep {
		return
	}
	btl, btr := Point{tl.X + b.backX, b.backY}, Point{tr.X + b.backX, b.backY}
	if p.maybe(0.5) {
		p.line(tl, btl, btr, tr)
	} else {
		p.apart(tl, btl, btr, tr)
	}
	bbr := Point{br.X + b.backX, br.Y + b.backY*0.8}
	p.line(btr, bbr, br)
}

// rounded draws a front with round corners, at times only the upper ones.
func (p *pen) rounded(b box) {
	r := p.between(0.1, 0.4) * b.high
	low := r
	if p.maybe(0.5) {
		low = 0.02
	}
	var path []Point
	corner := func(x, y, r, from float64) {
		for i := range 5 {
			sin, cos := math.Sincos(from + float64(i)*math.Pi/8)
			path = append(path, Point{x + r*cos, y + r*sin})
		}
	}
	corner(-b.wide+b.lean+r, r, r, math.Pi)
	corner(b.wide-b.lean-r, r, r, 1.5*math.Pi)
	corner(b.wide-low, b.high-low, low, 0)
	corner(-b.wide+low, b.high-low, low, 0.5*math.Pi)
	p.closed(path...)
}

// slices draws one or two slices of bread that stand out of the top.
func (p *pen) slices(b box, deep bool) {
	count := 1 + p.IntN(2)
	foot := 0.0
	if p.maybe(0.12) { // one sees through the front
		foot = b.high * p.between(0.2, 0.8)
	} else if deep {
		foot = b.backY * p.between(0.3, 0.7)
	}
	top := b.wide - max(b.lean, 0)
	if count == 2 && p.maybe(0.4) { // one behind the other
		w, h := top*p.between(0.5, 0.85), p.between(0.25, 0.6)
		p.slice(Point{b.backX / 2, foot}, w, h)
		shift := p.between(0.05, 0.15)
		p.bend(Point{b.backX/2 - w + shift, foot - h*1.05}, Point{b.backX/2 + shift, foot - h - 2*shift}, Point{b.backX/2 + w + shift, foot - h*0.9})
		p.line(Point{b.backX/2 + w + shift, foot - h*0.9}, Point{b.backX/2 + w + shift, foot})
		return
	}
	for i := range count {
		w := top * p.between(0.3, 0.45)
		x := b.backX / 2
		if count == 2 {
			x += (2*float64(i) - 1) * top * p.between(0.42, 0.52)
		} else {
			w *= p.between(1, 2)
		}
		at := Point{x, foot}
		if p.maybe(0.12) {
			at.Y -= p.between(0.05, 0.3) // it is just jumping out
		}
		p.slice(at, w, p.between(0.2, 0.65))
	}
}

// slice draws a slice of bread of half width w and height h on the point at.
func (p *pen) slice(at Point, w, h float64) {
	l, r := Point{at.X - w, at.Y}, Point{at.X + w, at.Y}
	lt, rt := Point{l.X, at.Y - h}, Point{r.X, at.Y - h}
	switch p.IntN(4) {
	case 0: // square
		p.line(l, lt, rt, r)
	case 1: // an arch
		p.line(l, Point{lt.X, lt.Y + w*0.5}, Point{lt.X + w*0.15, lt.Y + w*0.2}, Point{lt.X + w*0.5, lt.Y}, Point{rt.X - w*0.5, rt.Y},
			Point{rt.X - w*0.15, rt.Y + w*0.2}, Point{rt.X, rt.Y + w*0.5}, r)
	case 2: // a loaf: bulges at the top
		p.line(l, Point{lt.X, lt.Y + h*0.4}, Point{lt.X - w*0.15, lt.Y + h*0.2}, Point{lt.X, lt.Y}, Point{at.X, lt.Y - h*0.12},
			Point{rt.X, rt.Y}, Point{rt.X + w*0.15, rt.Y + h*0.2}, Point{rt.X, rt.Y + h*0.4}, r)
	case 3: // two bumps
		p.line(l, lt)
		p.arc(Point{at.X - w/2, lt.Y}, w/2, h*0.2, math.Pi, 2*math.Pi)
		p.arc(Point{at.X + w/2, lt.Y}, w/2, h*0.2, math.Pi, 2*math.Pi)
		p.line(rt, r)
	}
	if p.maybe(0.12) { // the crust
		p.line(Point{l.X + w*0.2, at.Y}, Point{l.X + w*0.2, lt.Y + w*0.2}, Point{r.X - w*0.2, lt.Y + w*0.2}, Point{r.X - w*0.2, at.Y})
	}
}

// slots draws the openings in the top.
func (p *pen) slots(b box, deep bool) {
	count, kind := 1+p.IntN(2), p.IntN(3)
	top := (b.wide - max(b.lean, 0)) * p.between(0.55, 0.85)
	for i := range count {
		f := (float64(i) + 0.5) / float64(count)
		at := Point{b.backX * f, b.backY * f}
		thick := math.Abs(b.backY) * 0.12
		if !deep { // seen from the front: short marks along the upper edge
			at = Point{0, -0.03 + 0.1*float64(i)}
			thick = 0.03
		}
		switch kind {
		case 0:
			p.line(Point{at.X - top, at.Y}, Point{at.X + top, at.Y})
		case 1:
			p.round(at, top, thick)
		case 2:
			p.closed(Point{at.X - top, at.Y - thick}, Point{at.X + top, at.Y - thick}, Point{at.X + top, at.Y + thick}, Point{at.X - top, at.Y + thick})
		}
	}
}

func (p *pen) fittings(b box, deep bool) {
	if p.maybe(0.6) {
		p.lever(b, deep)
	}
	if p.maybe(0.45) {
		p.knobs(b)
	}
	if p.maybe(0.3) { // feet
		for _, x := range []float64{-0.75, 0.75} {
			x, h := x*b.wide, p.between(0.04, 0.12)
			p.line(Point{x - 0.08, b.high}, Point{x - 0.08, b.high + h}, Point{x + 0.08, b.high + h}, Point{x + 0.08, b.high})
		}
	}
	if p.maybe(0.2) { // a band
		y := b.high * p.between(0.75, 0.92)
		p.line(Point{-b.wide, y}, Point{b.wide, y})
	}
	if p.maybe(0.2) { // the cord
		from := Point{-b.wide, b.high * p.between(0.6, 0.95)}
		mid := Point{from.X - p.between(0.15, 0.4), from.Y + p.between(-0.2, 0.3)}
		p.bend(from, Point{mid.X, from.Y}, mid)
		p.bend(mid, Point{mid.X, mid.Y + 0.2}, Point{mid.X - p.between(0, 0.3), mid.Y + p.between(-0.2, 0.2)})
	}
}

func (p *pen) lever(b box, deep bool) {
	y := b.high * p.between(0.15, 0.6)
	if p.maybe(0.45) { // a slit on the front with a handle
		x := b.wide * p.between(0.3, 0.8)
		p.line(Point{x, b.high * 0.15}, Point{x, b.high * p.between(0.6, 0.9)})
		p.closed(Point{x - 0.09, y}, Point{x + 0.09, y}, Point{x + 0.09, y + 0.08}, Point{x - 0.09, y + 0.08})
		return
	}
	x := b.wide
	if deep {
		x += b.backX / 2
		y += b.backY / 2
	}
	out := p.between(0.06, 0.25)
	switch p.IntN(3) {
	case 0:
		p.line(Point{x, y}, Point{x + out, y}, Point{x + out, y + 0.08}, Point{x, y + 0.08})
	case 1:
		p.line(Point{x, y}, Point{x + out, y})
		p.round(Point{x + out + 0.05, y}, 0.05, 0.05)
	case 2:
		p.line(Point{x, y}, Point{x + out, y})
		p.line(Point{x + out, y - 0.08}, Point{x + out, y + 0.08})
	}
}

func (p *pen) knobs(b box) {
	count, r := 1+p.IntN(3), p.between(0.04, 0.13)
	y := b.high * p.between(0.4, 0.85)
	column := p.maybe(0.3)
	x := b.wide * p.between(-0.7, 0.7)
	for i := range count {
		at := Point{b.wide * (float64(i) - float64(count-1)/2) * 0.5, y}
		if count == 1 || column {
			at = Point{x, b.high * (0.3 + 0.22*float64(i))}
		}
		p.round(at, r, r)
		if p.maybe(0.3) {
			p.line(at, p.near(at, r))
		}
	}
}
