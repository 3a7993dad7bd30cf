package engine_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen"
	"github.com/gradgen/gradgen/codegen/engine"
	"github.com/gradgen/gradgen/codegen/values"
	"github.com/gradgen/gradgen/graph"
)

// TestRandomPrograms compares the generated code of random programs, in both
// widths, in assembly and in Go, by one and by three workers, with the
// interpreter before and after rewriting, and gradients with differences.
// GRADGEN_PROGRAMS sets how many, GRADGEN_FIRST the first one's number.
func TestRandomPrograms(t *testing.T) {
	const batch = 12
	first, count := setting(t, "GRADGEN_FIRST", 1), setting(t, "GRADGEN_PROGRAMS", 12)
	for seed := first; seed < first+count; seed += batch {
		var ps []*program
		for s := seed; s < min(seed+batch, first+count); s++ {
			ps = append(ps, randomProgram(s, 14, forms))
		}
		for i, err := range verify(ps) {
			if err != nil {
				p := smallest(ps[i], err)
				t.Errorf("program %d: %v\n%s", p.seed, errors.Join(verify([]*program{p})...), p.source())
			}
		}
		if count > batch {
			t.Logf("programs up to %d", seed+batch-1)
		}
	}
}

// Programs that were computed wrongly once.
func TestFoundPrograms(t *testing.T) {
	paths, err := filepath.Glob("testdata/found/*.grad")
	require.NoError(t, err)
	var ps []*program
	for _, path := range paths {
		src, err := os.ReadFile(path)
		require.NoError(t, err)
		ps = append(ps, &program{n: 5, fn: strings.Contains(string(src), "\nfunc P"), text: string(src)})
	}
	for i, err := range verify(ps) {
		require.NoError(t, err, paths[i])
	}
}

// Every form makes programs that compile.
func TestForms(t *testing.T) {
	for i, f := range forms {
		for seed := range uint64(6) {
			p := randomProgram(100*uint64(i)+seed, 1, []form{f})
			_, err := p.task("f64", "check", 0)
			require.NoError(t, err, p.source())
		}
	}
}

func setting(t *testing.T, name string, otherwise uint64) uint64 {
	s := os.Getenv(name)
	if s == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(s, 10, 64)
	require.NoError(t, err)
	return n
}

// smallest leaves statements away as long as something is still wrong: of the
// same sort, if the program was refused.
func smallest(p *program, err error) *program {
	var refused refusal
	strict := errors.As(err, &refused)
	for i := len(p.parts) - 1; i >= 0; i-- {
		less := *p
		less.parts = slices.Delete(slices.Clone(p.parts), i, i+1)
		var now refusal
		err := verify([]*program{&less})[0]
		if err != nil && strict == errors.As(err, &now) && now.code == refused.code {
			p = &less
		}
	}
	return p
}

// refusal is that the compiler does not take a program.
type refusal struct{ code, text string }

func (r refusal) Error() string { return r.text }

// task compiles a program and draws its arguments by a seed.
func (p *program) task(real, until string, seed uint64) (*engine.Task, error) {
	res, list, err := codegen.Compile("m.grad", []byte(p.source()), codegen.Options{Until: until, Real: real})
	if err != nil {
		return nil, err
	}
	for _, d := range list {
		if list.HasErrors() && d.Code != "" {
			return nil, refusal{d.Code, fmt.Sprint(list)}
		}
	}
	x := &engine.Task{Program: res.Program, Args: &values.Args{Dims: map[string]int64{"n": int64(p.n)}}}
	if until == "check" {
		return x, nil
	}
	if p.fn {
		x.Func = res.Program.Funcs[0]
		x.Args.Inputs = p.inputs(seed)
		return x, nil
	}
	x.Model, x.Grad, x.Training = res.Program.Models[0], true, p.seed%3 != 0 || p.text != ""
	return x, engine.Draw(x, seed)
}

// inputs are the arguments of a function.
func (p *program) inputs(seed uint64) map[string]graph.Tensor {
	r := rand.New(rand.NewPCG(seed, 8))
	out := map[string]graph.Tensor{}
	draw := func(name string, make func() float64, ext ...int) {
		x := graph.Tensor{Shape: append([]int{}, ext...)}
		size := 1
		for _, n := range ext {
			size *= n
		}
		for range size {
			x.Data = append(x.Data, make())
		}
		out[name] = x
	}
	n := p.n
	draw("x", r.NormFloat64, n)
	draw("w", r.NormFloat64, n)
	draw("A", r.NormFloat64, n, 3)
	draw("W", r.NormFloat64, n, 3)
	draw("Q", r.NormFloat64, 3, 3)
	draw("c", r.NormFloat64, 3)
	draw("a", r.NormFloat64)
	draw("k", func() float64 { return float64(r.IntN(n)) }, n)
	return out
}

// verify computes programs in every way and says what is wrong with each.
func verify(ps []*program) []error {
	errs := make([]error, len(ps))
	var good []int
	want := make([]*expected, len(ps))
	for i, p := range ps {
		if want[i], errs[i] = p.expect(); errs[i] == nil {
			good = append(good, i)
		}
	}
	for _, way := range []struct {
		real, tags string
		tol, slack float64
	}{{"f64", "", 1e-9, 1e-6}, {"f64", "purego", 1e-9, 1e-6}, {"f32", "", 3e-3, 300}, {"f32", "purego", 3e-3, 300}} {
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
				errs[i] = verify(ps[i : i+1])[0]
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

// build turns a panic into an error.
func build(tasks []*engine.Task, tags string) (b *engine.Built, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return engine.Build(tasks, tags)
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
