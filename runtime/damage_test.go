package runtime

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// fileOf joins a header and data to the bytes of a file.
func fileOf(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, data)...)
}

func TestDamagedHeaders(t *testing.T) {
	a := `"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}`
	for _, c := range []struct {
		bytes []byte
		text  string
	}{
		{nil, "it has 0 bytes"},
		{[]byte("\xff\xff\xff\xff\xff\xff\xff\xff{}"), "a header of 18446744073709551615 bytes in a file of 10"},
		{fileOf("", 0), "damaged header"},
		{fileOf("[1]", 0), "does not begin with an object"},
		{fileOf("{"+a, 8), "damaged header"},
		{fileOf("{"+a+"} {}", 8), "something follows the object"},
		{fileOf("{"+a+","+a+"}", 8), "a: the header names it twice"},
		{fileOf(`{"__metadata__":{"x":1}}`, 0), "damaged header"},
		{fileOf(`{"a":7}`, 0), "a: damaged header"},
		{fileOf(`{"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}`, 4), `a: its type is "BF16", expected F32, F64, I32 or BOOL`},
		{fileOf(`{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}`, 8), "a: its shape [-2] is not possible"},
		{fileOf(`{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}`, 0), "is not possible"},
		{fileOf(`{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,8]}}`, 8), "a: damaged header"},
		{fileOf(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,9]}}`, 8), "a: its data_offsets are [0 8 9]"},
		{fileOf(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}`, 8), "a: its data_offsets are [8 0]"},
		{fileOf(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}`, 8), "a: its data_offsets are [-8 0]"},
		{fileOf("{"+a+"}", 7), "a: its data_offsets are [0 8], the file has 7 bytes"},
		{fileOf(`{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}`, 8), "a: shape [3] of F32 takes 12 bytes, the file gives it 8"},
		{fileOf("{"+a+`,"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}`, 12), "b: its data begin at byte 4, expected 8"},
		{fileOf("{"+a+`,"b":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}}`, 16), "b: its data begin at byte 12, expected 8"},
		{fileOf("{"+a+"}", 9), "the tensors take 8 bytes, the file has 9 bytes of data"},
	} {
		path := filepath.Join(t.TempDir(), "m")
		require.NoError(t, os.WriteFile(path, c.bytes, 0o600))
		_, _, err := LoadTensors(path)
		var fe *FileError
		require.ErrorAs(t, err, &fe)
		require.ErrorContains(t, err, path+": ")
		require.ErrorContains(t, err, c.text)
	}
}

// TestDamageAtEveryByte cuts a file at every length and flips every bit: a
// load either fails and changes nothing, or yields numbers.
func TestDamageAtEveryByte(t *testing.T) {
	path := save(t, sample())
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	header := 8 + int(binary.LittleEndian.Uint64(whole))
	for n := range whole {
		_, err := parseTensors(whole[:n])
		require.Error(t, err, "cut at %d", n)
	}
	_, err = parseTensors(append(whole, 0))
	require.Error(t, err)
	for at := range whole {
		for bit := range 8 {
			damaged := append([]byte(nil), whole...)
			damaged[at] ^= 1 << bit
			got := like(sample())
			f, err := parseTensors(damaged)
			if err == nil {
				err = f.into(got)
			}
			switch {
			case err != nil:
				require.Equal(t, like(sample()), got, "byte %d, bit %d", at, bit)
			case at < 8:
				t.Errorf("length of the header: byte %d, bit %d passed", at, bit)
			case at >= header:
				require.NotEqual(t, sample(), got, "byte %d, bit %d", at, bit)
			}
		}
	}
}

func FuzzLoadTensors(f *testing.F) {
	path := filepath.Join(f.TempDir(), "m")
	require.NoError(f, SaveTensors(path, map[string]string{"a": "b"}, sample()))
	for _, p := range []string{path, "testdata/python.safetensors"} {
		b, err := os.ReadFile(p)
		require.NoError(f, err)
		f.Add(b)
	}
	f.Add(fileOf(`{"a":{"dtype":"F32","shape":[0,9223372036854775807],"data_offsets":[0,0]}}`, 0))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := parseTensors(b)
		if err != nil {
			return
		}
		var ts []Tensor
		for i := range file.entries {
			ts = append(ts, file.entries[i].tensor())
		}
		got := like(ts)
		if err := file.into(got); err != nil {
			require.Equal(t, like(ts), got)
			return
		}
		// What loads is written and read again without loss.
		for i, e := range ts {
			require.Equal(t, e, got[i])
		}
		require.NoError(t, checkTensors(got))
	})
}
