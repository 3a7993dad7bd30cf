package runtime

import (
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func sample() []Tensor {
	return []Tensor{
		{Name: "h.W", Shape: []int{2, 3}, F32: []float32{1, -2, 3.5, 0.5, float32(math.Inf(1)), 1e-40}},
		{Name: "h.b", Shape: []int{2}, F64: []float64{math.Pi, -1e300}},
		{Name: "n", I32: []int32{-7}},
		{Name: OptimizerName("h.W", "m"), Shape: []int{2}, F32: []float32{8, 9}},
		{Name: "none", Shape: []int{0, 4}, F32: []float32{}},
	}
}

// like returns tensors of the same names and shapes, filled with 42.
func like(ts []Tensor) []Tensor {
	out := make([]Tensor, len(ts))
	for i, t := range ts {
		out[i] = Tensor{Name: t.Name, Shape: t.Shape}
		if t.F32 != nil {
			out[i].F32 = make([]float32, len(t.F32))
		}
		if t.F64 != nil {
			out[i].F64 = make([]float64, len(t.F64))
		}
		if t.I32 != nil {
			out[i].I32 = make([]int32, len(t.I32))
		}
		InitConst(out[i].F32, 42)
		InitConst(out[i].F64, 42)
		for k := range out[i].I32 {
			out[i].I32[k] = 42
		}
	}
	return out
}

func save(t *testing.T, ts []Tensor) string {
	path := filepath.Join(t.TempDir(), "m.safetensors")
	require.NoError(t, SaveTensors(path, map[string]string{MetaModel: "M", MetaStep: "12"}, ts))
	return path
}

func TestSaveAndLoad(t *testing.T) {
	path := save(t, sample())
	got := like(sample())
	meta, err := LoadInto(path, got)
	require.NoError(t, err)
	require.Equal(t, sample(), got)
	require.Equal(t, "M", meta[MetaModel])
	step, err := MetaInt(meta, MetaStep)
	require.NoError(t, err)
	require.EqualValues(t, 12, step)
	_, err = MetaInt(meta, MetaModel)
	require.ErrorContains(t, err, "not a number")
	_, err = MetaInt(meta, MetaSeed)
	require.ErrorContains(t, err, "have no gradgen.seed")

	all, _, err := LoadTensors(path)
	require.NoError(t, err)
	require.Len(t, all, 5)
	require.Equal(t, "h.W", all[0].Name)
	require.Equal(t, sample()[0].F32, all[0].F32)
}

func TestSaveIsDeterministicAndAligned(t *testing.T) {
	a, err := os.ReadFile(save(t, sample()))
	require.NoError(t, err)
	b, err := os.ReadFile(save(t, sample()))
	require.NoError(t, err)
	require.Equal(t, a, b)
	header := a[8 : 8+int(a[0])+int(a[1])<<8]
	require.Zero(t, len(header)%8)
	require.Contains(t, string(header), `"h.b":{"dtype":"F64","shape":[2],"data_offsets":[0,16]}`)
}

func TestSaveReplaces(t *testing.T) {
	path := save(t, sample())
	require.NoError(t, os.Chmod(path, 0o600))
	require.NoError(t, SaveTensors(path, nil, sample()[:1]))
	ts, meta, err := LoadTensors(path)
	require.NoError(t, err)
	require.Len(t, ts, 1)
	require.Empty(t, meta)
	info, err := os.Stat(path)
	require.NoError(t, err)
	if runtime.GOOS != "windows" {
		require.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
	}
	names, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, names, 1, "temporary files are left")
}

func TestSaveErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "no", "m.safetensors")
	err := SaveTensors(path, nil, sample())
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, path)
	dir := t.TempDir()
	require.ErrorContains(t, SaveTensors(dir, nil, sample()), dir)
	for _, bad := range []struct {
		ts   []Tensor
		text string
	}{
		{[]Tensor{{Name: "a", Shape: []int{3}, F32: []float32{1}}}, "a: the tensor has 1 elements, its shape is [3]"},
		{[]Tensor{{Name: "a", Shape: []int{-1}, F32: []float32{}}}, "its shape is [-1]"},
		{[]Tensor{{Name: "a", F32: []float32{1}}, {Name: "a", F32: []float32{1}}}, "a: two tensors have this name"},
		{[]Tensor{{Name: "a", F32: []float32{1}, F64: []float64{1}}}, "a: the tensor has elements of two types"},
		{[]Tensor{{Name: "__metadata__", F32: []float32{1}}}, "reserved"},
	} {
		require.ErrorContains(t, SaveTensors(filepath.Join(t.TempDir(), "m"), nil, bad.ts), bad.text)
	}
}

func TestSaveOnFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full here")
	}
	err := SaveTensors("/dev/full", nil, sample())
	require.ErrorIs(t, err, syscall.ENOSPC)
	var fe *FileError
	require.ErrorAs(t, err, &fe)
	info, err := os.Stat("/dev/full")
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&fs.ModeDevice, "the device was replaced")
}

// TestReplaceKeepsOldFileOnError breaks off in the middle of writing.
func TestReplaceKeepsOldFileOnError(t *testing.T) {
	path := save(t, sample())
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	full := errors.New("no space")
	err = replaceFile(path, func(w io.Writer) error {
		_, err := w.Write([]byte("half"))
		require.NoError(t, err)
		return full
	})
	require.ErrorIs(t, err, full)
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, before, after)
	names, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, names, 1)
}

