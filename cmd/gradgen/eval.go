package main

import (
	"flag"
	"io"
	"os"

	"github.com/gradgen/gradgen/codegen"
	"github.com/gradgen/gradgen/codegen/engine"
	"github.com/gradgen/gradgen/codegen/values"
	"github.com/gradgen/gradgen/graph"
)

// subject says what of a file to compute, and on which values.
type subject struct {
	opt               func() codegen.Options
	model, fn, values *string
	seed              *uint64
	training          *bool
}

// flags defines the flags that eval and gradcheck share.
func (f *subject) flags(fs *flag.FlagSet, valuesUsage string) {
	f.model = fs.String("model", "", "the `name` of the model; may be left out where there is one")
	f.values = fs.String("values", "", valuesUsage)
	f.seed = fs.Uint64("seed", 1, "the `seed` of what is not given and of random numbers")
	f.training = fs.Bool("training", false, "compute as a training step does: training is true")
}

// task compiles a file as far as its derivatives and selects the model or func.
func (f subject) task(s *streams, name string) (*engine.Task, int) {
	opt := f.opt()
	opt.Until = "diff"
	res, list, err := codegen.File(name, opt)
	if status := report(s, list, err); status != done {
		return nil, status
	}
	t := &engine.Task{Program: res.Program, Training: *f.training}
	t.Model, t.Func, err = engine.Select(res.Program, *f.model, *f.fn)
	if err != nil {
		return nil, s.failf("%s: %v", name, err)
	}
	return t, done
}

// bind gives a task its values.
func (f subject) bind(t *engine.Task, set *values.Set) (err error) {
	if t.Model != nil {
		t.Args, err = set.Model(t.Model, *f.seed, t.Program.Real64)
	} else {
		t.Args, err = set.Func(t.Func, *f.seed, t.Program.Real64)
	}
	return err
}

// read reads the values file, `-` being the standard input.
func (f subject) read(s *streams) (*values.Set, error) {
	in := s.in
	if *f.values != "-" {
		file, err := os.Open(*f.values)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		in = file
	}
	return values.Read(in)
}

func evalCommand() *command {
	return &command{
		name: "eval", args: "[flags] FILE -values VALUES", short: "computes a model or func on given values", min: 1, max: 1,
		long: `
Eval reads one JSON object

	{"inputs": {NAME: NESTED ARRAYS}, "params": {"h.W": ..}, "dims": {..}}

and prints one, {"outputs": {..}, "metrics": {..}, "loss": .., "grads": {..}}, or
{"results": [..]} for a func. Dims that are left out are read off the inputs,
parameters that are left out have their initial values. Where an input is left
out that only losses and metrics need, these are left out. Reals that JSON cannot
write are the strings "NaN", "Infinity" and "-Infinity".

The engine interp is the reference interpreter: slow, and in float64 whatever
the type of the model's reals, which its inputs and results are rounded to. The
engine compiled generates the Go code, builds and runs it; it needs Go.`,
		define: func(fs *flag.FlagSet) func(*streams, []string) int {
			f := subject{opt: compileFlags(fs), fn: fs.String("func", "", "the `name` of an exported func, instead of a model")}
			f.flags(fs, "the JSON `file` with the values; - is the standard input")
			grad := fs.Bool("grad", false, "compute the gradients of the first loss by every parameter")
			which := choice(fs, "engine", "the `engine`, compiled or interp", "compiled", "interp")
			return func(s *streams, files []string) int {
				if *f.values == "" {
					return evalCommand().misused(s, "-values is missing")
				}
				t, status := f.task(s, files[0])
				if status != done {
					return status
				}
				t.Grad = *grad
				return f.eval(s, t, which.value)
			}
		},
	}
}

func (f subject) eval(s *streams, t *engine.Task, which string) int {
	if t.Grad && t.Model == nil {
		return evalCommand().misused(s, "-grad is for models; a func returns grad(y, x) itself")
	}
	set, err := f.read(s)
	if err == nil {
		err = f.bind(t, set)
	}
	if err != nil {
		return s.failf("%v", err)
	}
	compute := engine.Interp
	if which == "compiled" {
		compute = engine.Compiled
	}
	r, err := compute(t)
	if err != nil {
		return s.failf("%v", err)
	}
	print(s.out, t, r)
	return done
}

// print writes a result as JSON.
func print(out io.Writer, t *engine.Task, r *engine.Result) {
	w := &values.Writer{Real64: t.Program.Real64}
	w.Open("")
	if t.Model == nil {
		w.List("results", r.Outputs)
	} else {
		w.Members("outputs", r.Outputs)
		w.Members("metrics", r.Metrics)
		if len(r.Losses) > 0 {
			w.Tensor("loss", graph.Real, r.Losses[0].Tensor)
		}
		if t.Grad {
			w.Members("grads", r.Grads)
		}
	}
	w.Close()
	w.WriteTo(out)
}
