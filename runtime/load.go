package runtime

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// LoadTensors reads a safetensors file whose elements are of types F32,
// F64, I32 and BOOL. The tensors are in order of name; NaNs are kept.
func LoadTensors(path string) ([]Tensor, map[string]string, error) {
	file, err := readFile(path)
	if err != nil {
		return nil, nil, fileError(path, err)
	}
	ts := make([]Tensor, len(file.entries))
	for i := range file.entries {
		ts[i] = file.entries[i].tensor()
	}
	return ts, file.meta, nil
}

// LoadNamed reads the tensors of some names, in their order, whatever else the
// file holds.
func LoadNamed(path string, names ...string) ([]Tensor, error) {
	all, _, err := LoadTensors(path)
	if err != nil {
		return nil, err
	}
	out := make([]Tensor, len(names))
	for i, name := range names {
		k := slices.IndexFunc(all, func(t Tensor) bool { return t.Name == name })
		if k < 0 {
			return nil, &FileError{Path: path, Tensor: name, Message: "is not in the file"}
		}
		out[i] = all[k]
	}
	return out, nil
}

// LoadInto reads a safetensors file into tensors that exist: their names, and
// the shape and type of each, have to be those of the file. Real numbers of
// one width are converted to the other. Nothing is written unless all is well:
// a missing or extra tensor, another shape, a NaN, or a number too large for
// float32 is an error. Tensors named by [OptimizerName] may be extra.
//
// It returns the metadata.
func LoadInto(path string, ts []Tensor) (map[string]string, error) {
	file, err := readFile(path)
	if err == nil {
		err = file.into(ts)
	}
	if err != nil {
		return nil, fileError(path, err)
	}
	return file.meta, nil
}

// into checks everything, then copies everything.
func (f *tensorFile) into(ts []Tensor) error {
	if err := checkTensors(ts); err != nil {
		return err
	}
	found := make(map[string]*entry, len(f.entries))
	for i := range f.entries {
		found[f.entries[i].name] = &f.entries[i]
	}
	for i := range ts {
		if err := found[ts[i].Name].fits(&ts[i]); err != nil {
			return err
		}
	}
	if err := f.extra(ts); err != nil {
		return err
	}
	for i := range ts {
		found[ts[i].Name].copyTo(&ts[i])
	}
	return nil
}

// extra reports the first tensor of the file that ts does not name.
func (f *tensorFile) extra(ts []Tensor) error {
	wanted := make(map[string]bool, len(ts))
	for i := range ts {
		wanted[ts[i].Name] = true
	}
	for i := range f.entries {
		name := f.entries[i].name
		if !wanted[name] && !strings.HasPrefix(name, optimizerPrefix) {
			return &FileError{Tensor: name, Message: "is in the file, but not in the model"}
		}
	}
	return nil
}

// fits reports why the entry cannot be copied to t. A nil entry is missing.
func (e *entry) fits(t *Tensor) error {
	if e == nil {
		return &FileError{Tensor: t.Name, Message: "is in the model, but not in the file"}
	}
	if !sameShape(e.shape, t.Shape) {
		return &FileError{Tensor: t.Name, Message: fmt.Sprintf("expected shape %s, found %s", shapeString(t.Shape), shapeString(e.shape))}
	}
	if want := t.dtype(); want != e.dtype && (!isReal(want) || !isReal(e.dtype)) {
		return &FileError{Tensor: t.Name, Message: fmt.Sprintf("expected type %s, found %s", want, e.dtype)}
	}
	return e.checkValues(t.dtype() == "F32")
}

func isReal(dtype string) bool { return dtype == "F32" || dtype == "F64" }

func sameShape(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i, d := range a {
		if d != b[i] {
			return false
		}
	}
	return true
}

// checkValues reports the first NaN, and, if the destination is in float32,
// the first finite number that becomes infinite there.
func (e *entry) checkValues(to32 bool) error {
	if e.dtype == "BOOL" {
		return e.checkBools()
	}
	if e.dtype == "I32" {
		return nil
	}
	for i := range e.len() {
		v := e.real(i)
		if math.IsNaN(v) {
			return e.elementError(i, "is NaN")
		}
		if to32 && !math.IsInf(v, 0) && math.IsInf(float64(float32(v)), 0) {
			return e.elementError(i, fmt.Sprintf("is %v, too large for float32", v))
		}
	}
	return nil
}

// checkBools reports the first byte that is neither 0 nor 1.
func (e *entry) checkBools() error {
	for i, v := range e.data {
		if v > 1 {
			return e.elementError(i, fmt.Sprintf("is %d, not a bool", v))
		}
	}
	return nil
}

func (e *entry) elementError(i int, problem string) error {
	at := brackets(unflatten([]int{i}, e.shape))
	return &FileError{Tensor: e.name + at, Message: problem}
}

// copyTo fills the slice that t has.
func (e *entry) copyTo(t *Tensor) {
	for i := range t.F32 {
		t.F32[i] = float32(e.real(i))
	}
	for i := range t.F64 {
		t.F64[i] = e.real(i)
	}
	for i := range t.I32 {
		t.I32[i] = e.int(i)
	}
	for i := range t.Bool {
		t.Bool[i] = e.data[i] != 0
	}
}

// tensor copies the entry to a new tensor.
func (e *entry) tensor() Tensor {
	t := Tensor{Name: e.name, Shape: e.shape}
	switch n := e.len(); e.dtype {
	case "F64":
		t.F64 = make([]float64, n)
	case "I32":
		t.I32 = make([]int32, n)
	case "BOOL":
		t.Bool = make([]bool, n)
	default:
		t.F32 = make([]float32, n)
	}
	e.copyTo(&t)
	return t
}
