package values

import (
	"io"
	"math"
	"strconv"

	"github.com/gradgen/gradgen/graph"
)

// Named is a tensor with its name and element type.
type Named struct {
	Name string
	Elem graph.Elem
	graph.Tensor
}

// Writer prints JSON objects whose members stay in order. Numbers have the
// digits that read back exactly in their type.
type Writer struct {
	Real64 bool
	b      []byte
	first  bool
	indent string
}

// Open begins an object, under a name unless it is the outermost.
func (w *Writer) Open(name string) {
	if w.b != nil {
		w.key(name)
	}
	w.b = append(w.b, '{')
	w.first, w.indent = true, w.indent+"  "
}

// Close ends the object.
func (w *Writer) Close() {
	w.indent = w.indent[2:]
	if !w.first {
		w.b = append(append(w.b, '\n'), w.indent...)
	}
	w.b = append(w.b, '}')
	w.first = false
}

func (w *Writer) key(name string) {
	if !w.first {
		w.b = append(w.b, ',')
	}
	w.first = false
	w.b = append(append(w.b, '\n'), w.indent...)
	if name != "" {
		w.b = append(strconv.AppendQuote(w.b, name), ": "...)
	}
}

// Tensor writes a member.
func (w *Writer) Tensor(name string, elem graph.Elem, t graph.Tensor) {
	w.key(name)
	w.nested(elem, t.Shape, t.Data)
}

// Members writes an object of tensors.
func (w *Writer) Members(name string, list []Named) {
	w.Open(name)
	for _, v := range list {
		w.Tensor(v.Name, v.Elem, v.Tensor)
	}
	w.Close()
}

// List writes an array of tensors.
func (w *Writer) List(name string, list []Named) {
	w.key(name)
	w.b = append(w.b, '[')
	w.first, w.indent = true, w.indent+"  "
	for _, v := range list {
		w.Tensor("", v.Elem, v.Tensor)
	}
	w.Close()
	w.b[len(w.b)-1] = ']'
}

// WriteTo prints what was written, and a newline.
func (w *Writer) WriteTo(out io.Writer) (int64, error) {
	n, err := out.Write(append(w.b, '\n'))
	return int64(n), err
}

func (w *Writer) nested(elem graph.Elem, shape []int, data []float64) {
	if len(shape) == 0 {
		w.scalar(elem, data[0])
		return
	}
	w.b = append(w.b, '[')
	step := 1
	for _, n := range shape[1:] {
		step *= n
	}
	for i := range shape[0] {
		if i > 0 {
			w.b = append(w.b, ", "...)
		}
		w.nested(elem, shape[1:], data[i*step:(i+1)*step])
	}
	w.b = append(w.b, ']')
}

func (w *Writer) scalar(elem graph.Elem, v float64) {
	bits := 32
	if w.Real64 {
		bits = 64
	}
	switch {
	case elem == graph.Bool:
		w.b = strconv.AppendBool(w.b, v != 0)
	case elem == graph.Int:
		w.b = strconv.AppendInt(w.b, int64(v), 10)
	case math.IsNaN(v):
		w.b = append(w.b, `"NaN"`...)
	case math.IsInf(v, 1):
		w.b = append(w.b, `"Infinity"`...)
	case math.IsInf(v, -1):
		w.b = append(w.b, `"-Infinity"`...)
	default:
		w.b = strconv.AppendFloat(w.b, v, 'g', -1, bits)
	}
}