func TestSaveThroughSymlink(t *testing.T) {
	path := save(t, sample())
	link := filepath.Join(t.TempDir(), "latest")
	if err := os.Symlink(path, link); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	require.NoError(t, SaveTensors(link, nil, sample()[:1]))
	ts, _, err := LoadTensors(path)
	require.NoError(t, err)
	require.Len(t, ts, 1)
}

func TestLoadConverts(t *testing.T) {
	path := save(t, []Tensor{{Name: "a", Shape: []int{2}, F32: []float32{0.1, 2}}, {Name: "b", Shape: []int{1}, F64: []float64{0.1}}})
	got := []Tensor{{Name: "a", Shape: []int{2}, F64: make([]float64, 2)}, {Name: "b", Shape: []int{1}, F32: make([]float32, 1)}}
	_, err := LoadInto(path, got)
	require.NoError(t, err)
	require.Equal(t, []float64{float64(float32(0.1)), 2}, got[0].F64)
	require.Equal(t, []float32{0.1}, got[1].F32)
}

// TestLoadErrorsChangeNothing tries files that do not fit the model.
func TestLoadErrorsChangeNothing(t *testing.T) {
	model := []Tensor{{Name: "h.W", Shape: []int{2, 3}, F32: make([]float32, 6)}, {Name: "h.b", Shape: []int{2}, F32: make([]float32, 2)}}
	w, b := Tensor{Name: "h.W", Shape: []int{2, 3}, F32: make([]float32, 6)}, Tensor{Name: "h.b", Shape: []int{2}, F64: []float64{1, 2}}
	nan := Tensor{Name: "h.W", Shape: []int{2, 3}, F32: []float32{0, 0, 0, 0, 0, float32(math.NaN())}}
	for _, c := range []struct {
		file []Tensor
		text string
	}{
		{[]Tensor{w}, "h.b: is in the model, but not in the file"},
		{[]Tensor{w, b, {Name: "x", F32: []float32{1}}}, "x: is in the file, but not in the model"},
		{[]Tensor{w, {Name: "h.b", Shape: []int{3}, F32: make([]float32, 3)}}, "h.b: expected shape [2], found [3]"},
		{[]Tensor{w, {Name: "h.b", Shape: []int{2, 1}, F32: make([]float32, 2)}}, "h.b: expected shape [2], found [2, 1]"},
		{[]Tensor{w, {Name: "h.b", Shape: []int{2}, I32: make([]int32, 2)}}, "h.b: expected type F32, found I32"},
		{[]Tensor{nan, b}, "h.W[1, 2]: is NaN"},
		{[]Tensor{w, {Name: "h.b", Shape: []int{2}, F64: []float64{0, 1e39}}}, "h.b[1]: is 1e+39, too large for float32"},
	} {
		path := save(t, c.file)
		got := like(model)
		_, err := LoadInto(path, got)
		require.EqualError(t, err, path+": "+c.text)
		require.Equal(t, like(model), got)
	}
	path := save(t, []Tensor{w, b})
	_, err := LoadInto(path, model)
	require.NoError(t, err)
	model[0].F32 = model[0].F32[:5]
	_, err = LoadInto(path, model)
	require.ErrorContains(t, err, "the tensor has 5 elements, its shape is [2, 3]")
	_, err = LoadInto(t.TempDir(), model)
	require.ErrorContains(t, err, "not a file")
	_, err = LoadInto(path+"x", model)
	require.ErrorIs(t, err, fs.ErrNotExist)
}

func TestModelLoadsFromCheckpoint(t *testing.T) {
	path := save(t, sample())
	got := like(sample())
	model := append(got[:3:3], got[4])
	_, err := LoadInto(path, model)
	require.NoError(t, err)
	require.Equal(t, sample()[0].F32, got[0].F32)
	require.Equal(t, []float32{42, 42}, got[3].F32)
}

// TestLoadPython reads a file that the safetensors package for Python wrote.
func TestLoadPython(t *testing.T) {
	ts, meta, err := LoadTensors("testdata/python.safetensors")
	require.NoError(t, err)
	require.Equal(t, map[string]string{"gradgen.model": "Digits", "note": `café "quoted"`}, meta)
	require.Equal(t, []Tensor{
		{Name: "count", Shape: []int{2}, I32: []int32{-1, 7}},
		{Name: "empty", Shape: []int{0, 4}, F32: []float32{}},
		{Name: "h.W", Shape: []int{2, 3}, F32: []float32{0, 0.25, 0.5, 0.75, 1, 1.25}},
		{Name: "h.b", Shape: []int{3}, F64: []float64{1.5, -2, 1e-30}},
		{Name: "scale", Shape: []int{}, F32: []float32{0.1}},
	}, ts)
}

func TestMetadataAndNamesAreQuoted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m")
	name := "σ\"<\\\n" + strings.Repeat("x", 100)
	require.NoError(t, SaveTensors(path, map[string]string{name: name}, []Tensor{{Name: name, F32: []float32{1}}}))
	ts, meta, err := LoadTensors(path)
	require.NoError(t, err)
	require.Equal(t, name, ts[0].Name)
	require.Equal(t, name, meta[name])
}
