package main

import (
	"flag"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/gradgen/gradgen/codegen"
	"github.com/gradgen/gradgen/codegen/engine"
)

func gradcheckCommand() *command {
	return &command{
		name: "gradcheck", args: "[flags] FILE", short: "compares derivatives with differences", min: 1, max: 1,
		long: `
Gradcheck compares the gradient of a model's first loss by every parameter with
finite differences, in float64, and prints a line for each parameter: the
element where the two are farthest apart, relative where they exceed 1. The
status is 1 if they differ by more than the tolerance.

The differences are central ones, extrapolated to step 0 (Ridders' method), of
the loss as the interpreter computes it. The interpreter has no complex numbers,
so there are no complex steps. At a kink, and under stop(..), a derivative
differs from the difference by intention.

Without -values the inputs are random: normal reals, and ints within the range of
what they index. Run-time dims are small; -D batch=5 sets one.`,
		define: func(fs *flag.FlagSet) func(*streams, []string) int {
			var f subject
			dims := dimsFlag(fs)
			f.opt = func() codegen.Options { return codegen.Options{Dims: dims, Real: "f64", Version: version} }
			f.flags(fs, "take the values of this JSON `file`, as eval does; - is the standard input")
			f.fn = new(string)
			opt := engine.CheckOptions{}
			fs.IntVar(&opt.Samples, "n", 10, "check `n` elements of each parameter, drawn at random; 0: all")
			fs.Float64Var(&opt.Tolerance, "tol", 1e-6, "the largest `error` that passes")
			return func(s *streams, files []string) int {
				return f.gradcheck(s, files[0], opt)
			}
		},
	}
}

func (f subject) gradcheck(s *streams, name string, opt engine.CheckOptions) int {
	t, status := f.task(s, name)
	switch {
	case status != done:
		return status
	case t.Model == nil:
		return s.failf("%s has no model", name)
	}
	err := f.fill(s, t)
	if err != nil {
		return s.failf("%v", err)
	}
	opt.Seed = *f.seed
	opt.Progress = progress(s, "derivatives")
	rows, err := engine.Gradcheck(t, opt)
	if err != nil {
		return s.failf("%v", err)
	}
	return printChecks(s, rows)
}

// fill gives the task values: those of the file, or random ones.
func (f subject) fill(s *streams, t *engine.Task) error {
	if *f.values == "" {
		return engine.Draw(t, *f.seed)
	}
	set, err := f.read(s)
	if err != nil {
		return err
	}
	return f.bind(t, set)
}

func printChecks(s *streams, rows []engine.CheckRow) int {
	status := done
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "parameter\tshape\tchecked\tlargest error\tat\tgradient\tdifference\t")
	for _, r := range rows {
		verdict := "ok"
		if !r.OK {
			verdict, status = "MISMATCH", failed
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%.1e\t%s\t%.9g\t%.9g\t%s\n",
			r.Name, list(r.Shape), r.Checked, r.Error, list(r.At), r.Gradient, r.Difference, verdict)
	}
	w.Flush()
	return status
}

// list writes [2, 3].
func list(ns []int) string {
	return "[" + strings.Trim(strings.ReplaceAll(fmt.Sprint(ns), " ", ", "), "[]") + "]"
}
