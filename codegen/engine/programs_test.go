package engine_test

import (
	"errors"
	"fmt"
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

// batch is how many programs are built together.
const batch = 12

// TestRandomPrograms compares the generated code of random programs, one batch
// in assembly, the next in Go, in both widths, by one and by three workers, with the
// interpreter before and after rewriting, and gradients with differences.
// GRADGEN_PROGRAMS sets how many, GRADGEN_FIRST the first one's number.
func TestRandomPrograms(t *testing.T) {
	first, count := setting(t, "GRADGEN_FIRST", 1), setting(t, "GRADGEN_PROGRAMS", 12)
	for seed := first; seed < first+count; seed += batch {
		var ps []*program
		for s := seed; s < min(seed+batch, first+count); s++ {
			ps = append(ps, randomProgram(s, 4+int(s%17), forms))
		}
		way := ways[seed/batch%uint64(len(ways))]
		for i, err := range verify(ps, way) {
			if err != nil {
				p := smallest(ps[i], err, way)
				t.Errorf("program %d: %v\n%s", p.seed, errors.Join(verify([]*program{p}, way)...), p.source())
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
		ps = append(ps, &program{n: 5, fn: strings.Contains(string(src), "func P"), text: string(src)})
	}
	for i, err := range verify(ps, ways...) {
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
func smallest(p *program, err error, way way) *program {
	var refused refusal
	strict := errors.As(err, &refused)
	for i := len(p.parts) - 1; i >= 0; i-- {
		less := *p
		less.parts = slices.Delete(slices.Clone(p.parts), i, i+1)
		var now refusal
		err := verify([]*program{&less}, way)[0]
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
