// Robotarm moves the hand of a robot arm of seven joints along a circle: it finds the angles of the joints
// from places and directions by the method of Levenberg and Marquardt, and draws the arm.
package main

//go:generate go run github.com/gradgen/gradgen/cmd/gradgen gen arm.grad

import (
	"flag"
	"fmt"
	"io"
	"math"
	"os"
)

type options struct {
	places int
	x, r   float64
	draw   string
}

func main() {
	var o options
	flag.IntVar(&o.places, "places", 12, "how many places along the circle")
	flag.Float64Var(&o.x, "x", 0.5, "distance of the circle from the base in metres")
	flag.Float64Var(&o.r, "r", 0.25, "radius of the circle in metres")
	flag.StringVar(&o.draw, "draw", "", "draw the arm into this SVG `file`")
	flag.Parse()
	if flag.NArg() > 0 || o.places < 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(os.Stdout, o); err != nil {
		fmt.Fprintln(os.Stderr, "robotarm:", err)
		os.Exit(1)
	}
}

// run goes around the circle, from each place to the next, and reports.
func run(out io.Writer, o options) error {
	q := Rest
	var poses [][7]float64
	fmt.Fprintln(out, "  place of the hand / m     joints / degrees                                     steps   off by")
	for i := range o.places {
		goal := circle(o, i)
		found, steps, err := Reach(q, goal)
		if err != nil {
			return err
		}
		q = found
		poses = append(poses, q)
		report(out, q, goal, steps)
	}
	if o.draw != "" {
		return draw(o.draw, poses)
	}
	return nil
}

// circle is the i-th goal: on a circle that lies in front of the arm, with the hand pointing down.
func circle(o options, i int) Goal {
	sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(o.places))
	return Goal{Place: [3]float64{o.x + o.r*cos, o.r * sin, 0.15}, Direction: [3]float64{0, 0, -1}}
}

func report(out io.Writer, q [7]float64, goal Goal, steps int) {
	position, _ := Position(q)
	off := 0.0
	for i, p := range goal.Place {
		off = math.Hypot(off, p-position[i])
	}
	fmt.Fprintf(out, "%7.3f %7.3f %7.3f   ", position[0], position[1], position[2])
	for _, angle := range q {
		fmt.Fprintf(out, " %6.1f", angle*180/math.Pi)
	}
	fmt.Fprintf(out, "   %5d   %.0e m\n", steps, off)
}
