package values

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/diag"
)

// Args are the values of a model's leaves and run-time dims. Inputs that were
// not given are missing; parameters and states are complete.
type Args struct {
	Inputs, Params, States map[string]graph.Tensor
	Dims                   map[string]int64
	Seed                   uint64 // of random numbers
}

// Leaf looks a leaf up by its kind and name.
func (a *Args) Leaf(kind, name string) (graph.Tensor, bool) {
	switch kind {
	case "input":
		t, ok := a.Inputs[name]
		return t, ok
	case "param":
		t, ok := a.Params[name]
		return t, ok
	case "state":
		t, ok := a.States[name]
		return t, ok
	case "scalar":
		return a.scalar(name)
	}
	return graph.Tensor{}, false
}

// scalar is what random numbers are drawn by; steps and calls count from 1.
func (a *Args) scalar(name string) (graph.Tensor, bool) {
	v, ok := map[string]int32{"seed.low": int32(uint32(a.Seed)), "seed.high": int32(uint32(a.Seed >> 32)), "step": 1, "seed.batch": 0}[name]
	return graph.Tensor{Shape: []int{}, Data: []float64{float64(v)}}, ok
}

// Model binds a set to a model. Dims are read off the inputs, and parameters and
// states that are left out get the initial values of a seed.
func (s *Set) Model(m *graph.Model, seed uint64, real64 bool) (*Args, error) {
	b := binder{set: s, real64: real64, what: "model " + m.Name, args: &Args{Seed: seed}}
	for _, d := range m.Dims {
		if n, given := s.Dims[d.Name]; given && d.Fixed && n != d.Value {
			return nil, fmt.Errorf("the dim %s is fixed at %d; set it with -D %s=%d", d.Name, d.Value, d.Name, n)
		}
		b.dims = append(b.dims, d.Name)
		if !d.Fixed {
			b.free = append(b.free, d.Name)
		}
	}
	if err := b.leaves(m.Inputs, m.Checks); err != nil {
		return nil, err
	}
	var err error
	if b.args.Params, err = b.stored("param", s.Params, m.Params, m, seed); err != nil {
		return nil, err
	}
	b.args.States, err = b.stored("state", s.State, m.States, m, seed)
	return b.args, err
}

// Func binds a set to an exported function; what it draws depends on the seed.
func (s *Set) Func(f *graph.Func, seed uint64, real64 bool) (*Args, error) {
	b := binder{set: s, real64: real64, what: "func " + f.Name, args: &Args{Seed: seed}, dims: f.Dims, free: f.Dims}
	if len(s.Params)+len(s.State) > 0 {
		return nil, fmt.Errorf("a func has no params and no state")
	}
	return b.args, b.leaves(f.Args, f.Checks)
}

type binder struct {
	set    *Set
	real64 bool
	what   string
	dims   []string // all
	free   []string // those without a value
	args   *Args
}

// leaves reads the inputs and finds the dims.
func (b *binder) leaves(decls []*graph.Value, checks []graph.Check) error {
	if err := b.known("dim", b.set.Dims, b.dims); err != nil {
		return err
	}
	if err := b.known("input", b.set.Inputs, names(decls)); err != nil {
		return err
	}
	b.args.Inputs = map[string]graph.Tensor{}
	for _, v := range decls {
		text, ok := b.set.Inputs[v.Name]
		if !ok {
			continue
		}
		t, err := Tensor(text, v.Node.Type.Elem, b.real64)
		if err != nil {
			return fmt.Errorf("input %s: %w", v.Name, err)
		}
		b.args.Inputs[v.Name] = t
	}
	dims, err := Solve(decls, b.args.Inputs, b.set.Dims)
	if err != nil {
		return err
	}
	b.args.Dims = dims
	for _, d := range b.free {
		if _, ok := dims[d]; !ok {
			if err := ranks(decls, b.args.Inputs); err != nil {
				return err
			}
			return fmt.Errorf("the dim %s cannot be read off the given inputs; give it: \"dims\": {%q: ..}", d, d)
		}
	}
	for _, v := range decls {
		if t, ok := b.args.Inputs[v.Name]; ok {
			if b.args.Inputs[v.Name], err = fit("input", v.Name, t, v.Node.Type.Shape, dims); err != nil {
				return err
			}
		}
	}
	return Hold(checks, dims)
}

