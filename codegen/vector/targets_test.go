package vector

import (
	"bytes"
	"encoding/base64"
	"encoding/gob"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// emulator runs a program, given as its first argument, on a processor with AVX-512,
// in a directory with a copy of the folder testdata beside which it is started.
var emulator = os.Getenv("GRADGEN_EMULATOR")

// each makes the calls, with the functions for AVX2 and with those for AVX-512, if
// there is something that can run them, and looks at what comes out. Of functions
// without sums both give the same bits.
func (l *laboratory) each(t *testing.T, calls []call, look func(k int, done call)) {
	t.Helper()
	narrow := l.run(t, l.native(), calls)
	for k, done := range narrow {
		look(k, done)
	}
	program := l.native()
	switch {
	case hasAVX512():
	case emulator != "":
		program = l.emulated
	default:
		t.Log("the functions for AVX-512 are not run: the processor has not got it, and GRADGEN_EMULATOR names none that does as if")
		return
	}
	var wide []call
	var of []int
	for k, c := range calls {
		if name := l.wider()[c.Fn]; name != "" {
			c.Fn = name
			wide, of = append(wide, c), append(of, k)
		}
	}
	for i, done := range l.run(t, program, wide) {
		for b, x := range done.Bufs {
			if len(x) == 0 {
				done.Bufs[b] = wide[i].Bufs[b] // as it was
			}
		}
		if k := of[i]; l.exact[calls[k].Fn] {
			same(t, narrow[k], done)
		}
		look(of[i], done)
	}
}

// wider are the names of the functions for AVX-512, by those for AVX2.
func (l *laboratory) wider() map[string]string {
	out := map[string]string{}
	for _, d := range l.file.Decls {
		out[d.Name] = d.Wide
	}
	return out
}

// same asks for equal bits, but of what is no number.
func same(t *testing.T, want, got call) {
	t.Helper()
	for k := range want.Bufs {
		for i, x := range want.Bufs[k] {
			if y := got.Bufs[k][i]; math.Float64bits(x) != math.Float64bits(y) && (x == x || y == y) {
				assert.Fail(t, "the targets differ", "%s, array %d: [%d] is %g, with AVX2 %g", got.Fn, k, i, y, x)
				return
			}
		}
	}
	assert.Equal(t, want.Results, got.Results, got.Fn)
}

func hasAVX512() bool {
	info, _ := os.ReadFile("/proc/cpuinfo")
	for _, part := range []string{"avx512f", "avx512vl", "avx512dq", "avx512bw"} {
		if !strings.Contains(string(info), " "+part) {
			return false
		}
	}
	return true
}

// run makes calls by a program that answers calls.
func (l *laboratory) run(t *testing.T, program func(*testing.T, []byte) []byte, calls []call) []call {
	t.Helper()
	var in bytes.Buffer
	require.NoError(t, gob.NewEncoder(&in).Encode(calls))
	var done []call
	require.NoError(t, gob.NewDecoder(bytes.NewReader(program(t, in.Bytes()))).Decode(&done))
	return done
}

func (l *laboratory) native() func(*testing.T, []byte) []byte {
	return func(t *testing.T, in []byte) []byte {
		t.Helper()
		return l.output(t, exec.Command("./lab"), in)
	}
}

func (l *laboratory) emulated(t *testing.T, in []byte) []byte {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Join(l.dir, "testdata"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(l.dir, "testdata", "calls"), in, 0o644))
	text := l.output(t, exec.Command(emulator, "./lab", "testdata/calls"), nil)
	out, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	require.NoError(t, err, "%.200s", text)
	return out
}

func (l *laboratory) output(t *testing.T, cmd *exec.Cmd, in []byte) []byte {
	t.Helper()
	var out, problems bytes.Buffer
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = l.dir, bytes.NewReader(in), &out, &problems
	require.NoError(t, cmd.Run(), "%s%.2000s", problems.String(), out.String())
	return out.Bytes()
}

