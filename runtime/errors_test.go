package runtime

import (
	"errors"
	"io/fs"
	"math"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

func TestCheckLen(t *testing.T) {
	require.NoError(t, CheckLen("Digits", "image", 6, 6, "[2, 3]"))
	require.EqualError(t, CheckLen("Digits", "image", 5, 6, "[2, 3]"), "Digits: input image has length 5, must be 6 ([2, 3])")
	require.EqualError(t, CheckLen("Digits", "image", 5, 6, ""), "Digits: input image has length 5, must be 6")
}

func TestFreeDim(t *testing.T) {
	n, err := FreeDim("Digits", "image", 30, 10, 4, "[batch, 10]")
	require.NoError(t, err)
	require.Equal(t, 3, n)
	for _, got := range []int{0, 9, 35, 50} {
		_, err = FreeDim("Digits", "image", got, 10, 4, "[batch, 10]")
		var le *LengthError
		require.ErrorAs(t, err, &le)
	}
	require.EqualError(t, err, "Digits: input image has length 50, must be a positive multiple of 10, at most 40 ([batch, 10])")
	_, err = FreeDim("Digits", "empty", 0, 0, 4, "")
	require.Error(t, err)
}

func TestCheckIndex(t *testing.T) {
	require.NoError(t, CheckIndex("Digits", "label", []int32{0, 9}, 10, ""))
	idx := make([]int32, 20)
	idx[17] = 12
	err := CheckIndex("Digits", "label", idx, 10, "label indexes logits [.., 10]")
	require.EqualError(t, err, "Digits: input label[17] is 12, must be in 0..10 (label indexes logits [.., 10])")
	require.EqualError(t, AtShape(err, 4, 5), "Digits: input label[3, 2] is 12, must be in 0..10 (label indexes logits [.., 10])")
	require.EqualError(t, CheckIndex("M", "i", []int32{-1}, 3, ""), "M: input i[0] is -1, must be in 0..3")
	require.EqualError(t, AtShape(CheckIndex("M", "i", []int32{3}, 3, "")), "M: input i is 3, must be in 0..3")
	require.NoError(t, AtShape(nil, 3))
	require.Zero(t, testing.AllocsPerRun(10, func() {
		if err := CheckIndex("M", "i", idx[:4], 3, ""); err != nil {
			t.Error(AtShape(err, 2, 2))
		}
	}))
}

func TestCheckFinite(t *testing.T) {
	require.NoError(t, CheckFinite32("M", "m.grad:3", "h", []float32{math.MaxFloat32, 0}))
	err := CheckFinite32("M", "m.grad:3", "h", []float32{1, float32(math.Inf(-1))})
	require.EqualError(t, err, "M: m.grad:3: h[1] is -Inf")
	err = CheckFinite64("M", "m.grad:3", "log(x)", []float64{1, 2, 3, math.NaN()})
	require.EqualError(t, AtShape(err, 2, 2), "M: m.grad:3: log(x)[1, 1] is NaN")
}

func TestErrorMessages(t *testing.T) {
	require.EqualError(t, &DimError{"M", "heads divides width", "heads = 3, width = 128"}, "M: dims must satisfy heads divides width (heads = 3, width = 128)")
	require.EqualError(t, &CheckError{"M", "m.grad:9", "argmax of no elements"}, "M: m.grad:9: argmax of no elements")
	err := &FileError{Path: "m.safetensors", Tensor: "h.W", Err: fs.ErrPermission}
	require.EqualError(t, err, "m.safetensors: h.W: permission denied")
	require.True(t, errors.Is(err, fs.ErrPermission))
}

func TestAllocIsAligned(t *testing.T) {
	for n := range 70 {
		a, b, c := Alloc32(n), Alloc64(n), AllocInt(n)
		require.Equal(t, []int{n, n, n, n}, []int{len(a), len(b), len(c), cap(a)})
		require.Zero(t, uintptr(unsafe.Pointer(unsafe.SliceData(a)))%Line)
		require.Zero(t, uintptr(unsafe.Pointer(unsafe.SliceData(b)))%Line)
		require.Zero(t, uintptr(unsafe.Pointer(unsafe.SliceData(c)))%Line)
	}
	require.Equal(t, []int{0, 16, 16, 32, 8}, []int{AlignUp(0, 4), AlignUp(1, 4), AlignUp(16, 4), AlignUp(17, 4), AlignUp(3, 8)})
}
