// Package values reads and writes tensors as JSON, and binds what a file gives
// to a model's inputs, parameters and dims.
//
// For a model with `input x [n, 2]` the text
//
//	{"inputs": {"x": [[1, 2], [3, "NaN"], [5, 6]]}}
//
// gives x the shape [3, 2], from which follows n = 3. Reals that JSON cannot
// write are the strings "NaN", "Infinity" and "-Infinity".
package values

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/parser/diag"
)

// Set is the content of a values file, by names of the model; tensors are read
// when their element type is known.
type Set struct {
	Inputs, Params, State map[string]json.RawMessage
	Dims                  map[string]int64
}

// Read reads one JSON object {"inputs": .., "params": .., "state": .., "dims": ..},
// all of whose parts may be left out.
func Read(r io.Reader) (*Set, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	top, err := object(text, "the values")
	if err != nil {
		return nil, err
	}
	s := &Set{Dims: map[string]int64{}}
	dims := map[string]json.RawMessage{}
	parts := map[string]*map[string]json.RawMessage{"inputs": &s.Inputs, "params": &s.Params, "state": &s.State, "dims": &dims}
	for _, name := range slices.Sorted(maps.Keys(top)) {
		part := parts[name]
		if part == nil {
			return nil, fmt.Errorf("the values have a part %q; the parts are inputs, params, state and dims", name)
		}
		if *part, err = object(top[name], strconv.Quote(name)); err != nil {
			return nil, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(dims)) {
		n, err := strconv.ParseInt(string(dims[name]), 10, 64)
		if err != nil || n < 1 || n > math.MaxInt32 {
			return nil, fmt.Errorf("the dim %s is %s; a dim is a whole number from 1 to %d", name, dims[name], math.MaxInt32)
		}
		s.Dims[name] = n
	}
	return s, nil
}

// hint says how JSON writes what stands at a place.
func hint(text []byte, at int) string {
	if at < 0 || at >= len(text) {
		return ""
	}
	switch text[at] {
	case 'N', 'I':
		return `; NaN and infinities are written "NaN", "Infinity" and "-Infinity"`
	case '\'':
		return "; strings stand in double quotes"
	case ']', '}':
		return "; no comma stands behind the last"
	}
	return ""
}

// object decodes an object one level deep.
func object(text []byte, what string) (map[string]json.RawMessage, error) {
	out := map[string]json.RawMessage{}
	err := json.Unmarshal(text, &out)
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		at := diag.NewFile("", text)
		line, col := at.Pos(int(syntax.Offset) - 1)
		return nil, fmt.Errorf("the values are no JSON: line %d, column %d: %v%s", line, col, err, hint(text, int(syntax.Offset)-1))
	case err != nil:
		return nil, fmt.Errorf("%s must be a JSON object", what)
	}
	return out, nil
}

// Tensor reads nested arrays, or a single value, as a tensor of an element
// type. Reals are rounded to float32 unless real64 is set.
func Tensor(text json.RawMessage, elem graph.Elem, real64 bool) (graph.Tensor, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		return graph.Tensor{}, err
	}
	r := reader{elem: elem, real64: real64, out: graph.Tensor{Shape: []int{}}}
	for x := tree; ; {
		list, ok := x.([]any)
		if !ok {
			break
		}
		r.out.Shape = append(r.out.Shape, len(list))
		if len(list) == 0 {
			break
		}
		x = list[0]
	}
	return r.out, r.fill(tree, nil)
}

type reader struct {
	elem   graph.Elem
	real64 bool
	out    graph.Tensor
}

// fill appends the elements under a node of the tree, whose place is given.
func (r *reader) fill(x any, place []int) error {
	list, isList := x.([]any)
	if depth := len(place); isList != (depth < len(r.out.Shape)) {
		return fmt.Errorf("%s: the arrays are not nested equally deep", at(place))
	} else if isList && len(list) != r.out.Shape[depth] {
		return fmt.Errorf("%s: an array of length %d where the first of its kind has %d", at(place), len(list), r.out.Shape[depth])
	}
	if !isList {
		v, err := r.scalar(x)
		if err != nil {
			return fmt.Errorf("%s%v", prefix(place), err)
		}
		r.out.Data = append(r.out.Data, v)
		return nil
	}
	for i, e := range list {
		if err := r.fill(e, append(place, i)); err != nil {
			return err
		}
	}
	return nil
}

// at writes the place of an element: [2][0].
func at(place []int) string {
	s := ""
	for _, i := range place {
		s += fmt.Sprintf("[%d]", i)
	}
	return "element " + s
}

func prefix(place []int) string {
	if len(place) == 0 {
		return ""
	}
	return at(place) + ": "
}

func (r *reader) scalar(x any) (float64, error) {
	switch r.elem {
	case graph.Int:
		return whole(x)
	case graph.Bool:
		b, ok := x.(bool)
		if !ok {
			return 0, fmt.Errorf("expected true or false, found %s", found(x))
		}
		if b {
			return 1, nil
		}
		return 0, nil
	}
	return real(x, r.real64)
}

func real(x any, real64 bool) (float64, error) {
	if s, ok := x.(string); ok {
		switch s {
		case "NaN":
			return math.NaN(), nil
		case "Infinity":
			return math.Inf(1), nil
		case "-Infinity":
			return math.Inf(-1), nil
		}
	}
	n, ok := x.(json.Number)
	if !ok {
		return 0, fmt.Errorf("expected a number, found %s", found(x))
	}
	bits := 32
	if real64 {
		bits = 64
	}
	v, err := strconv.ParseFloat(string(n), bits)
	if err != nil {
		return 0, fmt.Errorf("%s does not fit a float%d", n, bits)
	}
	return v, nil
}

func whole(x any) (float64, error) {
	n, ok := x.(json.Number)
	if !ok {
		return 0, fmt.Errorf("expected a whole number, found %s", found(x))
	}
	v, err := strconv.ParseFloat(string(n), 64)
	switch {
	case err == nil && v != math.Trunc(v):
		return 0, fmt.Errorf("%s is not a whole number", n)
	case err != nil || v < math.MinInt32 || v > math.MaxInt32:
		return 0, fmt.Errorf("%s does not fit an int of 32 bits", n)
	}
	return v, nil
}

// found shows a value of the wrong kind.
func found(x any) string {
	text, err := json.Marshal(x)
	if err != nil {
		return "something else"
	}
	if len(text) > 40 {
		text = append(text[:37:37], "..."...)
	}
	return string(text)
}
