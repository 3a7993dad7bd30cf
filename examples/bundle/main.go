// Bundle finds, from what many cameras have seen of many points, where the points are, and where the cameras
// were and how they see. The scene is made up, so that what is found can be compared with what is true.
package main

//go:generate go run github.com/gradgen/gradgen/cmd/gradgen gen bundle.grad

import (
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"time"
)

type options struct {
	cameras, points int
	noise           float64
	seed            uint64
}

func main() {
	var o options
	flag.IntVar(&o.cameras, "cameras", 20, "number of cameras, the places of two of which are known")
	flag.IntVar(&o.points, "points", 2000, "number of points")
	flag.Float64Var(&o.noise, "noise", 0.5, "standard deviation in pixels of what cameras see")
	flag.Uint64Var(&o.seed, "seed", 1, "where chance begins")
	flag.Parse()
	if flag.NArg() > 0 || o.cameras < 3 || o.points < 20 || o.noise < 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(os.Stdout, o); err != nil {
		fmt.Fprintln(os.Stderr, "bundle:", err)
		os.Exit(1)
	}
}

// run makes a scene, forgets most of it, finds it again and reports.
func run(out io.Writer, o options) error {
	truth, seen, err := newScene(o)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d points seen %d times by %d cameras\n\n", len(truth.points)/3, len(seen.by), len(truth.cameras)/9)
	found := truth.forgotten(o.seed)
	before := compare(truth, found)
	begin := time.Now()
	err = adjust(found, seen, func(step int, pixels, damping float64) {
		fmt.Fprintf(out, "step %2d   %9.4f pixels off   damping %.0e\n", step, pixels, damping)
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "That took %.2f s.\n\n", time.Since(begin).Seconds())
	after := compare(truth, found)
	fmt.Fprintln(out, "off by            before     after")
	fmt.Fprintf(out, "points       %8.1f mm  %8.2f mm\n", 1000*before.points, 1000*after.points)
	fmt.Fprintf(out, "cameras      %8.1f mm  %8.2f mm\n", 1000*before.cameras, 1000*after.cameras)
	fmt.Fprintf(out, "focal length %8.2f %%   %8.3f %%\n", 100*before.focal, 100*after.focal)
	fmt.Fprintf(out, "\n%.2f pixels of noise should leave %.4f.\n", o.noise, o.noise*math.Sqrt(freedom(truth, seen)))
	return nil
}

// freedom is the part of the noise that no places of points and cameras can explain.
func freedom(s *scene, seen *sights) float64 {
	unknown := len(s.points) + len(s.cameras) - 9*known
	return 1 - float64(unknown)/float64(2*len(seen.by))
}