// ranks reports an input whose arrays are not nested as deep as it has axes, the
// reason why a dim could not be read off.
func ranks(decls []*graph.Value, inputs map[string]graph.Tensor) error {
	for _, v := range decls {
		want := v.Node.Type.Shape
		t, ok := inputs[v.Name]
		switch {
		case !ok || len(t.Data) == 0 || len(want) == 0 || len(t.Shape) == len(want):
		case len(t.Shape) == 0:
			return fmt.Errorf("input %s is a scalar and must have shape %s", v.Name, shape.Format(want))
		default:
			return fmt.Errorf("input %s has shape %s and must have %s", v.Name, text(t.Shape), shape.Format(want))
		}
	}
	return nil
}

// stored reads parameters or states of a model; those not given have initial values.
func (b *binder) stored(what string, given map[string]json.RawMessage, decls []*graph.Param, m *graph.Model, seed uint64) (map[string]graph.Tensor, error) {
	var paths []string
	all := graph.Members(decls)
	for _, p := range all {
		paths = append(paths, p.Path)
	}
	if err := b.known(what, given, paths); err != nil {
		return nil, err
	}
	out := map[string]graph.Tensor{}
	for _, p := range all {
		t, err := Initial(m, p, seed, b.real64)
		if text, ok := given[p.Path]; ok && err == nil {
			if t, err = Tensor(text, p.Node.Type.Elem, b.real64); err == nil {
				if t, err = fit(what, p.Path, t, p.Own(), nil); err != nil {
					return nil, err
				}
			}
		}
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", what, p.Path, err)
		}
		put(out, p, t)
	}
	return out, nil
}

// put enters a tensor among those that its parameter stands for.
func put(out map[string]graph.Tensor, p graph.Member, t graph.Tensor) {
	if len(p.Stack) == 0 {
		out[p.Path] = t
		return
	}
	all, ok := out[p.Param.Path]
	if !ok {
		all.Shape = constants(p.Node.Type.Shape)
		all.Data = make([]float64, size(all.Shape))
		out[p.Param.Path] = all
	}
	copy(all.Data[p.At:], t.Data)
}

func names(decls []*graph.Value) []string {
	var out []string
	for _, v := range decls {
		out = append(out, v.Name)
	}
	return out
}

// known reports a name that is not declared.
func (b *binder) known(what string, given any, declared []string) error {
	var got []string
	switch g := given.(type) {
	case map[string]int64:
		got = slices.Sorted(maps.Keys(g))
	case map[string]json.RawMessage:
		got = slices.Sorted(maps.Keys(g))
	}
	for _, name := range got {
		if slices.Contains(declared, name) {
			continue
		}
		if near := diag.Suggest(name, declared); near != "" {
			return fmt.Errorf("%s has no %s %s; did you mean %s?", b.what, what, name, near)
		}
		return fmt.Errorf("%s has no %s %s", b.what, what, name)
	}
	return nil
}

// fit gives a tensor its declared shape under bound dims, if it has it. Arrays
// without elements do not show all of their extents.
func fit(what, name string, t graph.Tensor, want []shape.Dim, dims map[string]int64) (graph.Tensor, error) {
	ext, size := make([]int, len(want)), 1
	for k, d := range want {
		n, ok := d.Bind(dims).IsConst()
		if !ok {
			return t, fmt.Errorf("%s %s: the extent %s is not known; give its dims under \"dims\"", what, name, d)
		}
		ext[k] = int(n)
		size *= int(n)
	}
	switch {
	case slices.Equal(ext, t.Shape), len(t.Data) == 0 && size == 0:
		t.Shape = ext
		return t, nil
	case len(t.Shape) == 0:
		return t, fmt.Errorf("%s %s is a scalar and must have shape %s", what, name, shape.Format(want))
	case len(ext) == 0:
		return t, fmt.Errorf("%s %s has shape %s and must be a scalar", what, name, text(t.Shape))
	case slices.Equal(ext, constants(want)):
		return t, fmt.Errorf("%s %s has shape %s and must have %s", what, name, text(t.Shape), text(ext))
	}
	return t, fmt.Errorf("%s %s has shape %s and must have %s = %s", what, name, text(t.Shape), shape.Format(want), text(ext))
}

func constants(ds []shape.Dim) []int {
	var out []int
	for _, d := range ds {
		if n, ok := d.IsConst(); ok {
			out = append(out, int(n))
		}
	}
	return out
}

func text(ext []int) string {
	ds := make([]shape.Dim, len(ext))
	for i, n := range ext {
		ds[i] = shape.Const(int64(n))
	}
	return shape.Format(ds)
}

func size(ext []int) int {
	n := 1
	for _, e := range ext {
		n *= e
	}
	return n
}