// trials are calls with what to make of them.
type trials struct {
	calls []call
	check []func(done call)
}

func (x *trials) run(t *testing.T, l *laboratory) {
	t.Helper()
	l.each(t, x.calls, func(k int, done call) { x.check[k](done) })
}

// try compares a sample with its twin, for all lengths of what is left over.
func (x *trials) try(t *testing.T, l *laboratory, d Decl, s sample, fn *Func, tolerance float64) {
	t.Helper()
	for length := 1; length <= 72; length++ {
		if length > 34 && length%9 != 0 {
			continue
		}
		dims := map[string]int64{"n": int64(length), "m": int64(length%10 + 1)}
		c, compare := l.prepare(t, d, s, fn, dims, tolerance)
		x.calls, x.check = append(x.calls, c), append(x.check, compare)
	}
}

// newer finds what only AVX-512 has.
var newer = regexp.MustCompile(`\b[XY](1[6-9]|2\d|3[01])\b|\bZ\d|\bK[0-7]\b|RNDSCALE|SCALEF|VMOVDQU(8|16|32|64)|VPSRAQ|VPMULLQ|VPTERNLOG|VBLENDMP`)

// known are the instructions of AVX-512 F, VL, DQ and BW, AVX2 and FMA, and before,
// that are used for AVX-512.
var known = regexp.MustCompile(`^(MOV[BLQ]|MOVBLZX|(ADD|SUB|CMP|DEC|NEG|SHL|SHR|LEA|IMUL3)Q|(XOR|AND|SHL|DEC|BSF)L|TEST[LQ]|J[A-Z]+|RET|VZEROUPPER|` +
	`K(AND|OR|XOR|XNOR|NOT|MOV)[BW]|V(ADD|SUB|MUL|DIV|MIN|MAX|SQRT|ANDN?|OR|XOR|MOVU|MOVA|CMP|BLENDM|RNDSCALE|UNPCK[LH]|PERMIL|SHUF|GATHERD|SCATTERD|MOVH)P[SD]|` +
	`VFN?M(ADD|SUB)(213|231)P[SD]|V(MOV|BROADCAST)S[SD]|VMOV[DQ]|VMOVDQU(8|32)|VP(ADD|SUB|SLL|SRL)[DQ]|VPXOR[DQ]|VPMULUDQ|VPMULLD|VPCMP(EQ|GT)D|VPTESTMB|` +
	`VPMOV(M2[DQ]|[DQ]2M)|VPBROADCASTD|VPGATHERDD|VPINSRD|V(INSERT|EXTRACT)F(32X4|64X2|64X4)|VINSERTPS|VEXTRACTPS|VCVT(DQ2P[SD]|TPD2DQ|SI2SD[LQ]|TSD2SI))$`)

// rightInstructions: nothing that only AVX-512 has is in the functions for AVX2, and
// nothing that it may not have in those for AVX-512.
func rightInstructions(t *testing.T, file *File) {
	t.Helper()
	for _, text := range strings.Split(file.texts.String(), "TEXT ")[1:] {
		text, _, _ = strings.Cut(text, "\n//") // the next function's comment
		head, _, _ := strings.Cut(text, "(SB)")
		if !strings.HasSuffix(head, avx512.name) {
			assert.NotRegexp(t, newer, text)
			continue
		}
		for _, line := range strings.Split(text, "\n") {
			if name, _, _ := strings.Cut(strings.TrimPrefix(line, "\t"), " "); strings.HasPrefix(line, "\t") {
				name, _, _ = strings.Cut(name, ".")
				assert.Regexp(t, known, name)
			}
		}
	}
	assert.Regexp(t, newer, "VADDPS Y16, Y0, Y0")
	assert.Regexp(t, newer, "VMOVUPS Z1, Z2")
	assert.NotRegexp(t, known, "VPERMB")
}
