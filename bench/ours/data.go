package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"

	rt "github.com/gradgen/gradgen/runtime"
)

// writeData writes what all sides start from: for each model a folder of inputs and initial parameters, raw numbers in
// files named after what they hold.
func writeData(dir string) error {
	for _, model := range slices.Sorted(maps.Keys(nets)) {
		m, sub := nets[model], filepath.Join(dir, model)
		if err := os.MkdirAll(sub, 0o755); err != nil {
			return err
		}
		in := m.draw()
		if err := in.write(sub); err != nil {
			return err
		}
		file := filepath.Join(sub, "params.safetensors")
		if err := m.make(in).params.Save(file); err != nil {
			return err
		}
		params, _, err := rt.LoadTensors(file)
		if err != nil {
			return err
		}
		for _, p := range params {
			if err := writeRaw(filepath.Join(sub, m.names[p.Name]+".f32"), theirs(model, p)); err != nil {
				return err
			}
		}
	}
	return writeFormulas(filepath.Join(dir, "formulas"))
}

// load makes the net of a model with the data of writeData.
func load(model, dir string) (net, error) {
	m, ok := nets[model]
	if !ok {
		return net{}, fmt.Errorf("there is no model %q", model)
	}
	in := m.inputs
	if err := in.read(dir); err != nil {
		return net{}, err
	}
	n := m.make(in)
	return n, n.params.Load(filepath.Join(dir, "params.safetensors"))
}

func (in inputs) draw() inputs {
	rnd := rand.New(rand.NewPCG(1, 1))
	for range in.batch * in.x {
		if in.symbols > 0 {
			in.ints = append(in.ints, rnd.Int32N(int32(in.symbols)))
		} else {
			in.reals = append(in.reals, float32(rnd.NormFloat64()))
		}
	}
	for range in.batch * in.y {
		in.labels = append(in.labels, rnd.Int32N(int32(in.classes)))
	}
	return in
}

func (in inputs) write(dir string) error {
	var err error
	if in.symbols > 0 {
		err = writeRaw(filepath.Join(dir, "x.i32"), in.ints)
	} else {
		err = writeRaw(filepath.Join(dir, "x.f32"), in.reals)
	}
	if err != nil {
		return err
	}
	return writeRaw(filepath.Join(dir, "y.i32"), in.labels)
}

func (in *inputs) read(dir string) error {
	var err error
	if in.symbols > 0 {
		in.ints, err = readRaw[int32](filepath.Join(dir, "x.i32"), in.batch*in.x)
	} else {
		in.reals, err = readRaw[float32](filepath.Join(dir, "x.f32"), in.batch*in.x)
	}
	if err != nil {
		return err
	}
	in.labels, err = readRaw[int32](filepath.Join(dir, "y.i32"), in.batch*in.y)
	return err
}

func writeRaw[T float32 | float64 | int32](path string, all []T) error {
	var buf bytes.Buffer
	if err := binary.Write(&buf, binary.LittleEndian, all); err != nil {
		return err
	}
	return os.WriteFile(path, buf.Bytes(), 0o644)
}

func readRaw[T float32 | float64 | int32](path string, n int) ([]T, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	all := make([]T, n)
	return all, binary.Read(bytes.NewReader(raw), binary.LittleEndian, all)
}

// theirs is a parameter as the peers order it: they have the channels of images, and of kernels, before rows and columns.
func theirs(model string, p rt.Tensor) []float32 {
	switch s := p.Shape; {
	case len(s) == 4:
		return permuted(p.F32, s, []int{3, 2, 0, 1})
	case model == "lenet" && p.Name == "h.W": // of the flattened image [5, 5, 16]
		return permuted(p.F32, []int{5, 5, 16, s[1]}, []int{2, 0, 1, 3})
	}
	return p.F32
}

// permuted is x [shape..] with its axes in another order.
func permuted(x []float32, shape, order []int) []float32 {
	strides := make([]int, len(shape))
	for k, n := len(shape)-1, 1; k >= 0; k-- {
		strides[k] = n
		n *= shape[k]
	}
	var walk func(y []float32, at, axis int) []float32
	walk = func(y []float32, at, axis int) []float32 {
		if axis == len(order) {
			return append(y, x[at])
		}
		for i := range shape[order[axis]] {
			y = walk(y, at+i*strides[order[axis]], axis+1)
		}
		return y
	}
	return walk(nil, 0, 0)
}
