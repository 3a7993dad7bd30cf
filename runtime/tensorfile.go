package runtime

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"slices"
)

// maxHeader is the longest header the format allows, in bytes.
const maxHeader = 100_000_000

// A tensorFile is a safetensors file in memory whose header has been checked:
// the entries, in order of name, have different names and together cover the
// data exactly.
type tensorFile struct {
	meta    map[string]string
	entries []entry
}

type entry struct {
	name  string
	dtype string // "F32", "F64", "I32" or "BOOL"
	shape []int
	begin int // place in the data
	data  []byte
}

func (e *entry) len() int { return len(e.data) / sizeOf(e.dtype) }

// real is element i of an entry in F32 or F64.
func (e *entry) real(i int) float64 {
	if e.dtype == "F64" {
		return math.Float64frombits(binary.LittleEndian.Uint64(e.data[8*i:]))
	}
	return float64(math.Float32frombits(binary.LittleEndian.Uint32(e.data[4*i:])))
}

// int is element i of an entry in I32.
func (e *entry) int(i int) int32 { return int32(binary.LittleEndian.Uint32(e.data[4*i:])) }

func readFile(path string) (*tensorFile, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Mode().IsDir() || info.Mode()&fs.ModeDevice != 0 {
		return nil, errors.New("not a file")
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return parseTensors(b)
}

// parseTensors reads the bytes of a file: the length of the header, the header
// in JSON, the data.
func parseTensors(b []byte) (*tensorFile, error) {
	if len(b) < 8 {
		return nil, fmt.Errorf("not a safetensors file: it has %d bytes", len(b))
	}
	n := binary.LittleEndian.Uint64(b)
	if n > maxHeader || n > uint64(len(b)-8) {
		return nil, fmt.Errorf("not a safetensors file, or cut short: a header of %d bytes in a file of %d", n, len(b))
	}
	f, err := parseHeader(b[8:8+n], b[8+n:])
	if err != nil {
		return nil, err
	}
	if err := f.checkCover(len(b) - 8 - int(n)); err != nil {
		return nil, err
	}
	slices.SortFunc(f.entries, func(a, b entry) int { return cmp.Compare(a.name, b.name) })
	return f, nil
}

// parseHeader reads a JSON object with an entry for each tensor, and perhaps
// metadata.
func parseHeader(header, data []byte) (*tensorFile, error) {
	f, seen := &tensorFile{}, map[string]bool{}
	d := json.NewDecoder(bytes.NewReader(header))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, headerError(cmp.Or(err, errors.New("it does not begin with an object")))
	}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, headerError(err)
		}
		name, _ := t.(string) // the keys of an object are strings
		if seen[name] {
			return nil, &FileError{Tensor: name, Message: "the header names it twice"}
		}
		seen[name] = true
		if name == metadataKey {
			err = d.Decode(&f.meta)
		} else {
			err = f.parseEntry(d, name, data)
		}
		if err != nil {
			return nil, headerError(err)
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, headerError(err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, headerError(errors.New("something follows the object"))
	}
	return f, nil
}

func headerError(err error) error {
	var fe *FileError
	if errors.As(err, &fe) {
		return fe
	}
	return &FileError{Message: "damaged header", Err: err}
}

func (f *tensorFile) parseEntry(d *json.Decoder, name string, data []byte) error {
	var h struct {
		DType   string `json:"dtype"`
		Shape   []int  `json:"shape"`
		Offsets []int  `json:"data_offsets"`
	}
	if err := d.Decode(&h); err != nil {
		return &FileError{Tensor: name, Message: "damaged header", Err: err}
	}
	fail := func(format string, args ...any) error {
		return &FileError{Tensor: name, Message: fmt.Sprintf(format, args...)}
	}
	size := sizeOf(h.DType)
	if size == 0 {
		return fail("its type is %q, expected F32, F64, I32 or BOOL", h.DType)
	}
	n, ok := elements(h.Shape)
	if !ok {
		return fail("its shape %s is not possible", shapeString(h.Shape))
	}
	if len(h.Offsets) != 2 || h.Offsets[0] < 0 || h.Offsets[1] < h.Offsets[0] || h.Offsets[1] > len(data) {
		return fail("its data_offsets are %v, the file has %d bytes of data", h.Offsets, len(data))
	}
	begin, end := h.Offsets[0], h.Offsets[1]
	if end-begin != n*size {
		return fail("shape %s of %s takes %d bytes, the file gives it %d", shapeString(h.Shape), h.DType, n*size, end-begin)
	}
	f.entries = append(f.entries, entry{name: name, dtype: h.DType, shape: h.Shape, begin: begin, data: data[begin:end]})
	return nil
}

// checkCover reports tensors that overlap, and data that belong to none.
func (f *tensorFile) checkCover(size int) error {
	slices.SortFunc(f.entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(len(a.data), len(b.data)), cmp.Compare(a.name, b.name))
	})
	at := 0
	for i := range f.entries {
		e := &f.entries[i]
		if e.begin != at {
			return &FileError{Tensor: e.name, Message: fmt.Sprintf("its data begin at byte %d, expected %d: tensors overlap or leave a gap", e.begin, at)}
		}
		at += len(e.data)
	}
	if at != size {
		return fmt.Errorf("the tensors take %d bytes, the file has %d bytes of data", at, size)
	}
	return nil
}
