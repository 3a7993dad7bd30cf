package main

import (
	"fmt"
	"math"
	"os"

	svg "github.com/ajstarks/svgo/float"
)

const (
	width, height = 640, 520
	scale         = 420 // pixels per metre
)

// draw draws the arm in all poses, the first one boldly, and the way of the hand, into an SVG file.
func draw(path string, poses [][7]float64) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() {
		if e := file.Close(); err == nil {
			err = e
		}
	}()
	c := svg.New(file)
	c.Start(width, height)
	c.Rect(0, 0, width, height, "fill:white")
	floor(c)
	var xs, ys []float64
	for i := len(poses) - 1; i >= 0; i-- {
		x, y := projected(Joints(poses[i]))
		arm(c, x, y, i == 0)
		xs, ys = append(xs, x[len(x)-1]), append(ys, y[len(y)-1])
	}
	c.Polygon(xs, ys, "fill:none;stroke:crimson;stroke-width:2;stroke-dasharray:6 4")
	c.End()
	return nil
}

// arm draws one pose: links, joints and the tool.
func arm(c *svg.SVG, x, y []float64, bold bool) {
	opacity := 0.15
	if bold {
		opacity = 1
	}
	c.Group(fmt.Sprintf("opacity:%g", opacity))
	c.Polyline(x, y, "fill:none;stroke:steelblue;stroke-width:12;stroke-linecap:round;stroke-linejoin:round")
	for i := range x[:len(x)-1] {
		c.Circle(x[i], y[i], 7, "fill:white;stroke:midnightblue;stroke-width:3")
	}
	c.Circle(x[len(x)-1], y[len(y)-1], 5, "fill:crimson")
	c.Gend()
}

// floor is a grid of squares of 10 cm.
func floor(c *svg.SVG) {
	for i := -4; i <= 8; i++ {
		at := float64(i) / 10
		stroke(c, [3]float64{at, -0.5, 0}, [3]float64{at, 0.5, 0})
	}
	for i := -5; i <= 5; i++ {
		at := float64(i) / 10
		stroke(c, [3]float64{-0.4, at, 0}, [3]float64{0.8, at, 0})
	}
}

func stroke(c *svg.SVG, a, b [3]float64) {
	x1, y1 := projection(a)
	x2, y2 := projection(b)
	c.Line(x1, y1, x2, y2, "stroke:lightgray")
}

func projected(places [27]float64) (x, y []float64) {
	for i := range 9 {
		a, b := projection([3]float64(places[3*i:]))
		x, y = append(x, a), append(y, b)
	}
	return x, y
}

// projection looks at a place from the side, from a little to the front and above.
func projection(p [3]float64) (x, y float64) {
	sin, cos := math.Sincos(0.6)
	right, ahead := cos*p[0]+sin*p[1], sin*p[0]-cos*p[1]
	return 230 + scale*right, 420 - scale*(0.95*p[2]-0.3*ahead)
}
