package runtime

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// SaveTensors writes a safetensors file. An existing file is replaced at once
// when the new one is complete and on the disk; an error leaves it as it was.
// The same arguments give the same bytes.
func SaveTensors(path string, meta map[string]string, ts []Tensor) error {
	err := checkTensors(ts)
	if err == nil {
		err = replaceFile(path, func(w io.Writer) error { return writeTensors(w, meta, ts) })
	}
	return fileError(path, err)
}

// fileError puts the path into an error.
func fileError(path string, err error) error {
	if err == nil {
		return nil
	}
	var fe *FileError
	if errors.As(err, &fe) {
		fe.Path = path
		return fe
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return &FileError{Path: path, Message: pe.Op, Err: pe.Err}
	}
	return &FileError{Path: path, Err: err}
}

func checkTensors(ts []Tensor) error {
	seen := map[string]bool{}
	for i := range ts {
		if err := ts[i].check(); err != nil {
			return err
		}
		if seen[ts[i].Name] {
			return &FileError{Tensor: ts[i].Name, Message: "two tensors have this name"}
		}
		seen[ts[i].Name] = true
	}
	return nil
}

func writeTensors(w io.Writer, meta map[string]string, ts []Tensor) error {
	order := fileOrder(ts)
	header := appendHeader(nil, meta, ts, order)
	b := bufio.NewWriterSize(w, 1<<16)
	var length [8]byte
	binary.LittleEndian.PutUint64(length[:], uint64(len(header)))
	b.Write(length[:]) // a bufio.Writer keeps its first error for Flush
	b.Write(header)
	for _, i := range order {
		writeElements(b, &ts[i])
	}
	return b.Flush()
}

// fileOrder puts tensors of larger elements first, so that all are aligned.
func fileOrder(ts []Tensor) []int {
	order := make([]int, len(ts))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return sizeOf(ts[b].dtype()) - sizeOf(ts[a].dtype())
	})
	return order
}

// appendHeader appends the JSON header, padded to a multiple of 8 bytes.
func appendHeader(h []byte, meta map[string]string, ts []Tensor, order []int) []byte {
	h = append(h, '{')
	if len(meta) > 0 {
		h = append(appendString(h, metadataKey), ':')
		m, _ := json.Marshal(meta) // sorts by key; strings always marshal
		h = append(h, m...)
	}
	at := 0
	for _, i := range order {
		if len(h) > 1 {
			h = append(h, ',')
		}
		t := &ts[i]
		end := at + t.len()*sizeOf(t.dtype())
		h = append(appendString(h, t.Name), `:{"dtype":"`...)
		h = append(append(h, t.dtype()...), `","shape":`...)
		h = append(appendInts(h, t.Shape...), `,"data_offsets":`...)
		h = append(appendInts(h, at, end), '}')
		at = end
	}
	h = append(h, '}')
	for len(h)%8 != 0 {
		h = append(h, ' ')
	}
	return h
}

func appendString(h []byte, s string) []byte {
	q, _ := json.Marshal(s) // strings always marshal
	return append(h, q...)
}

func appendInts(h []byte, ns ...int) []byte {
	h = append(h, '[')
	for i, n := range ns {
		if i > 0 {
			h = append(h, ',')
		}
		h = strconv.AppendInt(h, int64(n), 10)
	}
	return append(h, ']')
}

func writeElements(b *bufio.Writer, t *Tensor) {
	var word [8]byte
	for _, v := range t.F64 {
		binary.LittleEndian.PutUint64(word[:], math.Float64bits(v))
		b.Write(word[:])
	}
	for _, v := range t.F32 {
		binary.LittleEndian.PutUint32(word[:], math.Float32bits(v))
		b.Write(word[:4])
	}
	for _, v := range t.I32 {
		binary.LittleEndian.PutUint32(word[:], uint32(v))
		b.Write(word[:4])
	}
	for _, v := range t.Bool {
		word[0] = 0
		if v {
			word[0] = 1
		}
		b.Write(word[:1])
	}
}

// replaceFile writes a file beside path and renames it to path. What is not a
// regular file, such as a device, is written as it stands.
func replaceFile(path string, write func(io.Writer) error) error {
	mode := fs.FileMode(0o666)
	info, err := os.Stat(path)
	switch {
	case err == nil && !info.Mode().IsRegular():
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(write(f), f.Close())
	case err == nil:
		mode = info.Mode().Perm()
		if target, err := filepath.EvalSymlinks(path); err == nil {
			path = target
		}
	}
	f, err := createBeside(path, mode)
	if err != nil {
		return err
	}
	if err = write(f); err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return err
	}
	syncDir(filepath.Dir(path))
	return nil
}

// createBeside creates a file of a new name beside path.
func createBeside(path string, mode fs.FileMode) (f *os.File, err error) {
	for i := range 1000 {
		name := fmt.Sprintf("%s.%d.%d.tmp", path, os.Getpid(), i)
		f, err = os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
	return nil, err
}

// syncDir makes a rename lasting where the system can do so; where it cannot,
// the file is complete all the same.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		d.Sync()
		d.Close()
	}
}
