// Orbit finds out what holds a planet, from fifty places where it was seen, in two ways: by the solver of a
// differential equation with derivatives through all its steps, and by a network that has to obey the law.
package main

//go:generate go run github.com/gradgen/gradgen/cmd/gradgen gen orbit.grad

import (
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"time"
)

type options struct {
	sights, steps int
	noise         float64
	seed          uint64
	draw          string
}

func main() {
	var o options
	flag.IntVar(&o.sights, "sights", 50, "how often the planet was seen")
	flag.Float64Var(&o.noise, "noise", 0.02, "standard deviation of each coordinate seen")
	flag.IntVar(&o.steps, "steps", 6000, "steps that the network learns")
	flag.Uint64Var(&o.seed, "seed", 1, "where chance begins")
	flag.StringVar(&o.draw, "draw", "", "draw the orbits into this PNG `file`")
	flag.Parse()
	if flag.NArg() > 0 || o.sights < 4 || o.noise <= 0 || o.steps < 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(os.Stdout, o); err != nil {
		fmt.Fprintln(os.Stderr, "orbit:", err)
		os.Exit(1)
	}
}

// run sees the planet, explains it in both ways, and lets both say where it goes.
func run(out io.Writer, o options) error {
	seen, err := see(o)
	if err != nil {
		return err
	}
	begin := time.Now()
	p, deviations, err := fit(seen, o.noise, func(sights, steps int, off float64) {
		fmt.Fprintf(out, "solver: %2d places explained after %2d steps, off by %.4f\n", sights, steps, off)
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "after %.2f s:   true     found\n", time.Since(begin).Seconds())
	for i, name := range []string{"x", "y", "velocity x", "velocity y", "mass", "drag"} {
		fmt.Fprintf(out, "%-12s %7.4f   %7.4f ± %.4f\n", name, truth[i], p[i], deviations[i])
	}
	begin = time.Now()
	m, err := learn(seen, o, func(step int, loss, off float64, m *Informed) {
		fmt.Fprintf(out, "network: step %5d   loss %.5f   off by %.4f   mass %.4f   drag %.4f\n", step, loss, off, mass(m), drag(m))
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "after %.2f s\n\n", time.Since(begin).Seconds())
	return compare(out, o, seen, p, m)
}

// compare asks both where the planet is while it was seen, and as long again after that.
func compare(out io.Writer, o options, seen []float64, p [6]float64, m *Informed) error {
	paths := make([][]float64, 3)
	for i, p := range [][6]float64{truth, p} {
		paths[i] = make([]float64, 4*fine)
		if err := Orbit(paths[i], 2*fine, p, 2*span); err != nil {
			return err
		}
	}
	predictor, err := m.NewPredictor(InformedDims{N: 2 * fine, M: 1})
	if err != nil {
		return err
	}
	if paths[2], err = predictor.Predict(times(2*fine, 2*span)); err != nil {
		return err
	}
	fmt.Fprintln(out, "off by      while seen   in the future")
	for i, name := range []string{"solver", "network"} {
		path := paths[i+1]
		fmt.Fprintf(out, "%-10s %11.4f %15.4f\n", name, distance(path[:2*fine], paths[0]), distance(path[2*fine:], paths[0][2*fine:]))
	}
	if o.draw != "" {
		return draw(o.draw, seen, paths)
	}
	return nil
}

// distance is the root mean square between places.
func distance(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += (a[i] - b[i]) * (a[i] - b[i])
	}
	return math.Sqrt(2 * sum / float64(len(a)))
}
