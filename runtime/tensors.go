package runtime

import (
	"fmt"
	"strconv"
	"strings"
)

// A Tensor is a named array of a parameter file. One of F32, F64, I32 and Bool
// holds its elements, row-major, and is not nil.
type Tensor struct {
	Name  string
	Shape []int // nil or empty for a scalar
	F32   []float32
	F64   []float64
	I32   []int32
	Bool  []bool
}

// Keys of the metadata of parameter files and checkpoints.
const (
	MetaModel = "gradgen.model" // name of the model
	MetaHash  = "gradgen.hash"  // hash of its parameters' names and shapes
	MetaStep  = "gradgen.step"  // steps done, in a checkpoint
	MetaSeed  = "gradgen.seed"  // key of the random numbers, in a checkpoint
)

// metadataKey is where the header of a file keeps the metadata.
const metadataKey = "__metadata__"

// optimizerPrefix begins the names of the tensors that only training needs.
// No parameter has such a name: names of parameters have no slash.
const optimizerPrefix = "optimizer/"

// OptimizerName is the name, in a checkpoint, of an optimiser's state for a
// parameter. [LoadInto] passes over tensors of such names that it is not asked
// for, so a model loads from a checkpoint too.
func OptimizerName(param, state string) string { return optimizerPrefix + param + "/" + state }

// MetaInt returns a number of the metadata. It reports an error for a missing
// key or one that is no number.
func MetaInt(meta map[string]string, key string) (int64, error) {
	s, ok := meta[key]
	if !ok {
		return 0, fmt.Errorf("the metadata have no %s", key)
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s in the metadata is %q, not a number", key, s)
	}
	return n, nil
}

// Flag is 1 for true: a bool in a tensor of ints.
func Flag(on bool) int32 {
	if on {
		return 1
	}
	return 0
}

// Replace puts tensors in the places of those of their names.
func Replace(ts, by []Tensor) []Tensor {
	for i := range ts {
		for _, t := range by {
			if t.Name == ts[i].Name {
				ts[i] = t
			}
		}
	}
	return ts
}

// dtype is the element type in the terms of the file format.
func (t *Tensor) dtype() string {
	switch {
	case t.F64 != nil:
		return "F64"
	case t.I32 != nil:
		return "I32"
	case t.Bool != nil:
		return "BOOL"
	}
	return "F32"
}

func (t *Tensor) len() int { return len(t.F32) + len(t.F64) + len(t.I32) + len(t.Bool) }

// check reports a tensor whose elements do not fill its shape, or are of two
// types.
func (t *Tensor) check() error {
	if t.Name == metadataKey {
		return &FileError{Tensor: t.Name, Message: "the name is reserved"}
	}
	kinds := 0
	for _, present := range []bool{t.F32 != nil, t.F64 != nil, t.I32 != nil, t.Bool != nil} {
		if present {
			kinds++
		}
	}
	if kinds > 1 {
		return &FileError{Tensor: t.Name, Message: "the tensor has elements of two types"}
	}
	n, ok := elements(t.Shape)
	if !ok || n != t.len() {
		return &FileError{Tensor: t.Name, Message: fmt.Sprintf("the tensor has %d elements, its shape is %s", t.len(), shapeString(t.Shape))}
	}
	return nil
}

// elements is the product of the dimensions, if it is a length.
func elements(shape []int) (n int, ok bool) {
	n = 1
	for _, d := range shape {
		if d < 0 {
			return 0, false
		}
		if d != 0 && n > maxElements/d {
			return 0, false
		}
		n *= d
	}
	return n, true
}

// maxElements keeps 8 bytes for each element within an int.
const maxElements = int(^uint(0)>>1) / 8

func shapeString(shape []int) string {
	s := make([]string, len(shape))
	for i, d := range shape {
		s[i] = strconv.Itoa(d)
	}
	return "[" + strings.Join(s, ", ") + "]"
}

func sizeOf(dtype string) int {
	switch dtype {
	case "F64":
		return 8
	case "F32", "I32":
		return 4
	case "BOOL":
		return 1
	}
	return 0
}
