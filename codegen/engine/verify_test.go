package engine_test

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/gradgen/gradgen/codegen/engine"
	"github.com/gradgen/gradgen/codegen/values"
	"github.com/gradgen/gradgen/graph"
)

// verify computes programs in every way and says what is wrong with each.
func verify(ps []*program, ways ...way) []error {
	errs := make([]error, len(ps))
	var good []int
	want := make([]*expected, len(ps))
	for i, p := range ps {
		if want[i], errs[i] = p.expect(); errs[i] == nil {
			good = append(good, i)
		}
	}
	for _, way := range ways {
		var tasks []*engine.Task
		for _, i := range good {
			x, err := ps[i].task(way.real, "diff", ps[i].seed)
			if err != nil {
				errs[i] = err
				return errs
			}
			tasks = append(tasks, x)
		}
		if len(tasks) == 0 {
			return errs
		}
		built, err := build(tasks, way.tags)
		if err != nil && len(ps) > 1 {
			for _, i := range good {
				errs[i] = verify(ps[i:i+1], ways...)[0]
			}
			return errs
		}
		for at, i := range good {
			wrong := err
			if err == nil {
				wrong = want[i].check(built, at, way.tol, way.slack)
			}
			if wrong != nil && errs[i] == nil {
				errs[i] = fmt.Errorf("%s %s: %w", way.real, way.tags, wrong)
			}
		}
		if built != nil && err == nil {
			built.Close()
		}
	}
	return errs
}

// way is one of compiling programs: results may differ by tol, relative to the
// greatest element, and slack times what some ten millionths do.
type way struct {
	real, tags string
	tol, slack float64
}

var ways = []way{{"f64", "", 1e-9, 1e-6}, {"f32", "", 3e-3, 300}, {"f64", "purego", 1e-9, 1e-6}, {"f32", "purego", 3e-3, 300}}

// build turns a panic into an error.
func build(tasks []*engine.Task, tags string) (b *engine.Built, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return engine.Build(tasks, "-tags="+tags, "-gcflags=-N -l") // which builds twice as fast
}

// expected is what a program is to compute, and what it computes from arguments
// moved by some ten millionths; or that it fails.
type expected struct {
	value, moved *engine.Result
	fails        error
}

func (p *program) expect() (*expected, error) {
	var rs [3]*engine.Result
	var errs [3]error
	for i, e := range []engine.Engine{engine.Plain, engine.Interp, engine.Interp} {
		x, err := p.task("f64", "diff", p.seed)
		if err != nil {
			return nil, err
		}
		if i == 2 {
			move(x.Args.Inputs)
			move(x.Args.Params)
		}
		rs[i], errs[i] = e(x)
	}
	if errs[0] != nil {
		return &expected{fails: errs[0]}, nil
	}
	if err := errors.Join(errs[1], errs[2]); err != nil {
		return nil, err
	}
	want := &expected{value: rs[0], moved: rs[2]}
	if err := want.same(rs[1], 1e-9, 1e-6); err != nil {
		return nil, fmt.Errorf("rewritten: %w", err)
	}
	return want, p.differences()
}

func move(xs map[string]graph.Tensor) {
	for name, x := range xs {
		for i := range x.Data {
			if name != "k" {
				x.Data[i] *= 1 + 1e-7*float64(1-2*(i*7%3%2))
			}
		}
	}
}

// differences compares gradients of smooth models with differences. These are
// useless near a jump, so another try has to be wrong too.
func (p *program) differences() (wrong error) {
	for try := uint64(0); p.smooth && !p.fn && try < 3; try++ {
		x, err := p.task("f64", "diff", p.seed+1000*try)
		if err != nil {
			return err
		}
		rows, err := engine.Gradcheck(x, engine.CheckOptions{Tolerance: 1e-5, Samples: 2, Seed: p.seed})
		for _, r := range rows {
			if !r.OK {
				err = errors.Join(err, fmt.Errorf("gradient and difference by %s %v: %g, %g", r.Name, r.At, r.Gradient, r.Difference))
			}
		}
		if err == nil {
			return nil
		}
		wrong = errors.Join(wrong, err)
	}
	return wrong
}

// check runs compiled code by one worker and by three, to the same bits.
func (e *expected) check(b *engine.Built, at int, tol, slack float64) error {
	one, err := b.Run(at, 1)
	if (err == nil) != (e.fails == nil) {
		return fmt.Errorf("the interpreter says %v, the code %v", e.fails, err)
	}
	if err != nil {
		return nil
	}
	three, err := b.Run(at, 3)
	if err != nil {
		return err
	}
	if err := (&expected{value: one, moved: one}).same(three, 0, 0); err != nil {
		return fmt.Errorf("three workers: %w", err)
	}
	return e.same(one, tol, slack)
}

// same compares results: relative to the greatest element of each, and allowing
// for slack times what moved arguments change.
func (e *expected) same(got *engine.Result, tol, slack float64) error {
	want, moved, all := every(e.value), every(e.moved), every(got)
	if len(want) != len(all) {
		return fmt.Errorf("%d results, and not %d", len(all), len(want))
	}
	for i, w := range want {
		size, change := 1.0, 0.0
		for j, x := range w.Tensor.Data {
			size = max(size, math.Abs(x))
			change = max(change, math.Abs(x-moved[i].Tensor.Data[j]))
		}
		for j, x := range w.Tensor.Data {
			y := all[i].Tensor.Data[j]
			if d := math.Abs(x - y); !(d <= tol*size+slack*change) && !(math.IsNaN(x) && math.IsNaN(y)) && x != y {
				return fmt.Errorf("%s[%d]: want %g, got %g; moved arguments change it by %g", w.Name, j, x, y, change)
			}
		}
	}
	return nil
}

func every(r *engine.Result) []values.Named {
	return slices.Concat(r.Outputs, r.Losses, r.Grads)
}
